"""Balances: what parties gave each other, un-netted, and what disputes leave open.

Quantities are whole numbers in the unit's smallest division. *given* and *received* are seen from one side: that of the
first party of a relationship (``a``), or of the party asked about. Disputed quantities stand apart and are in no sum.
``net`` = given - received. Now is read from the balance table; a moment of the past is the sum of the postings of the
events until then, by the same rules (``projections/balance.py``), so the two agree where the moment is now.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.command import not_found
from projections.balance import GIVING
from services.reading.aliases import Aliases, read_aliases
from services.reading.as_of import NOW, Asked, AsOf, AsOfAnswer, now, resolve, said
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor, write_cursor
from services.reading.parties import require_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, no_such_ledger, policy_of, sql
from services.service import Service

NOW_COLUMNS = ("unit", "kind", "quantity", "count", "disputed", "disputed_count", "last_at")
"""What ``balances_now.sql`` tells of a balance, after who gave."""


class Side(Struct, frozen=True, kw_only=True):
    """What went one way."""

    quantity: int = 0
    count: int = 0
    """How many favours, introductions and kept promises it is made of."""
    disputed: int = 0
    """The quantity under dispute; in no sum."""
    disputed_count: int = 0
    last_at: datetime | None = None
    """When something was last given, retracted or not; null where the count is 0."""


class KindBalance(Struct, frozen=True, kw_only=True):
    """One kind of giving, in one unit."""

    kind: str
    """``favour``, ``introduction``, or ``promise`` (the share of it that was kept)."""
    given: Side
    received: Side
    net: int


class UnitBalance(Struct, frozen=True, kw_only=True):
    """All kinds of giving in one unit. Units are never added up."""

    unit: str
    given: Side
    received: Side
    net: int
    kinds: tuple[KindBalance, ...]
    """Those of which there was any."""


class Relationship(Struct, frozen=True, kw_only=True):
    """The two directions between two parties; ``given`` is from ``a`` to ``b``."""

    a: UUID
    b: UUID
    units: tuple[UnitBalance, ...]


class RelationshipAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One relationship, in every unit of the ledger: zeros where nothing was given."""

    relationship: Relationship


class RelationshipPage(AsOfAnswer, frozen=True, kw_only=True):
    """Relationships in which there ever was a balance, in the units in which there was."""

    items: tuple[Relationship, ...]
    """As of a moment of the past a page may hold fewer than were asked for: ``next`` tells whether more follow."""
    next: str | None


class PartyBalance(AsOfAnswer, frozen=True, kw_only=True):
    """What a party gave and received in all, in every unit of the ledger."""

    party: UUID
    relationships: int
    """With how many parties there ever was a balance."""
    units: tuple[UnitBalance, ...]


async def read_relationship(snapshot: Snapshot, a: UUID, b: UUID, asked: Asked = NOW) -> RelationshipAnswer:
    """The balance between two parties as of a moment. Raises ``Refusal`` where the ledger does not know one of them."""
    as_of = await resolve(snapshot, asked)
    aliases = await read_aliases(snapshot, as_of)
    _, rows = await snapshot.together.all(
        require_parties(snapshot, a, b),
        _directed(snapshot, [(aliases.root(a), aliases.root(b))], as_of, aliases),
    )
    a, b = aliases.root(a), aliases.root(b)
    if a == b:
        raise one_party()
    units = _units([(aliases.root(row["giver"]) == a, row) for row in rows], snapshot.policy.units)
    return RelationshipAnswer(**said(as_of), relationship=Relationship(a=a, b=b, units=units))


