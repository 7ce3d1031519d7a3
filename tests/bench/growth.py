"""What a longer log costs: ledgers of several lengths on one server, asked and written to in turn.

A ledger grows by more parties, as one does that people join: each has as much of a history in all of them. One caller
appends, reads the balance of two parties, and has the promises of one party audited.
"""

import argparse
import functools
import itertools
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import UUID, uuid5

import asyncpg
import uvloop

from domain.event import Who
from domain.favour.commands import RecordFavour
from services.ledger.order import Order
from services.ledger.rebuild import rebuild
from services.reading.audit import read_audit
from services.reading.balance import read_relationship
from services.reading.pages import Page
from services.reading.snapshot import open_snapshot
from services.reading.standing import PromiseFilter
from services.service import Service, open_service
from tests.bench.bulk import grow
from tests.bench.check import check
from tests.bench.harness import Summary, Timing, close, drive, migrated, server, show, spread, summarise
from tests.bench.pages import LEDGER, NAMESPACE, fill, story

CHECKED = 1_000_000
"""The longest log that is folded again in Python; SQL adds up longer ones."""
Once = Callable[[int], Awaitable[object]]


def questions(service: Service, ids: list[UUID]) -> dict[str, Once]:
    """What is timed, by name; the parties are those of the original history."""
    numbers = itertools.count()
    who, run_id = Who("recorder", "bench"), secrets.token_hex(4)

    def pair() -> tuple[int, UUID, UUID]:
        n = next(numbers)
        one = n * 31 % len(ids)
        return n, ids[one], ids[(one + 1 + n % (len(ids) - 1)) % len(ids)]

    async def append(_caller: int) -> None:
        n, giver, receiver = pair()
        command = RecordFavour(giver=giver, receiver=receiver, what="Some help")
        await service.clerk.submit(Order(ledger_id=LEDGER, command=command, who=who, idempotency_key=f"{run_id}-{n}"))

    async def balance(_caller: int) -> None:
        _, a, b = pair()
        async with open_snapshot(service, LEDGER) as snapshot:
            await read_relationship(snapshot, a, b)

    async def audit(_caller: int) -> None:
        _, party, _ = pair()
        async with open_snapshot(service, LEDGER) as snapshot:
            await read_audit(snapshot, PromiseFilter(party=party), page=Page(limit=100))

    return {"append": append, "balance": balance, "audit": audit}


async def make(connection: asyncpg.Connection, service: Service, start: int, size: int) -> list[UUID]:
    """A ledger of a size; answers the parties of its original history."""
    parties = start // 50
    await fill(service, story(parties, start // 20, start))
    await grow(connection, LEDGER, size, spread=True)
    await rebuild(connection, LEDGER, ["balance"])
    await connection.execute("VACUUM ANALYZE balance")
    return [uuid5(NAMESPACE, f"party {number}") for number in range(parties)]


async def bench(sizes: list[int], start: int, rounds: int, seconds: float) -> None:
    """Make the ledgers, then go from one to the next, round by round."""
    timings: dict[str, dict[int, list[Timing]]] = {}
    with server() as running:
        async with AsyncExitStack() as stack:
            asked: dict[int, dict[str, Once]] = {}
            connections: dict[int, asyncpg.Connection] = {}
            for size in sizes:
                url, connections[size] = await stack.enter_async_context(migrated(running, f"growth_{size}"))
                service = await stack.enter_async_context(open_service(url, bytes(32)))
                asked[size] = questions(service, await make(connections[size], service, start, size))
            for number, (name, size) in itertools.product(range(rounds + 1), itertools.product(asked[sizes[0]], sizes)):
                taken = await drive(1, seconds, asked[size][name])
                if number:  # the one before the first warms them up
                    timings.setdefault(name, {}).setdefault(size, []).append(taken)
            for size, connection in connections.items():
                await check(connection, fold=size <= CHECKED)
    rows: dict[tuple[str, ...], Summary] = {
        (name, f"{size:,}"): summarise(taken) for name, by_size in timings.items() for size, taken in by_size.items()
    }
    show(f"Growth, 1 caller, {rounds} interleaved rounds of {seconds:g} s", rows, ("what", "events"))
    median = functools.partial(spread, figure="p50_ms")
    close(
        {
            "growth_append_p50": median(timings["append"]),
            "growth_append_p99": spread(timings["append"], "p99_ms"),
            "growth_balance": median(timings["balance"]),
            "growth_audit": median(timings["audit"]),
        }
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--start", type=int, default=10_000, help="events that the clerk records, to be copied")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each question in a round")
    arguments = parser.parse_args()
    uvloop.run(bench(arguments.sizes, arguments.start, arguments.rounds, arguments.seconds))


if __name__ == "__main__":
    main()
