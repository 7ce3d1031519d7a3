"""Durable appends: the clerk as the service runs it, beside other event stores and one INSERT per commit.

One event of about 200 bytes per command, each caller sending one after the other. The clerk applies all rules, seals
the words, keeps the idempotency key and folds every read model in the same commit; the others only store their bytes.

- ``clerk``: over 1,000 ledgers; ``hot``: the same over one; ``owner``: without row-level security, over 1,000
- ``insert``: one INSERT per commit, each caller on its own connection: the limit without batching
- ``stock``: the PostgreSQL recorder of eventsourcing; ``message-db``: over 1,000 categories; ``emmett``
"""

import argparse
import asyncio
import functools
import itertools
import pathlib
import secrets
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import asyncpg
import uvloop
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
from tests.bench.check import check
from tests.bench.harness import (
    Run,
    Timing,
    close,
    console,
    drive,
    migrated,
    ratio,
    server,
    show,
    slow_down,
    summarise,
    weighed,
)
from tests.bench.peers.emmett import prepare_emmett
from tests.bench.peers.message_db import prepare_message_db
from tests.bench.peers.node import MissingPeerError
from tests.bench.peers.stock import prepare_stock

STATE = secrets.token_bytes(200)
WHAT = "carried the groceries up four flights and stayed for a cup of tea, then fixed the lamp in the hall"
CALLERS = (1, 16, 64)
MOST = max(CALLERS)
CATEGORIES = 1_000
AT_ONCE = 200
Timings = dict[tuple[str, int], list[Timing]]


async def prepare_clerk(service: Service, ledgers: int, name: str = "bench", parties: int = 40) -> Run:
    """The clerk with its rules, keys and read models, over some ledgers of so many parties."""
    who = Who("recorder", "bench")
    books: list[tuple[str, list[UUID]]] = []
    for start in range(0, ledgers, AT_ONCE):
        ids = [f"{name}-{n}" for n in range(start, min(start + AT_ONCE, ledgers))]
        books += await asyncio.gather(*(_open(service, one, who, parties) for one in ids))
    numbers = itertools.count()
    run_id = secrets.token_hex(4)

    async def once(_caller: int) -> None:
        n = next(numbers)
        ledger_id, ids = books[n * 7 % ledgers]
        giver = n * 31 % len(ids)
        receiver = (giver + 1 + n % (len(ids) - 1)) % len(ids)
        command = RecordFavour(giver=ids[giver], receiver=ids[receiver], what=WHAT)
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


async def _open(service: Service, ledger_id: str, who: Who, parties: int) -> tuple[str, list[UUID]]:
    await open_ledger(service, ledger_id)
    orders = [Order(ledger_id=ledger_id, command=RegisterParty(name=f"P{n}"), who=who) for n in range(parties)]
    return ledger_id, [receipt.id for receipt in await asyncio.gather(*map(service.clerk.submit, orders))]


async def prepare_insert(connections: Sequence[asyncpg.Connection]) -> Run:
    """One INSERT per commit, each caller on its own connection: the limit without batching."""
    await connections[0].execute(
        "CREATE TABLE bare (stream uuid, version bigint, topic text, state bytea, PRIMARY KEY (stream, version))"
    )
    statements = [
        await opened.prepare("INSERT INTO bare (stream, version, topic, state) VALUES ($1, $2, $3, $4)")
        for opened in connections
    ]

    async def once(caller: int) -> None:
        await statements[caller].fetch(uuid4(), 1, "favour.recorded", STATE)

    return lambda callers, seconds: drive(callers, seconds, once)


def address(running: EmbeddedServer, database: str) -> dict[str, str]:
    """How drivers that read no password file reach a database of the bench's server."""
    found = conninfo_to_dict(running.url(database))
    password = pathlib.Path(str(found["passfile"])).read_text(encoding="utf-8").strip().rsplit(":", 1)[1]
    taken = {name: str(found[name]) for name in ("host", "port", "user")}
    return {**taken, "password": password, "database": database}


