"""How a worker process stops without cutting a request.

At SIGTERM ``requite serve`` tells its workers with SIGUSR1 that they will be stopped, and waits a while. Until then a
worker answers as before, but says so: ``/health/ready`` is a problem, so that a load balancer sends nobody else, and
every answer over HTTP/1 ends its connection, so that no client reuses one that is about to close.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from granian.server.common import AbstractServer

DRAINED_AFTER_S = 40
"""Longer than any request may take to be answered."""


def drain(server: AbstractServer[Any], drain_s: float) -> None:
    """Have a server's workers say that they will stop, stop them a while later, and let them end what they are at.

    Called once more, it stops them at once.
    """
    if server.workers_kill_timeout == DRAINED_AFTER_S or sys.platform == "win32":
        server.signal_handler_interrupt()  # type: ignore[no-untyped-call]
        return
    server.workers_kill_timeout = DRAINED_AFTER_S
    server.interrupt_signal = True  # a worker that ends on its own, told by the same signal, is no failure
    for worker in server.wrks:
        with suppress(ProcessLookupError):
            os.kill(worker.inner.pid, signal.SIGUSR1)
    timer = threading.Timer(drain_s, server.signal_handler_interrupt)
    timer.daemon = True
    timer.start()


@contextmanager
def draining_on_signal(also: Callable[[], None]) -> Iterator[asyncio.Event]:
    """An event of the running loop that is set once this process was told that it will be stopped.

    ``also`` is called then: it lets those go who would not go by themselves.
    """
    draining = asyncio.Event()
    if sys.platform == "win32":
        yield draining
        return
    loop = asyncio.get_running_loop()

    def begin() -> None:
        draining.set()
        also()

    loop.add_signal_handler(signal.SIGUSR1, begin)
    try:
        yield draining
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
