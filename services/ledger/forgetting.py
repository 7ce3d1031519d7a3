"""Forgets the words of days that are older than a ledger's policy keeps them (``Policy.words_kept_days``).

A day's words are forgotten together, by destroying the day's key, as soon as the last of them are old enough. What
happened stays, and so do its bytes and their proofs. Several processes may run it: each day's key is destroyed once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta

import asyncpg
import structlog

from domain.ledger import LedgerOpened, PolicyChanged
from services.database.pool import load_sql
from services.ledger.keyring import day_of
from services.ledger.mapper import decode
from services.service import Service

PAUSE_S = 3600.0
"""How long after a day has ended, or a policy changed, it may take until words are forgotten."""
LEDGERS_AT_ONCE = 256

log = structlog.get_logger()


def kept_from(days: int, now: datetime) -> date:
    """The first day whose words are still kept: those of the day before are ``days`` old or older, all of them."""
    return day_of(now) - timedelta(days=days)


@asynccontextmanager
async def forgetting(service: Service) -> AsyncIterator[None]:
    """Have what is old enough forgotten for as long as the block takes."""
    task = asyncio.create_task(_forget_daily(service))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forget_daily(service: Service) -> None:
    while True:
        try:
            await forget_old(service.pool, service.clock())
        except Exception as error:  # noqa: BLE001 - it has to live on; the next round tries again
            log.error("words.not_forgotten", error=type(error).__name__)  # noqa: TRY400 - a traceback says no more
        await asyncio.sleep(PAUSE_S)


async def forget_old(pool: asyncpg.Pool, now: datetime) -> int:
    """Destroy the keys of the days that every ledger's policy no longer keeps; answers how many."""
    forgotten, after = 0, ""
    while rows := await pool.fetch(load_sql("services/ledger/sql/policies.sql"), after, LEDGERS_AT_ONCE):
        kept = [(row["ledger_id"], kept_from(days, now)) for row in rows if (days := _days(row["state"])) is not None]
        ledgers, firsts = [ledger for ledger, _ in kept], [first for _, first in kept]
        for ledger, days in await pool.fetch(load_sql("services/ledger/sql/forget_days.sql"), ledgers, firsts):
            log.info("words.forgotten", ledger=ledger, days=days)
            forgotten += days
        after = rows[-1]["ledger_id"]
    return forgotten


def _days(state: bytes) -> int | None:
    event = decode(state).event
    assert isinstance(event, LedgerOpened | PolicyChanged)
    return event.policy.words_kept_days