async def prepare_peers(running: EmbeddedServer, url: str, stack: AsyncExitStack) -> dict[str, Run]:
    """The plain INSERT, and the other event stores as far as they can be had here."""
    connections = [await connect(url) for _ in range(MOST)]
    for opened in connections:
        stack.push_async_callback(opened.close)
    where = address(running, "bench")
    peers = {"insert": await prepare_insert(connections), "stock": prepare_stock(where, MOST, STATE, stack)}
    waiting: dict[str, Awaitable[Run]] = {
        "message-db": prepare_message_db(connections, CATEGORIES, WHAT),
        "emmett": prepare_emmett(where, WHAT, stack),
    }
    for name, prepared in waiting.items():
        try:
            peers[name] = await prepared
        except MissingPeerError as error:
            console.print(f"Without {name}: {error}")
    return peers


async def bench(rounds: int, seconds: float, ledgers: int, flush_ms: float) -> None:
    """Run all contestants in turn, round by round, and print what came out."""
    timings: Timings = {}
    with server(max_connections=4 * MOST) as running:
        async with AsyncExitStack() as stack:
            url, connection = await stack.enter_async_context(migrated(running, "bench"))
            if flush_ms:
                await slow_down(connection, flush_ms)
            service = await stack.enter_async_context(open_service(url, bytes(32)))
            clerks = {
                "clerk": await prepare_clerk(service, ledgers, parties=10),
                "hot": await prepare_clerk(service, 1, "hot"),
                "owner": await prepare_clerk(await as_owner(service, stack), ledgers, "owner", 10),
            }
            contestants = await prepare_peers(running, url, stack) | clerks
            answered = 0
            for name, run in contestants.items():
                warm = await run(MOST, seconds / 2)
                answered += warm.calls if name in clerks else 0
            for _ in range(rounds):
                for callers in CALLERS:
                    for name, run in contestants.items():
                        timings.setdefault((name, callers), []).append(await weighed(running, run, callers, seconds))
            answered += sum(one.calls for key, taken in timings.items() if key[0] in clerks for one in taken)
            await check(connection, answered)
    show(
        f"Durable appends, {rounds} interleaved rounds of {seconds:g} s, {ledgers:,} ledgers",
        {
            (name, str(callers)): summarise(timings[name, callers])
            for name, callers in sorted(timings, key=lambda key: (key[1], key[0]))
        },
        ("contestant", "callers"),
    )
    close(figures(timings))


def figures(timings: Timings) -> dict[str, float]:
    """The ratios, each the median over the rounds."""
    names = {name for name, _ in timings}
    clerk = timings["clerk", MOST]
    found = {
        f"clerk_per_{peer.replace('-', '_')}_64": ratio(clerk, timings[peer, MOST])
        for peer in ("stock", "message-db", "emmett", "insert")
        if peer in names
    }
    for callers in (16, 1):
        found[f"clerk_per_insert_{callers}"] = ratio(timings["clerk", callers], timings["insert", callers])
    one, limit = timings["clerk", 1], timings["insert", 1]
    found |= {
        "clerk_server_cpu_per_insert_64": ratio(clerk, timings["insert", MOST], "server_us"),
        "p50_per_insert_1": ratio(one, limit, "p50_ms"),
        "hot_per_clerk_64": ratio(timings["hot", MOST], clerk),
    }
    for callers in CALLERS:
        summary = summarise(timings["clerk", callers])
        found[f"clerk_p99_per_p50_{callers}"] = summary.p99_ms / summary.p50_ms
        found[f"clerk_per_owner_{callers}"] = ratio(timings["clerk", callers], timings["owner", callers])
    return found


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each contestant in a round")
    parser.add_argument("--ledgers", type=int, default=1_000)
    parser.add_argument("--flush-ms", type=float, default=0.0, help="how much longer every flush takes: a slower disk")
    arguments = parser.parse_args()
    uvloop.run(bench(arguments.rounds, arguments.seconds, arguments.ledgers, arguments.flush_ms))


if __name__ == "__main__":
    main()
