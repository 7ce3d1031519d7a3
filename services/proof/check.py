"""Checks a log event by event, wherever it comes from: its order, its hashes, and what it folds into.

Nothing here reads a database or trusts one: an auditor's machine runs the same checks on a bundle as ``requite doctor``
runs on a live ledger.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.catalogue import STREAM_TYPE_OF
from projections import balance
from projections.projection import Entry, Rows
from projections.promises import PROMISES, PromiseRow
from services.ledger.mapper import UnknownTopicError, decode, entry_of
from services.proof import tree
from services.proof.note import Checkpoint
from services.proof.tiles import edge_tiles, grow, hash_in
from services.proof.tree import HASH_BYTES, hash_leaf

FINDINGS_LIMIT = 50
TABLES = {"balance": 5, "promise": 2}
"""The read models that are folded anew and compared, by their table, and how many columns their keys have."""
COLUMNS = {"balance": balance.BalanceRow._fields, "promise": PromiseRow._fields}
"""What this version calls their columns."""


class Finding(Struct, frozen=True):
    """Something that is not as it has to be."""

    where: str
    """A position of the log, or what else is wrong: the checkpoint, a row of a table."""
    what: str


class Check:
    """Takes a log's events in the order of their positions, and keeps what is wrong with them."""

    def __init__(self, ledger_id: str, against: Iterable[Checkpoint] = ()) -> None:
        self.findings: list[Finding] = []
        self.size = 0
        self._ledger_id = ledger_id
        self._against = {(old.size, old.root): old for old in against}
        self._edge: dict[int, bytes] = {}
        self._streams: dict[UUID, tuple[int, Any]] = {}
        self._recorded_at = datetime.min.replace(tzinfo=UTC)
        self._rows: dict[str, Rows] = {"balance": {}, "promise": {}}

    def add(self, state: bytes, leaf: bytes | None = None) -> Entry | None:
        """Take the next event; ``leaf`` is the hash that was kept of it. Answers its row, where the bytes are fit."""
        position = self.size + 1
        found = hash_leaf(state)
        if leaf is not None and found != leaf:
            self.note(position, "the event's bytes are not those that were hashed: they were changed")
        grow(self._edge, self.size, found)
        self.size = position
        self._compare_with_old()
        try:
            recorded = decode(state)
        except (msgspec.DecodeError, UnknownTopicError) as error:
            self.note(position, f"the bytes are no event that this version knows ({type(error).__name__})")
            return None
        if recorded.ledger_id != self._ledger_id:
            self.note(position, "the event belongs to another ledger")
        if recorded.recorded_at < self._recorded_at:
            self.note(position, "it was recorded before the event that stands before it")
        self._recorded_at = max(self._recorded_at, recorded.recorded_at)
        entry = entry_of(position, recorded, state)
        try:
            self._fold(entry, recorded.event)
        except Exception as error:  # noqa: BLE001 - whatever a crafted event does to the rules is that event's fault
            self.note(position, f"the event cannot follow those before it ({type(error).__name__})")
        return entry

    def note(self, where: int | str, what: str) -> None:
        """Keep something that is wrong, as long as there is room."""
        if len(self.findings) < FINDINGS_LIMIT:
            self.findings.append(Finding(f"position {where}" if isinstance(where, int) else where, what))

    def root(self) -> bytes:
        """The root of the tree over all events so far."""
        tiles = {tile: self._edge[tile.level] for tile in edge_tiles(self.size)}
        return tree.root(self.size, lambda node: hash_in(tiles, node))

    def rows(self, table: str, columns: Collection[str] | None = None) -> Mapping[str, bytes]:
        """What the events fold into: the rows of a read model's table, encoded, by their keys; some columns, or all."""
        wanted = [n for n, name in enumerate(COLUMNS[table]) if columns is None or name in columns]
        return {key_of(row, table): encode_row(row[n] for n in wanted) for row in self._rows[table].values()}

    def compare(self, table: str, rows: Iterable[bytes], columns: Sequence[str] = ()) -> None:
        """Compare the rows that a table is said to have, encoded, with what the events say.

        ``columns``: what the rows' columns were called where they were written, by another version maybe. Those that
        this version knows too are compared.
        """
        columns = columns or COLUMNS[table]
        shared = [columns.index(name) for name in COLUMNS[table] if name in columns]
        if not {*COLUMNS[table][: TABLES[table]]} <= {*columns}:
            self.note(f"table {table}", "its columns are not those of any version")
            return
        expected = dict(self.rows(table, columns))
        for row in rows:
            try:
                values = msgspec.json.decode(row, type=list[Any])
                picked = [values[n] for n in shared]
            except (msgspec.DecodeError, IndexError):
                self.note(f"table {table}", "a row cannot be read")
                continue
            key = key_of(picked, table)
            if (wanted := expected.pop(key, None)) is None:
                self.note(f"table {table}, row {key}", "no event leads to this row")
            elif wanted != encode_row(picked):
                self.note(f"table {table}, row {key}", "the row does not say what its events say")
        for key in expected:
            self.note(f"table {table}, row {key}", "the row is missing")

    def finish(self, checkpoint: Checkpoint) -> None:
        """Compare the whole with what was signed, and name the old checkpoints that were not reached."""
        if self.size != checkpoint.size:
            self.note("the checkpoint", f"{checkpoint.size} events were signed, {self.size} are there")
        elif self.root() != checkpoint.root:
            self.note("the checkpoint", "the events do not lead to the root that was signed")
        self.name_unreached()

    def name_unreached(self) -> None:
        """Name the old checkpoints of which there are not as many events any more."""
        for old in self._against.values():
            self.note(f"the old checkpoint of {old.size}", f"the log had {old.size} events then and has fewer now")

    def _compare_with_old(self) -> None:
        for key in [key for key in self._against if key[0] == self.size]:
            old = self._against.pop(key)
            if self.root() != old.root:
                self.note(f"the old checkpoint of {old.size}", "what was there then was changed since")

    def _fold(self, entry: Entry, event: Any) -> None:  # noqa: ANN401 - of any stream type
        kind = STREAM_TYPE_OF[type(event)]
        version, state = self._streams.get(entry.stream_id, (0, None))
        if entry.version != version + 1:
            self.note(entry.position, f"stream {entry.stream_id} goes from version {version} to {entry.version}")
            if state is None and entry.version > 1:
                return
        state = kind.evolve(state, event)
        self._streams[entry.stream_id] = (entry.version, state)
        if entry.unit is not None:
            balance.fold(self._rows["balance"], entry, None)
        if entry.topic in (PROMISES.topics or ()):
            rows: Rows = {}
            PROMISES.fold(rows, entry, state)
            (self._rows["promise"][entry.stream_id,],) = rows.values()  # as it stands now


def encode_row(row: Iterable[Any]) -> bytes:
    """A row of a read model's table as a line of JSON."""
    return msgspec.json.encode(tuple(row))


def key_of(row: Iterable[Any], table: str) -> str:
    """The key of a row, its ledger left out, as a text."""
    return " ".join(str(value) for value in list(row)[1 : TABLES[table]])


def leaf_at(leaves: bytes, position: int) -> bytes | None:
    """The leaf hash of a position, of all of them one after the other; ``None`` beyond their end."""
    leaf = leaves[(position - 1) * HASH_BYTES : position * HASH_BYTES]
    return leaf or None
