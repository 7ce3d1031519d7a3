"""Reading timelines: all that happened to a party, or between two."""

from litestar import get
from litestar.di import NamedDependency

from services.http.reads.base import ReadController, StreamId, page_after
from services.http.reads.relationships import OneParty, OtherParty
from services.reading.as_of import Asked
from services.reading.pages import Page
from services.reading.reader import Reader
from services.reading.snapshot import Look
from services.reading.timeline import Timeline, read_pair_timeline, read_party_timeline


class PartyTimelineReads(ReadController):
    """All that happened to a party."""

    path = "/parties/{id:uuid}/timeline"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="party_timeline",
        summary="All that happened to a party, the latest first",
        dependencies={"page": page_after("1000")},
    )
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
        reader: NamedDependency[Reader],
    ) -> Timeline:
        """List the events that name a party, with what people wrote, as of any moment.

        A page may hold fewer than `limit`: go on until `next` is null.
        """
        async with look() as snapshot:
            return await read_party_timeline(snapshot, stream, asked, page, reader)


class PairTimelineReads(ReadController):
    """All that happened between two."""

    path = "/relationships/{a:uuid}/{b:uuid}/timeline"
    tags = ["relationships"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="relationship_timeline",
        summary="All that happened between two parties, the latest first",
        dependencies={"page": page_after("1000")},
    )
    async def read(
        self,
        a: OneParty,
        b: OtherParty,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
        reader: NamedDependency[Reader],
    ) -> Timeline:
        """List the events that name both parties, with what people wrote, as of any moment.

        A page may hold fewer than `limit`: go on until `next` is null.
        """
        async with look() as snapshot:
            return await read_pair_timeline(snapshot, a, b, asked, page, reader)
