"""Attention: how close parties say that others are to them. Closeness sets how often a tie asks for attention.

When the two last had to do with each other is not stored: the events' own indexes by party tell, as of any moment.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.catalogue import TIE
from domain.tie import Closeness, Tie
from projections.projection import Entry, Projection, Rows


class TieRow(NamedTuple):
    """How close a party says that another is to it, from a position on."""

    ledger_id: str
    party: UUID
    other: UUID
    position: int
    occurred_at: datetime
    closeness: Closeness | None
    """``None`` from where it was taken back."""


def fold(rows: Rows, entry: Entry, state: Tie) -> None:
    """Add the row that an entry led to."""
    key = (entry.ledger_id, state.party, state.other, entry.position)
    rows[key] = TieRow(*key, entry.occurred_at, state.closeness)


ATTENTION = Projection(
    name="attention",
    fold=fold,
    topics=frozenset(event.TOPIC for event in TIE.events),
    reads_state=True,
    row_type="tie_row",
    tables=("tie",),
    path="projections/attention.sql",
)
