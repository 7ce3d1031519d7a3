"""Builds the trees behind the log: a worker that follows every ledger's head.

Several processes may run it: whoever locks a ledger's ``log_head`` builds its tree, the others pass on. What it writes
follows from the events alone, so it may die at any moment, and its commits need not wait for the disk. All ledgers that
are behind share a transaction, and it rests in between: so it takes little from those who write.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import asyncpg
import structlog

from services.database.pool import load_sql
from services.proof import tree
from services.proof.log import Connection
from services.proof.tiles import edge_tiles, grow, hash_in, width_in
from services.proof.tree import EMPTY_ROOT, HASH_BYTES
from services.service import Service

PAUSE_S = 1.0
"""How long it rests once all trees have caught up: half of the two seconds within which they follow."""
AT_ONCE = 16_384
"""How many events are added in one transaction, or some more where several ledgers share it."""
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
            more = (await _build_round(pool)).more
        except Exception as error:  # noqa: BLE001 - it has to live on; the next round tries again
            log.error("tree.not_built", error=type(error).__name__)  # noqa: TRY400 - a traceback says no more
            more = False
        if not more:
            await asyncio.sleep(PAUSE_S)


async def build_behind(pool: asyncpg.Pool) -> int:
    """Bring the trees that are behind a step nearer to their logs; answers how many events were added."""
    return (await _build_round(pool)).grown


class _Round(NamedTuple):
    grown: int
    more: bool
    """Whether there may be more to do at once."""


async def _build_round(pool: asyncpg.Pool) -> _Round:
    async with pool.acquire() as connection, _unhurried(connection):
        rows = await connection.fetch(_sql("behind"), LEDGERS_AT_ONCE)
        await _plant(connection, [row["ledger_id"] for row in rows if row["is_new"]])
        grown = 0
        for ledger_id, size in await _claim(connection, [row["ledger_id"] for row in rows]):
            try:
                grown += await _grow(connection, ledger_id, size)
            except BrokenLogError as error:  # before it wrote anything
                log.error("tree.broken", ledger=ledger_id, error=str(error))  # noqa: TRY400 - a traceback says no more
            if grown >= AT_ONCE:
                break
        return _Round(grown, grown >= AT_ONCE or (len(rows) == LEDGERS_AT_ONCE and grown > 0))


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
    async with _unhurried(connection):
        await _plant(connection, [ledger_id])
        return sum([await _grow(connection, ledger_id, size) for _, size in await _claim(connection, [ledger_id])])


@asynccontextmanager
async def _unhurried(connection: Connection) -> AsyncIterator[None]:
    """A transaction whose end does not wait for the disk."""
    async with connection.transaction():
        await connection.execute("SET LOCAL synchronous_commit = off")
        yield


async def _plant(connection: Connection, ledger_ids: Sequence[str]) -> None:
    if ledger_ids:
        await connection.execute(_sql("new_tree"), ledger_ids, EMPTY_ROOT)


async def _claim(connection: Connection, ledger_ids: Sequence[str]) -> list[tuple[str, int]]:
    """The ledgers whose trees nobody else is at, and how far these go, in the order given."""
    if not ledger_ids:
        return []
    sizes = {row["ledger_id"]: row["size"] for row in await connection.fetch(_sql("claim"), ledger_ids)}
    return [(ledger_id, sizes[ledger_id]) for ledger_id in ledger_ids if ledger_id in sizes]


async def _grow(connection: Connection, ledger_id: str, size: int) -> int:
    """Add the next events to a tree that was claimed; answers how many. Raises ``BrokenLogError``."""
    row = await connection.fetchrow(_sql("leaves"), ledger_id, size, AT_ONCE)
    assert row is not None
    count: int = row["count"]
    if not count:
        return 0
    if row["last"] != size + count:
        raise BrokenLogError(f"between positions {size + 1} and {row['last']} only {count} events are there")
    if row["stubs"]:
        raise BrokenLogError(f"events after {size} were put away before they were in the tree")
    edge = _edge(size, dict(zip(row["levels"], row["tiles"], strict=True)))
    changed = grow(edge, size, row["hashes"])
    grown = size + count
    tiles = {tile: edge[tile.level] for tile in edge_tiles(grown)}
    root = tree.root(grown, lambda node: hash_in(tiles, node))
    levels, numbers = [tile.level for tile in changed], [tile.number for tile in changed]
    await connection.execute(_sql("keep_tree"), ledger_id, grown, root, levels, numbers, list(changed.values()))
    return count


def _edge(size: int, kept: dict[int, bytes]) -> dict[int, bytes]:
    """The beginnings of the last tiles, by level, as they were in a tree of this size. Raises ``BrokenLogError``."""
    edge = {}
    for tile in edge_tiles(size):
        hashes = kept.get(tile.level, b"")[: width_in(tile, size) * HASH_BYTES]
        if len(hashes) < width_in(tile, size) * HASH_BYTES:
            raise BrokenLogError(f"tile {tile.number} of level {tile.level} is not there, or too short")
        edge[tile.level] = hashes
    return edge


def _sql(name: str) -> str:
    return load_sql(f"services/proof/sql/{name}.sql")
