"""The log itself: a ledger's events by position, as they are stored.

``event`` holds the canonical bytes, field by field as they were hashed; the words in them are sealed. Read aloud on
request (``words``), they stand beside. It is for whoever audits the ledger, and keeps nothing back but from a key that
is bound to parties: what is another party's own matter (``Event.private_to``) is withheld from that one.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.refusal import Refusal
from services.ledger.mapper import decode
from services.reading.as_of import Answer
from services.reading.choice import ALL, Choice
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.reader import ADMINISTRATOR, Reader
from services.reading.snapshot import Snapshot, sql
from services.reading.words import open_all

EVENTS_LIMIT = 1000
SPAN = 10_000
"""How many positions one page looks through for the events that are wanted."""


class LoggedEvent(Struct, frozen=True, kw_only=True):
    """An event at its position."""

    position: int
    event: msgspec.Raw | None
    """The canonical bytes, which are JSON; null where they are withheld from this key."""
    words: dict[str, Any] | UnsetType | None = UNSET
    """What people wrote, by field, where it was asked for; null where a key is gone."""


class EventAnswer(Answer, frozen=True, kw_only=True):
    """One event of the log."""

    event: LoggedEvent


class EventPage(Answer, frozen=True, kw_only=True):
    """Events by position, without a gap where all are wanted.

    Where ``next`` is null this is all up to ``position``: what comes later comes after that.
    """

    items: tuple[LoggedEvent, ...]
    next: str | None


async def list_events(
    snapshot: Snapshot,
    page: Page = FIRST,
    *,
    choice: Choice = ALL,
    words: bool = False,
    reader: Reader = ADMINISTRATOR,
) -> EventPage:
    """A page of the log. One that looks for some topics or a party may be empty, and yet have a next."""
    rows, end = await fetch_events(snapshot, place_of(page), page.limit, choice)
    return EventPage(
        position=snapshot.position,
        items=tuple(await logged(snapshot, rows, reader, choice, words=words)),
        next=None if end >= snapshot.position else str(end),
    )


def place_of(page: Page) -> int:
    """The position after which a page begins. Raises ``BadQuestionError``."""
    (place,) = read_cursor(page.after, a_number) if page.after else (0,)
    return int(place)


async def fetch_events(
    snapshot: Snapshot, place: int, limit: int, choice: Choice = ALL
) -> tuple[Sequence[tuple[int, bytes]], int]:
    """The next wanted events after a place, with the position up to which these are all."""
    upto = snapshot.position if choice.is_all else min(place + SPAN, snapshot.position)
    topics = None if choice.topics is None else list(choice.topics)
    rows = await snapshot.fetch(sql("events_wanted"), snapshot.ledger_id, place, limit + 1, upto, topics, choice.party)
    shown, last = cut([(row["position"], row["state"]) for row in rows], limit)
    return shown, upto if last is None else last[0]


async def read_event(
    snapshot: Snapshot, position: int, *, words: bool = False, reader: Reader = ADMINISTRATOR
) -> EventAnswer:
    """One event. Raises ``Refusal`` where the log does not reach that far."""
    if not 1 <= position <= snapshot.position:
        raise Refusal("event_not_found", "There is no event at this position.")
    rows, _ = await fetch_events(snapshot, position - 1, 1)
    (event,) = await logged(snapshot, rows, reader, words=words)
    return EventAnswer(position=snapshot.position, event=event)


async def logged(
    snapshot: Snapshot, rows: Sequence[tuple[int, bytes]], reader: Reader, choice: Choice = ALL, *, words: bool
) -> list[LoggedEvent]:
    """Events as this reader may see them.

    What is withheld stands as null where all are wanted, and is left out where only some are: that it was wanted would
    tell its topic or its party.
    """
    if not words and reader.parties is None:
        return [LoggedEvent(position=position, event=msgspec.Raw(state)) for position, state in rows]
    events = [decode(state) for _, state in rows]
    opened = await open_all(snapshot, events) if words else [UNSET] * len(events)
    return [
        LoggedEvent(position=position, event=msgspec.Raw(state), words=read)
        if reader.may_see(event.event)
        else LoggedEvent(position=position, event=None)
        for (position, state), event, read in zip(rows, events, opened, strict=True)
        if choice.is_all or reader.may_see(event.event)
    ]
