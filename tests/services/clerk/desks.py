"""What the clerk's tests look with: spies, a held head, and what was recorded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio
import asyncpg

from domain.refusal import Refusal
from services.database.pool import connect
from services.ledger.append import Batch
from services.ledger.order import Receipt
from services.service import Service
from tests.services.conftest import LEDGER, Desk

KEY = "5f0c7e9a"


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Spy:
    """Counts the appends, and how many events each was asked to write."""

    def __init__(self, append: Callable[[asyncpg.Connection, Batch], Awaitable[frozenset[str]]]) -> None:
        self._append = append
        self.events: list[int] = []

    async def __call__(self, connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
        self.events.append(len(batch.entries))
        return await self._append(connection, batch)


class Hold:
    """Keeps the ledger's head locked until released, as a writer does that has not committed yet."""

    def __init__(self, holder: asyncpg.Connection, observer: asyncpg.Connection) -> None:
        self._holder = holder
        self._observer = observer
        self._transaction = holder.transaction()

    async def lock(self) -> None:
        await self._transaction.start()
        await self._holder.execute("SELECT FROM ledger_head WHERE ledger_id = $1 FOR UPDATE", LEDGER)

    async def release(self) -> None:
        await self._transaction.rollback()

    async def waiting(self, count: int = 1) -> list[int]:
        """The backends that wait for the head, once there are so many."""
        sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        with anyio.fail_after(30):
            while True:
                pids = [row["pid"] for row in await self._observer.fetch(sql)]
                if len(pids) >= count:
                    return pids
                await asyncio.sleep(0.01)

    async def kill_waiting(self) -> None:
        for pid in await self.waiting():
            await self._observer.execute("SELECT pg_terminate_backend($1, 5000)", pid)


@asynccontextmanager
async def hold(service: Service) -> AsyncIterator[Hold]:
    holder, observer = await connect(service.url), await connect(service.url)
    held = Hold(holder, observer)
    await held.lock()
    try:
        yield held
    finally:
        await holder.close()
        await observer.close()


async def fetch(desk: Desk, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await desk.service.pool.fetch(sql, *arguments)]


async def log(desk: Desk) -> list[tuple[int, str]]:
    return await fetch(desk, "SELECT position, topic FROM event WHERE ledger_id = $1 ORDER BY position", desk.ledger_id)


async def check_head(desk: Desk) -> None:
    """Positions are 1, 2, 3 … up to the head's."""
    ((position,),) = await fetch(desk, "SELECT position FROM ledger_head WHERE ledger_id = $1", desk.ledger_id)
    assert [at for at, _ in await log(desk)] == list(range(1, position + 1))


async def together(*orders: Awaitable[Receipt]) -> list[Receipt | BaseException]:
    return await asyncio.gather(*orders, return_exceptions=True)


def codes(outcomes: list[Receipt | BaseException]) -> list[str]:
    """Refusals by their code, receipts by their topics."""
    return [
        outcome.code
        if isinstance(outcome, Refusal)
        else ",".join(event.topic for event in outcome.events)
        if isinstance(outcome, Receipt)
        else type(outcome).__name__
        for outcome in outcomes
    ]
