"""A load generator for HTTP/1.1: callers in a process of its own, each on one connection, one request after the other.

It reads no more of an answer than its status and its length, so that it takes little of the machine.
"""

import asyncio
import contextlib
import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Self, cast

import msgspec
import uvloop

from tests.bench.harness import Timing, timing

CONNECT_TIMEOUT_S = 10


class Target(msgspec.Struct, frozen=True):
    """Where to send what: whole requests, in which ``%d`` stands for a number that is used once."""

    port: int
    requests: tuple[bytes, ...]


class WrongAnswerError(RuntimeError):
    """A server answered something else than success: its rate means nothing."""


class Load:
    """The generator's process; ``with`` starts and ends it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there,), daemon=True)
        self.cores: list[float] = []
        """By run: how much of one core the generator took."""

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has failed, and said why
            self._here.send(None)
        self._process.join()

    async def run(self, target: Target, callers: int, seconds: float) -> Timing:
        """Have so many callers work for so many seconds. Raises ``WrongAnswerError``."""
        self._here.send((target, callers, seconds))
        taken, cores, error = await asyncio.to_thread(self._here.recv)
        if error is not None:
            raise WrongAnswerError(error)
        self.cores.append(cores)
        assert isinstance(taken, Timing)
        return taken


def _serve(there: Connection) -> None:
    number = 0
    while (asked := there.recv()) is not None:
        target, callers, seconds = asked
        used, began = time.process_time(), time.perf_counter()
        try:
            taken, number = uvloop.run(_drive(target, callers, seconds, number))
        except (OSError, WrongAnswerError) as error:
            there.send((None, 0.0, str(error)))
            continue
        there.send((taken, (time.process_time() - used) / (time.perf_counter() - began), None))


async def _drive(target: Target, callers: int, seconds: float, number: int) -> tuple[Timing, int]:
    work = _Work(target.requests, number)
    loop = asyncio.get_running_loop()
    connections = [
        (
            await asyncio.wait_for(
                loop.create_connection(lambda: _Caller(work), "127.0.0.1", target.port), CONNECT_TIMEOUT_S
            )
        )[1]
        for _ in range(callers)
    ]
    begun = time.perf_counter()
    work.end = begun + seconds
    for one in connections:
        one.send()
    try:
        await asyncio.gather(*(one.done for one in connections))
    finally:
        for one in connections:
            one.transport.close()
    return timing(work.latencies, time.perf_counter() - begun), work.number


class _Work:
    """What all callers share."""

    def __init__(self, requests: tuple[bytes, ...], number: int) -> None:
        self.requests = requests
        self.number = number
        self.end = 0.0
        self.latencies: list[float] = []


class _Caller(asyncio.Protocol):
    """One connection that always has one request under way."""

    transport: asyncio.Transport

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._received = b""
        self._started = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        work = self._work
        work.number += 1
        self._started = time.perf_counter()
        self.transport.write(work.requests[work.number % len(work.requests)] % work.number)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        fields = received[:head].lower()
        _, _, rest = fields.partition(b"\r\ncontent-length:")
        if len(received) < head + 4 + int(rest.partition(b"\r\n")[0]):
            return
        if received[9:10] != b"2":
            self._end(WrongAnswerError(received.decode(errors="replace")))
            return
        finished = time.perf_counter()
        self._work.latencies.append(finished - self._started)
        self._received = b""
        if finished < self._work.end:
            self.send()
        else:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or WrongAnswerError("The server closed the connection."))

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
