"""The pages of a large ledger: ``uv run python -m tests.bench.pages``.

5,000 relationships among 1,500 parties in 100,000 events: favours, acknowledgements and promises. Each page is asked
for as over HTTP, one after the other, beside an empty page of Litestar's; then a real browser, where there is one,
opens the first page and says when it first painted anything. The last line is JSON.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import httpx
import msgspec
import psutil
from litestar import Litestar, get
from rich.table import Table

from domain.command import Command
from domain.event import Who
from domain.favour.commands import AcknowledgeFavour, RecordFavour
from domain.party import RegisterParty
from domain.policy import Policy
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from services.access.keys import create_key
from services.access.links import create_link
from services.database.pool import connect
from services.http.app import create_app
from services.ledger.opening import open_ledger
from services.ledger.order import Order
from services.proof.builder import build_whole
from services.service import Service, open_service
from tests.bench.harness import close, console, migrated, server
from tests.browser.site import find_chromium, open_browser, open_site

LEDGER = "bench"
SEED, NAMESPACE = 7, UUID("9c5c7fb6-9d0c-4b8e-8d49-64c6f5a2d7b1")
AT_ONCE = 4_000
WARM_ROUNDS = 3
MOVED_ON = "where all stand, after an event"
"""What was kept of the whole ledger is read anew then."""
PAINT = """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime))
.observe({ type: "paint", buffered: true }))"""


def story(parties: int, relationships: int, events: int) -> list[Order]:
    """A ledger's orders, the same each time."""
    chance = random.Random(SEED)
    ids = [uuid5(NAMESPACE, f"party {number}") for number in range(parties)]
    first = datetime.now(UTC) - timedelta(days=400)
    who = Who("recorder", "bench")

    def order(command: Command, stream: UUID | None = None, by: UUID | None = None) -> Order:
        if by is not None:
            command = msgspec.structs.replace(command, by=by)
        return Order(ledger_id=LEDGER, command=command, who=Who(who.capacity, who.key, by), stream=stream)

    orders = [order(RegisterParty(name=f"Person {number:04}"), one) for number, one in enumerate(ids)]
    pairs = [tuple(chance.sample(ids, 2)) for _ in range(relationships)]
    step = timedelta(days=395) / events
    while len(orders) < events:
        giver, receiver = chance.choice(pairs)
        stream, at = uuid5(NAMESPACE, f"stream {len(orders)}"), first + step * len(orders)
        if chance.random() < 0.8:
            unit = chance.choice(("favour", "minute"))
            given = RecordFavour(
                giver=giver,
                receiver=receiver,
                unit=unit,
                quantity=chance.randint(1, 60),
                what="Some help",
                occurred_at=at,
            )
            orders += [order(given, stream), order(AcknowledgeFavour(occurred_at=at), stream, receiver)]
            continue
        due = at + timedelta(days=chance.randint(5, 60))
        made = MakePromise(promisor=giver, promisee=receiver, what="A shelf", due=due, occurred_at=at)
        orders.append(order(made, stream))
        if chance.random() < 0.9 and at < datetime.now(UTC) - timedelta(days=3):
            orders.append(order(ReportDelivery(occurred_at=at), stream, giver))
            orders.append(order(AcceptDelivery(occurred_at=at), stream, receiver))
    return orders


async def fill(service: Service, orders: list[Order]) -> None:
    """Record them all."""
    await open_ledger(service, LEDGER, title="A large ledger", policy=Policy(units=("favour", "minute")))
    for start in range(0, len(orders), AT_ONCE):
        for outcome in await service.clerk.submit_all(orders[start : start + AT_ONCE]):
            if isinstance(outcome, BaseException):
                raise outcome
    await build_whole(service.pool, LEDGER)
    owner = await connect(service.url)  # the service's role may not
    try:
        await owner.execute("ANALYZE")
    finally:
        await owner.close()


