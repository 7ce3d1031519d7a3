"""Balance: what each party gave each other party, per unit and kind, un-netted; what is disputed stands apart.

A row is directed, giver to receiver; a relationship is the two directions side by side. A balance is the sum of its
events' postings, so rows of a batch are differences that the SQL adds.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from projections.projection import Entry, Projection, Rows, Sums

EPOCH = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
"""Stands for never, where only corrections were folded so far."""

GIVING = frozenset(
    {
        "favour.recorded",
        "favour.gift_declared",
        "introduction.made",
        "promise.accepted",
        "promise.accepted_in_part",
        "promise.assessed",
    }
)
"""The topics that say that something was given, rather than correct what was said before."""


class BalanceRow(NamedTuple):
    """What one party gave another, in one unit and kind; quantities in the unit's smallest division."""

    ledger_id: str
    giver: UUID
    receiver: UUID
    unit: str
    kind: str
    quantity: int
    counted: int
    """The column ``count``; a tuple has a method of that name."""
    disputed: int
    disputed_count: int
    last_at: datetime


def fold(rows: Rows, entry: Entry, _state: object) -> None:
    """Add an entry's posting: to the receiver's row, and to the third party's for an introduction."""
    _add(rows, entry, entry.receiver)
    if entry.third is not None:
        _add(rows, entry, entry.third)


def _add(rows: Rows, entry: Entry, receiver: UUID | None) -> None:
    topic = entry.topic
    key = (entry.ledger_id, entry.giver, receiver, entry.unit, topic.partition(".")[0])
    disputes = (entry.disputed > 0) - (entry.disputed < 0)
    gave_at = entry.occurred_at if topic in GIVING and entry.counted > 0 else EPOCH
    before = rows.get(key)
    if before is None:
        rows[key] = (*key, entry.quantity, entry.counted, entry.disputed, disputes, gave_at)
        return
    _, _, _, _, _, quantity, count, disputed, disputed_count, last_at = before
    rows[key] = (
        *key,
        quantity + entry.quantity,
        count + entry.counted,
        disputed + entry.disputed,
        disputed_count + disputes,
        max(last_at, gave_at),
    )


BALANCE = Projection(
    name="balance",
    fold=fold,
    topics=None,
    reads_state=False,
    row_type="balance_row",
    tables=("balance",),
    path="projections/balance.sql",
    sums=Sums("projections/balance_sums.sql", (tuple(sorted(GIVING)),)),
)
