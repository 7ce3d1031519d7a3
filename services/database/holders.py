"""File locks, and two of them that tell the processes using one embedded server apart from those that are gone.

The operating system drops a lock when its process ends, however it ends: unlike a list of process numbers, nothing
here outlives a `kill -9` or is taken over by another process that was given the same number.
"""

import contextlib
import os
import pathlib
import sys
import time
from collections.abc import Iterator

if sys.platform == "win32":
    import fasteners

    class FileLock:
        """A lock on a file, shared or exclusive."""

        def __init__(self, path: pathlib.Path) -> None:
            self._lock = fasteners.InterProcessReaderWriterLock(path)

        def try_lock(self, *, exclusive: bool) -> bool:
            """Take the lock if it is free; answer whether it was."""
            take = self._lock.acquire_write_lock if exclusive else self._lock.acquire_read_lock
            return bool(take(blocking=False))

        def unlock(self) -> None:
            """Let go."""
            self._lock.release_read_lock()
else:
    import fcntl

    class FileLock:
        """A lock on a file, shared or exclusive. It belongs to this object, not to the process as fcntl.lockf's do."""

        def __init__(self, path: pathlib.Path) -> None:
            self._path = path
            self._file = -1  # its descriptor while it is open

        def try_lock(self, *, exclusive: bool) -> bool:
            """Take the lock if it is free; answer whether it was. Taking it again changes its kind."""
            if self._file < 0:
                # For this user alone: whoever may open the file may also lock it.
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        def unlock(self) -> None:
            """Let go. Said aloud, not by closing alone: a forked child may hold the same open file."""
            fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = -1


class Holders:
    """Who uses the embedded server of a data folder. Start and stop happen at the door, one process at a time."""

    def __init__(self, data: pathlib.Path) -> None:
        self._data = data
        self._door = FileLock(data / "postgres.door")
        self._place = FileLock(data / "postgres.holders")

    @contextlib.contextmanager
    def door(self, timeout_s: float) -> Iterator[None]:
        """Keep every other process from starting or stopping the server. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while not self._door.try_lock(exclusive=True):
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"Another process has been starting or stopping the database in {self._data} for"
                    f" {timeout_s:g} s. End it, or wait for it, and try again."
                )
            time.sleep(0.02)
        try:
            yield
        finally:
            self._door.unlock()

    def enter(self) -> None:
        """Become a holder. Only at the door."""
        if not self._place.try_lock(exclusive=False):
            raise RuntimeError(f"{self._data / 'postgres.holders'} is locked by something that is not Requite")

    def leave(self) -> bool:
        """Stop being a holder; answer whether nobody is left. Only at the door."""
        self._place.unlock()
        alone = self._place.try_lock(exclusive=True)
        if alone:
            self._place.unlock()
        return alone
