"""The embedded PostgreSQL: a server of our own in `<data>/postgres`, on the same SQL as any other server.

Several processes may hold it at once; the last one out stops it. If all of them are killed it stays up, loses nothing
that it answered for, and the next process adopts it. Nobody logs in without the password file inside its folder.
"""

import asyncio
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import time
import urllib.parse
from typing import Self

import msgspec
import psutil

from services.database import cluster
from services.database.holders import Holders
from services.database.postgres_wheel import (
    PostgresProgramError,
    inhabitants,
    let_read,
    let_through,
    programs,
    run,
    server_user,
)

DOOR_TIMEOUT_S = 660
RECOVERY_TIMEOUT_S = 600  # replaying the log after a crash takes a while, and must not be cut short
STOP_TIMEOUT_S = 60
START_LOG = "start.log"
SOCKET_PATH_MAX_BYTES = 103  # the shortest limit of the systems we run on (macOS)
# What the shell and PostgreSQL both take in a path without quotes.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


class EmbeddedServerError(RuntimeError):
    """The embedded server cannot run or stop. The message says why, and what to do."""


class Address(msgspec.Struct, frozen=True):
    """What `postmaster.pid` says of a server: its process number, and its socket folder or host with a port."""

    pid: int
    port: int
    host: str  # a folder holding the socket, or an IP address

    @classmethod
    def read(cls, folder: pathlib.Path) -> "Address | None":
        """Read the file; None where there is none, or none that is complete yet."""
        try:
            lines = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, port, socket_folder, host = int(lines[0]), int(lines[3]), lines[4].strip(), lines[5].strip()
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return cls(pid, port, socket_folder or host) if socket_folder or host else None


