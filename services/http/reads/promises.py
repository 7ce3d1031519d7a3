"""Reading promises as they stand."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from msgspec.structs import replace

from services.http.examples import ANNA, BEN
from services.http.reads.base import OtherChoice, PartyChoice, ReadController, StreamId, TopicChoice, page_after
from services.http.versions import ETAG, etag_of
from services.reading.as_of import Asked
from services.reading.pages import Page
from services.reading.promises import PromiseAnswer, PromisePage, list_promises, read_promise
from services.reading.snapshot import Look
from services.reading.standing import PromiseFilter, Wanted

Promisor = Annotated[UUID | None, QueryParameter(description="Promised by this party.", examples=[Example(value=ANNA)])]
Promisee = Annotated[UUID | None, QueryParameter(description="Promised to this party.", examples=[Example(value=BEN)])]
StandingName = Annotated[
    Wanted | None,
    QueryParameter(
        description="Only those that stand so; `asked`, `made`, `open`, `kept` and `delivered` sum up several.",
        examples=[Example(value="open")],
    ),
]
Overdue = Annotated[
    bool | None,
    QueryParameter(description="Only those that are overdue, or that are not.", examples=[Example(value=False)]),
]


def provide_sides(
    promisor: Promisor = None,
    promisee: Promisee = None,
    party: PartyChoice = None,
    other: OtherChoice = None,
    topic: TopicChoice = None,
) -> PromiseFilter:
    """Whose promises the address asks about, and what of."""
    return PromiseFilter(promisor=promisor, promisee=promisee, party=party, other=other, topic=topic)


def provide_chosen(
    sides: NamedDependency[PromiseFilter], standing: StandingName = None, *, overdue: Overdue = None
) -> PromiseFilter:
    """Which promises the address asks about."""
    return replace(sides, standing=standing, overdue=overdue)


class PromiseReads(ReadController):
    """What was promised, and what became of it."""

    path = "/promises"
    tags = ["promises"]  # noqa: RUF012 - Litestar's own form
    dependencies = {  # noqa: RUF012 - the same
        **ReadController.dependencies,
        "sides": Provide(provide_sides, sync_to_thread=False),
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
