"""Introductions: how each stands, and one row per transition, so that any moment of either clock is one query.

Who of the two answered what is in no row: it is private, and stays in the events.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.catalogue import INTRODUCTION
from domain.introduction.events import Outcome
from domain.introduction.state import Introduction, Status
from projections.projection import Entry, Projection, Rows


class IntroductionRow(NamedTuple):
    """How an introduction stands from an event on."""

    ledger_id: str
    introduction_id: UUID
    position: int
    occurred_at: datetime
    introducer: UUID
    first: UUID
    second: UUID
    status: Status
    answered: int
    met: bool
    """Whether either said so; the same of the three below."""
    useful: bool
    led_to: bool
    came_to_nothing: bool
    grown: int
    """How many favours and promises were named that grew from it."""


def fold(rows: Rows, entry: Entry, state: Introduction) -> None:
    """Add the row that an entry led to."""
    said: set[Outcome] = {outcome for _, outcome, _ in state.outcomes}
    rows[entry.ledger_id, entry.stream_id, entry.position] = IntroductionRow(
        ledger_id=entry.ledger_id,
        introduction_id=entry.stream_id,
        position=entry.position,
        occurred_at=entry.occurred_at,
        introducer=state.introducer,
        first=state.first,
        second=state.second,
        status=state.status,
        answered=len(state.answers),
        met="met" in said,
        useful="useful" in said,
        led_to="led_to" in said,
        came_to_nothing="came_to_nothing" in said,
        grown=len({grown for _, _, led_to in state.outcomes for grown in led_to}),
    )


INTRODUCTIONS = Projection(
    name="introductions",
    fold=fold,
    topics=frozenset(event.TOPIC for event in INTRODUCTION.events),
    reads_state=True,
    row_type="introduction_row",
    tables=("introduction", "introduction_transition"),
    path="projections/introductions.sql",
)
