"""The feed: follows the logs that someone of this process wants to hear of, and limits how many may.

One task looks where all those logs stand, in one statement: at once when this process's clerk rings, and every
``PAUSE_S`` for what other processes record. A head is moved by the same commit that writes the events up to it, one
commit after the other, so what lies up to a head that was seen is complete.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import asyncpg
import structlog
from msgspec import Struct

from services.database.pool import load_sql
from services.feeds.bell import Bell, rung
from services.feeds.channel import KEPT, Channel, Told
from services.ledger.mapper import decode

PAUSE_S = 0.1
BREATH_S = 0.005
"""Between two looks at least: many commits ring at once."""
CATCH_UP_AT_ONCE = 2

log = structlog.get_logger()


class Limits(Struct, frozen=True, kw_only=True):
    """How much a feed takes on. Times are in seconds."""

    of_process: int = 1_000
    """Readers that one process holds at a time, waiting requests among them."""
    of_key: int = 50
    """Readers of one access key in one process."""
    wait_s: float = 30.0
    """How long a request for a page waits at most."""
    heartbeat_s: float = 15.0
    """How often a stream with nothing to tell shows that it lives."""
    check_key_s: float = 2.0
    """How old the last look at the key of a stream may be when something is told."""
    slow_s: float = 10.0
    """How long a stream's reader may take for what is sent; one that takes longer is told so and dropped."""
    cut_s: float = 30.0
    """After how long a reader that takes nothing is cut off."""


class TooManyReadersError(Exception):
    """The key, or this process, has as many readers as it may. The message says which."""


class Feed:
    """Follows logs for readers. Start it before use; ``end`` lets all readers go, ``stop`` ends the work too."""

    def __init__(self, pool: asyncpg.Pool, bell: Bell, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.ended = False
        """Whether this process is stopping: readers have to go."""
        self.catching_up = asyncio.Semaphore(CATCH_UP_AT_ONCE)
        """Taken by whoever reads the log itself, so that readers who are behind leave connections to the others."""
        self._pool = pool
        self._bell = bell
        self._channels: dict[str, Channel] = {}
        self._readers: Counter[tuple[str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._is_blind = False
        """Whether the last look failed, which is logged once."""

    def end(self) -> None:
        """Let all readers go, and take no new ones."""
        self.ended = True
        for channel in self._channels.values():
            channel.wake()

    async def stop(self) -> None:
        """End the work."""
        self.end()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def check_room(self, ledger_id: str, key_id: str) -> None:
        """Raise ``TooManyReadersError`` where a key or the process has as many readers as it may."""
        if self._readers[ledger_id, key_id] >= self.limits.of_key:
            raise TooManyReadersError(
                f"This access key has {self.limits.of_key} readers waiting here already; end one, or ask later."
            )
        if self._readers.total() >= self.limits.of_process:
            raise TooManyReadersError("This process has as many readers waiting as it takes; ask again later.")

    @contextmanager
    def room(self, ledger_id: str, key_id: str) -> Iterator[None]:
        """Count one more reader for as long as the block takes. Raises ``TooManyReadersError``."""
        self.check_room(ledger_id, key_id)
        self._readers[ledger_id, key_id] += 1
        try:
            yield
        finally:
            self._readers[ledger_id, key_id] -= 1
            if not self._readers[ledger_id, key_id]:
                del self._readers[ledger_id, key_id]

    @asynccontextmanager
    async def watching(self, ledger_id: str) -> AsyncIterator[Channel]:
        """The channel of a ledger, kept up to date for as long as the block takes."""
        channel = self._channels.get(ledger_id)
        if channel is None:
            channel = self._channels[ledger_id] = Channel(ledger_id)
        channel.watchers += 1
        if self._task is None and not self.ended:
            self._task = asyncio.create_task(self._follow())
        self._bell.ring()
        try:
            yield channel
        finally:
            channel.watchers -= 1
            if not channel.watchers:
                del self._channels[ledger_id]

    async def _follow(self) -> None:
        with self._bell.listening() as woken:
            while True:
                if self._channels:
                    await self._try_look()
                    await asyncio.sleep(BREATH_S)
                    await rung(woken, PAUSE_S)
                else:
                    await woken.wait()
                    woken.clear()

    async def _try_look(self) -> None:
        try:
            await self._look()
            self._is_blind = False
        except Exception as error:  # noqa: BLE001 - it has to live on; the next look tries again
            if not self._is_blind:
                log.warning("feed.not_looked", error=type(error).__name__)
            self._is_blind = True
            await asyncio.sleep(PAUSE_S)

    async def _look(self) -> None:
        """Bring every channel up to where its log stands now."""
        rows = await self._pool.fetch(_sql("heads"), list(self._channels))
        for row in rows:
            channel = self._channels.get(row["ledger_id"])
            if channel is not None and row["position"] > channel.head:
                await self._grow(channel, row["position"])

    async def _grow(self, channel: Channel, head: int) -> None:
        if not channel.head:  # what is there already is read from the log itself
            channel.grow(head, ())
            return
        rows = await self._pool.fetch(_sql("tail"), channel.ledger_id, max(channel.head, head - KEPT), head)
        channel.grow(head, _told(rows))


def _told(rows: Sequence[asyncpg.Record]) -> list[Told]:
    return [
        Told(
            row["position"],
            row["topic"],
            tuple(party for party in (row["giver"], row["receiver"], row["third"]) if party is not None),
            row["state"],
            decode(row["state"]).event.private_to,
        )
        for row in rows
    ]


def _sql(name: str) -> str:
    return load_sql(f"services/feeds/sql/{name}.sql")
