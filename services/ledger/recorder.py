"""One ledger as the ``eventsourcing`` library's recorder: its stored events, notifications and errors, over asyncpg.

For the library's own tools, and for those who know them. It stores through the clerk's append, so heads, positions
and read models hold; rules, sealing, keys and references are the clerk's, and whoever writes here answers for them.
A notification's id is the event's position in the ledger. Events of topics that are not ours are stored as they come,
with empty typed columns, and no read model sees them.

The library calls and waits, so the connections live on an event loop in a thread of its own.
"""

import asyncio
import functools
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self, TypeVar, cast
from uuid import UUID

import asyncpg
import msgspec
from eventsourcing import persistence
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    PersistenceError,
    StoredEvent,
    Subscription,
)

from domain.catalogue import TOPICS
from projections.projection import Entry
from services.database.ledgers import name_ledgers
from services.database.pool import create_pool, load_sql
from services.ledger.append import Batch, Head, append
from services.ledger.mapper import UnknownTopicError, decode, entry_of
from services.ledger.replay import BrokenStreamError, Replay

CONNECTIONS = 4
PAGE = 500
POLL_S = 0.1

ERRORS: dict[str, type[PersistenceError]] = {
    "08": persistence.OperationalError,
    "0A": persistence.NotSupportedError,
    "22": persistence.DataError,
    "23": persistence.IntegrityError,
    "25": persistence.InternalError,
    "28": persistence.OperationalError,
    "3D": persistence.ProgrammingError,
    "3F": persistence.ProgrammingError,
    "40": persistence.OperationalError,
    "42": persistence.ProgrammingError,
    "53": persistence.OperationalError,
    "54": persistence.OperationalError,
    "55": persistence.OperationalError,
    "57": persistence.OperationalError,
    "58": persistence.OperationalError,
    "XX": persistence.InternalError,
}
"""By class of SQLSTATE: the library's error (those of PEP 249), as psycopg sorts them."""

Result = TypeVar("Result")


@contextmanager
def library_errors() -> Iterator[None]:
    """Raise the library's errors in place of asyncpg's."""
    try:
        yield
    except asyncpg.PostgresError as error:
        kind = ERRORS.get((error.sqlstate or "")[:2], persistence.DatabaseError)
        raise kind(str(error)) from error
    except asyncpg.InterfaceError as error:
        raise persistence.InterfaceError(str(error)) from error
    except asyncpg.InternalClientError as error:
        raise persistence.InternalError(str(error)) from error
    except OSError as error:
        raise persistence.OperationalError(str(error)) from error
    except BrokenStreamError as error:
        raise persistence.IntegrityError(str(error)) from error
    except (msgspec.DecodeError, UnknownTopicError) as error:
        raise persistence.DataError(str(error)) from error


async def _open(url: str, ledger_id: str, connections: int) -> asyncpg.Pool:
    """Connections that see the ledger. Raises where the server is not there."""
    name = functools.partial(name_ledgers, ledgers=ledger_id)
    pool = await create_pool(url, max_size=connections, role="requite_service", setup=name)
    async with pool.acquire():
        return pool


