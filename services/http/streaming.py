"""Sends a stream of server-sent events as the body of a response, for as long as the reader takes it."""

import asyncio
import time
from contextlib import aclosing
from typing import Any

import structlog
from litestar import Response
from litestar.types import Receive, Scope, Send

from services.access.keys import AccessKey
from services.feeds.feed import Feed
from services.feeds.stream import TOO_SLOW, Closed, Stream, farewell
from services.logging import describe

log = structlog.get_logger()
MEDIA_TYPE = "text/event-stream"
HEADERS = {
    "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
    "Cache-Control": "no-store, no-transform",  # no proxy may compress it, which would hold it back
    "X-Accel-Buffering": "no",  # nginx and its kin: pass it on at once
}


class StreamResponse(Response[Any]):
    """Answers with a stream. Who has no room gets ``TooManyReadersError`` before this is made."""

    def __init__(self, feed: Feed, key: AccessKey, stream: Stream) -> None:
        super().__init__(None)
        self._feed = feed
        self._key = key
        self._stream = stream

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - as Litestar calls it
        """The application that sends it."""
        return self._answer

    async def _answer(self, __: Scope, receive: Receive, send: Send) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        with self._feed.room(self._key.ledger_id, self._key.key_id):
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            sending = asyncio.create_task(self._send_all(send))
            gone = asyncio.create_task(_disconnected(receive))
            try:
                over, _ = await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                gone.cancel()
                _, ended = await asyncio.gather(gone, sending, return_exceptions=True)
            if gone not in over and isinstance(ended, Exception) and not isinstance(ended, TimeoutError):
                log.error("feed.stream_failed", **describe(ended))

    async def _send_all(self, send: Send) -> None:
        """Send until the stream ends; a reader that takes nothing any more raises ``TimeoutError``."""
        try:
            async with (
                self._feed.watching(self._key.ledger_id) as channel,
                aclosing(self._stream.chunks(channel)) as chunks,
            ):
                async for chunk in chunks:
                    await self._send(send, chunk)
        except Closed as closed:
            await self._send(send, farewell(closed), is_last=True)

    async def _send(self, send: Send, body: bytes, *, is_last: bool = False) -> None:
        """Send a piece; one that was taken late raises ``Closed``, one that was not taken ``TimeoutError``."""
        limits, began_s = self._feed.limits, time.monotonic()
        async with asyncio.timeout(limits.cut_s):
            await send({"type": "http.response.body", "body": body, "more_body": not is_last})
        if time.monotonic() - began_s > limits.slow_s and not is_last:
            raise Closed(*TOO_SLOW)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
