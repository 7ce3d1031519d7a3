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
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.reader import ADMINISTRATOR, Reader
from services.reading.snapshot import Snapshot, sql
from services.reading.words import open_all

EVENTS_LIMIT = 1000


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
    """Events by position, without a gap."""

    items: tuple[LoggedEvent, ...]
    next: str | None


async def list_events(
    snapshot: Snapshot, page: Page = FIRST, *, words: bool = False, reader: Reader = ADMINISTRATOR
) -> EventPage:
    """A page of the log."""
    (place,) = read_cursor(page.after, a_number) if page.after else (0,)
    rows = await snapshot.fetch(sql("events"), snapshot.ledger_id, place, page.limit + 1)
    shown, last = cut([(row["position"], row["state"]) for row in rows], page.limit)
    return EventPage(
        position=snapshot.position,
        items=tuple(await _logged(snapshot, shown, reader, words=words)),
        next=None if last is None else str(last[0]),
    )


async def read_event(
    snapshot: Snapshot, position: int, *, words: bool = False, reader: Reader = ADMINISTRATOR
) -> EventAnswer:
    """One event. Raises ``Refusal`` where the log does not reach that far."""
    if not 1 <= position <= snapshot.position:
        raise Refusal("event_not_found", "There is no event at this position.")
    rows = await snapshot.fetch(sql("events"), snapshot.ledger_id, position - 1, 1)
    (event,) = await _logged(snapshot, [(row["position"], row["state"]) for row in rows], reader, words=words)
    return EventAnswer(position=snapshot.position, event=event)


async def _logged(
    snapshot: Snapshot, rows: Sequence[tuple[int, bytes]], reader: Reader, *, words: bool
) -> list[LoggedEvent]:
    if not words and reader.parties is None:
        return [LoggedEvent(position=position, event=msgspec.Raw(state)) for position, state in rows]
    events = [decode(state) for _, state in rows]
    opened = await open_all(snapshot, events) if words else [UNSET] * len(events)
    return [
        LoggedEvent(position=position, event=msgspec.Raw(state), words=read)
        if reader.may_see(event.event)
        else LoggedEvent(position=position, event=None)
        for (position, state), event, read in zip(rows, events, opened, strict=True)
    ]
