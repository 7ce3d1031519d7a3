"""A reader of the stream, which comes again wherever it was left, and what it heard."""

import asyncio
import json
from contextlib import suppress

import httpx

from tests.feeds.servers import PATH, Servers


class Reader:
    """Reads events from one server after the other, as a browser's EventSource would."""

    def __init__(self, servers: Servers, number: int) -> None:
        self.heard: list[int] = []
        self.connections = 0
        self.farewells = 0
        self._servers = servers
        self._number = number
        self._last = "0"
        self._more = asyncio.Event()

    async def until(self, position: int) -> None:
        """Wait until it heard of a position."""
        while not self.heard or self.heard[-1] < position:
            self._more.clear()
            await self._more.wait()

    async def run(self) -> None:
        """Read until cancelled."""
        timeout = httpx.Timeout(5, read=40)
        async with httpx.AsyncClient(timeout=timeout) as client:
            while True:
                with suppress(httpx.TransportError):
                    await self._read(client)
                self._number = (self._number + 1) % len(self._servers.addresses)

    async def _read(self, client: httpx.AsyncClient) -> None:
        headers = {**self._servers.headers, "Accept": "text/event-stream", "Last-Event-ID": self._last}
        address = self._servers.addresses[self._number]
        async with client.stream("GET", f"{address}{PATH}/events", headers=headers) as response:
            response.raise_for_status()
            self.connections += 1
            block: dict[str, str] = {}
            async for line in response.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                    continue
                self._take(block)
                block = {}

    def _take(self, block: dict[str, str]) -> None:
        """One whole block; what the connection broke off in the middle of does not count."""
        if block.get("event") == "close":
            self.farewells += 1
            return
        self._last = block.get("id", self._last)
        if "data" in block:
            self.heard.append(json.loads(block["data"])["position"])
            self._more.set()
