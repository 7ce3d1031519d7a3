"""What goes wrong, one fault after the other, by a seed."""

import asyncio
import contextlib
import os
import pathlib
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

import asyncpg
import psutil

from tests.faults.world import World

PAUSE_S = (0.2, 3.0)
HOURS = (-30, -5, -1, 1, 7, 48)
Fault = Callable[[], Awaitable[None]]


class Nemesis:
    """Commits faults, and counts them by kind. After each it sees to it that what it broke can mend."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self.counts: Counter[str] = Counter()
        self.faults: dict[str, Fault] = {
            "server killed": self._kill_server,
            "server's worker killed": self._kill_worker,
            "server paused": self._pause_server,
            "server stopped and started": self._restart_server,
            "backend killed": self._kill_backend,
            "backends terminated": self._terminate_backends,
            "backend paused": self._pause_backend,
            "postmaster killed": self._kill_postmaster,
            "connections cut": self._cut,
            "connections slow": self._slow,
            "connections refused": self._refuse,
            "connections exhausted": self._exhaust,
            "clock moved by hours": self._move_clock,
        }
        if world.disk is not None:
            self.faults["disk full"] = self._fill_disk

    def missing(self) -> list[str]:
        """The kinds that cannot be had on this machine, and what they would need."""
        return [] if "disk full" in self.faults else ["disk full (needs root on Linux)"]

    def round(self) -> list[str]:
        """Every kind once, in an order of chance."""
        return self._chance.sample(sorted(self.faults), len(self.faults))

    async def commit(self, kind: str) -> None:
        """Commit one fault of a kind, and wait until its cause is over."""
        self.counts[kind] += 1
        await self.faults[kind]()
        await self._world.database.ensure_up()

    def _some(self) -> float:
        return self._chance.uniform(*PAUSE_S)

    async def _kill_server(self) -> None:
        self._chance.choice(self._world.servers).kill()

    async def _kill_worker(self) -> None:
        workers = self._chance.choice(self._world.servers).processes()[1:]
        _signal([self._chance.choice(workers)] if workers else [], signal.SIGKILL)

    async def _pause_server(self) -> None:
        processes = self._chance.choice(self._world.servers).processes()
        _signal(processes, signal.SIGSTOP)
        await asyncio.sleep(self._some())
        _signal(processes, signal.SIGCONT)

    async def _restart_server(self) -> None:
        self._chance.choice(self._world.servers).terminate()

    async def _kill_backend(self) -> None:
        backends = self._world.database.backends()
        _signal([self._chance.choice(backends)] if backends else [], signal.SIGKILL)
        await asyncio.sleep(self._some() / 3)

    async def _pause_backend(self) -> None:
        backends = self._world.database.backends()
        chosen = [self._chance.choice(backends)] if backends else []
        _signal(chosen, signal.SIGSTOP)
        await asyncio.sleep(self._some())
        _signal(chosen, signal.SIGCONT)

    async def _terminate_backends(self) -> None:
        _signal(self._world.database.backends(), signal.SIGTERM)

    async def _kill_postmaster(self) -> None:
        main = self._world.database.postmaster()
        _signal([main] if main else [], signal.SIGKILL)
        await asyncio.sleep(self._some() / 3)

    async def _cut(self) -> None:
        self._world.proxy.cut(self._chance.choice((0.3, 1.0)))

    async def _slow(self) -> None:
        self._world.proxy.delay_s = self._chance.choice((0.005, 0.05, 0.5))
        await asyncio.sleep(self._some())
        self._world.proxy.delay_s = 0

    async def _refuse(self) -> None:
        self._world.proxy.refuses = True
        self._world.proxy.cut()
        await asyncio.sleep(self._some())
        self._world.proxy.refuses = False

    async def _exhaust(self) -> None:
        """Take every connection that PostgreSQL still gives."""
        taken: list[asyncpg.Connection] = []
        with contextlib.suppress(asyncpg.PostgresError, OSError, TimeoutError):
            while True:
                taken.append(await self._world.connect())
        self._world.proxy.cut(0.5)  # so that the servers need new ones
        await asyncio.sleep(self._some())
        for connection in taken:
            connection.terminate()

    async def _fill_disk(self) -> None:
        assert self._world.disk is not None
        ballast = self._world.disk / "ballast"
        try:
            with contextlib.suppress(OSError):
                _fill(ballast)
            await asyncio.sleep(self._some())
        finally:
            ballast.unlink(missing_ok=True)

    async def _move_clock(self) -> None:
        self._chance.choice(self._world.servers).set_clock(3600 * self._chance.choice(HOURS))


def _fill(ballast: pathlib.Path) -> None:
    """Take all the room there is; what is left is less than one page of PostgreSQL."""
    with ballast.open("wb") as file:
        free = os.statvfs(ballast.parent)
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