async def read_relationship_now(service: Service, ledger_id: str, a: UUID, b: UUID) -> RelationshipAnswer | None:
    """The same as it is now, answered together with all who ask at this moment.

    ``None`` where the ledger has merges, and in need of a snapshot. Raises as ``read_relationship`` and
    ``open_snapshot`` do.
    """
    found = await service.balances.ask(ledger_id, a, b)
    if found is None:
        raise no_such_ledger()
    if found.has_merges:
        return None
    if found.known < len({a, b}):
        raise not_found("party")
    if a == b:
        raise one_party()
    rows: list[tuple[bool, asyncpg.Record | dict[str, Any]]]
    rows = [(gave, dict(zip(NOW_COLUMNS, rest, strict=True))) for gave, *rest in found.balances]
    moment = max(service.clock(), found.recorded_at)
    units = _units(rows, policy_of(found.policy).units)
    relationship = Relationship(a=a, b=b, units=units)
    return RelationshipAnswer(position=found.position, moment=moment, occurred=None, relationship=relationship)


def one_party() -> BadQuestionError:
    """Both parties that were asked about are one."""
    return BadQuestionError("b", "A relationship is between two different parties; these are one.")


async def read_party_balance(snapshot: Snapshot, party: UUID, asked: Asked = NOW) -> PartyBalance:
    """A party's totals as of a moment. Raises ``Refusal`` where the ledger does not know the party."""
    as_of = await resolve(snapshot, asked)
    aliases = await read_aliases(snapshot, as_of)
    name, arguments = ("party_balance", ()) if as_of.live else ("party_balance_as_of", _until(as_of))
    ids = aliases.ids(party)
    _, rows = await snapshot.together.all(
        require_parties(snapshot, party),
        snapshot.fetch(sql(name), snapshot.ledger_id, ids, aliases.merged, aliases.roots, *arguments),
    )
    return PartyBalance(
        **said(as_of),
        party=aliases.root(party),
        relationships=rows[0]["relationships"] if rows else 0,
        units=_units([(row["gave"], row) for row in rows], snapshot.policy.units),
    )


async def list_relationships(
    snapshot: Snapshot, party: UUID | None = None, asked: Asked = NOW, page: Page = FIRST
) -> RelationshipPage:
    """A page of relationships by the parties' ids: all, with ``a`` < ``b``, or a party's own, which then is ``a``."""
    as_of = await resolve(snapshot, asked)
    aliases = await read_aliases(snapshot, as_of)
    known = (aliases.merged, aliases.roots)
    a, b = read_cursor(page.after, UUID, UUID) if page.after else (UUID(int=0), UUID(int=0))
    if party is None:
        rows = await snapshot.fetch(sql("pairs"), snapshot.ledger_id, a, b, page.limit + 1, *known)
        pairs = [(row["a"], row["b"]) for row in rows]
    else:
        ids = aliases.ids(party)
        rows = await snapshot.fetch(sql("pairs_of_party"), snapshot.ledger_id, ids, b, page.limit + 1, *known)
        pairs = [(ids[0], row["other"]) for row in rows]
    shown, last = cut(pairs, page.limit)
    items = await _relationships(snapshot, shown, as_of, aliases)
    return RelationshipPage(**said(as_of), items=items, next=None if last is None else write_cursor(*last))


async def list_imbalances(
    snapshot: Snapshot, party: UUID | None = None, unit: str | None = None, page: Page = FIRST
) -> RelationshipPage:
    """A page of relationships as they are now by the size of their net in one unit, largest first.

    The unit is the ledger's first one unless another is named; only relationships with a balance in it are listed. An
    imbalance may change between two pages; what moves past the cursor is then missed or comes twice.
    """
    present = now(snapshot)
    aliases = await read_aliases(snapshot, present)
    place = read_cursor(page.after, a_number, UUID, UUID) if page.after else (None, None, None)
    rows = await snapshot.fetch(
        sql("pairs_by_imbalance"),
        snapshot.ledger_id,
        unit or snapshot.policy.units[0],
        None if party is None else aliases.ids(party),
        *place,
        page.limit + 1,
        aliases.merged or None,
        aliases.roots or None,
    )
    shown, last = cut(rows, page.limit)
    first = None if party is None else aliases.root(party)
    pairs = [(row["a"], row["b"]) if first in {None, row["a"]} else (row["b"], row["a"]) for row in shown]
    items = await _relationships(snapshot, pairs, present, aliases)
    next_page = None if last is None else write_cursor(last["imbalance"], last["a"], last["b"])
    return RelationshipPage(**said(present), items=items, next=next_page)


