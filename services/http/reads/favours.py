"""Reading favours."""

from litestar import Response, get
from litestar.di import NamedDependency

from services.http.reads.base import OrderName, OtherChoice, PartyChoice, ReadController, StreamId, page_after
from services.http.versions import ETAG, etag_of
from services.reading.as_of import Asked
from services.reading.favours import FavourAnswer, FavourPage, list_favours, read_favour
from services.reading.pages import Page
from services.reading.snapshot import Look


class FavourReads(ReadController):
    """What parties did for each other."""

    path = "/favours"
    tags = ["favours"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="favour_list",
        summary="The favours: all, of one party, or between two",
        dependencies={"page": page_after("1")},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        page: NamedDependency[Page],
        party: PartyChoice = None,
        other: OtherChoice = None,
        order: OrderName = "oldest",
    ) -> FavourPage:
        """List favours as they stand, in the order in which they were recorded.

        A page may hold fewer than `limit`, even none: go on until `next` is null.
        """
        async with look() as snapshot:
            return await list_favours(snapshot, party=party, other=other, order=order, page=page)

    @get("/{id:uuid}", operation_id="favour_read", summary="One favour, with its history", response_headers=[ETAG])
    async def read(
        self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]
    ) -> Response[FavourAnswer]:
        """Read a favour and everything that was said about it, as of any moment."""
        async with look() as snapshot:
            answer = await read_favour(snapshot, stream, asked)
            return Response(answer, headers=await etag_of(snapshot, stream, asked))
