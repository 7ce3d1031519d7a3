"""A receiver of webhooks: an HTTP server in small, which may refuse, hang, be gone, and come back."""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from msgspec import Struct

HANGS = 0
"""Instead of a status: no answer at all."""


class Received(Struct, frozen=True):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    @property
    def position(self) -> int:
        """The event's position; 0 for a ping."""
        return int(self.message["data"].get("position", 0))


class Receiver:
    """Takes all that comes. ``answer`` says with which status, by what was received."""

    def __init__(self, answer: Callable[[Received], int] = lambda _: 204, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self._tls = tls
        self.reply = b""
        """Further header lines of each answer."""
        self.received: list[Received] = []
        """All that came, whatever was answered."""
        self.taken: list[Received] = []
        """What was answered with 2xx, in the order of the answers."""
        self.port = 0
        self._more = asyncio.Event()
        self._connections: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()
        await self._server.wait_closed()

    async def until(self, count: int, within_s: float = 30) -> list[Received]:
        """Wait until so many were taken."""
        async with asyncio.timeout(within_s):
            while len(self.taken) < count:
                self._more.clear()
                await self._more.wait()
        return self.taken

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                received = await self._read(reader)
                self.received.append(received)
                status = self.answer(received)
                if status == HANGS:
                    await reader.read()  # until the other side has enough
                    break
                if 200 <= status < 300:
                    self.taken.append(received)
                    self._more.set()
                writer.write(b"HTTP/1.1 %d -\r\n%bContent-Length: 0\r\n\r\n" % (status, self.reply))
                await writer.drain()
        self._connections.discard(writer)
        writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        return Received(line.split()[1], headers, body)
