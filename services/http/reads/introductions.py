"""Reading introductions; answers stay private (see ``services/reading/introductions.py``)."""

from litestar import Response, get
from litestar.di import NamedDependency

from services.http.examples import STREAMS
from services.http.reads.base import PartyChoice, ReadController, StreamId, page_after
from services.http.versions import ETAG, etag_of
from services.reading.as_of import Asked
from services.reading.introductions import (
    IntroducerRecord,
    IntroductionAnswer,
    IntroductionPage,
    list_introductions,
    read_introducer,
    read_introduction,
)
from services.reading.pages import Page
from services.reading.reader import Reader
from services.reading.snapshot import Look


class IntroductionReads(ReadController):
    """Who brought whom together."""

    path = "/introductions"
    tags = ["introductions"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="introduction_list",
        summary="The introductions: all, or those that a party is in",
        dependencies={"page": page_after(STREAMS["introductions"])},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        page: NamedDependency[Page],
        reader: NamedDependency[Reader],
        party: PartyChoice = None,
    ) -> IntroductionPage:
        """List introductions as they stand, by id."""
        async with look() as snapshot:
            return await list_introductions(snapshot, party=party, page=page, reader=reader)

    @get(
        "/{id:uuid}",
        operation_id="introduction_read",
        summary="One introduction, with its history",
        response_headers=[ETAG],
    )
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        reader: NamedDependency[Reader],
    ) -> Response[IntroductionAnswer]:
        """Read an introduction, as of any moment.

        What a party answered is shown to keys that act for that party by name, and to an administrator's; everyone else
        sees how many have answered and, once both have, whether both said yes.
        """
        async with look() as snapshot:
            answer = await read_introduction(snapshot, stream, asked, reader)
            return Response(answer, headers=await etag_of(snapshot, stream, asked))


class IntroducerReads(ReadController):
    """What became of a party's introductions."""

    path = "/parties/{id:uuid}/introductions"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form

    @get("/", operation_id="party_introductions", summary="What became of the introductions that a party made")
    async def read(
        self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]
    ) -> IntroducerRecord:
        """Read a party's record as an introducer, as of any moment: how many were made, and proved useful."""
        async with look() as snapshot:
            return await read_introducer(snapshot, stream, asked)
