"""Promises: how each stands, and one row per transition, so that any moment of either clock is one query.

What follows from the clock (overdue, unconfirmed, lapsed) is not stored; it is derived for the moment asked about.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.catalogue import PROMISE
from domain.promise.state import Promise
from projections.projection import Entry, Projection, Rows


class PromiseRow(NamedTuple):
    """How a promise stands from an event on."""

    ledger_id: str
    promise_id: UUID
    position: int
    occurred_at: datetime
    promisor: UUID
    promisee: UUID
    assessor: UUID | None
    status: str
    retracted: bool
    started: bool
    behind: bool
    unit: str
    quantity: int
    fraction: float | None
    topic: str | None
    begun_at: datetime
    made_at: datetime | None
    due: datetime | None
    date_asked_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    declined: str | None
    terms_changed: int
    terms_from: UUID | None
    newcomer: UUID | None
    delegated_from: UUID | None
    assigned_from: UUID | None
    disputed_by: UUID | None
    worded_in: int


def fold(rows: Rows, entry: Entry, state: Promise) -> None:
    """Add the row that an entry led to."""
    earlier = dict(state.earlier)  # the last one of each side
    rows[entry.ledger_id, entry.stream_id, entry.position] = PromiseRow(
        ledger_id=entry.ledger_id,
        promise_id=entry.stream_id,
        position=entry.position,
        occurred_at=entry.occurred_at,
        promisor=state.promisor,
        promisee=state.promisee,
        assessor=state.assessor,
        status=state.status,
        retracted=state.retracted_by is not None,
        started=state.started,
        behind=state.behind,
        unit=state.unit,
        quantity=state.quantity,
        fraction=state.fraction,
        topic=state.topic,
        begun_at=state.begun_at,
        made_at=state.made_at,
        due=state.due,
        date_asked_at=state.date_asked_at,
        delivered_at=state.delivered_at,
        ended_at=state.ended_at,
        declined=state.declined,
        terms_changed=state.terms_changed,
        terms_from=None if state.terms is None else state.side(state.terms.side),
        newcomer=None if state.handover is None else state.handover[1],
        delegated_from=earlier.get("promisor"),
        assigned_from=earlier.get("promisee"),
        disputed_by=None if state.dispute is None else state.dispute.by,
        worded_in=state.worded_in,
    )


PROMISES = Projection(
    name="promises",
    fold=fold,
    topics=frozenset(event.TOPIC for event in PROMISE.events),
    reads_state=True,
    row_type="promise_row",
    tables=("promise", "promise_transition"),
    path="projections/promises.sql",
)
