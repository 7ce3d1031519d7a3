"""Histories: the events of streams in order, with their words opened."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from domain.catalogue import STREAM_TYPE_OF
from domain.event import Posting, Who
from services.ledger.mapper import Recorded, decode
from services.reading.as_of import AsOf
from services.reading.snapshot import Snapshot, sql
from services.reading.words import open_all

State = TypeVar("State")

SAID_ELSEWHERE = frozenset(
    {
        *("occurred_at", "who", "posting", "giver", "receiver", "promisor", "promisee"),
        *("introducer", "first", "second", "initiator", "other"),
    }
)
"""Fields that an entry has of its own, or that are the same in all of a stream's events."""


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One event of a stream."""

    position: int
    version: int
    """Its place in the stream."""
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    who: Who
    posting: Posting | None
    """What it added to the balance, in the unit's smallest division."""
    facts: dict[str, Any]
    """What else it says, by field; words are in ``words``."""
    words: dict[str, Any] | None
    """What people wrote, by field; null where a key is gone, so that nobody can read it any more."""


class Past(Struct, frozen=True):
    """A stored event of a stream, with its words."""

    position: int
    recorded: Recorded
    words: dict[str, Any] | None

    def as_entry(self) -> HistoryEntry:
        """The event as an answer shows it."""
        event = self.recorded.event
        hidden = SAID_ELSEWHERE.union(event.WORDS)
        return HistoryEntry(
            position=self.position,
            version=self.recorded.originator_version,
            topic=event.TOPIC,
            occurred_at=event.occurred_at,
            recorded_at=self.recorded.recorded_at,
            who=event.who,
            posting=event.posting,
            facts={name: value for name, value in msgspec.to_builtins(event).items() if name not in hidden},
            words=self.words,
        )


async def load_histories(snapshot: Snapshot, streams: Iterable[UUID], as_of: AsOf) -> dict[UUID, list[Past]]:
    """The events of each stream until a moment, in order; a stream that has none is left out."""
    rows = await snapshot.fetch(sql("histories"), snapshot.ledger_id, list(streams), as_of.position, as_of.occurred)
    return await open_histories(snapshot, rows)


async def open_histories(snapshot: Snapshot, rows: Sequence[Record]) -> dict[UUID, list[Past]]:
    """The events of each stream by its rows in order, with the words of all."""
    events = [decode(row["state"]) for row in rows]
    histories: dict[UUID, list[Past]] = {}
    for row, event, words in zip(rows, events, await open_all(snapshot, events), strict=True):
        histories.setdefault(row["stream_id"], []).append(Past(row["position"], event, words))
    return histories


def fold(history: Sequence[Past], kind: type[State]) -> State | None:
    """The state that a stream's events add up to; ``None`` where there are none, or they are of another kind."""
    state = None
    for past in history:
        event = past.recorded.event
        state = STREAM_TYPE_OF[type(event)].evolve(state, event)
    return state if isinstance(state, kind) else None


def fold_known(history: Sequence[Past], kind: type[State]) -> State:
    """The state of a stream that is known to be of this kind."""
    state = fold(history, kind)
    assert state is not None
    return state
