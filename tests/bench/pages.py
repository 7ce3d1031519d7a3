"""The pages of a large ledger: ``uv run python -m tests.bench.pages``.

5,000 relationships among 1,500 parties in 100,000 events: favours, acknowledgements and promises. Each page is asked
for over HTTP one after the other, and timed where the service does its work; then a real browser, where there is one,
opens the first page and says when it first painted anything. The last line is JSON.
"""

import argparse
import asyncio
import random
import re
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import httpx
import msgspec
from litestar import Litestar
from rich.table import Table

from domain.command import Command
from domain.event import Who
from domain.favour.commands import AcknowledgeFavour, RecordFavour
from domain.party import RegisterParty
from domain.policy import Policy
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from services.access.keys import create_key
from services.access.links import create_link
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
    await service.pool.execute("ANALYZE")
    await build_whole(service.pool, LEDGER)


async def link(service: Service, party: UUID | None) -> str:
    """The path of a sign-in link."""
    scopes: Any = ("admin",) if party is None else ("read", "record")
    _, key = await create_key(
        service.pool, LEDGER, "bench", scopes, None if party is None else [party], clock=service.clock
    )
    return f"/sign-in/{LEDGER}/{await create_link(service.pool, key, clock=service.clock)}"


async def time_pages(app: Litestar, service: Service, party: UUID, rounds: int) -> dict[str, tuple[float, float, int]]:
    """By page: median and 95th percentile of the service's time in milliseconds, and the size of its HTML."""
    other = await service.pool.fetchval(
        "SELECT receiver FROM balance WHERE ledger_id = $1 AND giver = $2 LIMIT 1", LEDGER, party
    )
    paths = {
        "where all stand": ("/", None),
        "where one stands": ("/", party),
        "relationships": ("/relationships", None),
        "a relationship": (f"/relationships/{party}/{other}", party),
        "promises": ("/promises", None),
        "one's promises": ("/promises", party),
        "trust": (f"/people/{party}/trust", None),
        "introductions": ("/introductions", party),
        "attention": ("/attention", party),
        "people": ("/people", None),
        "a party": (f"/people/{party}", None),
        "log": ("/log", None),
        "an event": ("/log/50000", None),
        "settings": ("/settings", None),
        "a form": ("/do/favour.record", party),
    }
    found = {}
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    for name, (path, side) in paths.items():
        async with httpx.AsyncClient(transport=transport, base_url="http://bench.test") as client:
            await client.post(await link(service, side))
            times, size = [], 0
            for _ in range(rounds + 2):
                began = time.perf_counter()
                answer = await client.get(path)
                times.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, (path, answer.status_code)
                size = len(answer.content)
            times = sorted(times[2:])
            found[name] = (statistics.median(times), times[int(0.95 * (len(times) - 1))], size)
    return found


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
    table = Table("page", "median, ms", "p95, ms", "HTML, KB", box=None)
    for name, (median, late, size) in pages.items():
        table.add_row(name, f"{median:.1f}", f"{late:.1f}", f"{size / 1000:.1f}")
    console.print(table)
    console.print(f"JavaScript {script / 1000:.1f} KB; first paint {'unknown' if paint is None else f'{paint:.0f} ms'}")
    worst = max(late for _, late, _ in pages.values())
    largest = max(size for _, _, size in pages.values())
    close(
        {
            "events": len(orders),
            "p95_ms": round(worst, 1),
            "html_bytes": largest,
            "script_bytes": script,
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
