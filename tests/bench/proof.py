"""Proofs: what the tree costs the clerk, how far it lags behind, how fast it is built, and how long a proof takes.

The clerk is driven by 64 callers as ``tests.bench.append`` drives it, in turns with the tree's worker on and off; while
it is on, how far the checkpoint is behind the head is taken all the time. Then trees of several sizes are built over
events of about 430 bytes, and proofs are asked for at random.
"""

import argparse
import asyncio
import random
import statistics
import time
from contextlib import AsyncExitStack

import asyncpg
import uvloop
from rich.table import Table

from services.database.pool import load_sql
from services.proof.builder import build, building
from services.proof.log import prove_consistency, prove_inclusion, read_head
from services.service import Service, open_service
from tests.bench.append import prepare_clerk
from tests.bench.check import check
from tests.bench.harness import Timing, close, console, migrated, ratio, server, show, summarise

CALLERS = 64
PROOFS = 300
LEDGERS = 16
SIZE = "SELECT size FROM log_head WHERE ledger_id = $1"


async def cost(url: str, stack: AsyncExitStack, rounds: int, seconds: float) -> dict[str, float]:
    """The clerk's rate with the worker on, divided by its rate with it off; and how far the checkpoint lags, in s."""
    service = await stack.enter_async_context(open_service(url, bytes(32)))
    run = await prepare_clerk(service, LEDGERS)
    timings: dict[tuple[str, ...], list[Timing]] = {("tree off",): [], ("tree on",): []}
    lags: list[float] = []
    await run(CALLERS, seconds)
    for _ in range(rounds):
        async with building(service):
            await caught_up(service)
            over = asyncio.Event()
            watching = asyncio.create_task(watch(service, lags, over))
            timings["tree on",].append(await run(CALLERS, seconds))
            over.set()
            await watching
        timings["tree off",].append(await run(CALLERS, seconds))
    show(f"Appends, {rounds} interleaved rounds of {seconds:g} s", {k: summarise(v) for k, v in timings.items()}, ("",))
    console.print(
        f"The checkpoint followed the head within {max(lags):.2f} s; the median: {statistics.median(lags):.2f} s."
    )
    return {"clerk_with_tree": ratio(timings["tree on",], timings["tree off",]), "lag_max_s": max(lags)}


async def caught_up(service: Service) -> None:
    """Wait until every tree has reached its log."""
    while await service.pool.fetch(load_sql("services/proof/sql/behind.sql"), 1):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)


async def watch(service: Service, lags: list[float], over: asyncio.Event) -> None:
    """Until it is over: how long it takes until the position that a head has now is in its tree, the last one too."""
    while not over.is_set():
        ledger = random.choice([f"bench-{number}" for number in range(LEDGERS)])
        position = await service.pool.fetchval("SELECT position FROM ledger_head WHERE ledger_id = $1", ledger)
        started = time.perf_counter()
        while await service.pool.fetchval(SIZE, ledger) < position:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        lags.append(time.perf_counter() - started)


FILL = """
INSERT INTO event SELECT $1, n, gen_random_uuid(), 1, 'favour.recorded', NULL, NULL, NULL, NULL, 0, 0, 0, now(), now(),
    decode(repeat(md5(n::text), 27), 'hex') FROM generate_series($2::bigint, $3::bigint) AS n
"""


async def sizes(connection: asyncpg.Connection, wanted: list[int]) -> list[tuple[int, float, float, float]]:
    """By size: events added to the tree a second, and how many ms an inclusion and a consistency proof take."""
    ledger, size, rows = "trees", 0, []
    await connection.execute("INSERT INTO ledger_head VALUES ($1, $2, now())", ledger, max(wanted))
    for target in wanted:
        await connection.execute(FILL, ledger, size + 1, target)
        started = time.perf_counter()
        while (await read_head(connection, ledger)).size < target:
            await build(connection, ledger)
        rate = (target - size) / (time.perf_counter() - started)
        chance = random.Random(target)
        inclusion, consistency = [], []
        for _ in range(PROOFS):
            started = time.perf_counter()
            await prove_inclusion(connection, ledger, chance.randint(1, target))
            inclusion.append(time.perf_counter() - started)
            started = time.perf_counter()
            await prove_consistency(connection, ledger, chance.randint(0, target), target, target)
            consistency.append(time.perf_counter() - started)
        rows.append((target, rate, statistics.median(inclusion) * 1e3, statistics.median(consistency) * 1e3))
        size = target
    return rows


async def bench(rounds: int, seconds: float, wanted: list[int]) -> None:
    """Run both parts and print what came out."""
    with server() as running:
        async with AsyncExitStack() as stack:
            url, connection = await stack.enter_async_context(migrated(running, "cost"))
            ratios = await cost(url, stack, rounds, seconds)
            await check(connection)
        async with migrated(running, "sizes") as (_, connection):
            rows = await sizes(connection, wanted)
    table = Table("events", "added a second", "inclusion ms", "consistency ms", title="Trees")
    for size, rate, inclusion, consistency in rows:
        table.add_row(f"{size:,}", f"{rate:,.0f}", f"{inclusion:.2f}", f"{consistency:.2f}")
    console.print(table)
    close(ratios | {"inclusion_largest_per_smallest": rows[-1][2] / rows[0][2]})


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each turn")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments = parser.parse_args()
    uvloop.run(bench(arguments.rounds, arguments.seconds, arguments.sizes))


if __name__ == "__main__":
    main()
