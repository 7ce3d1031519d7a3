"""Rotating a key: a new secret opens at once, and the one before goes on to, until all who hold it have the new one.

The key keeps its id. So the log names the same key before and after, and an idempotency key that was sent with the old
secret is known with the new one.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import cast

import asyncpg

from domain.refusal import Refusal
from services.access.keys import AccessKey, Database, find_key
from services.access.tokens import random_secret, write_token
from services.database.ledgers import LedgerPool
from services.database.pool import load_sql

OVERLAP = timedelta(days=1)
OVERLAP_MAX = timedelta(days=30)
SECRETS_LIMIT = 5
"""How many secrets of one key may open at a time: who rotates again and again has lost the new ones."""


async def rotate_key(
    database: Database,
    ledger_id: str,
    key_id: str,
    overlap: timedelta = OVERLAP,
    *,
    clock: Callable[[], datetime],
) -> tuple[str, AccessKey] | None:
    """Give a key a new secret: its token, which cannot be read again, and the key; ``None`` where there is none.

    The secrets that it had open for ``overlap`` more, from 0 to ``OVERLAP_MAX``. Raises ``Refusal`` where the key is at
    its end, or has too many secrets.
    """
    async with _locked(database, ledger_id, key_id) as connection:
        stored = await find_key(connection, ledger_id, key_id)
        if stored is None:
            return None
        now = clock()
        if not stored.key.holds_at(now):
            raise Refusal("key_is_over", "This key was revoked or has expired; make a new one.")
        if sum(one.holds_at(now) for one in stored.key.secrets) >= SECRETS_LIMIT:
            raise Refusal(
                "too_many_secrets", f"This key has {SECRETS_LIMIT} secrets that open; end one first, or wait for it."
            )
        text, hashed = random_secret()
        await connection.execute(_sql("new_secret"), ledger_id, key_id, hashed, now, now + overlap)
        return write_token(key_id, text), await _reread(connection, ledger_id, key_id)


async def end_secret(
    database: Database, ledger_id: str, key_id: str, number: int, *, clock: Callable[[], datetime]
) -> AccessKey | None:
    """End one of a key's former secrets before its time; ``None`` where there is no such key. May be repeated.

    Raises ``Refusal`` where it has no such secret, or that is the current one.
    """
    async with _locked(database, ledger_id, key_id) as connection:
        stored = await find_key(connection, ledger_id, key_id)
        if stored is None:
            return None
        numbers = [one.number for one in stored.key.secrets]
        if number not in numbers:
            raise Refusal("secret_not_found", "This key has no such secret; what has ended is cleared at a rotation.")
        if number == max(numbers):
            raise Refusal("secret_is_current", "This is the key's current secret: rotate the key, or revoke it.")
        await connection.execute(_sql("end_secret"), ledger_id, key_id, number, clock())
        return await _reread(connection, ledger_id, key_id)


@asynccontextmanager
async def _locked(database: Database, ledger_id: str, key_id: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction in which nobody else changes this key."""
    async with _connection(database, ledger_id) as connection, connection.transaction():
        await connection.execute(_sql("lock_key"), ledger_id, key_id)
        yield connection


@asynccontextmanager
async def _connection(database: Database, ledger_id: str) -> AsyncIterator[asyncpg.Connection]:
    match database:
        case LedgerPool():
            async with database.acquire(ledger_id) as connection:
                yield connection
        case asyncpg.Pool():
            async with database.acquire() as proxy:
                yield cast("asyncpg.Connection", proxy)  # it passes every call on
        case _:
            yield cast("asyncpg.Connection", database)


async def _reread(connection: asyncpg.Connection, ledger_id: str, key_id: str) -> AccessKey:
    stored = await find_key(connection, ledger_id, key_id)
    assert stored is not None, "its row is locked"
    return stored.key


def _sql(name: str) -> str:
    return load_sql(f"services/access/sql/{name}.sql")
