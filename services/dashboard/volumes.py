"""Volumes: what was given by unit, and between whom most went one way, of one party or in the whole ledger.

Those of a whole ledger cost as much as it has relationships, and who keeps it sees them on the first page, anew after
each event. So they are kept, and carried on by what was posted since: a sum by what was added to it, the largest
imbalances by the pairs that moved. Some more of these are kept than are shown; whatever is not among them ranks after
the last that was when they were read.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
from msgspec import Struct

from services.dashboard.kept import keep
from services.database.ledgers import LedgerPool
from services.database.pool import load_sql
from services.reading.aliases import read_aliases
from services.reading.as_of import now
from services.reading.balance import UnitBalance, read_party_balance
from services.reading.snapshot import Snapshot

EXCHANGES_SHOWN = 8
EXCHANGES_KEPT = 64
UNITS_SHOWN = 5
CARRIED = 500
"""So many events more are looked through for what they moved; beyond that all is read anew."""


class Exchange(Struct, frozen=True, kw_only=True):
    """What went to and fro between two, seen from the first."""

    first: UUID
    second: UUID
    given: int
    received: int
    disputed: int

    @property
    def net(self) -> int:
        """What was given more than received."""
        return self.given - self.received


class UnitExchanges(Struct, frozen=True, kw_only=True):
    """The largest imbalances in one unit, and the largest number among them, by which bars are drawn."""

    unit: str
    exchanges: tuple[Exchange, ...]

    @property
    def largest(self) -> int:
        """The longest bar."""
        return max(max(one.given, one.received) for one in self.exchanges)


class Sum(Struct, frozen=True, kw_only=True):
    """What was given in one unit, and came back; over a whole ledger the two are one."""

    unit: str
    given: int
    received: int | None
    disputed: int

    @property
    def net(self) -> int:
        """What was given more than received."""
        return self.given - (self.received or 0)


class Sums(NamedTuple):
    """What was given by unit: quantity, disputed quantity, and how many times."""

    by_unit: Mapping[str, tuple[int, int, int]]
    has_merges: bool


class Ranked(NamedTuple):
    """The pairs of one unit with the largest imbalances, the largest first, the one with the smaller id given first."""

    pairs: tuple[Exchange, ...]
    bound: tuple[int, int, UUID, UUID] | None
    """What ranks up to here is among them; ``None``: all of the unit's pairs are."""


class Largest(NamedTuple):
    """The same by unit, of the units that are shown."""

    by_unit: Mapping[str, Ranked]
    has_merges: bool


async def read_sums(database: LedgerPool, snapshot: Snapshot, party: UUID | None) -> tuple[Sum, ...]:
    """By unit: what a party gave and received; without a party what was given in the ledger, the busiest first."""
    if party is not None:
        return await read_party_sums(snapshot, party)
    sums = (await keep(database, snapshot, "sums", _sums_of_all, _carry_sums)).by_unit
    busiest = sorted(sums.items(), key=lambda one: (-one[1][2], one[0]))
    return tuple(Sum(unit=unit, given=one[0], received=None, disputed=one[1]) for unit, one in busiest)


async def read_party_sums(snapshot: Snapshot, party: UUID) -> tuple[Sum, ...]:
    """By unit: what a party gave and received."""
    return tuple(map(_sum, (await read_party_balance(snapshot, party)).units))


async def read_exchanges(database: LedgerPool, snapshot: Snapshot, party: UUID | None) -> tuple[UnitExchanges, ...]:
    """By unit the largest imbalances, of a party or in the ledger; there, each from the side of who gave more."""
    if party is not None:
        by_unit: Mapping[str, Sequence[Exchange]] = await _fetch_largest(snapshot, party, EXCHANGES_SHOWN)
    else:
        largest = await keep(database, snapshot, "exchanges", _largest_of_all, _carry_largest)
        by_unit = {unit: [*map(_from_giving, one.pairs[:EXCHANGES_SHOWN])] for unit, one in largest.by_unit.items()}
    return tuple(UnitExchanges(unit=unit, exchanges=tuple(found)) for unit, found in by_unit.items() if found)


def _sum(unit: UnitBalance) -> Sum:
    return Sum(
        unit=unit.unit,
        given=unit.given.quantity,
        received=unit.received.quantity,
        disputed=unit.given.disputed + unit.received.disputed,
    )


