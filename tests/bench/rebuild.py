"""Rebuilding read models from a long log, beside one GROUP BY over the typed columns of the same events.

``balance`` is what SQL can add up; ``promises`` reads every payload of its streams. The rebuilding compares with the
live tables and mends them, in a process of its own, whose memory is taken; the GROUP BY only counts its groups.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from uuid import uuid5

import asyncpg
import uvloop
from rich.table import Table

from domain.event import Who
from domain.favour.commands import RecordFavour
from services.ledger.order import Order
from services.service import Service, open_service
from tests.bench.bulk import grow
from tests.bench.check import WrongLogError, check
from tests.bench.harness import close, console, migrated, server
from tests.bench.pages import LEDGER, NAMESPACE, fill, story

GROUP_BY = """
SELECT count(*), sum(events) FROM (
    SELECT giver, receiver, unit, topic, sum(quantity), sum(count), sum(disputed), max(occurred_at), count(*) AS events
    FROM event WHERE ledger_id = $1 AND unit IS NOT NULL GROUP BY giver, receiver, unit, topic
) AS grouped
"""
PAYLOADS = "promises"
FOLDED = 1_000_000
"""The longest log that is folded again in Python, to look whether its balances are right."""


async def time_group_by(connection: asyncpg.Connection) -> float:
    """Events a second, of those with a posting."""
    started = time.perf_counter()
    _, events = await connection.fetchrow(GROUP_BY, LEDGER) or (0, 0)
    return float(events) / (time.perf_counter() - started)


async def time_rebuild(url: str, name: str) -> tuple[float, float, int]:
    """Events a second, the process's memory in megabytes at most, and how many rows had differed."""
    command = [sys.executable, "-m", "tests.bench.rebuild_once", url, LEDGER, name]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    printed, _ = await process.communicate()
    rate, memory_mb, differing = json.loads(printed)
    return rate, memory_mb, differing


async def write_meanwhile(service: Service, url: str) -> tuple[float, float]:
    """Appends a second of one caller while balances are rebuilt, and the longest wait in ms: for the comparison."""
    ids = [uuid5(NAMESPACE, f"party {number}") for number in range(2)]
    order = Order(
        ledger_id=LEDGER, command=RecordFavour(giver=ids[0], receiver=ids[1]), who=Who("recorder", "bench", None)
    )
    rebuilding = asyncio.create_task(time_rebuild(url, "balance"))
    waits: list[float] = []
    began = time.perf_counter()
    while not rebuilding.done():
        started = time.perf_counter()
        await service.clerk.submit(order)
        waits.append(time.perf_counter() - started)
    if (await rebuilding)[2]:
        raise WrongLogError("Balances that were right were mended")
    return len(waits) / (time.perf_counter() - began), max(waits) * 1e3


async def bench(sizes: list[int], start: int, rounds: int) -> None:
    """Grow one log from size to size, and rebuild it at each."""
    table = Table(
        "events", "GROUP BY, events/s", "balance, events/s", "ratio", "MB", f"{PAYLOADS}, events/s", "ratio", "MB"
    )
    balances: dict[int, float] = {}
    payloads: dict[int, float] = {}
    memory: dict[int, float] = {}
    with server() as running:
        async with migrated(running, "rebuild") as (url, connection), open_service(url, bytes(32)) as service:
            await fill(service, story(start // 50, start // 20, start))
            await check(connection)
            for size in sizes:
                events = await grow(connection, LEDGER, size, spread=False)
                await time_rebuild(url, "balance")  # the copied events are in no balance yet
                pairs = []
                for _ in range(rounds):
                    limit = await time_group_by(connection)
                    rate, megabytes, differing = await time_rebuild(url, "balance")
                    if differing:
                        raise WrongLogError(f"{differing} balances were not what they had just been built to be")
                    pairs.append((limit, rate, megabytes))
                limit, rate, megabytes = (statistics.median(column) for column in zip(*pairs, strict=True))
                decoded, most, _ = await time_rebuild(url, PAYLOADS)
                balances[size] = statistics.median(rate / limit for limit, rate, _ in pairs)
                payloads[size], memory[size] = decoded / limit, max(most, *(one for _, _, one in pairs))
                figures = (f"{limit:,.0f}", f"{rate:,.0f}", f"{balances[size]:.3f}", f"{megabytes:.0f}")
                table.add_row(f"{events:,}", *figures, f"{decoded:,.0f}", f"{payloads[size]:.3f}", f"{most:.0f}")
            rate, wait = await write_meanwhile(service, url)
            await check(connection, fold=sizes[-1] <= FOLDED)
    console.print(table)
    console.print(f"One caller appended {rate:,.0f} a second meanwhile and waited {wait:,.0f} ms at most.")
    close(
        {
            "rebuild_balance_per_group_by": balances[sizes[-1]],
            "rebuild_payloads_per_group_by": payloads[sizes[-1]],
            "rebuild_memory_mb": memory[sizes[-1]],
            "rebuild_memory_longest_per_shortest": memory[sizes[-1]] / memory[sizes[0]],
            "rebuild_longest_wait_ms": wait,
        }
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--start", type=int, default=10_000, help="events that the clerk records, to be copied")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    uvloop.run(bench(arguments.sizes, arguments.start, arguments.rounds))


if __name__ == "__main__":
    main()
