"""The same answers from the events alone, in plain Python: what the read side is compared with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.catalogue import STREAM_TYPE_OF
from domain.ledger import Ledger
from domain.merges import Merges
from domain.party import Party
from domain.policy import Policy
from domain.promise.state import Promise
from projections import balance
from projections.projection import Entry, Rows
from services.ledger.mapper import decode
from services.reading.audit_figures import COUNTS, Totals
from services.reading.balance import Relationship, UnitBalance
from services.service import Service


async def load_log(service: Service, ledger_id: str) -> list[Entry]:
    rows = await service.pool.fetch("SELECT * FROM event WHERE ledger_id = $1 ORDER BY position", ledger_id)
    return [Entry(*row.values()) for row in rows]


def until(log: Iterable[Entry], *, position: int | None = None, occurred: datetime | None = None) -> list[Entry]:
    return [
        entry
        for entry in log
        if (position is None or entry.position <= position) and (occurred is None or entry.occurred_at <= occurred)
    ]


def states(log: Iterable[Entry]) -> dict[UUID, Any]:
    found: dict[UUID, Any] = {}
    for entry in log:
        event = decode(entry.state).event
        found[entry.stream_id] = STREAM_TYPE_OF[type(event)].evolve(found.get(entry.stream_id), event)
    return found


def policy(log: Sequence[Entry], first: Policy) -> Policy:
    found = [state.policy for state in states(log).values() if isinstance(state, Ledger)]
    return found[0] if found else first


def merges(log: Iterable[Entry]) -> Merges:
    """Which parties are one."""
    into = {
        stream: state.merged_into
        for stream, state in states(log).items()
        if isinstance(state, Party) and state.merged_into
    }
    return Merges(into)


Sides = dict[tuple[UUID, UUID, str, str], tuple[int, int, int, int, datetime | None]]
"""By giver, receiver, unit and kind: quantity, count, disputed, disputed count, last given."""


def sides(log: Sequence[Entry]) -> Sides:
    rows: Rows = {}
    for entry in log:
        if entry.unit is not None:
            balance.fold(rows, entry, None)
    one = merges(log)
    found: Sides = {}
    for _, giver, receiver, unit, kind, quantity, count, disputed, disputed_count, last_at in rows.values():
        if one.same(giver, receiver):
            continue
        key = (one.root(giver), one.root(receiver), unit, kind)
        before = found.get(key, (0, 0, 0, 0, None))
        moments = [moment for moment in (before[4], last_at if count else None) if moment]
        sums = (before[0] + quantity, before[1] + count, before[2] + disputed, before[3] + disputed_count)
        found[key] = (*sums, max(moments, default=None))
    return found


def sides_of(relationships: Iterable[Relationship]) -> Sides:
    found: Sides = {}
    for relationship in relationships:
        for unit in relationship.units:
            check_sums(unit)
            for kind in unit.kinds:
                for giver, receiver, side in (
                    (relationship.a, relationship.b, kind.given),
                    (relationship.b, relationship.a, kind.received),
                ):
                    figures = (side.quantity, side.count, side.disputed, side.disputed_count, side.last_at)
                    found[giver, receiver, unit.unit, kind.kind] = figures
    return found


def check_sums(unit: UnitBalance) -> None:
    for name in ("quantity", "count", "disputed", "disputed_count"):
        assert getattr(unit.given, name) == sum(getattr(kind.given, name) for kind in unit.kinds)
        assert getattr(unit.received, name) == sum(getattr(kind.received, name) for kind in unit.kinds)
    assert unit.net == unit.given.quantity - unit.received.quantity == sum(kind.net for kind in unit.kinds)


def without_zeros(found: Sides) -> Sides:
    """Where only one direction ever was, the other reads as zeros."""
    return {key: side for key, side in found.items() if side != (0, 0, 0, 0, None)}


def standing(promise: Promise, moment: datetime, agreed: Policy) -> tuple[str, bool, bool]:
    """Standing, overdue, behind: the definitions of services/reading/standing.py once more."""
    grace, window = timedelta(days=agreed.grace_days), timedelta(days=agreed.window_days)
    due = promise.due or (promise.date_asked_at and promise.date_asked_at + window)
    deadline = None if due is None else due + grace
    if promise.retracted_by is not None:
        return "retracted", False, False
    if promise.status == "kept":
        assert promise.delivered_at is not None
        return "kept_late" if deadline and promise.delivered_at > deadline else "kept_on_time", False, False
    if promise.status == "reported":
        assert promise.delivered_at is not None
        return "unconfirmed" if moment > promise.delivered_at + window else "reported", False, False
    if promise.status != "promised":
        lapsed = promise.made_at is None and promise.ended_at is None and moment > promise.latest + window
        return "lapsed" if lapsed else promise.status, False, False
    if deadline and moment > max(deadline, promise.latest) + window:
        return "unconfirmed", False, False
    late = deadline is not None and moment > deadline
    return "in_progress" if promise.started else "not_started", late, promise.behind


def totals(log: Sequence[Entry], moment: datetime, agreed: Policy) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    promised: Counter[str] = Counter()
    delivered: Counter[str] = Counter()
    one = merges(log)
    for promise in states(log).values():
        if not isinstance(promise, Promise) or one.same(promise.promisor, promise.promisee):
            continue
        stands, overdue, behind = standing(promise, moment, agreed)
        counts[stands] += 1
        counts["overdue"] += overdue
        counts["behind"] += behind
        if stands != "retracted" and promise.made_at is not None:
            counts["made"] += 1
            promised[promise.unit] += promise.quantity
            delivered[promise.unit] += promise.counts().quantity
    return {**counts, "promised": dict(promised), "delivered": dict(delivered)}


def deciding(log: Sequence[Entry]) -> dict[UUID, bool]:
    """By promise: whether the event that first said how it ended was the assessor's word."""
    ends: dict[UUID, dict[Any, bool]] = {}
    found = states(log)
    now: dict[UUID, Any] = {}
    for entry in log:
        event = decode(entry.state).event
        state = now[entry.stream_id] = STREAM_TYPE_OF[type(event)].evolve(now.get(entry.stream_id), event)
        if isinstance(state, Promise):
            settled = entry.topic == "promise.settled" and event.who.by == state.assessor
            assessed = settled or entry.topic == "promise.assessed"
            ends.setdefault(entry.stream_id, {}).setdefault((state.status, state.ended_at), assessed)
    return {stream: ways[found[stream].status, found[stream].ended_at] for stream, ways in ends.items()}