async def _sums_of_all(snapshot: Snapshot) -> Sums:
    aliases = await read_aliases(snapshot, now(snapshot))
    rows = await snapshot.fetch(
        load_sql("services/dashboard/sql/sums.sql"), snapshot.ledger_id, aliases.merged or None, aliases.roots or None
    )
    return Sums({row["unit"]: (row["given"], row["disputed"], row["count"]) for row in rows}, snapshot.has_merges)


async def _carry_sums(snapshot: Snapshot, sums: Sums, position: int) -> Sums | None:
    """The sums at a later moment; where parties were merged, those are read anew."""
    if sums.has_merges or not _is_near(snapshot, position):
        return None
    by_unit = dict(sums.by_unit)
    rows = await snapshot.fetch(load_sql("services/dashboard/sql/posted_since.sql"), snapshot.ledger_id, position)
    for row in rows:
        given, disputed, count = by_unit.get(row["unit"], (0, 0, 0))
        by_unit[row["unit"]] = (given + row["given"], disputed + row["disputed"], count + row["count"])
    return Sums(by_unit, has_merges=False)


def _is_near(snapshot: Snapshot, position: int) -> bool:
    return not snapshot.has_merges and snapshot.position - position <= CARRIED


async def _fetch_largest(snapshot: Snapshot, party: UUID | None, limit: int) -> dict[str, list[Exchange]]:
    aliases = await read_aliases(snapshot, now(snapshot))
    units = snapshot.policy.units[:UNITS_SHOWN]
    rows = await snapshot.fetch(
        load_sql("services/dashboard/sql/largest_exchanges.sql"),
        snapshot.ledger_id,
        units,
        None if party is None else aliases.ids(party),
        limit,
        aliases.merged or None,
        aliases.roots or None,
    )
    return {unit: [_exchange(row) for row in rows if row["unit"] == unit] for unit in units}


def _exchange(row: asyncpg.Record) -> Exchange:
    return Exchange(
        first=row["a"], second=row["b"], given=row["given"], received=row["received"], disputed=row["disputed"]
    )


def _from_giving(one: Exchange) -> Exchange:
    """An exchange from the side of who gave more."""
    if one.given >= one.received:
        return one
    return Exchange(first=one.second, second=one.first, given=one.received, received=one.given, disputed=one.disputed)


def _rank(one: Exchange) -> tuple[int, int, UUID, UUID]:
    """As ``largest_exchanges.sql`` orders them."""
    return -abs(one.net), -(one.given + one.received), one.first, one.second


async def _largest_of_all(snapshot: Snapshot) -> Largest:
    found = await _fetch_largest(snapshot, None, EXCHANGES_KEPT)
    ranked = {
        unit: Ranked(tuple(pairs), _rank(pairs[-1]) if len(pairs) == EXCHANGES_KEPT else None)
        for unit, pairs in found.items()
    }
    return Largest(ranked, snapshot.has_merges)


async def _carry_largest(snapshot: Snapshot, largest: Largest, position: int) -> Largest | None:
    """Those at a later moment; ``None`` where too few of those known are left to say which follow."""
    same_units = tuple(largest.by_unit) == snapshot.policy.units[:UNITS_SHOWN]
    if largest.has_merges or not same_units or not _is_near(snapshot, position):
        return None
    rows = await snapshot.fetch(load_sql("services/dashboard/sql/moved_since.sql"), snapshot.ledger_id, position)
    by_unit: dict[str, Ranked] = {}
    for unit, known in largest.by_unit.items():
        carried = _rank_anew(known, [_exchange(row) for row in rows if row["unit"] == unit])
        if carried is None:
            return None
        by_unit[unit] = carried
    return Largest(by_unit, has_merges=False)


def _rank_anew(known: Ranked, moved: Sequence[Exchange]) -> Ranked | None:
    """The same with some pairs as they are now; ``None`` where others may have come to rank before the last shown."""
    pairs_moved = {(one.first, one.second) for one in moved}
    stayed = (one for one in known.pairs if (one.first, one.second) not in pairs_moved)
    there = (one for one in moved if one.given or one.received or one.disputed)
    ranked = sorted((*stayed, *there), key=_rank)
    if known.bound is not None:
        ranked = [one for one in ranked if _rank(one) <= known.bound]
        if len(ranked) < EXCHANGES_SHOWN:
            return None
    if len(ranked) > EXCHANGES_KEPT:
        ranked = ranked[:EXCHANGES_KEPT]
        return Ranked(tuple(ranked), _rank(ranked[-1]))
    return Ranked(tuple(ranked), known.bound)
