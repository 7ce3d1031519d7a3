"""The run itself: write, kill, misbehave, and compare what was heard with the log."""

import asyncio
import itertools
import pathlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import httpx
from msgspec import Struct

from services.feeds.bell import rung
from tests.feeds.readers import Reader
from tests.feeds.servers import Servers, several
from tests.services.webhooks.receiver import HANGS, Received, Receiver

WRITERS = 12
FAVOURS = 40
"""Streams that most events go to, so that there is an order to keep."""


class Plan(Struct, frozen=True, kw_only=True):
    """How much is written, and how much is broken."""

    events: int
    servers: int = 3
    readers: int = 3
    kill_every_s: float = 3.0
    fails: float = 0.05
    """The share of requests that the receiver refuses."""
    hangs: float = 0.001
    """The share that it never answers."""


class Result(Struct, kw_only=True):
    """What came of it."""

    log: int
    """Events in the log."""
    kills: int
    seconds: float
    connections: int
    """Of the readers."""
    missed: int
    """Positions that a reader did not hear, or heard twice or out of order, over all readers."""
    requests: int
    """That the receiver got, and how many of them were of an event that it had already."""
    repeated: int
    answers: dict[int, int]
    """What the receiver answered."""
    lost: int
    """Events that never arrived."""
    out_of_order: int
    """Events that came first after a later one of their stream."""

    @property
    def is_good(self) -> bool:
        """Whether everyone heard everything."""
        return not (self.missed or self.lost or self.out_of_order)


class Endpoint:
    """How the receiver behaves: it fails and hangs now and then, says once that it is gone, and is away once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.answers: Counter[int] = Counter()
        self.is_gone = False

    def answer(self, _: Received) -> int:
        status = 204
        if self.is_gone:
            status = 410
        elif random.random() < self.plan.fails:
            status = random.choice([400, 429, 500, 503])
        elif random.random() < self.plan.hangs:
            status = HANGS
        self.answers[status] += 1
        return status


async def run(plan: Plan, say: Callable[[str], None]) -> Result:
    """Do all of a plan."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="requite-feeds-") as folder:
        async with several(pathlib.Path(folder), plan.servers) as servers, httpx.AsyncClient(timeout=40) as client:
            endpoint = Endpoint(plan)
            receiver = Receiver(endpoint.answer)
            async with receiver:
                made = await servers.ask(client, "POST", "/webhooks", {"url": receiver.url, "after": 0})
            readers = [Reader(servers, number % plan.servers) for number in range(plan.readers)]
            beside = [asyncio.create_task(reader.run()) for reader in readers]
            written = asyncio.Event()
            killing = asyncio.create_task(_kill(servers, plan, say, written))
            behave = asyncio.create_task(_misbehave(servers, client, receiver, endpoint, made.json()["id"], say))
            try:
                await _write(servers, plan, say)
                written.set()
                await killing
                head = (await servers.ask(client, "GET", "")).json()["position"]
                say(f"{head} events in the log after {time.monotonic() - began_s:.0f} s")
                await _until_all_is_told(servers, client, readers, made.json()["id"], head)
                behave.cancel()
            finally:
                written.set()
                for task in (*beside, behave):
                    task.cancel()
                await asyncio.gather(*beside, behave, killing, return_exceptions=True)
            first = list({one.id: one for one in reversed(receiver.taken)}.values())[::-1]
            return Result(
                log=head,
                kills=servers.kills,
                seconds=round(time.monotonic() - began_s, 1),
                connections=sum(reader.connections for reader in readers),
                missed=sum(_amiss(reader.heard, head) for reader in readers),
                requests=len(receiver.received),
                repeated=len(receiver.taken) - len(first),
                answers=dict(endpoint.answers),
                lost=len(set(range(1, head + 1)) - {one.position for one in first}),
                out_of_order=_out_of_order(first),
            )


def _amiss(heard: list[int], head: int) -> int:
    """How far what was heard is from 1, 2, 3 … up to the head, each once."""
    if heard == list(range(1, head + 1)):
        return 0
    counted = Counter(heard)
    return max(1, sum(abs(counted[position] - 1) for position in range(1, head + 1)))