def trust(log: Sequence[Entry], party: UUID, moment: datetime, agreed: Policy) -> tuple[float, float]:
    """The evidence for and against a party: the design's formulas once more."""
    r = s = 0.0
    one, assessed = merges(log), deciding(log)
    for stream, promise in states(log).items():
        if not isinstance(promise, Promise) or not one.same(promise.promisor, party):
            continue
        if promise.retracted_by is not None or one.same(promise.promisor, promise.promisee):
            continue
        if one.same(promise.promisor, promise.assessor) and assessed[stream]:
            continue
        if promise.ended_at is None or promise.made_at is None:
            continue
        weight = 0.5 ** ((moment - promise.ended_at).total_seconds() / 86400 / agreed.half_life_days)
        share = {"kept": 1.0, "partly_kept": promise.fraction, "broken": 0.0}.get(promise.status)
        if share is not None:
            r, s = r + weight * share, s + weight * (1 - share)
        elif promise.status == "reneged":
            notice = 1.0
            if due := promise.due_by(agreed):
                left, lead = due - promise.ended_at, due - promise.made_at
                notice = max(0.0, left / lead)
            s += weight * (1 - notice / 2)
    return r, s


def check_totals(found: Totals, expected: dict[str, Any]) -> None:
    """Every figure as expected, and the parts adding up to what was made."""
    for name in COUNTS:
        if name not in {"open", "kept"}:
            assert getattr(found, name) == expected.get(name, 0), name
    assert {line.unit: line.promised for line in found.quantities} == expected["promised"]
    assert {line.unit: line.delivered for line in found.quantities} == expected["delivered"]
    assert found.open == found.not_started + found.in_progress + found.reported
    assert found.kept == found.kept_on_time + found.kept_late
    parts = (found.open, found.kept, found.partly_kept, found.broken, found.reneged, found.released)
    assert found.made == sum(parts) + found.disputed + found.unconfirmed
