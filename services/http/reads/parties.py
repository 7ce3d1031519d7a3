"""Reading parties, and what each gave and received in all."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.http.examples import ANNA
from services.http.reads.base import ReadController, StreamId, page_after
from services.reading.as_of import Asked
from services.reading.balance import PartyBalance, read_party_balance
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


class PartyReads(ReadController):
    """Who the ledger knows."""

    path = "/parties"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="party_list",
        summary="The parties, by id, or the one that a partner's system knows",
        dependencies={"page": page_after(ANNA)},
    )
    async def list(
        self, look: NamedDependency[Look], page: NamedDependency[Page], reference: ReferenceText = None
    ) -> PartyPage:
        """List parties with their names and references."""
        async with look() as snapshot:
            if reference is not None:
                return await find_party(snapshot, parse_reference(reference))
            return await list_parties(snapshot, page)

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
