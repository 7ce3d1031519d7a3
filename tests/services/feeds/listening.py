"""Listens to a stream of events in the test's own loop: an ASGI server in small, whose client may stop to read."""

import asyncio
import json
import urllib.parse
from typing import Any, Self

from litestar import Litestar

WITHIN_S = 10.0


class Listener:
    """One request for a stream, and what has come of it."""

    def __init__(self, app: Litestar, path: str, headers: dict[str, str], **params: Any) -> None:
        query = urllib.parse.urlencode(params, doseq=True).encode()
        sent = {"accept": "text/event-stream", **headers}
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("requite.test", 80),
        }
        self._left = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._text = ""
        self.status = 0
        self.headers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._app(self._scope, self._receive, self._send))  # type: ignore[arg-type]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()
        self._reading.set()
        async with asyncio.timeout(WITHIN_S):
            await self._task

    def leave(self) -> None:
        """The client goes away."""
        self._left.set()

    def pause(self) -> None:
        """The client takes nothing more."""
        self._reading.clear()

    def go_on(self) -> None:
        """The client reads again."""
        self._reading.set()

    async def _receive(self) -> Any:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self._reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            self._chunks.put_nowait(message.get("body", b""))
            if not message.get("more_body"):
                self._chunks.put_nowait(None)

    async def block(self) -> dict[str, str] | None:
        """The next block of the stream by field; ``None`` at its end."""
        async with asyncio.timeout(WITHIN_S):
            while "\n\n" not in self._text:
                chunk = await self._chunks.get()
                if chunk is None:
                    return None
                self._text += chunk.decode()
        block, _, self._text = self._text.partition("\n\n")
        return dict(line.split(": ", 1) for line in block.splitlines())

    async def event(self) -> Any:
        """The next event's data; that of ``close`` where the stream ends on the server's side."""
        while (block := await self.block()) is not None:
            if "data" in block:
                return json.loads(block["data"])
        return None

    async def positions(self, count: int) -> list[int]:
        """The positions of the next events."""
        return [(await self.event())["position"] for _ in range(count)]
