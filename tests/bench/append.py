"""Durable appends: the clerk as the service runs it, beside the stock recorder and one INSERT per commit.

One event of about 200 bytes per command. The clerk applies all rules, seals the words, keeps the idempotency key and
folds every read model in the same commit; the others only store their bytes. ``owner`` is the clerk as it would be
without row-level security.
"""

import argparse
import asyncio
import concurrent.futures
import functools
import itertools
import pathlib
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import uvloop
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from msgspec.structs import replace
from psycopg.conninfo import conninfo_to_dict

from domain.event import Who
from domain.favour.commands import RecordFavour
from domain.party import RegisterParty
from services.database.embedded import EmbeddedServer
from services.database.pool import connect
from services.ledger.clerk import Clerk
from services.ledger.opening import open_ledger
from services.ledger.order import Order
from services.service import Service, open_service
from tests.bench.harness import Timing, close, drive, migrated, ratio, server, show, slow_down, summarise, timing

STATE = secrets.token_bytes(200)
WHAT = "carried the groceries up four flights and stayed for a cup of tea, then fixed the lamp in the hall"
CALLERS = (1, 16, 64)
Run = Callable[[int, float], Awaitable[Timing]]


async def prepare_clerk(service: Service, ledgers: int, name: str = "bench") -> Run:
    """The clerk with its rules, keys and read models, over some ledgers of 40 parties."""
    who = Who("recorder", "bench")
    books = [await _open(service, f"{name}-{n}", who) for n in range(ledgers)]
    numbers = itertools.count()
    run_id = secrets.token_hex(4)

    async def once(_caller: int) -> None:
        n = next(numbers)
        ledger_id, parties = books[n * 7 % ledgers]
        giver = n * 31 % len(parties)
        receiver = (giver + 1 + n % (len(parties) - 1)) % len(parties)
        command = RecordFavour(giver=parties[giver], receiver=parties[receiver], what=WHAT)
        await service.clerk.submit(
            Order(ledger_id=ledger_id, command=command, who=who, idempotency_key=f"{run_id}-{n}")
        )

    return lambda callers, seconds: drive(callers, seconds, once)


async def as_owner(service: Service, stack: AsyncExitStack) -> Service:
    """The same, but its clerk writes as the tables' owner, whom row-level security lets through."""
    clerk = Clerk(functools.partial(connect, service.url), service.master_key)
    await clerk.start()
    stack.push_async_callback(clerk.stop)
    return replace(service, clerk=clerk)


async def _open(service: Service, ledger_id: str, who: Who) -> tuple[str, list[UUID]]:
    await open_ledger(service, ledger_id)
    orders = [Order(ledger_id=ledger_id, command=RegisterParty(name=f"P{n}"), who=who) for n in range(40)]
    return ledger_id, [receipt.id for receipt in await asyncio.gather(*map(service.clerk.submit, orders))]


async def prepare_insert(url: str, stack: AsyncExitStack) -> Run:
    """One INSERT per commit, each caller on its own connection: the limit without batching."""
    connection = await connect(url)
    await connection.execute(
        "CREATE TABLE bare (stream uuid, version bigint, topic text, state bytea, PRIMARY KEY (stream, version))"
    )
    await connection.close()
    connections = [await connect(url) for _ in range(max(CALLERS))]
    for opened in connections:
        stack.push_async_callback(opened.close)
    statements = [
        await opened.prepare("INSERT INTO bare (stream, version, topic, state) VALUES ($1, $2, $3, $4)")
        for opened in connections
    ]

    async def once(caller: int) -> None:
        await statements[caller].fetch(uuid4(), 1, "favour.recorded", STATE)

    return lambda callers, seconds: drive(callers, seconds, once)


def prepare_stock(running: EmbeddedServer, name: str, stack: AsyncExitStack) -> Run:
    """The library's own PostgreSQL recorder, as it comes: psycopg and a table lock, one thread per caller."""
    address = conninfo_to_dict(running.url(name))
    password = pathlib.Path(str(address["passfile"])).read_text(encoding="utf-8").strip().rsplit(":", 1)[1]
    datastore = PostgresDatastore(
        dbname=name,
        host=str(address["host"]),
        port=str(address["port"]),
        user=str(address["user"]),
        password=password,
        pool_size=max(CALLERS),
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stock")
    recorder.create_table()
    stack.callback(datastore.close)
    pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(max_workers=max(CALLERS)))

    def caller(seconds: float, latencies: list[float], ready: threading.Barrier) -> None:
        ready.wait()
        end = time.perf_counter() + seconds
        started = time.perf_counter()
        while started < end:
            recorder.insert_events([StoredEvent(uuid4(), 1, "favour.recorded", STATE)])
            finished = time.perf_counter()
            latencies.append(finished - started)
            started = finished

    async def run(callers: int, seconds: float) -> Timing:
        ready = threading.Barrier(callers)
        latencies: list[list[float]] = [[] for _ in range(callers)]
        loop = asyncio.get_running_loop()
        begun = time.perf_counter()
        await asyncio.gather(
            *(loop.run_in_executor(pool, functools.partial(caller, seconds, own, ready)) for own in latencies)
        )
        return timing([one for own in latencies for one in own], time.perf_counter() - begun)

    return run


async def bench(rounds: int, seconds: float, ledgers: int, flush_ms: float) -> None:
    """Run all contestants in turn, round by round, and print what came out."""
    timings: dict[tuple[str, str], list[Timing]] = {}
    with server() as running:
        async with AsyncExitStack() as stack:
            url, connection = await stack.enter_async_context(migrated(running, "bench"))
            if flush_ms:
                await slow_down(connection, flush_ms)
            service = await stack.enter_async_context(open_service(url, bytes(32)))
            contestants = {
                "stock": prepare_stock(running, "bench", stack),
                "insert": await prepare_insert(url, stack),
                "clerk": await prepare_clerk(service, ledgers),
                "owner": await prepare_clerk(await as_owner(service, stack), ledgers, "owner"),
            }
            for run in contestants.values():
                await run(max(CALLERS), seconds / 2)
            for _ in range(rounds):
                for callers in CALLERS:
                    for name, run in contestants.items():
                        timings.setdefault((name, str(callers)), []).append(await run(callers, seconds))
    show(
        f"Durable appends, {rounds} interleaved rounds of {seconds:g} s, {ledgers} ledgers",
        {key: summarise(timings[key]) for key in sorted(timings, key=lambda key: (int(key[1]), key[0]))},
        ("contestant", "callers"),
    )
    close(
        {
            "clerk_per_stock_64": ratio(timings["clerk", "64"], timings["stock", "64"]),
            "clerk_per_insert_64": ratio(timings["clerk", "64"], timings["insert", "64"]),
            "clerk_per_insert_16": ratio(timings["clerk", "16"], timings["insert", "16"]),
            "clerk_per_owner_64": ratio(timings["clerk", "64"], timings["owner", "64"]),
            "clerk_per_owner_16": ratio(timings["clerk", "16"], timings["owner", "16"]),
            "clerk_per_owner_1": ratio(timings["clerk", "1"], timings["owner", "1"]),
            "p50_per_insert_1": ratio(timings["clerk", "1"], timings["insert", "1"], "p50_ms"),
        }
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each contestant in a round")
    parser.add_argument("--ledgers", type=int, default=16)
    parser.add_argument("--flush-ms", type=float, default=0.0, help="how much longer every flush takes: a slower disk")
    arguments = parser.parse_args()
    uvloop.run(bench(arguments.rounds, arguments.seconds, arguments.ledgers, arguments.flush_ms))


if __name__ == "__main__":
    main()
