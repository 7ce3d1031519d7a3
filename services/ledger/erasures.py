"""The list of erasures that is kept outside the database, so that no older backup undoes one.

A line of JSON for each erased id, on the disk before the erasure is committed. It names ledgers and ids, and says
nothing else.
"""

import asyncio
import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from services.files import sync_folder


class Erasure(Struct, frozen=True):
    """An id of a party that was erased."""

    ledger: str
    party: UUID
    erased_at: datetime


class ErasureListError(RuntimeError):
    """The list cannot be written or read. The message says which, and what to do."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Erasure).decode


class ErasureList:
    """The file of a list. Any number of processes may write to it at once."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    async def append(self, erasures: Sequence[Erasure]) -> None:
        """Put erasures on the disk. Raises ``ErasureListError``: then none may be committed."""
        try:
            await asyncio.to_thread(self._append, b"".join(_line(erasure) for erasure in erasures))
        except OSError as error:
            raise ErasureListError(f"The list of erasures cannot be written: {self._path}: {error.strerror}") from None

    def _append(self, lines: bytes) -> None:
        is_new = not self._path.exists()
        if is_new:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        # A line break first: what an earlier process wrote may have been cut off by a power cut.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, b"\n" + lines)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._path.parent)


def write_list(erasures: Iterable[Erasure]) -> bytes:
    """Erasures as the lines of a list."""
    return b"".join(map(_line, erasures))


def read_list(lines: Iterable[bytes], name: str) -> Iterator[Erasure]:
    """The erasures of a list. Raises ``ErasureListError`` where a line is none, unless it was cut off in writing."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or not text.endswith(b"}"):  # cut off: that erasure was never committed
            continue
        try:
            yield _decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise ErasureListError(f"{name}: line {number} is no erasure; mend or remove it.") from None


def _line(erasure: Erasure) -> bytes:
    return _encode(erasure) + b"\n"
