"""What the nemesis may break: PostgreSQL on a small disk of its own, a wire to it, and server processes."""

import asyncio
import base64
import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Self

import asyncpg
import httpx
import psutil

from services.database.embedded import EmbeddedServer
from services.database.pool import ensure_database
from tests.faults.proxy import Proxy
from tests.faults.server import CLOCK
from tests.serving import environment

MASTER_KEY = bytes(range(32))
DISK_BYTES = 3_000_000_000
UP_WITHIN_S = 120
DATABASE = "requite"
COMMAND = (sys.executable, "-m", "tests.faults.server")


class Database:
    """The embedded PostgreSQL, on a disk of its own where we may mount one."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self._server = EmbeddedServer(folder)
        self._server.start()
        self.url = self._server.url(DATABASE)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.url).query)
        self.socket_file = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
        self._password_file = query["passfile"][0]
        self._user = urllib.parse.urlsplit(self.url).username

    def url_by(self, port: int) -> str:
        """The address by a local port that leads to the socket."""
        query = urllib.parse.urlencode({"passfile": self._password_file})
        return f"postgresql://{self._user}:{self._password()}@127.0.0.1:{port}/{DATABASE}?{query}"

    def _password(self) -> str:
        line = pathlib.Path(self._password_file).read_text(encoding="utf-8").strip()
        return urllib.parse.quote(line.rsplit(":", 1)[1], safe="")

    def postmaster(self) -> psutil.Process | None:
        """PostgreSQL's main process, where it lives."""
        try:
            first = (self.folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
            return psutil.Process(int(first))
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return None

    def backends(self) -> list[psutil.Process]:
        """The processes that serve connections."""
        main, found = self.postmaster(), []
        for child in main.children() if main else []:
            with contextlib.suppress(psutil.NoSuchProcess):
                if f" {DATABASE} " in " ".join(child.cmdline()):
                    found.append(child)
        return found

    async def ensure_up(self) -> None:
        """Start it again where it is down, however it went down."""
        await asyncio.to_thread(self._ensure_up)

    def _ensure_up(self) -> None:
        deadline = time.monotonic() + UP_WITHIN_S
        while True:
            try:
                again = EmbeddedServer(self.folder)
                again.start()  # adopts it where it runs; it is left running, since the first hold is never let go
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """Stop it for good."""
        main = self.postmaster()
        if main is not None:
            main.send_signal(signal.SIGQUIT)
            with contextlib.suppress(psutil.TimeoutExpired):
                main.wait(30)


class Server:
    """One ``requite serve``, started again whenever it ends, as a supervisor does."""

    def __init__(self, number: int, folder: pathlib.Path, database_url: str) -> None:
        self.number = number
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{number}.log"
        self._clock = folder / f"clock-{number}"
        self._variables = environment(
            folder / f"data-{number}",
            DATABASE_URL=database_url,
            REQUITE_PORT=str(self.port),
            REQUITE_MASTER_KEY=base64.b64encode(MASTER_KEY).decode(),
            **{CLOCK: str(self._clock)},
        )
        self.set_clock(0)
        self.starts = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _supervise(self) -> None:
        with self.log.open("ab") as log:
            while True:
                self.starts += 1
                self._process = await asyncio.create_subprocess_exec(
                    *COMMAND, env=self._variables, stdout=log, stderr=log, start_new_session=True
                )
                try:
                    await self._process.wait()
                finally:
                    self.kill()
                await asyncio.sleep(0.1)

    def processes(self) -> list[psutil.Process]:
        """The command and its workers, as far as they live."""
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(self._process.pid)
            return [main, *main.children(recursive=True)]
        return []

    def kill(self) -> None:
        """End all of it without a chance to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to stop, as a deployment does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)

    def set_clock(self, seconds: float) -> None:
        """Have this server's clock go ahead of the machine's, or behind it."""
        self._clock.write_text(f"{seconds:.0f}", encoding="utf-8")

    async def is_ready(self) -> bool:
        """Whether it says that it serves."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                return (await client.get(f"{self.address}/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False


class World:
    """All of it together."""

    def __init__(self, folder: pathlib.Path, disk: pathlib.Path | None, database: Database, proxy: Proxy) -> None:
        self.folder = folder
        self.disk = disk
        """Where the small disk is mounted; none where we may not mount one."""
        self.database = database
        self.proxy = proxy
        self.servers: list[Server] = []

    async def connect(self) -> asyncpg.Connection:
        """A connection past the wire, for whoever looks on."""
        return await asyncpg.connect(self.database.url, timeout=30)

    async def recover(self) -> None:
        """Wait until everything serves again. Raises ``TimeoutError`` where it does not: that is a finding."""
        await self.database.ensure_up()
        async with asyncio.timeout(UP_WITHIN_S):
            while not all([await server.is_ready() for server in self.servers]):
                await asyncio.sleep(0.2)


@asynccontextmanager
async def build(servers: int, chance: random.Random) -> AsyncIterator[World]:
    """Start everything; on the way out end everything."""
    with tempfile.TemporaryDirectory(prefix="requite-faults-") as name, _small_disk(pathlib.Path(name)) as disk:
        folder = pathlib.Path(name)
        database = Database((disk or folder) / "data")
        try:
            await ensure_database(database.url)
            async with Proxy(database.socket_file, chance) as proxy, contextlib.AsyncExitStack() as stack:
                world = World(folder, disk, database, proxy)
                url = database.url_by(proxy.port)
                for number in range(servers):
                    world.servers.append(await stack.enter_async_context(Server(number, folder, url)))
                yield world
        finally:
            database.stop()


@contextmanager
def _small_disk(folder: pathlib.Path) -> Iterator[pathlib.Path | None]:
    """A disk in memory that can be filled to the brim without harm to the machine."""
    place = folder / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0 or _mount(place) != 0:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False)


def _mount(place: pathlib.Path) -> int:
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(place)]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
