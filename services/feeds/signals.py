"""Ends the streams of a process that is told to stop.

A web server that is told to stop waits for the responses under way, and only then tells the application; a stream of
events would keep it waiting for ever. So the feed hears the signal itself, beside the server's own handler.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from services.feeds.feed import Feed


@contextmanager
def ending_at_a_signal(feed: Feed) -> Iterator[None]:
    """Have SIGTERM and SIGINT end a feed as well, for as long as the block takes. Call it in the event loop.

    Whatever handles them already goes on to do so: an event loop's handlers hear of signals by another way, and a plain
    one is called. Outside the main thread, where Python lets nobody handle signals, nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    before = {number: handler for number, handler in handlers.items() if handler not in {None, signal.SIG_IGN}}

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(feed.end)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler is signal.SIG_DFL:
            signal.signal(number, handler)
            signal.raise_signal(number)

    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
