"""Reading trust: one party at a time, never a ranking."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.http.examples import BEN
from services.http.reads.base import ReadController, StreamId, TopicChoice, page_after
from services.reading.as_of import Asked
from services.reading.pages import Page
from services.reading.snapshot import Look
from services.reading.trust import TrustAnswer, View, read_trust

SeenBy = Annotated[
    UUID | None,
    QueryParameter(
        name="seen_by",
        description="As this party sees it: what was promised to it, and what it assessed.",
        examples=[Example(value=BEN)],
    ),
]


class TrustReads(ReadController):
    """What is thought of a party's promises. For keys with the scope ``read``, as all that it rests on is."""

    path = "/parties/{id:uuid}/trust"
    tags = ["trust"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="party_trust",
        summary="How far a party keeps its promises, and why that is thought",
        dependencies={"page": page_after("12")},
    )
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
        seen_by: SeenBy = None,
        topic: TopicChoice = None,
    ) -> TrustAnswer:
        """Read an opinion of a party's promises as of any moment: by all or as one other sees it, on all or one topic.

        Evidence is only what promisees and assessors said, and promises that were reneged on. Each line names the
        events behind it, and where it can be contested. The figures of `conduct` stand beside it and are in none of
        the others.
        """
        async with look() as snapshot:
            return await read_trust(snapshot, stream, View(seen_by=seen_by, topic=topic), asked, page)
