"""Reading contacts."""

from litestar import get
from litestar.di import NamedDependency

from services.http.reads.base import OrderName, OtherChoice, PartyChoice, ReadController, StreamId, page_after
from services.reading.as_of import Asked
from services.reading.contacts import ContactAnswer, ContactPage, list_contacts, read_contact
from services.reading.pages import Page
from services.reading.snapshot import Look


class ContactReads(ReadController):
    """Who met whom."""

    path = "/contacts"
    tags = ["contacts"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="contact_list",
        summary="The contacts: all, of one party, or between two",
        dependencies={"page": page_after("1")},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        page: NamedDependency[Page],
        party: PartyChoice = None,
        other: OtherChoice = None,
        order: OrderName = "oldest",
    ) -> ContactPage:
        """List contacts as they stand, in the order in which they were recorded.

        A page may hold fewer than `limit`, even none: go on until `next` is null.
        """
        async with look() as snapshot:
            return await list_contacts(snapshot, party=party, other=other, order=order, page=page)

    @get("/{id:uuid}", operation_id="contact_read", summary="One contact, with its history")
    async def read(self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]) -> ContactAnswer:
        """Read a contact and everything that was said about it, as of any moment."""
        async with look() as snapshot:
            return await read_contact(snapshot, stream, asked)
