"""A pool whose connections see what they were taken out for, and forget it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.database.ledgers import LedgerPool
from services.service import Service
from tests.services.conftest import LEDGER

pytestmark = pytest.mark.anyio

COUNT = "SELECT count(*) FROM event"


@pytest.fixture
async def ledgers(service: Service) -> AsyncIterator[LedgerPool]:
    """A pool of one connection: whoever takes one out gets the one that was there before."""
    async with LedgerPool.open(service.url, 1) as pool:
        yield pool


async def seen(ledgers: LedgerPool) -> int:
    """How many events somebody sees who named no ledger."""
    async with ledgers.acquire(()) as connection:
        return int(await connection.fetchval(COUNT))


async def test_a_look_sees_its_ledger_and_leaves_nothing(ledgers: LedgerPool) -> None:
    async with ledgers.look(LEDGER, statement_s=1.5) as connection:
        assert await connection.fetchval(COUNT) > 0
        assert await connection.fetchval("SHOW statement_timeout") == "1500ms"
    async with ledgers._pool.acquire() as connection:
        assert await connection.fetchval(COUNT) == 0
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        assert not connection.is_in_transaction()


async def test_what_was_named_is_forgotten(ledgers: LedgerPool) -> None:
    async with ledgers.acquire(LEDGER) as connection:
        assert await connection.fetchval(COUNT) > 0
    async with ledgers._pool.acquire() as connection:
        assert await connection.fetchval(COUNT) == 0


async def test_a_look_cannot_write_and_ends_where_it_fails(ledgers: LedgerPool) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with ledgers.look(LEDGER) as connection:
            await connection.execute("DELETE FROM idempotency")
    with pytest.raises(ZeroDivisionError):
        async with ledgers.look(LEDGER):
            raise ZeroDivisionError
    assert await seen(ledgers) == 0


@pytest.mark.parametrize(
    "ledger", [f"{LEDGER}', true), set_config('requite.ledgers', '{LEDGER}", f"other,{LEDGER}", "\0"]
)
async def test_what_is_no_ledgers_id_shows_nothing(ledgers: LedgerPool, ledger: str) -> None:
    async with ledgers.look(ledger) as connection:
        assert await connection.fetchval(COUNT) == 0