def _out_of_order(received: list[Received]) -> int:
    last: dict[str, int] = {}
    late = 0
    for one in received:
        stream = one.message["data"]["stream"]
        late += one.position < last.get(stream, 0)
        last[stream] = max(one.position, last.get(stream, 0))
    return late


async def _write(servers: Servers, plan: Plan, say: Callable[[str], None]) -> None:
    """Record so many events through all servers; each is repeated under its key until it is answered."""
    limits = httpx.Limits(max_connections=WRITERS * 2)
    async with httpx.AsyncClient(timeout=20, limits=limits) as client:
        keyed = Keyed(servers, client)
        anna, ben = [await keyed.record("/parties", {"name": name}) for name in ("Anna", "Ben")]
        body = {"giver": anna, "receiver": ben, "what": "Bread"}
        favours = [await keyed.record("/favours", body) for _ in range(FAVOURS)]
        left = plan.events - 3 - FAVOURS
        written = 0

        async def write() -> None:
            nonlocal written
            while written < left:
                written += 1
                if written % 1000 == 0:
                    say(f"{written} written, {servers.kills} kills")
                await keyed.record(f"/favours/{random.choice(favours)}/thank", {"by": ben, "note": str(written)})

        await asyncio.gather(*(write() for _ in range(WRITERS)))


class Keyed:
    """Records commands under keys, so that each is recorded once however often it has to be sent."""

    def __init__(self, servers: Servers, client: httpx.AsyncClient) -> None:
        self._servers = servers
        self._client = client
        self._number = 0

    async def record(self, path: str, body: object) -> str:
        self._number += 1
        headers = {**self._servers.headers, "Idempotency-Key": f"run-{self._number}"}
        while True:
            with suppress(httpx.TransportError):
                url = f"{self._servers.any()}/v1/ledgers/village{path}"
                response = await self._client.post(url, json=body, headers=headers)
                if response.is_success:
                    return str(response.json()["id"])
                assert response.status_code in {409, 500, 503}, response.text
            await asyncio.sleep(0.05)


async def _kill(servers: Servers, plan: Plan, say: Callable[[str], None], written: asyncio.Event) -> None:
    """Kill one server after the other, and start it again, until all is written."""
    for number in itertools.cycle(range(plan.servers)):
        if await rung(written, plan.kill_every_s):
            return
        await servers.kill(number)
        say(f"killed server {number}; it answers again")


async def _misbehave(
    servers: Servers,
    client: httpx.AsyncClient,
    receiver: Receiver,
    endpoint: Endpoint,
    webhook: str,
    say: Callable[[str], None],
) -> None:
    """Have the receiver run: first for a while, then away, then gone for good until the webhook is enabled again."""
    address = f"/webhooks/{webhook}"
    async with receiver:
        await receiver.until(endpoint.plan.events // 10, within_s=600)
    say("the receiver is away")
    await asyncio.sleep(3)
    async with receiver:
        say("the receiver is back")
        await receiver.until(endpoint.plan.events // 4, within_s=600)
        endpoint.is_gone = True
        while (await servers.ask(client, "GET", address)).json()["disabled_for"] != "gone":  # noqa: ASYNC110 - it tells
            await asyncio.sleep(0.2)
        say("the receiver answered 410, and its webhook is disabled")
        endpoint.is_gone = False
        await servers.ask(client, "PATCH", address, {"enabled": True})
        await asyncio.Event().wait()


async def _until_all_is_told(
    servers: Servers, client: httpx.AsyncClient, readers: list[Reader], webhook: str, head: int
) -> None:
    async with asyncio.timeout(900):
        await asyncio.gather(*(reader.until(head) for reader in readers))
        while True:
            found = (await servers.ask(client, "GET", f"/webhooks/{webhook}")).json()
            if found["position"] >= head and not found["waiting"]:
                return
            await asyncio.sleep(0.2)
