"""What the page "Where you stand" shows: the largest exchanges, the promise audit's totals, the last events.

Who signed in with the key of one party stands on one side of everything; anyone else looks at the whole ledger.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.ledger import LEDGER_STREAM
from services.access.keys import AccessKey
from services.dashboard.telling import Told, tell
from services.database.pool import load_sql
from services.ledger.mapper import decode
from services.reading.aliases import read_aliases
from services.reading.as_of import AsOf, now
from services.reading.audit import Totals, read_audit
from services.reading.events import list_events
from services.reading.history import load_histories
from services.reading.pages import Page
from services.reading.reader import Reader
from services.reading.snapshot import Snapshot
from services.reading.standing import PromiseFilter
from services.reading.words import read_names, word

EXCHANGES_SHOWN = 8
UNITS_SHOWN = 5
EVENTS_SHOWN = 12


class Exchange(Struct, frozen=True, kw_only=True):
    """What went to and fro between two, seen from the first."""

    first: str
    second: str
    given: int
    received: int
    disputed: int

    @property
    def net(self) -> int:
        """What was given more than received."""
        return self.given - self.received


class UnitExchanges(Struct, frozen=True, kw_only=True):
    """The largest exchanges in one unit, and the largest number among them, by which bars are drawn."""

    unit: str
    exchanges: tuple[Exchange, ...]

    def share(self, quantity: int) -> float:
        """How long a bar is, of 100 at most."""
        largest = max(max(one.given, one.received) for one in self.exchanges)
        return round(100 * quantity / largest, 1) if largest else 0.0


class Standing(Struct, frozen=True, kw_only=True):
    """All that the page shows. ``None``: the key that signed in may not see it."""

    ledger: str
    title: str
    you: str | None
    """The party that signed in, where it is one."""
    position: int
    now: datetime
    units: tuple[UnitExchanges, ...] | None
    totals: Totals | None
    events: tuple[Told, ...] | None


async def read_standing(snapshot: Snapshot, key: AccessKey) -> Standing:
    """Read it all from one snapshot."""
    party = key.parties[0] if key.parties is not None and len(key.parties) == 1 else None
    present = now(snapshot)
    totals = events = None
    if key.allows("audit"):
        totals = (await read_audit(snapshot, PromiseFilter(party=party), page=Page(limit=1))).totals
        events = await _last_events(snapshot, Reader(key.parties, admin=key.allows("admin")))
    return Standing(
        ledger=snapshot.ledger_id,
        title=await _title(snapshot, present),
        you=None if party is None else await _name(snapshot, party),
        position=snapshot.position,
        now=snapshot.now,
        units=await _exchanges(snapshot, party) if key.allows("read") else None,
        totals=totals,
        events=events,
    )


async def _title(snapshot: Snapshot, present: AsOf) -> str:
    """What the ledger is called, or its id."""
    history = (await load_histories(snapshot, [LEDGER_STREAM], present))[LEDGER_STREAM]
    return word(history[0].words, "title") or snapshot.ledger_id


async def _name(snapshot: Snapshot, party: UUID) -> str:
    return (await read_names(snapshot, [party]))[party]


async def _exchanges(snapshot: Snapshot, party: UUID | None) -> tuple[UnitExchanges, ...]:
    """By unit, as far as there were any."""
    statement = load_sql("services/dashboard/sql/largest_exchanges.sql")
    aliases = await read_aliases(snapshot, now(snapshot))
    ids = None if party is None else aliases.ids(party)
    known = (aliases.merged, aliases.roots)
    by_unit = {
        unit: await snapshot.connection.fetch(statement, snapshot.ledger_id, unit, ids, EXCHANGES_SHOWN, *known)
        for unit in snapshot.policy.units[:UNITS_SHOWN]
    }
    names = await read_names(snapshot, {row[side] for rows in by_unit.values() for row in rows for side in "ab"})
    return tuple(
        UnitExchanges(unit=unit, exchanges=tuple(_exchange(row, names, turn=party is None) for row in rows))
        for unit, rows in by_unit.items()
        if rows
    )


def _exchange(row: asyncpg.Record, names: dict[UUID, str], *, turn: bool) -> Exchange:
    """An exchange; where nobody's side is taken it is seen from who gave more."""
    first, second = names[row["a"]], names[row["b"]]
    given, received = row["given"] or 0, row["received"] or 0
    if turn and given < received:
        first, second, given, received = second, first, received, given
    return Exchange(first=first, second=second, given=given, received=received, disputed=row["disputed"])


async def _last_events(snapshot: Snapshot, reader: Reader) -> tuple[Told, ...]:
    """The newest first."""
    first = max(0, snapshot.position - EVENTS_SHOWN)
    found = await list_events(snapshot, Page(str(first), EVENTS_SHOWN), words=True, reader=reader)
    events = [(one.position, decode(bytes(one.event)), one.words or {}) for one in found.items if one.event is not None]
    names = await read_names(snapshot, {party for _, recorded, _ in events for party in recorded.event.parties})
    return tuple(
        tell(position, recorded.event, [names[party] for party in recorded.event.parties], words)
        for position, recorded, words in reversed(events)
    )
