"""Reading timelines: all that happened to a party, or between two."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.http.reads.base import ReadController, StreamId, page_after
from services.http.reads.relationships import OneParty, OtherParty
from services.reading.as_of import Asked, parse_asked
from services.reading.pages import Page
from services.reading.reader import Reader
from services.reading.snapshot import Look
from services.reading.timeline import Stretch, Timeline, read_pair_timeline, read_party_timeline


def provide_stretch(
    asked: NamedDependency[Asked],
    since: Annotated[
        str | None,
        QueryParameter(
            max_length=40,
            description="Only what was recorded after this position, or after this RFC 3339 time.",
            examples=[Example(value="1")],
        ),
    ] = None,
) -> Stretch:
    """The part of the timeline that the address asks for."""
    return Stretch(until=asked, since=None if since is None else parse_asked(since, parameter="since"))


STRETCH = Provide(provide_stretch, sync_to_thread=False)


class PartyTimelineReads(ReadController):
    """All that happened to a party."""

    path = "/parties/{id:uuid}/timeline"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="party_timeline",
        summary="All that happened to a party, the latest first",
        dependencies={"page": page_after("1000"), "stretch": STRETCH},
    )
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        stretch: NamedDependency[Stretch],
        page: NamedDependency[Page],
        reader: NamedDependency[Reader],
    ) -> Timeline:
        """List the events that name a party, with what people wrote, as of any moment.

        A page may hold fewer than `limit`: go on until `next` is null.
        """
        async with look() as snapshot:
            return await read_party_timeline(snapshot, stream, stretch, page, reader)


class PairTimelineReads(ReadController):
    """All that happened between two."""

    path = "/relationships/{a:uuid}/{b:uuid}/timeline"
    tags = ["relationships"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="relationship_timeline",
        summary="All that happened between two parties, the latest first",
        dependencies={"page": page_after("1000"), "stretch": STRETCH},
    )
    async def read(
        self,
        a: OneParty,
        b: OtherParty,
        look: NamedDependency[Look],
        stretch: NamedDependency[Stretch],
        page: NamedDependency[Page],
        reader: NamedDependency[Reader],
    ) -> Timeline:
        """List the events that name both parties, with what people wrote, as of any moment.

        A page may hold fewer than `limit`: go on until `next` is null.
        """
        async with look() as snapshot:
            return await read_pair_timeline(snapshot, a, b, stretch, page, reader)
