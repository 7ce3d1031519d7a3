"""Several real servers on one database, each of which may be killed and started again at its address."""

import asyncio
import base64
import pathlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.access.keys import create_key
from services.database.embedded import EmbeddedServer
from services.database.migrate import migrate
from services.database.pool import connect, ensure_database
from services.ledger.opening import open_ledger
from services.service import open_service
from tests.serving import Serving

MASTER_KEY = bytes(range(32))
LEDGER = "village"
PATH = f"/v1/ledgers/{LEDGER}"


class Servers:
    """``requite serve`` several times."""

    def __init__(self, folder: pathlib.Path, url: str, key: str, count: int) -> None:
        self.headers = {"Authorization": f"Bearer {key}"}
        self.kills = 0
        self._folder = folder
        self._variables = {
            "DATABASE_URL": url,
            "REQUITE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            "REQUITE_WEBHOOKS_ALLOW_PRIVATE": "1",
            "REQUITE_LOG_LEVEL": "warning",
            "REQUITE_RATE_LIMIT": "off",
        }
        self._serving: list[Serving | None] = [None] * count
        self.addresses = [""] * count

    async def start(self, number: int) -> None:
        """Start a server, where it was before if it was."""
        port = self.addresses[number].rpartition(":")[2] or "0"
        serving = await asyncio.to_thread(Serving, self._folder, "--port", port, **self._variables)
        self._serving[number] = serving
        self.addresses[number] = serving.address

    async def kill(self, number: int) -> None:
        """Kill a server and all its processes, and start it again."""
        serving = self._serving[number]
        assert serving is not None
        await asyncio.to_thread(serving.kill)
        self.kills += 1
        await self.start(number)

    async def stop(self) -> None:
        """End them all."""
        for serving in self._serving:
            if serving is not None:
                await asyncio.to_thread(serving.interrupt)

    def any(self) -> str:
        """One of the addresses."""
        return random.choice(self.addresses)

    async def ask(self, client: httpx.AsyncClient, method: str, path: str, body: object = None) -> httpx.Response:
        """An answer of any server that gives one; what is written has to bear being written twice."""
        while True:
            try:
                response = await client.request(method, self.any() + PATH + path, json=body, headers=self.headers)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if response.status_code < 500:
                return response.raise_for_status()


@asynccontextmanager
async def several(folder: pathlib.Path, count: int) -> AsyncIterator[Servers]:
    """So many servers on a new database with the ledger ``village``."""
    async with EmbeddedServer(folder) as database:
        url = database.url("feeds")
        await ensure_database(url)
        connection = await connect(url)
        await migrate(connection)
        await connection.close()
        async with open_service(url, MASTER_KEY) as service:
            await open_ledger(service, LEDGER)
            key, _ = await create_key(service.pool, LEDGER, "run", ("admin",), clock=service.clock)
        servers = Servers(folder, url, key, count)
        try:
            await asyncio.gather(*(servers.start(number) for number in range(count)))
            yield servers
        finally:
            await servers.stop()
