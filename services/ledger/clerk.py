"""The clerk: takes orders, has its lanes decide and append them in batches, answers each with its receipt or refusal.

One durable commit serves every order that is waiting (group commit). A ledger's orders always go to the same lane
(services/ledger/lane.py), so that no two lanes decide on the same books.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import asyncpg

from services.ledger.erasures import ErasureList
from services.ledger.job import Bundle, Outcome, job_of, outcomes_of
from services.ledger.keyring import MasterKey
from services.ledger.lane import Lane
from services.ledger.order import Order, Receipt
from services.ledger.shards import Shards
from services.ledger.watch import UNWATCHED, Watch

LANES = 3
"""Two already overlap deciding with committing; a third gains half as much again where the disk is slow to flush."""


class Clerk:
    """Takes orders from any number of callers. Start it before use; ``stop`` finishes what was taken.

    It rings after every batch: something may have been recorded. Where the database has ``shards``, a batch is of one.
    """

    def __init__(  # noqa: PLR0913 - all but two have a default
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        master_key: MasterKey,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        lanes: int = LANES,
        watch: Watch = UNWATCHED,
        ring: Callable[[], None] = lambda: None,
        erasures: ErasureList | None = None,
        shards: Shards | None = None,
    ) -> None:
        self._shards = shards
        self._lanes = [
            Lane(connect, master_key, clock, watch, ring, erasures, generic_plans=shards is None) for _ in range(lanes)
        ]

    async def start(self) -> None:
        """Open the lanes' connections."""
        await asyncio.gather(*(lane.start() for lane in self._lanes))

    async def stop(self) -> None:
        """Answer every order that was taken, then close the connections."""
        await asyncio.gather(*(lane.stop() for lane in self._lanes))

    @property
    def waiting(self) -> int:
        """How many orders wait for a batch to take them."""
        return sum(lane.waiting for lane in self._lanes)

    async def submit(self, order: Order) -> Receipt:
        """Record what an order leads to, durably, and answer with its receipt.

        Raises ``Refusal`` where a rule says no, ``IdempotencyMismatchError`` where the key belongs to another command,
        and ``OutcomeUnknownError`` where the database went away in between and no key can tell.
        """
        job = job_of(order)
        shard = await self._shard(order)
        self._lane(order, shard).take(Bundle([job], shard=shard))
        return await job.answer

    async def submit_all(self, orders: Sequence[Order]) -> list[Outcome]:
        """Record many orders; each one's receipt or error, in the order given."""
        jobs = [job_of(order) for order in orders]
        shards = [await self._shard(order) for order in orders]
        for job, shard in zip(jobs, shards, strict=True):
            self._lane(job.order, shard).take(Bundle([job], shard=shard))
        return await outcomes_of(jobs)

    async def submit_together(self, orders: Sequence[Order], *, atomic: bool = False) -> list[Outcome]:
        """Record orders of one ledger in one commit; each one's receipt or error, in the order given.

        Their keys have to differ. ``atomic``: all or none; where one is refused, the others are with
        ``batch_not_recorded``, unless they were recorded before. Otherwise there are more commits only where the
        database itself takes exception to the whole, as when a number grows too large: then each order has its own.
        """
        jobs = [job_of(order) for order in orders]
        shard = await self._shard(orders[0])
        (lane,) = {self._lane(order, shard) for order in orders}
        lane.take(Bundle(jobs, atomic, shard))
        return await outcomes_of(jobs)

    async def _shard(self, order: Order) -> int:
        return 0 if self._shards is None else await self._shards.of(order.ledger_id)

    def _lane(self, order: Order, shard: int) -> Lane:
        """A ledger's, always the same; on Citus all ledgers of a shard have one."""
        place = zlib.crc32(order.ledger_id.encode()) if self._shards is None else shard
        return self._lanes[place % len(self._lanes)]
