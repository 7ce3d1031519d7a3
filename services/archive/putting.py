"""Putting old events' bytes away: into files first, checked against the tree, and only then out of the database.

It may be killed at any moment: what a run that died has written is left, and nothing refers to it. A row's bytes go in
the commit that notes the file, once that is on the disk and was read back.
"""

import hashlib
import pathlib
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import asyncpg
from msgspec import Struct

from domain.refusal import Refusal
from projections.projection import Entry
from services.archive.parquet import GROUP_EVENTS, Reader, Writer
from services.archive.shelf import Shelf
from services.archive.stub import ArchiveError, file_name
from services.database.pool import load_sql
from services.files import sync_folder
from services.proof.log import load_tiles
from services.proof.tiles import WIDTH, Tile
from services.proof.tree import HASH_BYTES, hash_leaf

FILE_EVENTS = 65_536
"""As many as a tile of the second level stands for. Only whole files are put away."""
PAGE_GROUPS = 16


class ArchivedFile(Struct, frozen=True, kw_only=True):
    """One file of the archive."""

    first: int
    """The position of its first event."""
    last: int
    file: str
    bytes: int
    sha256: str
    archived_at: datetime


async def put_away(  # noqa: PLR0913 - each is a choice of its own
    connection: asyncpg.Connection,
    shelf: Shelf,
    ledger_id: str,
    before: datetime,
    clock: Callable[[], datetime],
    *,
    file_events: int = FILE_EVENTS,
    progress: Callable[[int, int], None] = lambda _position, _last: None,
) -> list[ArchivedFile]:
    """Put away what was recorded before a moment and is in the tree, as far as it fills files; answers the new ones.

    ``connection``: the tables' owner's. Writers and readers go on meanwhile. Raises ``Refusal`` where there is no such
    ledger. Raises ``ArchiveError``, with nothing of a file put away, where the tree says that an event is not as it was
    recorded, where the folder is not the one that has the ledger's other files, and where another run was first.
    """
    if file_events < GROUP_EVENTS or file_events % GROUP_EVENTS:
        raise ValueError(f"A file takes a multiple of {GROUP_EVENTS} events.")
    reaches = await connection.fetchrow(_sql("reaches"), ledger_id, before)
    if reaches is None:
        raise Refusal("ledger_not_found", f"There is no ledger {ledger_id!r}.")
    for one in await list_files(connection, ledger_id):
        _require(shelf.folder, one)
    last, done = min(reaches["in_tree"], reaches["old"]), reaches["archived"]
    files: list[ArchivedFile] = []
    while done + file_events <= last:
        progress(done, last)
        files.append(await _Putting(connection, shelf.folder, ledger_id, done + 1, done + file_events).run(clock))
        done += file_events
        # The room that these rows no longer need is there for the next ones that are written, here or by the clerk.
        await connection.execute("VACUUM event")
    progress(done, last)
    return files


def _require(folder: pathlib.Path, one: ArchivedFile) -> None:
    """That a folder is the one that the ledger's files are in. Raises ``ArchiveError``."""
    path = folder / one.file
    if not path.is_file() or path.stat().st_size != one.bytes:
        raise ArchiveError(
            f"{folder} is not this archive's folder: {one.file} is not in it as it was written. Set REQUITE_ARCHIVE to"
            " the one that every process of the service reads from."
        )


async def list_files(connection: asyncpg.Connection | asyncpg.Pool, ledger_id: str) -> list[ArchivedFile]:
    """The files of a ledger's archive, the oldest events first."""
    return [_file(row) for row in await connection.fetch(_sql("files"), ledger_id)]


def _file(row: asyncpg.Record) -> ArchivedFile:
    return ArchivedFile(**{**row, "sha256": row["sha256"].hex()})


class _Putting:
    """Puts one file's events away."""

    def __init__(
        self, connection: asyncpg.Connection, folder: pathlib.Path, ledger_id: str, first: int, last: int
    ) -> None:
        self._connection = connection
        self._ledger_id = ledger_id
        self._first = first
        self._last = last
        self._folder = folder

    async def run(self, clock: Callable[[], datetime]) -> ArchivedFile:
        home = self._folder / self._ledger_id
        for folder in (self._folder, home):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                sync_folder(folder.parent)
        draft = home / f"{self._first:015}.{secrets.token_hex(8)}.part"
        try:
            with Writer(draft) as writer:
                async for page in self._pages():
                    writer.add(page)
            await self._check(draft)
            with draft.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            written = ArchivedFile(
                first=self._first,
                last=self._last,
                file=file_name(self._ledger_id, self._first, digest),
                bytes=draft.stat().st_size,
                sha256=digest,
                archived_at=clock(),
            )
            draft.replace(self._folder / written.file)  # one of that name has the same bytes
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(home)
        await self._commit(written)
        return written

    async def _pages(self) -> AsyncIterator[list[Entry]]:
        page_events = PAGE_GROUPS * GROUP_EVENTS
        for first in range(self._first, self._last + 1, page_events):
            last = min(first + page_events - 1, self._last)
            rows = await self._connection.fetch(_sql("stretch"), self._ledger_id, first, last)
            yield [Entry(*row.values()) for row in rows]

    async def _check(self, path: pathlib.Path) -> None:
        """That the file holds, event by event, what the tree was built of."""
        reader = Reader(path)
        for number in range((self._last - self._first + 1) // GROUP_EVENTS):
            start = self._first + number * GROUP_EVENTS
            found = reader.group(number)
            leaves = await self._leaves(start)
            if [position for position, _ in found] != list(range(start, start + GROUP_EVENTS)):
                raise ArchiveError(f"{self._ledger_id}: an event is missing after {start - 1}; see 'requite doctor'.")
            for (position, state), leaf in zip(found, leaves, strict=True):
                if hash_leaf(state) != leaf:
                    raise ArchiveError(
                        f"{self._ledger_id}: event {position} is not the one that its tree was built of; see"
                        " 'requite doctor'. It and those after it were not put away."
                    )

    async def _leaves(self, start: int) -> list[bytes]:
        """The leaf hashes of the events of a group, which need not begin where a tile does."""
        first, last = (start - 1) // WIDTH, (start + GROUP_EVENTS - 2) // WIDTH
        tiles = await load_tiles(
            self._connection, self._ledger_id, [Tile(0, number) for number in range(first, last + 1)]
        )
        hashes = b"".join(tiles.get(Tile(0, number), b"") for number in range(first, last + 1))
        place = (start - 1) % WIDTH * HASH_BYTES
        return [hashes[at : at + HASH_BYTES] for at in range(place, place + GROUP_EVENTS * HASH_BYTES, HASH_BYTES)]

    async def _commit(self, written: ArchivedFile) -> None:
        digest = bytes.fromhex(written.sha256)
        noted = (written.first, written.last, written.file, written.bytes, digest, written.archived_at)
        try:
            async with self._connection.transaction():
                # First, as another run's note of the same events would be in its way.
                await self._connection.execute(_sql("note_file"), self._ledger_id, *noted)
                await self._connection.execute(_sql("put_away"), self._ledger_id, *noted[:3])
        except asyncpg.UniqueViolationError:
            raise ArchiveError(f"Another run puts events of {self._ledger_id} away, and was first.") from None


def _sql(name: str) -> str:
    return load_sql(f"services/archive/sql/{name}.sql")
