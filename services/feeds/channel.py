"""A channel: where one ledger's log stands, and its last events, for all of this process's readers at once.

Nothing is kept for a reader. Each holds its own place and takes from here what comes after it; who has fallen behind
what is kept reads the log itself. So memory does not grow with the readers, however slow they are.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from msgspec import Struct

KEPT = 1_000
KEPT_BYTES = 2_000_000


class Told(Struct, frozen=True):
    """An event of the log, as a channel keeps it."""

    position: int
    topic: str
    parties: tuple[UUID, ...]
    state: bytes
    private_to: UUID | None


class Channel:
    """One ledger's channel. It keeps the last ``KEPT`` events, and fewer where they are larger than ``KEPT_BYTES``."""

    def __init__(self, ledger_id: str) -> None:
        self.ledger_id = ledger_id
        self.head = 0
        """The last position that is known; 0 until the log was looked at."""
        self.watchers = 0
        self._kept: deque[Told] = deque()
        self._bytes = 0
        self._moved = asyncio.Event()

    def grow(self, head: int, events: Sequence[Told]) -> None:
        """The log has grown to this head; ``events`` are its last ones, without a gap up to the head."""
        if events and self._kept and events[0].position != self._kept[-1].position + 1:
            self._kept.clear()
            self._bytes = 0
        self._kept.extend(events)
        self._bytes += sum(len(one.state) for one in events)
        while self._kept and (len(self._kept) > KEPT or self._bytes > KEPT_BYTES):
            self._bytes -= len(self._kept.popleft().state)
        self.head = head
        self.wake()

    def wake(self) -> None:
        """Have all who wait look again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def passes(self, position: int, at_most_s: float) -> bool:
        """Wait until the log goes on after a position, or until someone has to look; answers whether it goes on."""
        if self.head <= position:
            try:
                async with asyncio.timeout(at_most_s):
                    await self._moved.wait()
            except TimeoutError:
                pass
        return self.head > position

    def after(self, position: int, limit: int) -> list[Told] | None:
        """The next events after a position; ``None`` where they are no longer kept."""
        if position >= self.head:
            return []
        if not self._kept or position + 1 < self._kept[0].position:
            return None
        first = position + 1 - self._kept[0].position
        return list(islice(self._kept, first, first + limit))
