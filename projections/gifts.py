"""Gifts: the ledger's gift register. What each counts now is the sum of its favour's postings, which events tell."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.favour.events import (
    FavourGiftDeclared,
    FavourGiftOverLimit,
    FavourGiftRefused,
    FavourGiftsOverYearLimit,
)
from projections.projection import Entry, Projection, Rows


class GiftRow(NamedTuple):
    """A gift that was declared, or refused."""

    ledger_id: str
    favour_id: UUID
    position: int
    giver: UUID | None
    receiver: UUID | None
    refused: bool
    unit: str | None
    occurred_at: datetime
    over_limit: bool
    over_year_limit: bool


def fold(rows: Rows, entry: Entry, _state: object) -> None:
    """Add a gift's row, or mark that it crossed a limit; its own event and those of its limits are one decision's."""
    key = (entry.ledger_id, entry.stream_id)
    row = rows.get(key)
    rows[key] = GiftRow(
        *key,
        position=entry.position if row is None else row[2],
        giver=entry.giver,
        receiver=entry.receiver,
        refused=entry.topic == FavourGiftRefused.TOPIC,
        unit=entry.unit if row is None else row[6],
        occurred_at=entry.occurred_at,
        over_limit=entry.topic == FavourGiftOverLimit.TOPIC or (row is not None and row[8]),
        over_year_limit=entry.topic == FavourGiftsOverYearLimit.TOPIC or (row is not None and row[9]),
    )


GIFTS = Projection(
    name="gifts",
    fold=fold,
    topics=frozenset(
        event.TOPIC for event in (FavourGiftDeclared, FavourGiftRefused, FavourGiftOverLimit, FavourGiftsOverYearLimit)
    ),
    reads_state=False,
    row_type="gift_row",
    tables=("gift",),
    path="projections/gifts.sql",
)
