"""The log itself: a ledger's events by position, as they are stored.

``event`` holds the canonical bytes, field by field as they were hashed; the words in them are sealed. Read aloud on
request (``words``), they stand beside. The log keeps nothing back, answers to introductions that are still private
included: it is for whoever audits the ledger.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.refusal import Refusal
from services.ledger.mapper import decode
from services.reading.as_of import Answer
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.snapshot import Snapshot, sql
from services.reading.words import open_all

EVENTS_LIMIT = 1000


class LoggedEvent(Struct, frozen=True, kw_only=True):
    """An event at its position."""

    position: int
    event: msgspec.Raw
    """The canonical bytes, which are JSON."""
    words: dict[str, Any] | UnsetType | None = UNSET
    """What people wrote, by field, where it was asked for; null where a key is gone."""


class EventAnswer(Answer, frozen=True, kw_only=True):
    """One event of the log."""

    event: LoggedEvent


class EventPage(Answer, frozen=True, kw_only=True):
    """Events by position, without a gap."""

    items: tuple[LoggedEvent, ...]
    next: str | None


async def list_events(snapshot: Snapshot, page: Page = FIRST, *, words: bool = False) -> EventPage:
    """A page of the log."""
    (place,) = read_cursor(page.after, a_number) if page.after else (0,)
    rows = await snapshot.fetch(sql("events"), snapshot.ledger_id, place, page.limit + 1)
    shown, last = cut([(row["position"], row["state"]) for row in rows], page.limit)
    return EventPage(
        position=snapshot.position,
        items=tuple(await _logged(snapshot, shown, words=words)),
        next=None if last is None else str(last[0]),
    )


async def read_event(snapshot: Snapshot, position: int, *, words: bool = False) -> EventAnswer:
    """One event. Raises ``Refusal`` where the log does not reach that far."""
    if not 1 <= position <= snapshot.position:
        raise Refusal("event_not_found", "There is no event at this position.")
    rows = await snapshot.fetch(sql("events"), snapshot.ledger_id, position - 1, 1)
    (event,) = await _logged(snapshot, [(row["position"], row["state"]) for row in rows], words=words)
    return EventAnswer(position=snapshot.position, event=event)


async def _logged(snapshot: Snapshot, rows: Sequence[tuple[int, bytes]], *, words: bool) -> list[LoggedEvent]:
    if not words:
        return [LoggedEvent(position=position, event=msgspec.Raw(state)) for position, state in rows]
    opened = await open_all(snapshot, [decode(state) for _, state in rows])
    return [
        LoggedEvent(position=position, event=msgspec.Raw(state), words=read)
        for (position, state), read in zip(rows, opened, strict=True)
    ]
