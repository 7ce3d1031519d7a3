"""Reading introductions; answers stay private until both are there (see ``services/reading/introductions.py``)."""

from litestar import get
from litestar.di import NamedDependency

from services.http.reads.base import PartyChoice, ReadController, StreamId, page_after
from services.reading.as_of import Asked
from services.reading.introductions import IntroductionAnswer, IntroductionPage, list_introductions, read_introduction
from services.reading.pages import Page
from services.reading.snapshot import Look


class IntroductionReads(ReadController):
    """Who brought whom together."""

    path = "/introductions"
    tags = ["introductions"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="introduction_list",
        summary="The introductions: all, or those that a party is in",
        dependencies={"page": page_after("1")},
    )
    async def list(
        self, look: NamedDependency[Look], page: NamedDependency[Page], party: PartyChoice = None
    ) -> IntroductionPage:
        """List introductions as they stand, in the order in which they were proposed."""
        async with look() as snapshot:
            return await list_introductions(snapshot, party=party, page=page)

    @get("/{id:uuid}", operation_id="introduction_read", summary="One introduction, with its history")
    async def read(
        self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]
    ) -> IntroductionAnswer:
        """Read an introduction, as of any moment.

        Until both have answered it shows only how many have, whoever asks, and of its history only the proposal.
        """
        async with look() as snapshot:
            return await read_introduction(snapshot, stream, asked)
