"""Read replicas: standbys that answer questions which name the position that they need.

A standby follows the primary by a moment, or by more. Whoever says which position an answer has to hold for can be
answered by any server that has got there; where none has, the primary answers. So a replica is never needed.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Literal, TypeVar

import asyncpg
import structlog

from services.database.ledgers import LedgerPool
from services.database.pool import Prepare, load_sql

REPLICA_POOL_SIZE = 8
WITHIN_S = 1.0
"""How long a replica has for letting a question begin: then the primary is asked."""
RESTS_S = 5.0
"""How long a replica is left alone that did not answer."""
NOT_THERE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a replica fails with that cannot be asked: it is gone or too slow, is another database, does not let us in …"""

log = structlog.get_logger()

Outcome = Literal["answered", "behind", "down"]
Opened = TypeVar("Opened")


class Replica:
    """One of them, by its number: 1, 2, 3 … in the order of the settings."""

    def __init__(self, number: int, pool: LedgerPool) -> None:
        self.number = number
        self.pool = pool
        self._rests_until_s = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether it did not answer a moment ago."""
        return time.monotonic() < self._rests_until_s

    def rest(self) -> None:
        """Leave it alone for a while."""
        self._rests_until_s = time.monotonic() + RESTS_S

    async def lag_bytes(self, primary: asyncpg.Connection | asyncpg.Pool) -> int | None:
        """How much of the primary's log it has not replayed; ``None`` where it does not answer, or is no standby."""
        written = await primary.fetchval(load_sql("services/database/log_written.sql"))
        try:
            async with asyncio.timeout(WITHIN_S), self.pool.acquire(()) as connection:
                replayed = await connection.fetchval(load_sql("services/database/log_replayed.sql"))
        except NOT_THERE:
            return None
        return None if replayed is None else max(0, written - replayed)


class Replicas:
    """All of them, asked in turn. ``note`` is told what became of each try: the replica's number, and the outcome."""

    def __init__(
        self, pools: Sequence[LedgerPool] = (), note: Callable[[int, Outcome], None] = lambda *_: None
    ) -> None:
        self.all = [Replica(number, pool) for number, pool in enumerate(pools, 1)]
        self._note = note
        self._turn = itertools.count()

    async def open(
        self,
        stack: AsyncExitStack,
        opening: Callable[[LedgerPool], AbstractAsyncContextManager[Opened]],
        is_late_enough: Callable[[Opened], bool],
    ) -> Opened | None:
        """What the first replica opens that has got far enough, closed with the stack; ``None`` where none has."""
        for replica in self._in_turn():
            trial = AsyncExitStack()
            try:
                async with asyncio.timeout(WITHIN_S):
                    opened = await trial.enter_async_context(opening(replica.pool))
            except NOT_THERE as error:
                log.warning("replica.down", replica=replica.number, error=type(error).__name__)
                replica.rest()
                self._note(replica.number, "down")
                continue
            if is_late_enough(opened):
                stack.push_async_exit(trial)
                self._note(replica.number, "answered")
                return opened
            with contextlib.suppress(*NOT_THERE):
                await trial.aclose()
            self._note(replica.number, "behind")
        return None

    def _in_turn(self) -> Iterator[Replica]:
        """Each that may be asked, beginning one further than the last time."""
        if not self.all:
            return
        first = next(self._turn) % len(self.all)
        yield from (one for one in (*self.all[first:], *self.all[:first]) if not one.is_resting)


@asynccontextmanager
async def open_replicas(
    urls: Sequence[str], note: Callable[[int, Outcome], None], prepare: Prepare | None = None
) -> AsyncIterator[Replicas]:
    """Pools of connections to replicas, none of which has to be there: the first is made when it is needed."""
    async with AsyncExitStack() as stack:
        opening = [LedgerPool.open(url, REPLICA_POOL_SIZE, prepare=prepare) for url in urls]
        pools = [await stack.enter_async_context(one) for one in opening]
        yield Replicas(pools, note)