class EmbeddedServer:
    """One process's hold on the server of a data folder. `with` and `async with` start it, and let go at the end."""

    def __init__(self, data: pathlib.Path) -> None:
        self._data = data.expanduser().absolute()
        self._folder = self._data / "postgres"
        self._holders: Holders | None = None
        self._address: Address | None = None

    def start(self) -> None:
        """Start the server, or adopt the running one. Blocks until it answers. Raises EmbeddedServerError."""
        if self._holders is not None:
            return
        try:
            self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._data = self._data.resolve()
            self._folder = self._data / "postgres"
            holders = Holders(self._data)
            with holders.door(DOOR_TIMEOUT_S):
                holders.enter()
                try:
                    self._address = self._ensure_running()
                except BaseException:
                    holders.leave()
                    raise
        except (PostgresProgramError, OSError) as error:
            raise EmbeddedServerError(f"The database in {self._data} did not start. {error}") from error
        self._holders = holders

    def stop(self) -> None:
        """Let go of the server; the last holder's call stops it, and blocks until it has. Calling twice is fine."""
        if self._holders is None:
            return
        holders, self._holders, self._address = self._holders, None, None
        try:
            with holders.door(DOOR_TIMEOUT_S):
                if holders.leave():
                    self._halt()
        except (PostgresProgramError, OSError) as error:
            raise EmbeddedServerError(f"The database in {self._data} did not stop. {error}") from error

    def url(self, database: str = "requite") -> str:
        """Answer the URL of a database of the started server. It holds no secret: it names the password file."""
        if self._address is None:
            raise EmbeddedServerError("The embedded server is not started, so it has no address")
        where = {
            "host": self._address.host,
            "port": str(self._address.port),
            "passfile": str(self._folder / cluster.PASSWORD_FILE),
        }
        query = urllib.parse.urlencode(where, quote_via=urllib.parse.quote)  # libpq reads no + as a blank
        return f"postgresql://{cluster.SUPERUSER}@/{urllib.parse.quote(database, safe='')}?{query}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A thread cannot be called off: who is interrupted waits for it, and leaves no server behind.
            await starting
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def _ensure_running(self) -> Address:
        """Adopt, or wait for, or start the server, in this order. At the door."""
        there = cluster.exists(self._folder)
        if (address := self._answering()) is not None:
            return address
        deadline = time.monotonic() + RECOVERY_TIMEOUT_S
        while living := inhabitants(self._folder):
            # It may be starting, recovering or stopping, or its main process was killed and the rest is leaving.
            if (address := self._answering()) is not None:
                return address
            if time.monotonic() > deadline:
                raise PostgresProgramError(f"PostgreSQL lives there (process {min(living)}), but does not answer.")
            time.sleep(0.05)
        user = server_user(self._folder)
        if user is not None:
            let_through(programs() / "postgres")
            let_read(programs().parent)
            let_through(self._folder)
        if not there:
            cluster.make(self._folder, user)
        return self._launch(user)

    def _answering(self) -> Address | None:
        """Answer the address if PostgreSQL accepts connections there."""
        address = Address.read(self._folder)
        if address is None:
            return None
        where = ("-q", "-h", address.host, "-p", str(address.port), "-t", "5")
        with contextlib.suppress(PostgresProgramError):
            run("pg_isready", *where, folder=self._data, user=None)
            return address
        return None

    def _launch(self, user: str | None) -> Address:
        _clear_lock_file(self._folder / "postmaster.pid")
        if sys.platform == "win32":
            options = f"-h 127.0.0.1 -p {_free_port()}"
        else:
            sockets = self._sockets(user)
            _clear_lock_file(sockets / ".s.PGSQL.5432.lock")
            options = f"-h '' -k {sockets} -p 5432"
        # Paths relative to its working folder: pg_ctl hands them to a shell, within double quotes and nothing more.
        arguments = ("-w", "-t", str(RECOVERY_TIMEOUT_S), "-o", options, "-l", START_LOG, "-D", ".")
        try:
            run("pg_ctl", *arguments, "start", folder=self._folder, user=user, timeout_s=RECOVERY_TIMEOUT_S + 10)
        except PostgresProgramError as error:
            raise PostgresProgramError(f"{error}\n{self._last_words()}") from error
        address = self._answering()
        if address is None:
            raise PostgresProgramError(f"It started, but does not answer.\n{self._last_words()}")
        return address

    def _last_words(self) -> str:
        """Answer the end of the server's two logs: before its log collector runs it writes to START_LOG."""
        logs = sorted((self._folder / "log").glob("*.log"), key=lambda file: file.stat().st_mtime)[-1:]
        files = [file for file in (self._folder / START_LOG, *logs) if file.exists()]
        return "\n".join(f"{file}:\n{file.read_text(encoding='utf-8', errors='replace')[-1500:]}" for file in files)

    def _sockets(self, user: str | None) -> pathlib.Path:
        """Answer the folder of the socket: the data's own, or a private one where that path will not do."""
        length = len(os.fsencode(self._folder / ".s.PGSQL.5432.lock"))
        if length <= SOCKET_PATH_MAX_BYTES and PLAIN_PATH.fullmatch(str(self._folder)):
            return self._folder
        digest = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        sockets = pathlib.Path(tempfile.gettempdir()) / f"requite-{digest}"
        sockets.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            shutil.chown(sockets, user)
        found, owner = sockets.lstat(), self._folder.stat().st_uid
        if sockets.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
            raise PostgresProgramError(
                f"{sockets} belongs to another user. Remove it, or use a data folder with a shorter path."
            )
        return sockets

    def _halt(self) -> None:
        """Stop the server if it lives here: pg_ctl would signal whoever has the number by now. At the door."""
        address = Address.read(self._folder)
        if address is None or address.pid not in inhabitants(self._folder):
            return
        user = server_user(self._folder)
        stop = ("-w", "-t", str(STOP_TIMEOUT_S), "-D", ".", "stop", "-m")
        try:
            run("pg_ctl", *stop, "fast", folder=self._folder, user=user)
        except PostgresProgramError:
            run("pg_ctl", *stop, "immediate", folder=self._folder, user=user)
        with contextlib.suppress(OSError):
            pathlib.Path(address.host).rmdir()  # the private folder of the socket, if it had one: it is empty now


def _clear_lock_file(file: pathlib.Path) -> None:
    """Remove a lock file that PostgreSQL would not get past: a stranger has the number in it by now, or it is torn.

    Called when no server lives in the folder. A number that nobody has is left to PostgreSQL, which then also makes
    sure, by the shared memory that `postmaster.pid` names, that no orphan is left.
    """
    try:
        gone = not psutil.pid_exists(int(file.read_text(encoding="utf-8").splitlines()[0]))
    except FileNotFoundError:
        return
    except (ValueError, IndexError):
        gone = False
    if not gone:
        file.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