async def link(service: Service, party: UUID | None) -> str:
    """The path of a sign-in link."""
    scopes: Any = ("admin",) if party is None else ("read", "record")
    _, key = await create_key(
        service.pool, LEDGER, "bench", scopes, None if party is None else [party], clock=service.clock
    )
    return f"/sign-in/{LEDGER}/{await create_link(service.pool, key, clock=service.clock)}"


class Cost(NamedTuple):
    """What a page costs: milliseconds the service takes, those of processors among them, and bytes of its HTML."""

    median_ms: float
    p95_ms: float
    cpu_ms: float
    """Of this process, on average: other work on the machine makes a page late, but not this much larger."""
    database_ms: float
    """The same of the database's processes."""
    size: int


async def addresses(service: Service, party: UUID) -> dict[str, tuple[str, UUID | None]]:
    """Every page by its name: its address, and the party whose key looks at it; a recorder's where there is none."""
    fetch = service.pool.fetchval
    other = await fetch("SELECT receiver FROM balance WHERE ledger_id = $1 AND giver = $2 LIMIT 1", LEDGER, party)
    promise = await fetch("SELECT promise_id FROM promise WHERE ledger_id = $1 AND promisor = $2", LEDGER, party)
    favour = await fetch(
        "SELECT stream_id FROM event WHERE ledger_id = $1 AND giver = $2 AND topic = 'favour.recorded'", LEDGER, party
    )
    return {
        "where all stand": ("/", None),
        "where one stands": ("/", party),
        "relationships": ("/relationships", None),
        "one's relationships": ("/relationships", party),
        "a relationship": (f"/relationships/{party}/{other}", party),
        "promises": ("/promises", None),
        "promises then": ("/promises?as_of=50000", None),
        "one's promises": ("/promises", party),
        "a promise": (f"/promises/{promise}", party),
        "a favour": (f"/favours/{favour}", party),
        "trust": (f"/people/{party}/trust", None),
        "introductions": ("/introductions", party),
        "network": ("/network", None),
        "one's network": ("/network", party),
        "attention": ("/attention", party),
        "people": ("/people", None),
        "a party": (f"/people/{party}", None),
        "log": ("/log", None),
        "an event": ("/log/50000", None),
        "settings": ("/settings", None),
        "a form": ("/do/favour.record", party),
    }


@get("/", media_type="text/html", sync_to_thread=False)
def empty() -> str:
    """A page with nothing on it."""
    return "<!doctype html><title>empty</title>"


async def time_pages(app: Litestar, service: Service, party: UUID, rounds: int) -> dict[str, Cost]:
    """What each page costs, and one with nothing on it: all of them in each round, one after the other."""
    looks: dict[str, tuple[httpx.AsyncClient, str]] = {}
    async with AsyncExitStack() as stack:

        async def client(application: Litestar) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(application)  # type: ignore[arg-type]
            return await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://bench.test"))

        looks["an empty page"] = (await client(Litestar([empty])), "/")
        for name, (path, side) in (await addresses(service, party)).items():
            looks[name] = (await client(app), path)
            await looks[name][0].post(await link(service, side))
        backends = await find_backends(service)
        found: dict[str, list[tuple[float, float, float, int]]] = {name: [] for name in looks}
        given = RecordFavour(giver=party, receiver=uuid5(NAMESPACE, "party 4"), what="Some help")
        looks[MOVED_ON], found[MOVED_ON] = looks["where all stand"], []
        for _ in range(rounds + WARM_ROUNDS):
            for name, (asking, path) in looks.items():
                if name == MOVED_ON:
                    await service.clerk.submit(
                        Order(ledger_id=LEDGER, command=given, who=Who("recorder", "bench", None))
                    )
                found[name].append(await time_page(asking, path, backends))
    return {name: cost_of(costs[WARM_ROUNDS:]) for name, costs in found.items()}


