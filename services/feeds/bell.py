"""The bell: the clerk rings it where it recorded something, and whoever waits for that in this process wakes.

It is a hint that saves waiting. What other processes record does not ring here, so whoever listens also looks from time
to time by itself.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Bell:
    """Wakes its listeners. For one event loop."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Something was recorded."""
        for woken in self._listeners:
            woken.set()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set at each ring, for as long as the block takes; the listener clears it."""
        woken = asyncio.Event()
        self._listeners.add(woken)
        try:
            yield woken
        finally:
            self._listeners.discard(woken)


async def rung(woken: asyncio.Event, at_most_s: float) -> bool:
    """Wait for the next ring, but not longer than this; answers whether it rang."""
    try:
        async with asyncio.timeout(at_most_s):
            await woken.wait()
    except TimeoutError:
        return False
    woken.clear()
    return True
