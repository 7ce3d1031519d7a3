"""Reading relationships: what two parties gave each other."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, PathParameter, QueryParameter

from services.http.examples import ANNA, BEN
from services.http.reads.base import OnwardLook, PartyChoice, ReadController, page_after
from services.reading.as_of import NOW, Asked
from services.reading.balance import (
    RelationshipAnswer,
    RelationshipPage,
    list_imbalances,
    list_relationships,
    read_relationship,
    read_relationship_now,
)
from services.reading.common_ground import CommonGround, read_common_ground
from services.reading.pages import Page
from services.reading.snapshot import Look
from services.service import Service

UnitName = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=40,
        description="In which unit; the ledger's first one where it is left out.",
        examples=[Example(value="favour")],
    ),
]
OneParty = Annotated[UUID, PathParameter(examples=[Example(value=ANNA)])]
OtherParty = Annotated[UUID, PathParameter(examples=[Example(value=BEN)])]


class RelationshipReads(ReadController):
    """What parties gave each other, both directions un-netted."""

    path = "/relationships"
    tags = ["relationships"]  # noqa: RUF012 - Litestar's own form

    @get(
        "/",
        operation_id="relationship_list",
        summary="The relationships, all or of one party",
        dependencies={"page": page_after(f"{ANNA}~{BEN}")},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        page: NamedDependency[Page],
        party: PartyChoice = None,
    ) -> RelationshipPage:
        """List the relationships in which there ever was a balance, as of any moment.

        Of one party: that party is `a`. Of all: `a` < `b`. A page about the past may hold fewer than `limit`.
        """
        async with look() as snapshot:
            return await list_relationships(snapshot, party, asked, page)

    @get(
        "/imbalances",
        operation_id="relationship_imbalances",
        summary="The relationships by the size of their net",
        dependencies={"page": page_after(f"32~{ANNA}~{BEN}")},
    )
    async def imbalances(
        self,
        look: NamedDependency[Look],
        page: NamedDependency[Page],
        party: PartyChoice = None,
        unit: UnitName = None,
    ) -> RelationshipPage:
        """List relationships as they are now, those furthest out of balance in one unit first."""
        async with look() as snapshot:
            return await list_imbalances(snapshot, party, unit, page)

    @get("/{a:uuid}/{b:uuid}", operation_id="relationship_read", summary="What two parties gave each other")
    async def read(
        self,
        ledger: FromPath[str],
        a: OneParty,
        b: OtherParty,
        look: NamedDependency[Look],
        asked: NamedDependency[Asked],
        service: NamedDependency[Service],
    ) -> RelationshipAnswer:
        """Read both directions between two parties, per unit and kind, as of any moment.

        `given` went from `a` to `b`, `received` the other way. Zeros where nothing was given.
        """
        if asked == NOW and not isinstance(look, OnwardLook):
            answer = await read_relationship_now(service, ledger, a, b)
            if answer is not None:
                return answer
        async with look() as snapshot:
            return await read_relationship(snapshot, a, b, asked)

    @get(
        "/{a:uuid}/{b:uuid}/common-ground",
        operation_id="relationship_common_ground",
        summary="What two parties have in common",
        dependencies={"page": page_after(ANNA)},
    )
    async def common_ground(
        self, a: OneParty, b: OtherParty, look: NamedDependency[Look], page: NamedDependency[Page]
    ) -> CommonGround:
        """Read what two parties share: interests, knowledge, organisations, and the parties both gave or received from.

        `a_can_tell_b` is what `a` knows about and `b` is interested in. Only `relations` comes in pages.
        """
        async with look() as snapshot:
            return await read_common_ground(snapshot, a, b, page)
