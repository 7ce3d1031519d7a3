"""A stream of a ledger's events for one reader, as server-sent events (WHATWG HTML, section 9.2).

The id of each event is its position, so a reader that comes again says by ``Last-Event-ID`` where to go on. An empty
event with an id moves that place without telling anything: a heartbeat that spares a reader of few topics to be looked
through the same log again. A stream that ends on our side says why in an event ``close``.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import asyncpg
import msgspec
from msgspec import Struct

from services.feeds.channel import Channel, Told
from services.feeds.cloud_events import cloud_event
from services.feeds.feed import Feed
from services.reading.choice import ALL, Choice
from services.reading.events import LoggedEvent, fetch_events, logged
from services.reading.reader import Reader
from services.reading.snapshot import Look

AT_ONCE = 200
SILENT_SPAN = 2_000
"""After how many positions that told nothing the reader's place is moved."""
RETRY_MS = 1_000
"""After how long a reader is to come again."""
DATABASE_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

_encode = msgspec.json.Encoder().encode


class Wanted(Struct, frozen=True, kw_only=True):
    """What a reader wants to hear of, from where on, and in which form."""

    after: int
    choice: Choice = ALL
    words: bool = False
    origin: str | None = None
    """What the log is called, where the form of CloudEvents is wanted."""


class Closed(Exception):  # noqa: N818 - it is how a stream ends, not what went wrong
    """The stream ends on our side: ``code`` is stable, ``detail`` says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


STOPPING = ("stopping", "This process is stopping; come again, and go on after the last id.")
TOO_SLOW = ("too_slow", "You took too long to take what was sent; come again, and go on after the last id.")
KEY_ENDED = ("key_ended", "The access key has ended, or may no longer read the log.")
UNAVAILABLE = ("unavailable", "The log cannot be read at the moment; come again, and go on after the last id.")


class Stream:
    """One reader's stream. ``reader_now`` looks the key up again: ``None`` where it may no longer read the log."""

    def __init__(
        self, feed: Feed, look: Look, wanted: Wanted, reader_now: Callable[[], Awaitable[Reader | None]]
    ) -> None:
        self._feed = feed
        self._look = look
        self._wanted = wanted
        self._reader_now = reader_now
        self._reader: Reader | None = None
        self._checked_s = float("-inf")
        self._place = wanted.after

    async def chunks(self, channel: Channel) -> AsyncGenerator[bytes]:
        """What to send, piece by piece, for ever. Raises ``Closed`` where it has to end."""
        yield f"retry: {RETRY_MS}\n\n".encode()
        told = self._place
        while True:
            try:
                items = await self._next(channel, await self._check())
            except DATABASE_AWAY as error:
                raise Closed(*UNAVAILABLE) from error
            if items:
                yield b"".join(map(self._write, items))
                told = items[-1].position
            elif (
                not await channel.passes(self._place, self._feed.limits.heartbeat_s) or self._place - told > SILENT_SPAN
            ):
                yield heartbeat(self._place)
                told = self._place

    async def _check(self) -> Reader:
        """The reader as its key has it now. Raises ``Closed`` where it has to go."""
        if self._feed.ended:
            raise Closed(*STOPPING)
        now_s = time.monotonic()
        if self._reader is None or now_s - self._checked_s >= self._feed.limits.check_key_s:
            self._reader = await self._reader_now()
            self._checked_s = now_s
        if self._reader is None:
            raise Closed(*KEY_ENDED)
        return self._reader

    async def _next(self, channel: Channel, reader: Reader) -> list[LoggedEvent]:
        """What comes next for this reader; moves its place to where that is all."""
        kept = channel.after(self._place, AT_ONCE)
        if kept is None or (kept and self._wanted.words):
            async with self._feed.catching_up, self._look() as snapshot:
                rows, self._place = await fetch_events(snapshot, self._place, AT_ONCE, self._wanted.choice)
                return await logged(snapshot, rows, reader, self._wanted.choice, words=self._wanted.words)
        if kept:
            self._place = kept[-1].position
        return self._seen(kept, reader)

    def _seen(self, kept: Sequence[Told], reader: Reader) -> list[LoggedEvent]:
        """Events of the channel as this reader may see them: as ``logged`` has it."""
        choice = self._wanted.choice
        return [
            LoggedEvent(position=one.position, event=msgspec.Raw(one.state) if seen else None)
            for one in kept
            if choice.fits(one.topic, one.parties) and ((seen := reader.may_know(one.private_to)) or choice.is_all)
        ]

    def _write(self, item: LoggedEvent) -> bytes:
        data = item if self._wanted.origin is None else cloud_event(self._wanted.origin, item)
        return b"id: %d\ndata: %b\n\n" % (item.position, _encode(data))


def heartbeat(place: int) -> bytes:
    """Shows that the stream lives, and moves the reader's place."""
    return b"id: %d\n\n" % place


def farewell(closed: Closed) -> bytes:
    """The event that says why a stream ends."""
    return b"event: close\ndata: %b\n\n" % _encode({"code": closed.code, "detail": closed.detail})
