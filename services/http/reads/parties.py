"""Reading parties: who is known, knows, and belongs where; and what each gave and received in all."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.http.examples import ANNA
from services.http.reads.base import ReadController, StreamId, page_after
from services.reading.as_of import Asked
from services.reading.balance import PartyBalance, read_party_balance
from services.reading.directory import SOUGHT_LENGTH, KnowerPage, find_by_name, only_named, who_knows
from services.reading.memberships import MemberPage, MembershipPage, list_members, list_memberships
from services.reading.pages import Page
from services.reading.parties import PartyAnswer, PartyPage, find_party, list_parties, parse_reference, read_party
from services.reading.snapshot import Look

ReferenceText = Annotated[
    str | None,
    QueryParameter(
        min_length=3,
        max_length=261,
        description="Only the party that a partner's system knows so: `source:id`.",
        examples=[Example(value="crm:4711")],
    ),
]


NamePart = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=SOUGHT_LENGTH,
        description="Only those with this in their names, in whatever case.",
        examples=[Example(value="ann")],
    ),
]
About = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=SOUGHT_LENGTH,
        description="What one would like to know about: a part of the subject, in whatever case.",
        examples=[Example(value="joinery")],
    ),
]


class PartyReads(ReadController):
    """Who the ledger knows."""

    path = "/parties"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="party_list",
        summary="The parties, by id; by name, or the one that a partner's system knows",
        dependencies={"page": page_after(ANNA)},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        page: NamedDependency[Page],
        reference: ReferenceText = None,
        name: NamePart = None,
    ) -> PartyPage:
        """List parties with all that is said of them. A party that was merged into another is in that one's `aliases`.

        Looking for a name, a page may hold fewer than `limit`, even none: only `next` tells whether more follow.
        """
        async with look() as snapshot:
            if reference is not None:
                found = await find_party(snapshot, parse_reference(reference))
                return found if name is None else only_named(found, name)
            if name is not None:
                return await find_by_name(snapshot, name, page)
            return await list_parties(snapshot, page)

    @get(
        "/who-knows",
        operation_id="party_who_knows",
        summary="Who knows about something",
        dependencies={"page": page_after(ANNA)},
    )
    async def who_knows(self, look: NamedDependency[Look], page: NamedDependency[Page], about: About) -> KnowerPage:
        """List the parties that said they know about something.

        A page may hold fewer than `limit`, even none: only `next` tells whether more follow.
        """
        async with look() as snapshot:
            return await who_knows(snapshot, about, page)

    @get("/{id:uuid}", operation_id="party_read", summary="One party")
    async def read(self, stream: StreamId, look: NamedDependency[Look]) -> PartyAnswer:
        """Read a party's name, kind and references."""
        async with look() as snapshot:
            return await read_party(snapshot, stream)

    @get("/{id:uuid}/balance", operation_id="party_balance", summary="What a party gave and received in all")
    async def balance(
        self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]
    ) -> PartyBalance:
        """Read a party's totals per unit and kind, un-netted, as of any moment; what is disputed stands apart."""
        async with look() as snapshot:
            return await read_party_balance(snapshot, stream, asked)

    @get(
        "/{id:uuid}/memberships",
        operation_id="party_memberships",
        summary="To which organisations a party belonged when",
        dependencies={"page": page_after("42")},
    )
    async def memberships(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
    ) -> MembershipPage:
        """List a party's memberships, past ones too, as of any moment."""
        async with look() as snapshot:
            return await list_memberships(snapshot, stream, asked, page)

    @get(
        "/{id:uuid}/members",
        operation_id="party_members",
        summary="Who belongs to an organisation",
        dependencies={"page": page_after(ANNA)},
    )
    async def members(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
    ) -> MemberPage:
        """List the members of an organisation as of any moment."""
        async with look() as snapshot:
            return await list_members(snapshot, stream, asked, page)