Pair = tuple[UUID, UUID]


async def _relationships(
    snapshot: Snapshot, pairs: Sequence[Pair], as_of: AsOf, aliases: Aliases
) -> tuple[Relationship, ...]:
    """The relationships of a page, less those in which there was no balance yet."""
    sides: dict[Pair, list[tuple[bool, asyncpg.Record]]] = {pair: [] for pair in pairs}
    for row in await _directed(snapshot, pairs, as_of, aliases):
        giver, receiver = aliases.root(row["giver"]), aliases.root(row["receiver"])
        there, back = (giver, receiver), (receiver, giver)
        sides[there if there in sides else back].append((there in sides, row))
    return tuple(Relationship(a=a, b=b, units=_units(rows)) for (a, b), rows in sides.items() if rows)


async def _directed(snapshot: Snapshot, pairs: Sequence[Pair], as_of: AsOf, aliases: Aliases) -> list[asyncpg.Record]:
    """The balances of pairs, each direction a row of its own, and each id of a party."""
    ways = [
        way
        for a, b in pairs
        for one, other in product(aliases.ids(a), aliases.ids(b))
        for way in ((one, other), (other, one))
    ]
    givers, receivers = [giver for giver, _ in ways], [receiver for _, receiver in ways]
    name, arguments = ("balances", ()) if as_of.live else ("balances_as_of", _until(as_of))
    return await snapshot.fetch(sql(name), snapshot.ledger_id, givers, receivers, *arguments)


def _until(as_of: AsOf) -> tuple[object, ...]:
    return as_of.position, as_of.occurred, sorted(GIVING)


def _units(
    rows: Iterable[tuple[bool, asyncpg.Record | dict[str, Any]]], listed: Iterable[str] = ()
) -> tuple[UnitBalance, ...]:
    """Rows of either direction (``True``: given) by unit and kind: the listed units first, then others that occur."""
    sides: dict[str, dict[str, dict[bool, list[Side]]]] = {unit: {} for unit in listed}
    for gave, row in rows:
        side = Side(
            quantity=row["quantity"],
            count=row["count"],
            disputed=row["disputed"],
            disputed_count=row["disputed_count"],
            last_at=row["last_at"] if row["count"] else None,
        )
        sides.setdefault(row["unit"], {}).setdefault(row["kind"], {}).setdefault(gave, []).append(side)
    return tuple(_unit(unit, kinds) for unit, kinds in sides.items())


def _unit(unit: str, kinds: dict[str, dict[bool, list[Side]]]) -> UnitBalance:
    lines = []
    for kind, sides in sorted(kinds.items()):
        given, received = _sum(sides.get(True, ())), _sum(sides.get(False, ()))
        lines.append(KindBalance(kind=kind, given=given, received=received, net=given.quantity - received.quantity))
    given, received = _sum(line.given for line in lines), _sum(line.received for line in lines)
    return UnitBalance(
        unit=unit, given=given, received=received, net=given.quantity - received.quantity, kinds=tuple(lines)
    )


NOTHING = Side()


def _sum(sides: Iterable[Side]) -> Side:
    """All of them in one; most often there is one, or none."""
    sides = [side for side in sides if side is not NOTHING]
    if len(sides) <= 1:
        return sides[0] if sides else NOTHING
    return Side(
        quantity=sum(side.quantity for side in sides),
        count=sum(side.count for side in sides),
        disputed=sum(side.disputed for side in sides),
        disputed_count=sum(side.disputed_count for side in sides),
        last_at=max((side.last_at for side in sides if side.last_at is not None), default=None),
    )
