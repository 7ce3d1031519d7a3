"""Callers that use the Python client, behind a load balancer, and what they were told."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self
from uuid import UUID

import asyncpg
import httpx

from services.client import AsyncClient
from services.client.async_calls import AsyncLedger
from services.client.problems import RequiteError

CALLERS = 4
THINK_S = 0.2
"""How long a caller waits at most before its next round, so that the processes have time to start."""
LOOKS_EVERY_S = 0.1
LOG = "SELECT position, stream_id, version, topic FROM event WHERE ledger_id = $1 ORDER BY position"


class Balancer(httpx.AsyncBaseTransport):
    """Sends each request to one of the processes that said of late that they are ready, in turn."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = [httpx.URL(address) for address in addresses]
        self._ready = list(self._addresses)
        self._over = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=4 * CALLERS))
        self._turn = 0
        self.answers: Counter[str] = Counter()
        """By status, or by the error where there was none."""

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._looking
        await self._over.aclose()

    async def _look(self) -> None:
        async with httpx.AsyncClient(timeout=1) as client:
            while True:
                self._ready = [address for address in self._addresses if await _is_ready(client, address)]
                await asyncio.sleep(LOOKS_EVERY_S)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request to one process; no try is repeated here."""
        self._turn += 1
        among = self._ready or self._addresses
        address = among[self._turn % len(among)]
        request.url = request.url.copy_with(scheme=address.scheme, host=address.host, port=address.port)
        request.headers["Host"] = f"{address.host}:{address.port}"
        try:
            answer = await self._over.handle_async_request(request)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            raise
        self.answers[str(answer.status_code)] += 1
        return answer

    async def aclose(self) -> None:
        """Nothing: the clients close it, and others go on with it."""


async def _is_ready(client: httpx.AsyncClient, address: httpx.URL) -> bool:
    try:
        return (await client.get(address.join("/health/ready"))).status_code == 200
    except httpx.HTTPError:
        return False


class Load:
    """What the callers did, and what of it failed."""

    def __init__(self, ledger: AsyncLedger, parties: Sequence[UUID]) -> None:
        self._ledger = ledger
        self._parties = parties
        self.positions: dict[int, UUID] = {}
        """Where the answers said that something stands, and of which stream."""
        self.answered: Counter[str] = Counter()
        """By what was called."""
        self.failed: list[str] = []
        self._is_over = asyncio.Event()

    async def _call(self, number: int) -> None:
        chance = random.Random(number)
        while not self._is_over.is_set():
            await asyncio.sleep(chance.uniform(0, THINK_S))
            for act in (self._write, self._read):
                try:
                    await act(chance)
                except RequiteError as error:
                    self.failed.append(f"{act.__name__}: {error!r}")

    async def _write(self, chance: random.Random) -> None:
        giver, receiver = chance.sample(self._parties, 2)
        receipt = await self._ledger.favours.record(giver=giver, receiver=receiver, what="Lent the ladder")
        self._note("favour", receipt.id, receipt.position)
        made = await self._ledger.promises.make(promisor=giver, promisee=receiver, what="Mend the roof")
        self._note("promise", made.id, made.position)
        report = await self._ledger.promises.report_delivery(made.id, by=giver)
        self._note("report", made.id, report.position)

    def _note(self, what: str, stream: UUID, position: int) -> None:
        if position in self.positions:
            self.failed.append(f"position {position} was given twice")
        self.positions[position] = stream
        self.answered[what] += 1

    async def _read(self, chance: random.Random) -> None:
        a, b = chance.sample(self._parties, 2)
        promises = self._ledger.promises
        await promises.audit(promisor=a)
        await self._ledger.relationships.read(a, b)
        await self._ledger.parties.attention(a)
        await self._ledger.parties.balance(a)
        position, stream = chance.choice([*self.positions.items()])
        read = await self._ledger.events.read(position)
        if (read.event.event or {}).get("stream") != str(stream):
            self.failed.append(f"another stream than {stream} stands at {position}")
        self.answered["read"] += 5

    async def check(self, connection: asyncpg.Connection, ledger: str, before: int) -> list[str]:
        """What of the log does not agree with the answers. All of it past ``before`` has to be these callers'."""
        rows = await connection.fetch(LOG, ledger)
        wrong = [f"{row['position']} stands at {n}" for n, row in enumerate(rows, 1) if row["position"] != n]
        found = {row["position"]: UUID(int=row["stream_id"].int) for row in rows if row["position"] > before}
        wrong += [f"lost: {position}" for position in self.positions if self.positions[position] != found.get(position)]
        wrong += [f"nobody was told of {position}" for position in found if position not in self.positions]
        return wrong


@asynccontextmanager
async def under_load(balancer: Balancer, key: str, ledger: str, parties: Sequence[UUID]) -> AsyncIterator[Load]:
    """Callers for as long as the block takes; on the way out each ends what it is at."""
    async with AsyncClient("http://requite.test", key, transport=balancer) as client:
        load = Load(client.ledger(ledger), parties)
        callers = [asyncio.create_task(load._call(number)) for number in range(CALLERS)]
        try:
            yield load
        finally:
            load._is_over.set()
            await asyncio.gather(*callers)
