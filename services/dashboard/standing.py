"""What the page "Where you stand" shows: sums, what is due, whom to reach out to, imbalances, what happened last.

Who signed in with the key of one party stands on one side of everything; anyone else looks at the whole ledger, or
from the side of a party that the address names.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from services.dashboard.stories import Story, tell_events, tell_timeline
from services.dashboard.visit import Frame, Visit
from services.dashboard.volumes import Sum, UnitExchanges, read_exchanges, read_sums
from services.proof.log import Head, read_head
from services.reading import audit
from services.reading.as_of import now
from services.reading.attention import Attention, read_attention
from services.reading.audit_figures import Totals
from services.reading.pages import Page
from services.reading.promise_lines import PromiseLine, fetch_dated, show_dated
from services.reading.snapshot import Snapshot
from services.reading.standing import PromiseFilter, ask

EVENTS_SHOWN = 8
CALENDAR_DAYS = 35
SOON_DAYS = 7
DATED_SHOWN = 120
LISTED = 5


class Standing(Struct, frozen=True, kw_only=True):
    """All that the page shows. ``None``: the key that signed in may not see it."""

    party: UUID | None
    """Whose side it is seen from; ``None``: of nobody's, the whole ledger."""
    sums: tuple[Sum, ...] | None
    units: tuple[UnitExchanges, ...] | None
    totals: Totals | None
    dated: tuple[PromiseLine, ...] | None
    """Open promises that are overdue, or come due within the calendar."""
    attention: Attention | None
    events: tuple[Story, ...] | None
    tree: Head
    """How far the ledger's tree has got."""
    moment: datetime

    @property
    def overdue(self) -> list[PromiseLine]:
        """Past their dates and the ledger's grace."""
        return [line for line in self.dated or () if line.overdue]

    @property
    def soon(self) -> list[PromiseLine]:
        """Due within a week, or since a moment but within the ledger's grace."""
        until = self.moment + timedelta(days=SOON_DAYS)
        return [line for line in self.dated or () if not line.overdue and line.due is not None and line.due <= until]


async def read_standing(visit: Visit, snapshot: Snapshot, frame: Frame, party: UUID | None) -> Standing:
    """Read it all from one snapshot."""
    figures, (attention, events), tree, _ = await snapshot.together.all(
        _figures(visit, snapshot, frame, party),
        _happening(visit, snapshot, frame, party),
        read_head(snapshot.together, snapshot.ledger_id),
        frame.name(snapshot, [party]),
    )
    sums, units, dated, totals = figures
    return Standing(
        party=party,
        sums=sums,
        units=units,
        totals=totals,
        dated=dated,
        attention=attention,
        events=events,
        tree=tree,
        moment=snapshot.now,
    )


Figures = tuple[tuple[Sum, ...] | None, tuple[UnitExchanges, ...] | None, tuple[PromiseLine, ...] | None, Totals | None]


async def _figures(visit: Visit, snapshot: Snapshot, frame: Frame, party: UUID | None) -> Figures:
    if not visit.allows("read"):
        return None, None, None, await read_totals(visit, snapshot, party)
    return await snapshot.together.all(
        read_sums(visit.service.ledgers, snapshot, party),
        _exchanges(visit, snapshot, frame, party),
        _dated(snapshot, frame, party),
        read_totals(visit, snapshot, party),
    )


async def _happening(
    visit: Visit, snapshot: Snapshot, frame: Frame, party: UUID | None
) -> tuple[Attention | None, tuple[Story, ...] | None]:
    """What wants the party's attention, where that is the reader's to know, and what happened last."""
    events = _last_events(visit, snapshot, frame, party)
    if party is None or not visit.allows("read") or not (visit.key.parties is None or party in visit.key.parties):
        return None, await events
    return await snapshot.together.all(read_attention(snapshot, party, reader=visit.reader), events)


async def read_totals(visit: Visit, snapshot: Snapshot, party: UUID | None) -> Totals | None:
    """How promises stand: a party's own for its key, all for who may audit."""
    own = party is not None and visit.allows("read") and visit.key.parties is not None and party in visit.key.parties
    if not (own or visit.allows("audit")):
        return None
    return await audit.read_totals(await ask(snapshot, now(snapshot), PromiseFilter(party=party)))


async def _dated(snapshot: Snapshot, frame: Frame, party: UUID | None) -> tuple[PromiseLine, ...]:
    """Those of a party with their words; of a whole ledger those that are listed: its calendar counts the others."""
    question = await ask(snapshot, now(snapshot), PromiseFilter(party=party, standing="open"))
    rows = await fetch_dated(question, snapshot.now + timedelta(days=CALENDAR_DAYS), DATED_SHOWN)
    overdue = [row for row in rows if row["overdue"]][:LISTED]
    soon = [row for row in rows if not row["overdue"]][:LISTED]
    listed = (*overdue, *soon)
    lines, _ = await snapshot.together.all(
        show_dated(question, rows, worded=listed if party is None else None),
        frame.name(snapshot, [side for row in listed for side in (row["promisor"], row["promisee"])]),
    )
    return tuple(lines)


async def _exchanges(visit: Visit, snapshot: Snapshot, frame: Frame, party: UUID | None) -> tuple[UnitExchanges, ...]:
    """By unit, as far as there were any."""
    units = await read_exchanges(visit.service.ledgers, snapshot, party)
    await frame.name(snapshot, [side for unit in units for one in unit.exchanges for side in (one.first, one.second)])
    return units


async def _last_events(visit: Visit, snapshot: Snapshot, frame: Frame, party: UUID | None) -> tuple[Story, ...] | None:
    """The newest first: a party's for who may read, the log's for who may audit."""
    if party is not None and visit.allows("read"):
        return (await tell_timeline(visit, snapshot, frame, [party], Page(limit=EVENTS_SHOWN)))[0]
    if visit.allows("audit"):
        return await tell_events(visit, snapshot, frame, max(0, snapshot.position - EVENTS_SHOWN), EVENTS_SHOWN)
    return None
