"""The gift register: which gifts were taken or refused, and which of them crossed a limit of the policy then."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.favour.commands import Gift
from domain.favour.events import FavourGiftDeclared, FavourGiftRefused
from services.ledger.mapper import Recorded, decode
from services.reading.aliases import read_aliases
from services.reading.as_of import NOW, Asked, AsOfAnswer, resolve, said
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.snapshot import Snapshot, sql
from services.reading.words import Words, open_all, word


class GiftFilter(Struct, frozen=True, kw_only=True):
    """Which gifts a question is about; all of what is given has to hold."""

    giver: UUID | None = None
    receiver: UUID | None = None
    gift: Gift | None = None
    crossing: bool | None = None
    """Whether it crossed one of the policy's limits."""


ALL = GiftFilter()


class GiftLine(Struct, frozen=True, kw_only=True):
    """A gift on the register."""

    id: UUID
    """The favour's."""
    giver: UUID
    receiver: UUID
    gift: Gift
    unit: str
    quantity: int
    """What it was worth when it was recorded, in the unit's smallest division."""
    counts: int
    """What of it counts at the moment asked about: nothing where it was refused, disputed or retracted."""
    over_limit: bool
    """It was worth more than the limit for one gift."""
    over_year_limit: bool
    """It was in 12 months whose gifts from that giver were worth more than the limit."""
    topic: str | None
    what: str | None
    note: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_in: int
    """The position of the event that recorded it."""


class GiftPage(AsOfAnswer, frozen=True, kw_only=True):
    """Gifts in the order in which they were recorded."""

    items: tuple[GiftLine, ...]
    next: str | None


async def list_gifts(snapshot: Snapshot, chosen: GiftFilter = ALL, asked: Asked = NOW, page: Page = FIRST) -> GiftPage:
    """A page of the register as of a moment."""
    (place,) = read_cursor(page.after, a_number) if page.after else (None,)
    as_of = await resolve(snapshot, asked)
    merges = (await read_aliases(snapshot, as_of)).merges
    rows = await snapshot.fetch(
        sql("gifts"),
        snapshot.ledger_id,
        as_of.position,
        as_of.occurred,
        None if chosen.giver is None else merges.set_of(chosen.giver),
        None if chosen.receiver is None else merges.set_of(chosen.receiver),
        None if chosen.gift is None else chosen.gift == "refused",
        chosen.crossing,
        place,
        page.limit + 1,
    )
    shown, last = cut(rows, page.limit)
    events = [decode(row["state"]) for row in shown]
    words = await open_all(snapshot, events)
    return GiftPage(
        **said(as_of),
        items=tuple(_line(*one) for one in zip(shown, events, words, strict=True)),
        next=None if last is None else str(last["position"]),
    )


def _line(row: asyncpg.Record, recorded: Recorded, words: Words | None) -> GiftLine:
    event = recorded.event
    assert isinstance(event, FavourGiftDeclared | FavourGiftRefused)
    if isinstance(event, FavourGiftRefused):
        unit, quantity = event.unit, event.quantity
    else:
        assert event.posting is not None
        unit, quantity = event.posting.unit, event.posting.quantity
    return GiftLine(
        id=row["favour_id"],
        giver=event.giver,
        receiver=event.receiver,
        gift="refused" if row["refused"] else "declared",
        unit=unit,
        quantity=quantity,
        counts=row["counts"],
        over_limit=row["over_limit"],
        over_year_limit=row["over_year_limit"],
        topic=event.topic,
        what=word(words, "what"),
        note=word(words, "note"),
        occurred_at=event.occurred_at,
        recorded_at=recorded.recorded_at,
        recorded_in=row["position"],
    )
