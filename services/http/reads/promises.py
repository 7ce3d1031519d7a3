"""Reading promises, and the audit of what was made against what was delivered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter
from litestar.response import Stream
from msgspec import Struct
from msgspec.structs import replace

from services.http.examples import ANNA, BEN, LIBRARY
from services.http.guards import requires
from services.http.reads.base import OtherChoice, PartyChoice, ReadController, StreamId, TopicChoice, page_after
from services.http.versions import ETAG, etag_of
from services.proof.proven_audit import ProvenAudit, prove_audit, require_lines, without_proof
from services.reading.as_of import Asked, parse_moment
from services.reading.audit import GroupBy, read_audit
from services.reading.audit_csv import write_csv
from services.reading.pages import Page
from services.reading.promises import PromiseAnswer, PromisePage, list_promises, read_promise
from services.reading.snapshot import Look
from services.reading.standing import PromiseFilter, Wanted
from services.service import Service

CSV = "text/csv"
CURSOR = f"1~2024-06-15T12:00:00Z~2024-06-15T12:00:00Z~{ANNA}"

Promisor = Annotated[UUID | None, QueryParameter(description="Promised by this party.", examples=[Example(value=ANNA)])]
Promisee = Annotated[UUID | None, QueryParameter(description="Promised to this party.", examples=[Example(value=BEN)])]
StandingName = Annotated[
    Wanted | None,
    QueryParameter(
        description="Only those that stand so; `open` and `kept` sum up several.", examples=[Example(value="open")]
    ),
]
Overdue = Annotated[
    bool | None,
    QueryParameter(description="Only those that are overdue, or that are not.", examples=[Example(value=False)]),
]

WithProof = Annotated[
    bool,
    QueryParameter(
        name="proof",
        description="Prove the events behind the lines: the checkpoint, and the hashes from each up to its root.",
        examples=[Example(value=False)],
    ),
]


class Shape(Struct, frozen=True):
    """How an audit is to be answered."""

    group_by: GroupBy | None
    csv: bool
    proof: bool


def provide_chosen(  # noqa: PLR0913 - each of them is a filter
    promisor: Promisor = None,
    promisee: Promisee = None,
    party: PartyChoice = None,
    other: OtherChoice = None,
    standing: StandingName = None,
    topic: TopicChoice = None,
    *,
    overdue: Overdue = None,
) -> PromiseFilter:
    """Which promises the address asks about."""
    return PromiseFilter(
        promisor=promisor,
        promisee=promisee,
        party=party,
        other=other,
        standing=standing,
        overdue=overdue,
        topic=topic,
    )


def _time(description: str, example: str) -> Any:  # noqa: ANN401 - mypy takes no union here
    return QueryParameter(max_length=40, format="date-time", description=description, examples=[Example(value=example)])


def provide_audited(
    chosen: NamedDependency[PromiseFilter],
    organisation: Annotated[
        UUID | None,
        QueryParameter(
            description="Only those of who was a member of this organisation when making them.",
            examples=[Example(value=LIBRARY)],
        ),
    ] = None,
    made_from: Annotated[str | None, _time("Made at this time or later.", "2024-01-01T00:00:00Z")] = None,
    made_to: Annotated[str | None, _time("Made before this time.", "2025-01-01T00:00:00Z")] = None,
) -> PromiseFilter:
    """Which promises the address asks to audit."""
    return replace(
        chosen,
        organisation=organisation,
        made_from=None if made_from is None else parse_moment("made_from", made_from),
        made_to=None if made_to is None else parse_moment("made_to", made_to),
    )


def provide_shape(
    request: Request[Any, Any, Any],
    group_by: Annotated[
        GroupBy | None,
        QueryParameter(
            description="Page through groups with their totals, rather than through promises.",
            examples=[Example(value="promisor")],
        ),
    ] = None,
    form: Annotated[
        Literal["json", "csv"] | None,
        QueryParameter(
            name="format",
            description="The same as asking by `Accept`, which it overrules.",
            examples=[Example(value="json")],
        ),
    ] = None,
    *,
    proof: WithProof = False,
) -> Shape:
    """How the address, or the header, asks to be answered."""
    preferred = request.accept.best_match(["application/json", CSV])
    csv = form == "csv" or (form is None and preferred == CSV)
    if proof:
        require_lines(csv=csv, group_by=group_by)
    return Shape(group_by, csv, proof)


@dataclass
class AuditOperation(Operation):
    """An operation that may answer in CSV as well."""

    def __post_init__(self) -> None:
        """Say so beside what Litestar derives from the handler."""
        answer = (self.responses or {})["200"]
        assert isinstance(answer, OpenAPIResponse)
        assert answer.content is not None
        answer.content[CSV] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))


class PromiseReads(ReadController):
    """What was promised, and what became of it."""

    path = "/promises"
    tags = ["promises"]  # noqa: RUF012 - Litestar's own form
    dependencies = {  # noqa: RUF012 - the same
        **ReadController.dependencies,
        "chosen": Provide(provide_chosen, sync_to_thread=False),
    }

    @get(
        "/",
        operation_id="promise_list",
        summary="The promises as they stand",
        dependencies={"page": page_after(ANNA)},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        chosen: NamedDependency[PromiseFilter],
        page: NamedDependency[Page],
        asked: NamedDependency[Asked],
    ) -> PromisePage:
        """List promises by id, as they stood at any moment. All filters that are given have to hold."""
        async with look() as snapshot:
            return await list_promises(snapshot, chosen, page, asked)

    @get("/{id:uuid}", operation_id="promise_read", summary="One promise, with its history", response_headers=[ETAG])
    async def read(
        self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]
    ) -> Response[PromiseAnswer]:
        """Read a promise and everything that was said about it, as of any moment."""
        async with look() as snapshot:
            answer = await read_promise(snapshot, stream, asked)
            return Response(answer, headers=await etag_of(snapshot, stream, asked))


class AuditReads(ReadController):
    """What was promised against what was delivered: for keys with the scope ``audit``."""

    path = "/promises/audit"
    tags = ["promises"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("audit")]  # noqa: RUF012 - the same
    dependencies = {  # noqa: RUF012 - the same
        **PromiseReads.dependencies,
        "audited": Provide(provide_audited, sync_to_thread=False),
        "shape": Provide(provide_shape, sync_to_thread=False),
    }

    @get(
        "/",
        operation_id="promise_audit",
        summary="Made against delivered",
        operation_class=AuditOperation,
        dependencies={"page": page_after(CURSOR)},
    )
    async def audit(
        self,
        look: NamedDependency[Look],
        audited: NamedDependency[PromiseFilter],
        asked: NamedDependency[Asked],
        shape: NamedDependency[Shape],
        page: NamedDependency[Page],
        service: NamedDependency[Service],
    ) -> Response[ProvenAudit]:
        """Audit promises as of any moment: totals, and the promises behind them, or the totals of groups.

        `next` carries the moment along, so that the pages of one audit are of one moment; only the first has totals. As
        CSV (`Accept: text/csv`, or `format=csv`) come all lines, or all groups, at once. With `proof` a page of lines
        can be checked at home, with nothing but SHA-256 and the log's public key.
        """
        if shape.csv:
            return await _as_csv(write_csv(look, audited, asked, group_by=shape.group_by))
        async with look() as snapshot:
            audit = await read_audit(snapshot, audited, asked, page, group_by=shape.group_by)
            proven = await prove_audit(snapshot, service.notary, audit) if shape.proof else without_proof(audit)
        return Response(proven)


async def _as_csv(pieces: AsyncIterator[str]) -> Response[Any]:
    """A file that is written while it is read; what is wrong with the question is told before it begins."""
    first = await anext(pieces)

    async def stream() -> AsyncIterator[str]:
        yield first
        async for piece in pieces:
            yield piece

    return Stream(
        stream(),
        media_type=f"{CSV}; charset=utf-8; header=present",
        headers={"Content-Disposition": 'attachment; filename="promises.csv"'},
    )
