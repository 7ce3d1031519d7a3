"""Builds the trees behind the log: a worker that follows every ledger's head.

Several processes may run it: whoever locks a ledger's ``log_head`` builds its tree, the others pass on. What it writes
follows from the events alone, so it may die at any moment, and its commits need not wait for the disk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from services.database.pool import load_sql
from services.proof import tree
from services.proof.log import Connection, load_tiles
from services.proof.tiles import Tile, edge_tiles, grow, hash_in, width_in
from services.proof.tree import EMPTY_ROOT, HASH_BYTES
from services.service import Service

PAUSE_S = 0.5
AT_ONCE = 16_384
"""How many events are added in one transaction."""
LEDGERS_AT_ONCE = 256

log = structlog.get_logger()


class BrokenLogError(RuntimeError):
    """The log has a gap, or the tree does not fit it. The message says where; ``requite doctor`` says more."""


@asynccontextmanager
async def building(service: Service) -> AsyncIterator[None]:
    """Have the trees of all ledgers follow their logs for as long as the block takes."""
    task = asyncio.create_task(_follow(service.pool))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _follow(pool: asyncpg.Pool) -> None:
    while True:
        try:
            grown = await build_behind(pool)
        except Exception as error:  # noqa: BLE001 - it has to live on; the next round tries again
            log.error("tree.not_built", error=type(error).__name__)  # noqa: TRY400 - a traceback says no more
            grown = 0
        if grown < AT_ONCE:
            await asyncio.sleep(PAUSE_S)


async def build_behind(pool: asyncpg.Pool) -> int:
    """Bring the trees that are behind a step nearer to their logs; answers how many events were added."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(_sql("behind"), LEDGERS_AT_ONCE)
        grown = 0
        for row in rows:
            try:
                grown += await build(connection, row["ledger_id"])
            except BrokenLogError as error:
                log.error("tree.broken", ledger=row["ledger_id"], error=str(error))  # noqa: TRY400 - the same
        return grown


async def build_whole(pool: asyncpg.Pool, ledger_id: str) -> None:
    """Bring one ledger's tree to where its log stands now. Raises ``BrokenLogError``."""
    async with pool.acquire() as connection:
        position = await connection.fetchval(load_sql("services/ledger/sql/last_position.sql"), ledger_id)
        while position is not None:
            row = await connection.fetchrow(_sql("head"), ledger_id)
            if row is not None and row["size"] >= position:
                return
            if not await build(connection, ledger_id):
                await asyncio.sleep(0.01)  # another process is at it


async def build(connection: Connection, ledger_id: str) -> int:
    """Add the next events to a ledger's tree; answers how many, 0 where another process is at it.

    Raises ``BrokenLogError`` where an event is missing, or what was built before is not there.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL synchronous_commit = off")
        await connection.execute(_sql("new_tree"), ledger_id, EMPTY_ROOT)
        size = await connection.fetchval(_sql("claim"), ledger_id)
        if size is None:
            return 0
        row = await connection.fetchrow(_sql("leaves"), ledger_id, size, AT_ONCE)
        assert row is not None
        count, last, leaves = row
        if not count:
            return 0
        if last != size + count:
            raise BrokenLogError(f"between positions {size + 1} and {last} only {count} events are there")
        edge = await _load_edge(connection, ledger_id, size)
        changed = grow(edge, size, leaves)
        grown = size + int(count)
        tiles = {tile: edge[tile.level] for tile in edge_tiles(grown)}
        root = tree.root(grown, lambda node: hash_in(tiles, node))
        places = list(changed)
        await connection.execute(
            _sql("keep_tiles"),
            ledger_id,
            [tile.level for tile in places],
            [tile.number for tile in places],
            [changed[tile] for tile in places],
        )
        await connection.execute(_sql("keep_head"), ledger_id, grown, root)
    return int(count)


async def _load_edge(connection: Connection, ledger_id: str, size: int) -> dict[int, bytes]:
    wanted = edge_tiles(size)
    tiles = await load_tiles(connection, ledger_id, wanted)
    return {tile.level: _beginning(tile, tiles.get(tile, b""), size) for tile in wanted}


def _beginning(tile: Tile, hashes: bytes, size: int) -> bytes:
    if len(hashes) < (wanted := width_in(tile, size) * HASH_BYTES):
        raise BrokenLogError(f"tile {tile.number} of level {tile.level} is not there, or too short")
    return hashes[:wanted]


def _sql(name: str) -> str:
    return load_sql(f"services/proof/sql/{name}.sql")
