"""The audit of what was promised against what was delivered: its filters, its formats, and what changed in it."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter
from msgspec import Struct
from msgspec.structs import replace

from services.http.examples import ANNA, LIBRARY
from services.http.guards import requires
from services.http.reads.audit_files import CSV, HTML, XLSX, as_csv, as_page, as_xlsx
from services.http.reads.base import ReadController, page_after
from services.http.reads.promises import Overdue, PromiseReads, StandingName
from services.proof.proven_audit import ProvenAudit, prove_audit, require_lines, without_proof
from services.reading.as_of import Asked, Clock, parse_asked, parse_moment
from services.reading.audit import GroupBy, read_audit
from services.reading.audit_changes import AuditChanges, read_changes
from services.reading.audit_links import NONE
from services.reading.pages import Page
from services.reading.snapshot import Look
from services.reading.standing import NO_ORGANISATION, Lateness, Notice, NoticeShare, PromiseFilter
from services.service import Service
from services.text import ID_OR_NONE

CURSOR = f"1~2024-06-15T12:00:00Z~2024-06-15T12:00:00Z~{ANNA}"
Format = Literal["json", "csv", "xlsx", "html"]
MEDIA_TYPES: dict[str, Format] = {"application/json": "json", CSV: "csv", XLSX: "xlsx", HTML: "html"}


def _one_of(description: str, example: str | bool) -> Any:  # noqa: ANN401, FBT001 - mypy takes no union here
    return QueryParameter(description=description, examples=[Example(value=example)])


def _time(description: str, example: str) -> Any:  # noqa: ANN401 - the same
    return QueryParameter(max_length=40, format="date-time", description=description, examples=[Example(value=example)])


def _moment(name: str, description: str, example: str) -> Any:  # noqa: ANN401 - the same
    return QueryParameter(
        name=name, min_length=1, max_length=60, description=description, examples=[Example(value=example)]
    )


Organisation = Annotated[
    str | None,
    QueryParameter(
        pattern=ID_OR_NONE,
        description="Only those of who was a member of this organisation when making them; `none`: of no organisation.",
        examples=[Example(value=LIBRARY)],
    ),
]
MadeFrom = Annotated[str | None, _time("Made at this time or later.", "2024-01-01T00:00:00Z")]
MadeTo = Annotated[str | None, _time("Made before this time.", "2025-01-01T00:00:00Z")]
Unit = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=40, description="Only those in this unit.", examples=[Example(value="favour")]
    ),
]
Behind = Annotated[bool | None, _one_of("Only those last said to be coming late, or not.", example=False)]
Dated = Annotated[bool | None, _one_of("Only those with a due date, or without one.", example=True)]
CameDue = Annotated[bool | None, _one_of("Only those that came due, or that did not.", example=True)]
OnTime = Annotated[bool | None, _one_of("Of those delivered with a due date: on time, or not.", example=True)]
LatenessName = Annotated[Lateness | None, _one_of("Only those delivered so early or late.", "days_late")]
NoticeName = Annotated[Notice | None, _one_of("Only those reneged with so much notice.", "days")]
NoticeShareName = Annotated[
    NoticeShare | None, _one_of("The same as a share of the time from making to due date.", "half")
]
WithProof = Annotated[
    bool,
    QueryParameter(
        name="proof",
        description="Prove the events behind the lines: the checkpoint, and the hashes from each up to its root.",
        examples=[Example(value=False)],
    ),
]


def provide_compared(
    sides: NamedDependency[PromiseFilter],
    organisation: Organisation = None,
    made_from: MadeFrom = None,
    made_to: MadeTo = None,
    unit: Unit = None,
) -> PromiseFilter:
    """Which promises the address asks to audit, however they stand."""
    return replace(
        sides,
        organisation=None if organisation is None else NO_ORGANISATION if organisation == NONE else UUID(organisation),
        made_from=None if made_from is None else parse_moment("made_from", made_from),
        made_to=None if made_to is None else parse_moment("made_to", made_to),
        unit=unit,
    )


def provide_audited(  # noqa: PLR0913 - each of them is a filter
    compared: NamedDependency[PromiseFilter],
    standing: StandingName = None,
    lateness: LatenessName = None,
    notice: NoticeName = None,
    notice_share: NoticeShareName = None,
    *,
    overdue: Overdue = None,
    behind: Behind = None,
    dated: Dated = None,
    came_due: CameDue = None,
    on_time: OnTime = None,
) -> PromiseFilter:
    """Which promises the address asks to audit."""
    return replace(
        compared,
        standing=standing,
        overdue=overdue,
        behind=behind,
        dated=dated,
        came_due=came_due,
        on_time=on_time,
        lateness=lateness,
        notice=notice,
        notice_share=notice_share,
    )


class Stretch(Struct, frozen=True):
    """Between which moments, on which clock."""

    earlier: Asked
    later: Asked
    clock: Clock


def provide_stretch(
    since: Annotated[str, _moment("from", "The moment to compare with: a time or a position.", "2024-01-01T00:00:00Z")],
    until: Annotated[str | None, _moment("to", "The later moment; now if left out.", "2024-06-15T12:00:00Z")] = None,
    clock: Annotated[
        Clock,
        _one_of("What both mean: `recorded`, as it was known then; `occurred`, as it was true then.", "occurred"),
    ] = "recorded",
) -> Stretch:
    """Between which moments the address asks what changed."""
    return Stretch(parse_asked(since, clock, "from"), parse_asked(until, clock, "to"), clock)


class Shape(Struct, frozen=True):
    """How an audit is to be answered."""

    by: GroupBy | None
    form: Format
    proof: bool


def provide_shape(
    request: Request[Any, Any, Any],
    by: Annotated[
        GroupBy | None,
        _one_of("Page through groups with their figures, rather than through promises.", "promisor"),
    ] = None,
    form: Annotated[
        Format | None,
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
    preferred = request.accept.best_match(list(MEDIA_TYPES)) or ""
    shape = Shape(by, form or MEDIA_TYPES.get(preferred, "json"), proof)
    if proof:
        require_lines(json=shape.form == "json", by=by)
    return shape


@dataclass
class AuditOperation(Operation):
    """An operation that may answer in other formats as well."""

    def __post_init__(self) -> None:
        """Say so beside what Litestar derives from the handler."""
        answer = (self.responses or {})["200"]
        assert isinstance(answer, OpenAPIResponse)
        assert answer.content is not None
        for media_type in MEDIA_TYPES:
            answer.content.setdefault(media_type, OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)))


class AuditReads(ReadController):
    """What was promised against what was delivered: for keys with the scope ``audit``."""

    path = "/promises/audit"
    tags = ["promises"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("audit")]  # noqa: RUF012 - the same
    dependencies = {  # noqa: RUF012 - the same
        **PromiseReads.dependencies,
        "compared": Provide(provide_compared, sync_to_thread=False),
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
        """Audit promises as of any moment: figures, and the promises behind them, or the figures of groups.

        Each figure carries the address of the lines that it counts. `next` carries the moment along, so that the pages
        of one audit are of one moment; only the first has totals. As a file (`format`, or `Accept`) come all lines, or
        all groups, at once. With `proof` a page of lines can be checked at home, with nothing but SHA-256 and the log's
        public key.
        """
        match shape.form:
            case "csv":
                return await as_csv(look, audited, asked, shape.by)
            case "xlsx":
                return await as_xlsx(look, audited, asked, shape.by)
            case "html":
                return await as_page(look, audited, asked, shape.by)
            case "json":
                async with look() as snapshot:
                    audit = await read_audit(snapshot, audited, asked, page, by=shape.by)
                    proven = await prove_audit(snapshot, service.notary, audit) if shape.proof else without_proof(audit)
                return Response(proven)

    @get(
        "/changes",
        operation_id="promise_changes",
        summary="What changed between two moments",
        dependencies={
            "stretch": Provide(provide_stretch, sync_to_thread=False),
            "page": page_after(f"1@2024-01-01T00:00:00Z~2@2024-06-15T12:00:00Z~{ANNA}"),
        },
    )
    async def changes(
        self,
        look: NamedDependency[Look],
        compared: NamedDependency[PromiseFilter],
        stretch: NamedDependency[Stretch],
        page: NamedDependency[Page],
    ) -> AuditChanges:
        """Compare the audit of two moments: how promises stood at either, and each that moved, with the events between.

        Where there is no event beside a promise that moved, time did it (it came overdue, or nobody answered), or the
        policy, or a merge of parties. Only the first page has the figures.
        """
        async with look() as snapshot:
            return await read_changes(snapshot, stretch.earlier, stretch.later, stretch.clock, compared, page)