class LedgerAggregateRecorder(AggregateRecorder):
    """Streams of one ledger. Raises the library's errors; close it after use, or use it in a ``with`` block."""

    def __init__(
        self,
        url: str,
        ledger_id: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        connections: int = CONNECTIONS,
    ) -> None:
        self._ledger_id = ledger_id
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="requite-recorder", daemon=True)
        self._thread.start()
        try:
            self._pool = self._wait_for(_open(url, ledger_id, connections))
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish what is under way, disconnect and end the thread."""
        try:
            self._wait_for(self._pool.close())
        finally:
            self._stop()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: object) -> Sequence[int] | None:
        """Store events in one commit, all or none."""
        self._record(stored_events, kwargs)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream, by version."""
        sql = load_sql("services/ledger/sql/stream_events.sql").format(direction="DESC" if desc else "ASC")
        rows = self._fetch(sql, _uuid(originator_id), gt, lte, limit)
        return [StoredEvent(_uuid(stream_id), version, topic, state) for stream_id, version, topic, state in rows]

    def _record(self, stored_events: Sequence[StoredEvent], beside: Mapping[str, object]) -> list[int]:
        if beside:
            raise persistence.NotSupportedError(f"This recorder stores nothing beside events: {', '.join(beside)}.")
        return self._wait_for(self._append(stored_events)) if stored_events else []

    async def _append(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        """Append behind the last event; whoever else writes to this ledger waits, or is waited for."""
        ledger_id = self._ledger_id
        async with self._pool.acquire() as proxy, proxy.transaction():
            connection = cast("asyncpg.Connection", proxy)  # it passes every call on
            row = await connection.fetchrow(load_sql("services/ledger/sql/lock_head.sql"), ledger_id)
            if row is None:
                raise persistence.ProgrammingError(f"There is no ledger {ledger_id!r}.")
            head = Head(row["position"], row["recorded_at"])
            batch = Batch(expected={ledger_id: head.position})
            for stored_event in stored_events:
                entry = self._entry(stored_event, head)
                batch.entries.append(entry)
                head = Head(entry.position, entry.recorded_at)
            batch.heads[ledger_id] = head
            batch.read_models = await Replay(connection, ledger_id).fold(batch.entries)
            moved = await append(connection, batch)
            assert not moved, "a locked head does not move"
        return [entry.position for entry in batch.entries]

    def _entry(self, stored_event: StoredEvent, head: Head) -> Entry:
        position = head.position + 1
        stream_id, version = _uuid(stored_event.originator_id), stored_event.originator_version
        topic, state = stored_event.topic, stored_event.state
        if topic not in TOPICS:
            recorded_at = max(self._clock(), head.recorded_at)
            place = (self._ledger_id, position, stream_id, version, topic)
            return Entry(*place, None, None, None, None, 0, 0, 0, recorded_at, recorded_at, state)
        recorded = decode(state)
        event = recorded.event
        said = (recorded.ledger_id, recorded.originator_id, recorded.originator_version, event.TOPIC)
        if said != (self._ledger_id, stream_id, version, topic):
            raise persistence.IntegrityError("The event's bytes name another ledger, stream, version or topic.")
        if recorded.recorded_at < head.recorded_at:
            raise persistence.IntegrityError("The event was recorded before the ledger's last one.")
        return entry_of(position, recorded, state)

    def _fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of a statement whose first parameter is the ledger."""
        return self._wait_for(self._pool.fetch(sql, self._ledger_id, *arguments))

    def _wait_for(self, work: Coroutine[Any, Any, Result]) -> Result:
        with library_errors():
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class LedgerRecorder(LedgerAggregateRecorder, ApplicationRecorder):
    """One ledger, stream by stream and as one sequence."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: object) -> Sequence[int] | None:
        """Store events in one commit, all or none; answers their positions."""
        return self._record(stored_events, kwargs)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """A page of the ledger's log, by position."""
        first = 1 if start is None else start + (not inclusive_of_start)
        rows = self._fetch(load_sql("services/ledger/sql/notifications.sql"), first, stop, list(topics), limit)
        return [
            Notification(_uuid(stream_id), version, topic, state, position)
            for position, stream_id, version, topic, state in rows
        ]

    def max_notification_id(self) -> int | None:
        """The position of the last event; ``None`` in an empty ledger."""
        rows = self._fetch(load_sql("services/ledger/sql/last_position.sql"))
        return rows[0][0] if rows else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Every event behind position ``gt``, those to come too, until it is stopped."""
        return LedgerSubscription(self, gt, topics)


class LedgerSubscription(Subscription[ApplicationRecorder]):
    """Reads the log page by page; at its end it looks again every tenth of a second."""

    def __init__(self, recorder: LedgerRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._page: deque[Notification] = deque()
        self._stopped = threading.Event()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._page:
                return self._page.popleft()
            start = self._last_notification_id or 0
            page = self._recorder.select_notifications(start, PAGE, topics=self._topics, inclusive_of_start=False)
            if page:
                self._page.extend(page)
                self._last_notification_id = page[-1].id
            else:
                self._stopped.wait(POLL_S)
        raise StopIteration

    def stop(self) -> None:
        """End the iteration."""
        super().stop()
        self._stopped.set()


def _uuid(value: UUID | str) -> UUID:
    """A plain UUID: asyncpg has a class of its own, and the library takes texts as well."""
    return UUID(str(value))
