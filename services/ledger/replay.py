"""Stored events folded into rows: the rebuilder's driver of the fold, and the recorder's.

The states that read models look at are built from the log itself. Few are kept, so memory stays flat however long the
log is; a stream that comes back after it was let go is read again.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from domain.catalogue import STREAM_TYPE_OF, STREAM_TYPES
from projections.catalogue import PROJECTIONS, concerns
from projections.projection import Entry, Projection, Rows
from services.database.pool import load_sql
from services.ledger.mapper import decode

STATES_KEPT = 20_000

NOTHING: tuple[int, Any] = (0, None)


class BrokenStreamError(ValueError):
    """A stream's events do not follow each other version by version."""


class Replay:
    """Folds a ledger's entries, handed over in the order of their positions, into the rows of read models."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        ledger_id: str,
        projections: Sequence[Projection] = PROJECTIONS,
        *,
        states_kept: int = STATES_KEPT,
    ) -> None:
        self._connection = connection
        self._ledger_id = ledger_id
        self._projections = projections
        self._states_kept = states_kept
        self._streams: OrderedDict[UUID, tuple[int, Any]] = OrderedDict()
        """By stream: its version and its state."""
        self.state_topics = state_topics(projections)
        self.events = dict.fromkeys((projection.name for projection in projections), 0)
        """By read model: how many events it was folded from."""

    async def fold(self, entries: Sequence[Entry]) -> dict[str, Rows]:
        """The rows that entries lead to, by read model; empty ones are left out."""
        await self._load(entries)
        rows: dict[str, Rows] = {}
        for entry in entries:
            state = None
            if entry.topic in self.state_topics:
                state = self._add(entry.stream_id, entry.version, entry.state)
            for projection in self._projections:
                if concerns(projection, entry):
                    projection.fold(rows.setdefault(projection.name, {}), entry, state)
                    self.events[projection.name] += 1
        while len(self._streams) > self._states_kept:
            self._streams.popitem(last=False)
        return rows

    async def _load(self, entries: Sequence[Entry]) -> None:
        """Load the streams that began before these entries and are not at hand."""
        wanted = set()
        begun = set()
        for entry in entries:
            if entry.topic not in self.state_topics or entry.stream_id in begun:
                continue
            begun.add(entry.stream_id)
            if entry.version > 1 and entry.stream_id not in self._streams:
                wanted.add(entry.stream_id)
        if not wanted:
            return
        sql = load_sql("services/ledger/sql/earlier_events.sql")
        rows = await self._connection.fetch(sql, self._ledger_id, list(wanted), entries[0].position)
        for stream_id, version, state in rows:
            self._add(stream_id, version, state)

    def _add(self, stream_id: UUID, version: int, state: bytes) -> object:
        before, stream_state = self._streams.get(stream_id, NOTHING)
        if version != before + 1:
            raise BrokenStreamError(f"Stream {stream_id} goes from version {before} to {version}.")
        event = decode(state).event
        stream_state = STREAM_TYPE_OF[type(event)].evolve(stream_state, event)
        self._streams[stream_id] = (version, stream_state)
        self._streams.move_to_end(stream_id)
        return stream_state


def state_topics(projections: Sequence[Projection]) -> frozenset[str]:
    """All topics of the stream types whose state one of the read models looks at."""
    read = {topic for projection in projections if projection.reads_state for topic in projection.topics or ()}
    kinds = [kind for kind in STREAM_TYPES if not read.isdisjoint(event.TOPIC for event in kind.events)]
    return frozenset(event.TOPIC for kind in kinds for event in kind.events)
