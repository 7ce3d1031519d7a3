"""Reading the gift register."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from domain.favour.commands import Gift
from services.http.examples import ANNA, BEN
from services.http.reads.base import ReadController, page_after
from services.reading.as_of import Asked
from services.reading.gifts import GiftFilter, GiftPage, list_gifts
from services.reading.pages import Page
from services.reading.snapshot import Look


class GiftReads(ReadController):
    """Which gifts were taken, or refused."""

    path = "/gifts"
    tags = ["gifts"]  # noqa: RUF012 - Litestar's own form

    @get("/", operation_id="gift_list", summary="The gift register", dependencies={"page": page_after("1")})
    async def list(  # noqa: PLR0913 - each is a parameter of the address
        self,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
        *,
        giver: Annotated[
            UUID | None, QueryParameter(description="Only those of this giver.", examples=[Example(value=ANNA)])
        ] = None,
        receiver: Annotated[
            UUID | None, QueryParameter(description="Only those to this receiver.", examples=[Example(value=BEN)])
        ] = None,
        gift: Annotated[
            Gift | None,
            QueryParameter(
                description="Only those taken (`declared`), or `refused`.", examples=[Example(value="declared")]
            ),
        ] = None,
        crossing: Annotated[
            bool | None,
            QueryParameter(
                description="Only those that crossed a limit of the policy in force then, or only those that did not.",
                examples=[Example(value=True)],
            ),
        ] = None,
    ) -> GiftPage:
        """List gifts in the order in which they were recorded, as of any moment."""
        chosen = GiftFilter(giver=giver, receiver=receiver, gift=gift, crossing=crossing)
        async with look() as snapshot:
            return await list_gifts(snapshot, chosen, asked, page)
