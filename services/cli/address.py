"""Where ``requite serve`` runs, for the other commands on its data folder.

The address stands in a file that counts only while the lock beside it is held, and by the process that it names: what
a killed ``serve`` left is never believed, since another program may have its port by now.
"""

import contextlib
import os
import pathlib
import time
from collections.abc import Iterator

import psutil

from services.database.holders import FileLock

ADDRESS, LOCK = "serve.address", "serve.lock"
TRIES = 10
TRY_AGAIN_S = 0.02
"""A command that looks holds the lock for a moment."""


@contextlib.contextmanager
def announce(data: pathlib.Path, url: str) -> Iterator[None]:
    """Say for as long as the block takes that ``serve`` runs there. Where another says so already, it stays the one."""
    lock = FileLock(data / LOCK)
    if not _take(lock):
        yield
        return
    path = data / ADDRESS
    try:
        path.write_text(f"{os.getpid()} {url}\n", encoding="utf-8")
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.unlock()


def find_address(data: pathlib.Path) -> str | None:
    """Where ``serve`` runs on this data folder; ``None`` where none is known to."""
    lock = FileLock(data / LOCK)
    if lock.try_lock(exclusive=False):
        lock.unlock()
        return None
    try:
        pid, url = (data / ADDRESS).read_text(encoding="utf-8").split()
    except (FileNotFoundError, ValueError):
        return None
    return url if psutil.pid_exists(int(pid)) else None


def _take(lock: FileLock) -> bool:
    for _ in range(TRIES):
        if lock.try_lock(exclusive=True):
            return True
        time.sleep(TRY_AGAIN_S)
    return False
