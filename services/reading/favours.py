"""Favours: what one party did for another, as it stands, and everything that was said about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.command import not_found
from domain.event import Who
from domain.favour import Favour
from services.reading.as_of import NOW, Answer, Asked, AsOf, AsOfAnswer, resolve, said
from services.reading.history import HistoryEntry, Past, fold, fold_known, load_histories
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql
from services.reading.words import word

WINDOW = 10_000
"""How many positions of the log one page of a whole ledger looks at, at most."""

Order = Literal["oldest", "newest"]


class FavourView(Struct, frozen=True, kw_only=True):
    """A favour as it stands."""

    id: UUID
    giver: UUID
    receiver: UUID
    unit: str
    quantity: int
    """What counts, or is under dispute; in the unit's smallest division. A retracted one counts nowhere."""
    standing: Literal["recorded", "disputed", "settled", "retracted"]
    acknowledged: bool
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
    (place,) = read_cursor(page.after, a_number) if page.after else (None,)
    stretch = Stretch(place, order, page.limit)
    if party is not None:
        shown, last = await _of_party(snapshot, party, other, stretch)
    elif other is not None:
        raise BadQuestionError("other", "'other' goes with 'party': favours between the two.")
    else:
        shown, last = await _of_all(snapshot, stretch)
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


class Stretch(Struct, frozen=True):
    """After which position, in which direction, and how many."""

    place: int | None
    order: Order
    limit: int

    def sql(self, name: str) -> str:
        """A statement that goes in this direction."""
        after, direction = (">", "ASC") if self.order == "oldest" else ("<", "DESC")
        return sql(name).format(after=after, direction=direction)


async def _of_party(
    snapshot: Snapshot, party: UUID, other: UUID | None, stretch: Stretch
) -> tuple[list[UUID], int | None]:
    """A page of one party's, or of two parties': the streams, and the position after which the next page begins."""
    name, parties = ("favours_of_party", (party,)) if other is None else ("favours_of_pair", (party, other))
    rows = await snapshot.fetch(stretch.sql(name), snapshot.ledger_id, *parties, stretch.place, stretch.limit + 1)
    shown, last = cut(rows, stretch.limit)
    return [row["stream_id"] for row in shown], None if last is None else last["position"]


async def _of_all(snapshot: Snapshot, stretch: Stretch) -> tuple[list[UUID], int | None]:
    """The same of the whole ledger: what a bounded stretch of the log holds."""
    place, head, up = stretch.place, snapshot.position, stretch.order == "oldest"
    if up:
        low = min(place or 0, head) + 1
        high = min(low + WINDOW - 1, head)
    else:
        high = head if place is None else min(place - 1, head)
        low = max(high - WINDOW + 1, 1)
    rows = await snapshot.fetch(stretch.sql("favours"), snapshot.ledger_id, low, high, stretch.limit)
    reached = rows[-1]["position"] if len(rows) == stretch.limit else high if up else low
    more = reached < head if up else reached > 1
    return [row["stream_id"] for row in rows], reached if more else None


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
        acknowledged=state.acknowledged,
        value=state.value,
        what=word(words, "what"),
        note=word(words, "note"),
        occurred_at=recorded.event.occurred_at,
        recorded_at=recorded.recorded_at,
        recorded_by=state.recorded_by,
        recorded_in=history[0].position,
    )