async def time_page(
    client: httpx.AsyncClient, path: str, backends: Sequence[psutil.Process]
) -> tuple[float, float, float, int]:
    """One look at a page: milliseconds on the clock, of this process and of the database's, and the HTML's bytes."""
    in_database, in_process, began = cpu_s(backends), time.process_time(), time.perf_counter()
    answer = await client.get(path)
    took, in_process = time.perf_counter() - began, time.process_time() - in_process
    assert answer.status_code == 200, (path, answer.status_code)
    return took * 1000, in_process * 1000, (cpu_s(backends) - in_database) * 1000, len(answer.content)


def cost_of(looks: Sequence[tuple[float, float, float, int]]) -> Cost:
    """The figures of many looks."""
    times = sorted(look[0] for look in looks)
    return Cost(
        statistics.median(times),
        times[int(0.95 * (len(times) - 1))],
        statistics.fmean(look[1] for look in looks),
        statistics.fmean(look[2] for look in looks),
        looks[-1][3],
    )


async def find_backends(service: Service) -> list[psutil.Process]:
    """The database's processes: one for each connection."""
    connection = await connect(service.url)  # as the owner, who sees all of them
    try:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    return [psutil.Process(row["pid"]) for row in rows]


def cpu_s(processes: Iterable[psutil.Process]) -> float:
    """Seconds of processors that these took so far; the kernel counts them in hundredths."""
    return sum(sum(process.cpu_times()[:2]) for process in processes if process.is_running())


async def first_paint(service: Service) -> float | None:
    """When the first page first paints something, in milliseconds, as the browser says; the median of five."""
    path = find_chromium()
    if path is None:
        return None
    async with open_site(service) as site, open_browser(path) as browser:
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(site.url + await link(service, None))
        await page.get_by_role("button", name="Sign in").click()
        times = []
        for _ in range(5):
            await page.goto(site.url)
            times.append(float(await page.evaluate(PAINT)))
        return statistics.median(times)


async def script_size(app: Litestar) -> int:
    """How many bytes of JavaScript a page loads, as they are."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench.test") as client:  # type: ignore[arg-type]
        files = re.findall(r'src="(/assets/[^"]+\.js)"', (await client.get("/")).text)
        return sum([len((await client.get(file)).content) for file in files])


async def main(arguments: argparse.Namespace) -> None:
    """Fill a ledger, time its pages."""
    orders = story(arguments.parties, arguments.relationships, arguments.events)
    with server() as running:
        async with migrated(running, "pages") as (url, _), open_service(url, bytes(range(32))) as service:
            began = time.perf_counter()
            await fill(service, orders)
            console.print(f"{len(orders)} events recorded in {time.perf_counter() - began:.0f} s")
            app = create_app(service)
            party = uuid5(NAMESPACE, "party 3")
            pages = await time_pages(app, service, party, arguments.rounds)
            script, paint = await script_size(app), await first_paint(service)
    table = Table("page", "median, ms", "p95, ms", "CPU, ms", "and in the database", "HTML, KB", box=None)
    for name, one in pages.items():
        figures = (one.median_ms, one.p95_ms, one.cpu_ms, one.database_ms, one.size / 1000)
        table.add_row(name, *(f"{figure:.1f}" for figure in figures))
    console.print(table)
    console.print(f"JavaScript {script / 1000:.1f} KB; first paint {'unknown' if paint is None else f'{paint:.0f} ms'}")
    nothing = pages.pop("an empty page")
    close(
        {
            "events": len(orders),
            "p95_ms": round(max(one.p95_ms for one in pages.values()), 1),
            "cpu_ms": round(max(one.cpu_ms + one.database_ms for one in pages.values()), 1),
            "empty_page_p95_ms": round(nothing.p95_ms, 1),
            "html_bytes": max(one.size for one in pages.values()),
            "script_bytes": script,
            "load": os.getloadavg()[0],
            **({} if paint is None else {"first_paint_ms": paint}),
        }
    )


def arguments_given() -> argparse.Namespace:
    """How large, and how often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parties", type=int, default=1_500)
    parser.add_argument("--relationships", type=int, default=5_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments_given()))
