"""Which ledgers are kept together, where Citus spreads the database over machines.

A batch that stays within one shard group is one machine's: its commit needs one phase, and no word with the others.
"""

from collections.abc import Awaitable, Callable

import asyncpg

from services.database.distribution import is_distributed
from services.database.pool import load_sql


class Shards:
    """The shard of every ledger that was asked about. ``find`` is asked once a ledger.

    A ledger that moves with its shard stays in it. A shard that is split leaves this out of date until the process
    starts anew: batches may then be of two shard groups, and their commits of two phases, as correct as before.
    """

    def __init__(self, find: Callable[[str], Awaitable[int]]) -> None:
        self._find = find
        self._known: dict[str, int] = {}

    async def of(self, ledger_id: str) -> int:
        """The shard that a ledger is in, or will be. Raises what asyncpg raises."""
        shard = self._known.get(ledger_id)
        if shard is None:
            shard = self._known[ledger_id] = await self._find(ledger_id)
        return shard


async def find_shards(pool: asyncpg.Pool) -> Shards | None:
    """The shards of a distributed database; ``None`` where it is on one machine. Looked at once, as a server starts."""
    if not await is_distributed(pool):
        return None

    async def find(ledger_id: str) -> int:
        shard: int = await pool.fetchval(load_sql("services/ledger/sql/shard.sql"), ledger_id)
        return shard

    return Shards(find)
