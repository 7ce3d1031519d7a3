"""Reading what wants a party's attention, and how close it says that others are: both are its own matter."""

from litestar import get
from litestar.di import NamedDependency

from services.http.reads.base import ReadController, StreamId
from services.reading.as_of import Asked
from services.reading.attention import Attention, TieList, list_ties, read_attention
from services.reading.reader import Reader
from services.reading.snapshot import Look
from services.reading.ties import TieAnswer, read_tie


class AttentionReads(ReadController):
    """What wants a party's attention."""

    path = "/parties/{id:uuid}"
    tags = ["attention"]  # noqa: RUF012 - Litestar's own form

    @get("/attention", operation_id="party_attention", summary="What wants a party's attention")
    async def attention(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        reader: NamedDependency[Reader],
    ) -> Attention:
        """Read whom to reach out to, who waits for an answer, and which promises come due, as of any moment.

        A key that is bound to parties may ask for its own only.
        """
        async with look() as snapshot:
            return await read_attention(snapshot, stream, asked, reader)

    @get("/ties", operation_id="party_ties", summary="How close a party says that others are to it")
    async def ties(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        reader: NamedDependency[Reader],
    ) -> TieList:
        """List what a party declared, as of any moment; the others are not told.

        A key that is bound to parties may ask for its own only.
        """
        async with look() as snapshot:
            return await list_ties(snapshot, stream, asked, reader)


class TieReads(ReadController):
    """How close one party says that another is to it."""

    path = "/ties"
    tags = ["attention"]  # noqa: RUF012 - Litestar's own form

    @get("/{id:uuid}", operation_id="tie_read", summary="One tie, with its history")
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        reader: NamedDependency[Reader],
    ) -> TieAnswer:
        """Read how close a party says that another is to it, as of any moment."""
        async with look() as snapshot:
            return await read_tie(snapshot, stream, asked, reader)
