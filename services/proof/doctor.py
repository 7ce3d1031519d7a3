"""Looks a live ledger over: its head, its log, its tree, and the read models against the log. It changes nothing."""

from collections.abc import AsyncIterator, Iterable

from msgspec import Struct

from domain.refusal import Refusal
from projections.projection import Entry
from services.database.pool import load_sql
from services.proof.bundle import Progress, read_rows
from services.proof.check import TABLES, Check, Finding
from services.proof.cosigned import read_witnessed
from services.proof.log import Connection, Head, load_tiles, read_head
from services.proof.note import Checkpoint
from services.proof.tiles import WIDTH, Tile
from services.proof.tree import HASH_BYTES
from services.service import Service

PAGE = 4_096


class Examination(Struct, frozen=True, kw_only=True):
    """What looking a ledger over found; no findings: it is in order."""

    ledger: str
    size: int
    """How many events there are."""
    in_tree: int
    """How many of them are in the tree so far."""
    findings: tuple[Finding, ...]


async def examine(
    service: Service,
    ledger_id: str,
    progress: Progress = lambda _position, _last: None,
    against: Iterable[Checkpoint] = (),
) -> Examination:
    """Look a ledger over as it is at one moment; writers go on. Raises ``Refusal`` where there is none.

    ``against``: old checkpoints of it, of which nothing may have been changed; nor of those that witnesses signed.
    """
    async with (
        service.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        position = await connection.fetchval(load_sql("services/ledger/sql/last_position.sql"), ledger_id)
        if position is None:
            raise Refusal("ledger_not_found", f"There is no ledger {ledger_id!r}.")
        check = Check(ledger_id, [*against, *await read_witnessed(connection, ledger_id)])
        return await _Examiner(connection, check, ledger_id, position, progress).examine()


class _Examiner:
    """Looks one ledger over, on a connection whose transaction sees one moment."""

    def __init__(self, connection: Connection, check: Check, ledger_id: str, position: int, progress: Progress) -> None:
        self._connection = connection
        self._ledger_id = ledger_id
        self._position = position
        self._progress = progress
        self._check = check

    async def examine(self) -> Examination:
        check, size = self._check, self._position
        head = await read_head(self._connection, self._ledger_id)
        whole = await self._read_log(head)
        if whole and check.size != size:
            check.note("the head", f"it stands at {size}, but the log ends at {check.size}")
        if head.size > size:
            check.note("the tree", f"it has {head.size} events, more than the log")
        check.name_unreached()
        for table in TABLES if whole else ():
            check.compare(table, [row async for row in read_rows(self._connection, self._ledger_id, table)])
        return Examination(ledger=self._ledger_id, size=size, in_tree=head.size, findings=tuple(check.findings))

    async def _read_log(self, head: Head) -> bool:
        """Check event by event; answers whether none is missing, since nothing after a gap can be told."""
        check, leaves = self._check, b""
        async for entry in self._entries():
            if entry.position != check.size + 1:
                check.note(check.size + 1, f"the event is missing; the next one stands at position {entry.position}")
                return False
            place = check.size % PAGE
            if place == 0:
                leaves = await self._leaves(check.size // WIDTH)
                self._progress(check.size, self._position)
            leaf = leaves[place * HASH_BYTES : (place + 1) * HASH_BYTES] if check.size < head.size else None
            found = check.add(entry.state, leaf)
            if found is not None and found != entry:
                check.note(entry.position, f"its columns do not say what its bytes say: {_different(found, entry)}")
            if check.size == head.size and check.root() != head.root:
                check.note("the tree", f"the first {head.size} events do not lead to its root")
        self._progress(check.size, self._position)
        return True

    async def _entries(self) -> AsyncIterator[Entry]:
        text = load_sql("services/proof/sql/entries.sql")
        async for row in self._connection.cursor(text, self._ledger_id, prefetch=PAGE):
            yield Entry(*row.values())

    async def _leaves(self, first: int) -> bytes:
        """The leaf hashes of a page, as far as the tree has them; a tile that is not there leaves zeros."""
        tiles = [Tile(0, first + number) for number in range(PAGE // WIDTH)]
        found = await load_tiles(self._connection, self._ledger_id, tiles)
        return b"".join(found.get(tile, b"").ljust(WIDTH * HASH_BYTES, b"\0") for tile in tiles)


def _different(found: Entry, stored: Entry) -> str:
    """The names of the columns that differ."""
    return ", ".join(name for name in Entry._fields if getattr(found, name) != getattr(stored, name))
