"""Memberships: who belonged to which organisation when, as of any moment."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.reading.aliases import read_aliases
from services.reading.as_of import NOW, Asked, AsOfAnswer, resolve, said
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.parties import require_parties
from services.reading.snapshot import Snapshot, sql
from services.reading.words import read_names


class Membership(Struct, frozen=True, kw_only=True):
    """A time for which a party was a member of an organisation."""

    organisation: UUID
    name: str | None
    joined_at: datetime
    left_at: datetime | None
    """Null: still a member at the moment asked about."""
    recorded_in: int
    """The position of the event that said that it joined."""


class MembershipPage(AsOfAnswer, frozen=True, kw_only=True):
    """A party's memberships, in the order in which joining was recorded."""

    items: tuple[Membership, ...]
    next: str | None


class Member(Struct, frozen=True):
    """A member by id and name."""

    party: UUID
    name: str | None


class MemberPage(AsOfAnswer, frozen=True, kw_only=True):
    """The members of an organisation, by id."""

    items: tuple[Member, ...]
    next: str | None


async def list_memberships(snapshot: Snapshot, party: UUID, asked: Asked = NOW, page: Page = FIRST) -> MembershipPage:
    """A page of a party's memberships, past ones too. Raises ``Refusal`` where the ledger does not know the party."""
    (place,) = read_cursor(page.after, a_number) if page.after else (0,)
    await require_parties(snapshot, party)
    as_of = await resolve(snapshot, asked)
    aliases = await read_aliases(snapshot, as_of)
    rows = await snapshot.fetch(
        sql("memberships"),
        snapshot.ledger_id,
        aliases.ids(party),
        as_of.position,
        as_of.occurred,
        place,
        page.limit + 1,
    )
    shown, last = cut(rows, page.limit)
    organisations = [aliases.root(row["organisation_id"]) for row in shown]
    names = await read_names(snapshot, organisations)
    items = [
        Membership(
            organisation=organisation,
            name=names.get(organisation),
            joined_at=row["joined_at"],
            left_at=row["left_at"],
            recorded_in=row["position"],
        )
        for row, organisation in zip(shown, organisations, strict=True)
    ]
    next_page = None if last is None else str(last["position"])
    return MembershipPage(**said(as_of), items=tuple(items), next=next_page)


async def list_members(snapshot: Snapshot, organisation: UUID, asked: Asked = NOW, page: Page = FIRST) -> MemberPage:
    """A page of an organisation's members at a moment. Raises ``Refusal`` where the ledger does not know it."""
    (place,) = read_cursor(page.after, UUID) if page.after else (UUID(int=0),)
    await require_parties(snapshot, organisation)
    as_of = await resolve(snapshot, asked)
    aliases = await read_aliases(snapshot, as_of)
    rows = await snapshot.fetch(
        sql("members"),
        snapshot.ledger_id,
        aliases.ids(organisation),
        as_of.position,
        as_of.occurred,
        place,
        page.limit + 1,
        aliases.merged,
        aliases.roots,
    )
    shown, last = cut([row["party_id"] for row in rows], page.limit)
    names = await read_names(snapshot, shown)
    items = tuple(Member(party, names.get(party)) for party in shown)
    return MemberPage(**said(as_of), items=items, next=None if last is None else str(last))
