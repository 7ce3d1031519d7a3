"""Processes of ``requite serve`` on one database, with a ledger that callers write to."""

import asyncio
import base64
import contextlib
import pathlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from services.access.keys import create_key
from services.database.pool import connect
from services.ledger.opening import open_ledger
from services.service import open_service
from tests.rollout.load import Balancer, Load, under_load
from tests.services.conftest import LEDGER, MASTER_KEY, Desk
from tests.serving import Serving

NAMES = ("Anna", "Ben", "Cara", "Dora", "Emil", "Fay")


class Site:
    """A database with an open ledger, and the processes that serve it, each at a port of its own."""

    def __init__(self, url: str, folder: pathlib.Path, key: str, parties: Sequence[UUID]) -> None:
        self.url = url
        self.folder = folder
        self._key = key
        self._parties = parties
        self.addresses = [f"http://127.0.0.1:{port}" for port in _free_ports(2)]
        self._running: dict[str, Serving] = {}

    async def start(self, address: str, code: pathlib.Path | None = None) -> None:
        """Start a process at an address, of the version that lies in a folder; return once it serves."""
        variables = {
            "DATABASE_URL": self.url,
            "REQUITE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            "REQUITE_PORT": address.rpartition(":")[2],
            **({} if code is None else {"PYTHONPATH": str(code)}),
        }
        self._running[address] = await asyncio.to_thread(Serving, self.folder / "data", **variables)
        assert "Ctrl-C" in self._running[address].printed, self._running[address].log

    async def stop(self, address: str) -> None:
        """End the process at an address as a deployment does; return once it has ended."""
        code = await asyncio.to_thread(self._running[address].interrupt, signal.SIGTERM)
        assert code == 0, self._running[address].log

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[Load]:
        """Load for as long as the block takes; nothing of it may fail, and the log has to hold what was answered."""
        async with Balancer(self.addresses) as balancer:
            async with under_load(balancer, self._key, LEDGER, self._parties) as load:
                yield load
            print(dict(load.answered), dict(balancer.answers))  # noqa: T201 - shown where the test fails, or with -s
        connection = await connect(self.url)
        wrong = await load.check(connection, LEDGER, before=1 + len(self._parties))
        await connection.close()
        errors = [line for serving in self._running.values() for line in serving.log.splitlines() if '"error"' in line]
        assert (errors[:2], load.failed[:5], wrong[:5]) == ([], [], [])
        assert load.answered["read"] > 100
        assert len(load.positions) > 100

    def end(self) -> None:
        """Whatever still runs."""
        for serving in self._running.values():
            with serving:
                pass


@pytest.fixture
async def site(database_url: str, tmp_path: pathlib.Path) -> AsyncIterator[Site]:
    """One with the ledger ``village``, and nothing that serves it as yet."""
    async with open_service(database_url, MASTER_KEY) as service:
        await open_ledger(service, LEDGER)
        parties = await Desk(service).register(*NAMES)
        key, _ = await create_key(service.pool, LEDGER, "load", ("read", "record", "audit"), clock=service.clock)
    found = Site(database_url, tmp_path, key, parties)
    with contextlib.ExitStack() as at_the_end:
        at_the_end.callback(found.end)
        yield found


def _free_ports(count: int) -> Iterator[int]:
    with contextlib.ExitStack() as probes:
        for probe in [probes.enter_context(socket.socket()) for _ in range(count)]:
            probe.bind(("127.0.0.1", 0))
            yield int(probe.getsockname()[1])
