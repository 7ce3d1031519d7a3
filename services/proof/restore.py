"""A bundle becomes a ledger again: the same bytes at the same positions, so the same ids, times and root.

The bundle is checked first, then everything is written in one transaction: a process that dies on the way leaves
nothing behind. The read models are folded anew; the tree is built as ever. Access keys, idempotency keys and whatever
else is no event are not in a bundle.

Words open again where their keys come along (``words.py``). Without them what was written stays sealed for good, and
every party that was not erased gets a new key, for what will be written; so does the ledger. References (by which
partners' systems find parties) are looked up by a hash under the ledger's own key, and stand sealed in the events: they
come back with the words only.
"""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import IO, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from domain.command import Reference
from domain.ledger import LedgerOpened, PolicyChanged
from domain.party import PartyErased, PartyReferenced, PartyRegistered
from projections.projection import Entry
from services.database.pool import connect, load_sql
from services.ledger.append import merges
from services.ledger.forgetting import kept_from
from services.ledger.keyring import LEDGER, Keyring, new_key
from services.ledger.mapper import Recorded, decode, entry_of, open_words
from services.ledger.opening import LEDGER_ID
from services.ledger.replay import Replay
from services.proof import tree
from services.proof.builder import build_whole
from services.proof.bundle import Progress
from services.proof.log import read_head
from services.proof.note import VerifierKey
from services.proof.tiles import edge_tiles, grow, hash_in
from services.proof.tree import hash_leaf
from services.proof.verify import Verdict, read_lines, verify
from services.proof.words import DataKeys
from services.service import Service

BATCH = 2_000


class RestoreError(Exception):
    """A bundle cannot become a ledger here; nothing was changed. The message says why."""


class Restored(Struct, frozen=True, kw_only=True):
    """What was restored."""

    ledger: str
    size: int
    """How many events."""
    root: str
    parties: int
    """How many are not erased."""
    readable: int
    """How many of them had their key in the file of words."""
    references: int


async def restore(
    service: Service,
    file: IO[bytes],
    *,
    ledger: str | None = None,
    keys: Sequence[VerifierKey] = (),
    words: DataKeys | None = None,
    progress: Progress = lambda _position, _last: None,
) -> Restored:
    """Make a bundle a ledger again, in whose place there is none or an empty one; ``ledger``, where it has to be that.

    Raises ``NoBundleError``, and ``RestoreError`` where the bundle is not in order, or the place is taken.
    """
    verdict = verify(file, keys, progress=progress)
    if verdict.findings:
        first, *more = verdict.findings
        others = f" (and {len(more)} more; 'requite verify' lists them)" if more else ""
        raise RestoreError(f"The bundle is not in order: {first.where}: {first.what}{others}. Nothing was imported.")
    if ledger not in (None, verdict.ledger):
        raise RestoreError(f"The bundle is of the ledger {verdict.ledger!r}, not of {ledger!r}: a ledger keeps its id.")
    if LEDGER_ID.fullmatch(verdict.ledger) is None or not verdict.size:
        raise RestoreError("The bundle holds no ledger that could be opened. Nothing was imported.")
    with zipfile.ZipFile(file) as archive:
        connection = await connect(service.url)  # as the owner: COPY is not for tables with row-level security
        try:
            async with connection.transaction():
                work = _Restoring(service, connection, verdict, words)
                restored = await work.restore(read_lines(archive, "events.ndjson"), progress)
        finally:
            await connection.close()
    await build_whole(service.pool, verdict.ledger)
    async with service.pool.acquire() as reader:
        head = await read_head(reader, verdict.ledger)
    if (head.size, head.root.hex()) != (verdict.size, verdict.root):
        raise RestoreError("The tree has another root than the bundle; run 'requite doctor'.")
    return restored


