"""What a running Requite is made of: connections to one database, a clerk, the keys and a clock."""

import functools
import pathlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import asyncpg
from msgspec import Struct

from services.archive.shelf import Shelf
from services.database.ledgers import LedgerPool
from services.database.pool import connect, create_pool
from services.database.replicas import Replicas, open_replicas
from services.feeds.bell import Bell
from services.feeds.feed import Feed
from services.ledger.clerk import Clerk
from services.ledger.erasures import ErasureList
from services.ledger.keyring import MasterKey
from services.ledger.shards import find_shards
from services.ledger.watch import UNWATCHED, Watch
from services.network.networks import Networks
from services.operations.tracing import UNTRACED, Tracing
from services.proof.notary import Notary
from services.reading.balances_now import BalancesNow

POOL_SIZE = 8
WORKERS_POOL_SIZE = 4
NOWHERE = pathlib.Path("archive")
"""Where put-away bytes are looked for by a service that was not told of any archive."""


def now() -> datetime:
    """The clock of the machine, in UTC."""
    return datetime.now(UTC)


class Service(Struct, frozen=True):
    """Handed to whoever serves people: HTTP, the command line, imports, tests."""

    url: str
    pool: asyncpg.Pool
    """Sees all ledgers: for background work and the command line. What serves a request goes through ``ledgers``."""
    ledgers: LedgerPool
    balances: BalancesNow
    """For what two parties gave each other by now, in all: many questions at once."""
    clerk: Clerk
    master_key: MasterKey
    clock: Callable[[], datetime]
    shelf: Shelf
    """Where the bytes of events are that were put away."""
    notary: Notary
    networks: Networks
    bell: Bell
    feed: Feed
    allow_private_webhooks: bool
    """Whether webhooks may go to addresses that are not public."""
    replicas: Replicas = Replicas()
    """For questions that name the position they need."""
    tracing: Tracing = UNTRACED


@asynccontextmanager
async def open_service(  # noqa: PLR0913 - each of them is a part of the service
    url: str,
    master_key: bytes,
    clock: Callable[[], datetime] = now,
    *,
    notary: Notary | None = None,
    erasures: pathlib.Path | None = None,
    archive: pathlib.Path = NOWHERE,
    allow_private_webhooks: bool = False,
    read_urls: Sequence[str] = (),
    watch: Watch = UNWATCHED,
    tracing: Tracing = UNTRACED,
) -> AsyncIterator[Service]:
    """Connect to a migrated database, start the clerk; on the way out finish what was taken and disconnect.

    Without a notary checkpoints are signed with a key that follows from the master key. ``erasures``: the list of them
    outside the database. ``archive``: the folder of what was put away. ``read_urls``: the database's standbys.
    """
    master = MasterKey(master_key)
    notary = notary or Notary([master.derive("checkpoints")])
    networks = Networks(url)
    bell = Bell()
    shelf = Shelf(archive)
    kept = None if erasures is None else ErasureList(erasures)
    connect_lane = functools.partial(connect, url, "requite_service", prepare=shelf.serve)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            await create_pool(url, max_size=WORKERS_POOL_SIZE, role="requite_worker", prepare=shelf.serve)
        )
        shards = await find_shards(pool)
        plans_once = shards is None  # Citus plans a statement for the machine that its values are on
        ledgers = await stack.enter_async_context(
            LedgerPool.open(url, POOL_SIZE, plans_once=plans_once, prepare=shelf.serve)
        )
        replicas = await stack.enter_async_context(open_replicas(read_urls, watch.asked_replica, shelf.serve))
        feed = Feed(pool, bell)
        clerk = Clerk(connect_lane, master, clock=clock, ring=bell.ring, erasures=kept, watch=watch, shards=shards)
        await clerk.start()
        balances = BalancesNow(functools.partial(connect_lane, for_reads=plans_once))
        try:
            yield Service(
                url=url,
                pool=pool,
                ledgers=ledgers,
                balances=balances,
                clerk=clerk,
                master_key=master,
                clock=clock,
                shelf=shelf,
                notary=notary,
                networks=networks,
                bell=bell,
                feed=feed,
                allow_private_webhooks=allow_private_webhooks,
                replicas=replicas,
                tracing=tracing,
            )
        finally:
            await balances.stop()
            await feed.stop()
            await networks.stop()
            await clerk.stop()
