"""Whether the logs that a bench wrote are right: no gap, no double, and balances that equal the fold."""

from typing import Any

import asyncpg

from projections.balance import fold as add
from projections.projection import Entry, Rows
from services.ledger.rebuild import rebuild

HEADS = """
SELECT h.ledger_id, h.position, e.events, e.first, e.last
FROM ledger_head AS h
CROSS JOIN LATERAL (
    SELECT count(*) AS events, coalesce(min(position), 1) AS first, coalesce(max(position), 0) AS last
    FROM event WHERE ledger_id = h.ledger_id
) AS e
WHERE e.events <> h.position OR e.last <> h.position OR e.first <> 1
"""
STREAMS = """
SELECT ledger_id, stream_id FROM event
GROUP BY ledger_id, stream_id HAVING count(*) <> max(version) OR min(version) <> 1
"""
POSTINGS = "SELECT * FROM event WHERE ledger_id = $1 AND unit IS NOT NULL ORDER BY position"
BALANCES = "SELECT * FROM balance WHERE ledger_id = $1"
PAGE = 5_000


class WrongLogError(RuntimeError):
    """A bench left a log or balances that are wrong: its figures mean nothing."""


async def check(connection: asyncpg.Connection, favours: int | None = None, *, fold: bool = True) -> int:
    """Look at every ledger of a database; answers the number of events. Raises ``WrongLogError``.

    ``favours``: how many callers were told were recorded, where the bench counted them. Without ``fold`` the balances
    are compared with what SQL adds up, where folding would take too long.
    """
    if wrong := await connection.fetch(HEADS):
        raise WrongLogError(f"Positions with a gap, or a head that is elsewhere: {wrong[:3]}")
    if wrong := await connection.fetch(STREAMS):
        raise WrongLogError(f"Streams whose versions have a gap: {wrong[:3]}")
    if favours is not None:
        stored = await connection.fetchval("SELECT count(*) FROM event WHERE topic = 'favour.recorded'")
        if stored != favours:
            raise WrongLogError(f"{favours} were answered for, and {stored} are stored")
    for (ledger_id,) in await connection.fetch("SELECT ledger_id FROM ledger_head ORDER BY ledger_id"):
        await (_fold if fold else _rebuild)(connection, ledger_id)
    return int(await connection.fetchval("SELECT coalesce(sum(position), 0) FROM ledger_head"))


async def _rebuild(connection: asyncpg.Connection, ledger_id: str) -> None:
    (report,) = await rebuild(connection, ledger_id, ["balance"])
    if report.differing:
        raise WrongLogError(f"{report.differing} balances are not what the log says")


async def _fold(connection: asyncpg.Connection, ledger_id: str) -> None:
    folded: Rows = {}
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(POSTINGS, ledger_id, prefetch=PAGE):
            add(folded, Entry(*row), None)
    stored = {tuple(row)[:5]: tuple(row) for row in await connection.fetch(BALANCES, ledger_id)}
    expected: dict[tuple[Any, ...], tuple[Any, ...]] = dict(folded)
    if stored != expected:
        different = [key for key in stored.keys() | expected.keys() if stored.get(key) != expected.get(key)]
        raise WrongLogError(f"{len(different)} balances are not what the log says, such as {different[:3]}")
