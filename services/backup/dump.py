"""PostgreSQL's own ``pg_dump`` and ``pg_restore``, of the embedded server's wheel, on any server of its version."""

import asyncio
import os
import urllib.parse
from contextlib import suppress
from typing import IO

from services.backup.archive import BackupError
from services.database.postgres_wheel import programs

PIECE = 1 << 20
KEY_TABLES = ("data_key", "day_key")
"""Their rows go into the file of keys."""
PASSING_TABLES = ("sign_in_link", "claim_link")
"""Links that are good once, and for some days at most: not worth keeping."""


async def dump(url: str, snapshot: str, file: IO[bytes]) -> None:
    """Write a database as of a snapshot that a transaction exported, without keys. Raises ``BackupError``."""
    left_out = [f"--exclude-table-data=public.{table}" for table in (*KEY_TABLES, *PASSING_TABLES)]
    arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", *left_out)
    process = await _start("pg_dump", url, *arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    try:
        while piece := await process.stdout.read(PIECE):
            await asyncio.to_thread(file.write, piece)
        await _end("pg_dump", process, await said)
    finally:
        _stop(process)


async def restore_dump(url: str, file: IO[bytes]) -> None:
    """Read such a file into an empty database, all of it or nothing. Raises ``BackupError``."""
    arguments = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    process = await _start("pg_restore", url, *arguments)
    assert process.stdin is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # what it said before it ended tells why
            while piece := await asyncio.to_thread(file.read, PIECE):
                process.stdin.write(piece)
                await process.stdin.drain()
            process.stdin.close()
        await _end("pg_restore", process, await said)
    finally:
        _stop(process)


async def _start(program: str, url: str, *arguments: str) -> asyncio.subprocess.Process:
    address, password = _without_password(url)
    return await asyncio.create_subprocess_exec(
        str(programs() / program),
        *arguments,
        f"--dbname={address}",
        stdin=asyncio.subprocess.PIPE if program == "pg_restore" else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL if program == "pg_restore" else asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **({} if password is None else {"PGPASSWORD": password})},
    )


async def _end(program: str, process: asyncio.subprocess.Process, said: bytes) -> None:
    if await process.wait() != 0:
        raise BackupError(f"{program} failed: {said.decode(errors='replace').strip()[-1000:]}")


def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()


def _without_password(url: str) -> tuple[str, str | None]:
    """The address as it may stand in a list of processes, and the password apart."""
    parts = urllib.parse.urlsplit(url)
    user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    if not colon:
        return url, None
    hosts = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit(parts._replace(netloc=f"{user}@{hosts}")), urllib.parse.unquote(password)
