"""One fault run: build a world, load it, break it again and again, let it mend, check it."""

import asyncio
import random
import sys
import time
from collections.abc import Callable
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.event import Who
from domain.party import RegisterParty
from services.access.keys import create_key
from services.database.migrate import migrate
from services.ledger.opening import open_ledger
from services.ledger.order import Order
from services.service import open_service
from tests.faults.check import Checkpoints, Findings, check
from tests.faults.load import CANARY, PARTIES, Book, Load
from tests.faults.nemesis import Nemesis
from tests.faults.world import MASTER_KEY, UP_WITHIN_S, World, build

LEDGERS = 3
CLIENTS = 32
SERVERS = 2
AT_ONCE = 4
"""How many faults may be under way at the same time."""
APART_S = 0.5
"""Between the beginnings of two."""
SAVE_EVERY_S = 2.0


class Result(Struct, kw_only=True):
    """What a run came to."""

    seed: int
    seconds: float
    faults: dict[str, int]
    missing: list[str]
    writes: int
    answered: int
    tries: int
    failures: dict[str, int]
    starts: int
    """How often a server was started."""
    findings: Findings


async def run(
    seed: int, *, seconds: float, faults: int | None = None, say: Callable[[str], None] = lambda _line: None
) -> Result:
    """Run for some seconds, or for a number of faults, by the seed; the checker's word is in the result."""
    async with build(SERVERS, random.Random(f"{seed}-wire")) as world:
        books = await _open_books(world)
        await world.recover()
        load, saved = Load(world, books, seed), Checkpoints(world, books)
        nemesis = Nemesis(world, random.Random(seed))
        callers = [asyncio.create_task(load.call(number)) for number in range(CLIENTS)]
        auditor = asyncio.create_task(saved.follow(SAVE_EVERY_S))
        begun = time.monotonic()
        await _break(world, nemesis, load, seconds, faults, say)
        lasted = time.monotonic() - begun
        say("letting it mend")
        load.is_over = True
        await world.recover()
        _, stuck = await asyncio.wait(callers, timeout=UP_WITHIN_S)
        auditor.cancel()
        for caller in callers:
            if caller not in stuck:
                caller.result()
        say("reading the log")
        findings = await check(world, load, books, saved)
        if stuck:
            findings.stuck = len(stuck)
            findings.remark(f"{len(stuck)} callers have no answer though all runs again")
        return Result(
            seed=seed,
            seconds=round(lasted, 1),
            faults=dict(nemesis.counts),
            missing=nemesis.missing(),
            writes=len(load.sent),
            answered=load.answered,
            tries=sum(one.tries for one in load.sent),
            failures=dict(load.failures),
            starts=sum(server.starts for server in world.servers),
            findings=findings,
        )


async def _break(
    world: World, nemesis: Nemesis, load: Load, seconds: float, faults: int | None, say: Callable[[str], None]
) -> None:
    """Round by round: every kind once, some at the same time; between two rounds all has to come back to work."""
    end, left = time.monotonic() + seconds, faults or sys.maxsize
    while left and time.monotonic() < end:
        kinds = nemesis.round()[:left]
        left -= len(kinds)
        room = asyncio.Semaphore(AT_ONCE)
        say(f"{sum(nemesis.counts.values()):4} faults, {load.answered:7} writes answered; now {', '.join(kinds)}")
        await asyncio.gather(*[_commit(nemesis, kind, room, number) for number, kind in enumerate(kinds)])
        await world.recover()
        before = load.answered
        async with asyncio.timeout(UP_WITHIN_S):
            while load.answered < before + CLIENTS:
                await asyncio.sleep(0.02)


async def _commit(nemesis: Nemesis, kind: str, room: asyncio.Semaphore, number: int) -> None:
    await asyncio.sleep(number * APART_S)
    async with room:
        await nemesis.commit(kind)


async def _open_books(world: World) -> list[Book]:
    connection: asyncpg.Connection = await world.connect()
    await migrate(connection)
    await connection.close()
    books = []
    async with open_service(world.database.url, MASTER_KEY) as service:
        for number in range(LEDGERS):
            ledger = f"faults-{number}"
            await open_ledger(service, ledger)
            token, _ = await create_key(service.pool, ledger, "load", ("read", "record"), clock=service.clock)
            book = Book(ledger, token)
            for n in range(PARTIES):
                party = UUID(int=1 + n)
                command = RegisterParty(name=f"{CANARY} {n}")
                who = Who("recorder", "load")
                await service.clerk.submit(Order(ledger_id=ledger, command=command, who=who, stream=party))
                book.parties.append(str(party))
            books.append(book)
    return books