class _Restoring:
    """One restoring under way, in a transaction."""

    def __init__(
        self, service: Service, connection: asyncpg.Connection, verdict: Verdict, words: DataKeys | None
    ) -> None:
        self._connection = connection
        self._service = service
        self._verdict = verdict
        self._ledger = verdict.ledger
        self._words = words
        self._replay = Replay(connection, self._ledger)
        self._ledger_key = new_key() if words is None else words.ledger_key
        self._keyring = Keyring(self._ledger, self._ledger_key)
        if words is not None:
            self._keyring.keys.update(words.parties)
        self._size = 0
        self._edge: dict[int, bytes] = {}
        self._recorded_at = datetime.min.replace(tzinfo=UTC)
        self._parties: dict[UUID, None] = {}
        self._erased: set[UUID] = set()
        self._references: list[tuple[str, bytes, UUID]] = []
        self._kept_days: int | None = None

    async def restore(self, lines: Iterator[bytes], progress: Progress) -> Restored:
        await self._claim()
        while states := list(islice(lines, BATCH)):
            await self._add(states)
            progress(self._size, self._verdict.size)
        if self._root() != self._verdict.root:
            raise RestoreError("The file changed while it was read. Nothing was imported.")
        parties = [party for party in self._parties if party not in self._erased]
        readable = await self._write_keys(parties)
        references = [row for row in self._references if row[2] not in self._erased]
        await self._copy("party_reference", references, "ledger_id", "reference", "party_id")
        await self._execute("set_head", self._size, self._recorded_at)
        return Restored(
            ledger=self._ledger,
            size=self._size,
            root=self._verdict.root,
            parties=len(parties),
            readable=readable,
            references=len(references),
        )

    async def _claim(self) -> None:
        """Take the ledger's place, so that nobody else writes there."""
        await self._connection.execute(load_sql("services/ledger/sql/new_head.sql"), self._ledger)
        if not await self._connection.fetchval(_sql("is_empty"), self._ledger):
            raise RestoreError(f"There is a ledger {self._ledger!r} already: a bundle goes into an empty place only.")
        await self._execute("clear_keys")

    async def _add(self, states: Sequence[bytes]) -> None:
        """Write events, and fold them."""
        entries = []
        for state in states:
            recorded = decode(state)
            grow(self._edge, self._size, hash_leaf(state))
            self._size += 1
            entries.append(entry_of(self._size, recorded, state))
            self._note(recorded)
        self._recorded_at = entries[-1].recorded_at
        try:
            await self._write(entries)
        except Exception as error:
            if self._connection.is_closed():
                raise
            # whatever a crafted event does to the rules, or to the tables, is that event's fault
            wrong = f"The events until position {self._size} do not follow the rules ({type(error).__name__})"
            raise RestoreError(f"{wrong}. Nothing was imported.") from error

    async def _write(self, entries: Sequence[Entry]) -> None:
        await self._copy("event", entries)
        for name, merged in (await self._replay.fold(entries)).items():
            for _, statement in merges(name, lambda row_type: f"unnest($1::{row_type}[])"):
                await self._connection.execute(statement, list(merged.values()))

    def _note(self, recorded: Recorded) -> None:
        """What is kept beside the events: who there is, under which references, and how long words are kept."""
        event = recorded.event
        if isinstance(event, LedgerOpened | PolicyChanged):
            self._kept_days = event.policy.words_kept_days
        elif isinstance(event, PartyErased):
            self._erased.update((event.party, *event.others))
        elif isinstance(event, PartyRegistered | PartyReferenced):
            self._parties[event.party] = None
            if event.party in self._keyring.keys:
                self._note_references(recorded, event.party)

    def _note_references(self, recorded: Recorded, party: UUID) -> None:
        words = open_words(recorded, self._keyring)
        if words is None:
            raise RestoreError("The file of words is of another ledger than the bundle. Nothing was imported.")
        for reference in msgspec.convert(words.get("references") or (), tuple[Reference, ...]):
            self._references.append((self._ledger, self._keyring.hash_reference(reference), party))

    async def _write_keys(self, parties: Sequence[UUID]) -> int:
        """Every party's key, or a new one where none came along, and those of the days; answers how many came along."""
        words = self._words
        known = {} if words is None else {one: words.parties[one] for one in parties if one in words.parties}
        keys = {LEDGER: self._ledger_key, **{party: known.get(party) or new_key() for party in parties}}
        await self._copy("data_key", self._wrapped(keys), "ledger_id", "subject_id", "wrapped")
        days = {} if words is None else {day: key for day, key in words.days.items() if self._is_kept(day)}
        await self._copy("day_key", self._wrapped(days), "ledger_id", "day", "wrapped")
        return len(known)

    def _is_kept(self, day: date) -> bool:
        return self._kept_days is None or day >= kept_from(self._kept_days, self._service.clock())

    def _wrapped(self, keys: Any) -> list[tuple[str, Any, bytes]]:  # noqa: ANN401 - of parties, or of days
        wrap = self._service.master_key.wrap
        return [(self._ledger, subject, wrap(self._ledger, subject, key)) for subject, key in keys.items()]

    def _root(self) -> str:
        tiles = {tile: self._edge[tile.level] for tile in edge_tiles(self._size)}
        return tree.root(self._size, lambda node: hash_in(tiles, node)).hex()

    async def _copy(self, table: str, rows: Sequence[tuple[Any, ...] | Entry], *columns: str) -> None:
        await self._connection.copy_records_to_table(table, records=rows, columns=columns or None)

    async def _execute(self, name: str, *arguments: object) -> None:
        await self._connection.execute(_sql(name), self._ledger, *arguments)


def _sql(name: str) -> str:
    return load_sql(f"services/proof/sql/{name}.sql")
