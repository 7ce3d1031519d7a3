"""Where the files of the archive are, and how a connection has put-away bytes back as it reads their rows."""

import pathlib
from functools import lru_cache

import asyncpg

from services.archive.parquet import GROUP_EVENTS, Reader
from services.archive.stub import PREFIX, ArchiveError, first_of, read_stub

FILES_OPEN = 64
GROUPS_KEPT = 64
"""Of 256 events each, so some ten megabytes: who reads old events in a row opens each group once."""


class Shelf:
    """The files of one folder, which every process of the service has to see. They never change."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self._reader = lru_cache(FILES_OPEN)(self._open)
        self._group = lru_cache(GROUPS_KEPT)(self._read_group)

    async def serve(self, connection: asyncpg.Connection) -> None:
        """Have a connection read bytes where there are stubs: whatever reads events needs to know nothing of it."""
        await connection.set_type_codec(
            "bytea", schema="pg_catalog", encoder=_as_it_is, decoder=self.whole, format="binary"
        )

    def whole(self, value: bytes) -> bytes:
        """A value as it was before it was put away. Reads from the disk if it was. Raises ``ArchiveError``."""
        return self._fetch(value) if value.startswith(PREFIX) else value

    def _fetch(self, value: bytes) -> bytes:
        stub = read_stub(value)
        place = stub.position - first_of(stub.file)
        group = self._group(stub.file, place // GROUP_EVENTS) if place >= 0 else ()
        if place % GROUP_EVENTS < len(group):
            position, state = group[place % GROUP_EVENTS]
            if position == stub.position:
                return state
        raise ArchiveError(f"The archive's file {self.folder / stub.file} does not hold event {stub.position}.")

    def _open(self, file: str) -> Reader:
        return Reader(self.folder / file)

    def _read_group(self, file: str, number: int) -> tuple[tuple[int, bytes], ...]:
        return self._reader(file).group(number)


def _as_it_is(value: bytes) -> bytes:
    return value
