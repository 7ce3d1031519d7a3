"""Favours: what one party did for another, as it stands, and everything that was said about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.command import not_found
from domain.event import Who
from domain.favour.commands import Gift
from domain.favour.events import FavourGiftDeclared, FavourGiftRefused, FavourRecorded
from domain.favour.state import Favour
from services.reading.as_of import NOW, Answer, Asked, AsOf, AsOfAnswer, resolve, said
from services.reading.begun import Order, list_begun
from services.reading.history import HistoryEntry, Past, fold, fold_known, load_histories
from services.reading.pages import FIRST, Page
from services.reading.snapshot import Snapshot
from services.reading.words import word

BEGUN = (FavourRecorded.TOPIC, FavourGiftDeclared.TOPIC, FavourGiftRefused.TOPIC)
"""The topics with which a favour begins."""


class FavourView(Struct, frozen=True, kw_only=True):
    """A favour as it stands."""

    id: UUID
    giver: UUID
    receiver: UUID
    unit: str
    quantity: int
    """What counts, or is under dispute; in the unit's smallest division. A retracted one counts nowhere."""
    standing: Literal["recorded", "disputed", "settled", "retracted"]
    gift: Gift | None
    """Set where it is on the gift register; a refused one counts nowhere."""
    topic: str | None
    acknowledged: bool
    thanked: bool
    value: int | None
    """What it was worth to the receiver, -10 to 10, where it said so."""
    what: str | None
    note: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: Who
    recorded_in: int
    """The position of the event that recorded it."""


class FavourAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One favour with its history."""

    favour: FavourView
    history: tuple[HistoryEntry, ...]


class FavourPage(Answer, frozen=True, kw_only=True):
    """Favours in the order in which they were recorded."""

    items: tuple[FavourView, ...]
    """A page may hold fewer than were asked for, even none: only ``next`` tells whether more follow."""
    next: str | None


async def list_favours(
    snapshot: Snapshot,
    *,
    party: UUID | None = None,
    other: UUID | None = None,
    order: Order = "oldest",
    page: Page = FIRST,
) -> FavourPage:
    """A page of favours: all, or those that a party gave or received, or those between two."""
    shown, last = await list_begun(snapshot, BEGUN, party, other, order, page)
    histories = await load_histories(snapshot, shown, AsOf(snapshot.position, snapshot.now))
    return FavourPage(
        position=snapshot.position,
        items=tuple(_view(stream, histories[stream]) for stream in shown),
        next=None if last is None else str(last),
    )


async def read_favour(snapshot: Snapshot, favour: UUID, asked: Asked = NOW) -> FavourAnswer:
    """One favour as of a moment. Raises ``Refusal`` where there was none."""
    as_of = await resolve(snapshot, asked)
    history = (await load_histories(snapshot, [favour], as_of)).get(favour)
    if history is None or fold(history, Favour) is None:
        raise not_found("favour")
    return FavourAnswer(
        **said(as_of), favour=_view(favour, history), history=tuple(past.as_entry() for past in history)
    )


def _view(favour: UUID, history: Sequence[Past]) -> FavourView:
    recorded, words = history[0].recorded, history[0].words
    state = fold_known(history, Favour)
    return FavourView(
        id=favour,
        giver=state.giver,
        receiver=state.receiver,
        unit=state.unit,
        quantity=state.quantity,
        standing="retracted" if state.retracted_by else state.status,
        gift=state.gift,
        topic=state.topic,
        acknowledged=state.acknowledged,
        thanked=state.thanked,
        value=state.value,
        what=word(words, "what"),
        note=word(words, "note"),
        occurred_at=recorded.event.occurred_at,
        recorded_at=recorded.recorded_at,
        recorded_by=state.recorded_by,
        recorded_in=history[0].position,
    )
