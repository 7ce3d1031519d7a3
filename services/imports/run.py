"""Running an import: line by line to the clerk, in windows, with a rejects file for what was refused.

A line's idempotency key is the file's hash and the line's number (and the mapping's), kept for ever: running the same
file again records nothing twice, and a run that was cut off goes on where it stopped.
"""

import hashlib
import pathlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from domain.command import Command
from domain.event import Who
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.imports.lines import BadLineError, read_line
from services.imports.mapping import CsvMapping, Row, RowReader
from services.imports.parties import PartyFinder
from services.imports.source import LINE_LIMIT_BYTES, CsvRow, hash_file, read_lines, read_rows
from services.ledger.decision import hash_key
from services.ledger.keyring import Keyring
from services.ledger.opening import load_keyring
from services.ledger.order import Order, Receipt
from services.service import Service

WINDOW = 2048
WINDOW_BYTES = 8 << 20
T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


class Reject(Struct, frozen=True):
    """A line that was not recorded: which rule refused it, in words, and the line as it stands in the file."""

    line: int
    code: str
    detail: str
    text: str


class Summary(Struct):
    """What an import did: lines read, recorded now, recorded by an earlier run, left out by the mapping, refused."""

    read: int = 0
    recorded: int = 0
    recorded_before: int = 0
    left_out: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class _Line(Struct):
    number: int
    text: str
    order: Order | None
    reject: tuple[str, str] | None = None


Progress = Callable[[Summary], None]


class Import:
    """One import of one file into one ledger."""

    def __init__(self, service: Service, keyring: Keyring, path: pathlib.Path, who: Who) -> None:
        self._service = service
        self._keyring = keyring
        self._path = path
        self._who = who
        self._file_hash = hash_file(path)
        self.summary = Summary()

    @classmethod
    async def prepare(cls, service: Service, ledger_id: str, path: pathlib.Path, who: Who) -> "Import":
        """Ready to run. Raises ``Refusal`` where there is no such ledger."""
        return cls(service, await load_keyring(service, ledger_id), path, who)

    async def run_lines(self, rejects: IO[str], progress: Progress) -> Summary:
        """Import a file of commands, one JSON object a line."""
        key = f"import:{self._file_hash}"
        for window in _windows(read_lines(self._path), lambda line: len(line[1])):
            lines = [self._line(number, text, key) for number, text in window]
            await self._submit(lines, rejects, progress)
        return self.summary

    async def run_rows(self, mapping: CsvMapping, rejects: IO[str], progress: Progress) -> Summary:
        """Import a CSV file by a mapping."""
        header, rows = read_rows(self._path, mapping)
        reader = RowReader(mapping, header)
        finder = PartyFinder(self._service, self._keyring, mapping.source, self._who, register=mapping.register)
        mapping_hash = hashlib.sha256(msgspec.json.encode(mapping, order="sorted")).hexdigest()[:16]
        key = f"import:{self._file_hash}:{mapping_hash}"
        for window in _windows(rows, lambda row: len(row.text)):
            lines = await self._rows(window, reader, finder, key)
            await self._submit(lines, rejects, progress)
        return self.summary

    def _line(self, number: int, text: bytes, key: str) -> _Line:
        shown = text[:LINE_LIMIT_BYTES].decode("utf-8", errors="replace").rstrip("\r\n")
        try:
            command, stream = read_line(text)
        except BadLineError as error:
            return _Line(number, shown, None, ("bad_line", str(error)))
        return _Line(number, shown, self._order(command, stream, f"{key}:{number}"))

    async def _rows(self, window: list[CsvRow], reader: RowReader, finder: PartyFinder, key: str) -> list[_Line]:
        lines, rows = [], []
        for given in window:
            line = _Line(given.line, given.text, None)
            try:
                row = self._read(given, reader, finder)
            except ValueError as error:
                line.reject = ("bad_row", str(error))
            else:
                if row is None:
                    self.summary.read += 1
                    self.summary.left_out += 1
                    continue
                rows.append((line, row))
            lines.append(line)
        await finder.find(one for _, row in rows for one in row.parties.values())
        if reader.acts_on_party:
            await finder.look_up(row.own_id for _, row in rows if row.own_id is not None)
        for line, row in rows:
            self._give(line, row, reader, finder, f"{key}:{line.number}")
        return lines

    @staticmethod
    def _read(given: CsvRow, reader: RowReader, finder: PartyFinder) -> Row | None:
        """A row that fits as far as can be seen without its parties: one that does not registers nobody."""
        if given.fault is not None:
            raise ValueError(given.fault)
        row = reader.read(given.cells)
        if row is not None and any(finder.get(one) is None for one in row.parties.values()):
            reader.check(row)
        return row

    def _give(self, line: _Line, row: Row, reader: RowReader, finder: PartyFinder, key: str) -> None:
        """Make a row's order, or say why there is none."""
        parties = {name: finder.get(one) for name, one in row.parties.items()}
        stream = None
        if reader.acts_on_party and row.own_id is not None:
            parties["id"] = stream = finder.get(row.own_id)
        elif row.own_id is not None:
            stream = self._keyring.derive_id(reader.type.name, reader.mapping.source, row.own_id)
        unknown = [name for name, party in parties.items() if party is None]
        if unknown:
            line.reject = ("unknown_party", f"nobody is known under the id in: {', '.join(unknown)}")
            return
        parties.pop("id", None)
        try:
            command = reader.convert(row, parties)
        except ValueError as error:
            line.reject = ("bad_row", str(error))
            return
        line.order = self._order(command, stream, key)

    def _order(self, command: Command, stream: UUID | None, key: str) -> Order:
        return Order(
            ledger_id=self._keyring.ledger_id,
            command=command,
            who=Who(self._who.capacity, self._who.key, command.by),
            stream=stream or command.stream_id(),
            idempotency_key=key,
            keeps_key=True,
        )

    async def _submit(self, lines: list[_Line], rejects: IO[str], progress: Progress) -> None:
        """Have a window recorded, count, and write what was refused."""
        orders = [line.order for line in lines if line.order is not None]
        before = await self._recorded_before(orders)
        if before:
            orders = [replace(order, likely_repeated=True) for order in orders]
        outcomes = iter(await self._service.clerk.submit_all(orders))
        recorded = 0
        for line in lines:
            outcome = None if line.order is None else next(outcomes)
            if isinstance(outcome, Receipt):
                recorded += 1
                continue
            if isinstance(outcome, Refusal):
                line.reject = (outcome.code, outcome.message)
            elif isinstance(outcome, BaseException):
                raise outcome
            assert line.reject is not None
            code, detail = line.reject
            self.summary.refused[code] += 1
            rejects.write(_encode(Reject(line.number, code, detail, line.text)).decode() + "\n")
        self.summary.read += len(lines)
        self.summary.recorded += recorded - before
        self.summary.recorded_before += before
        progress(self.summary)

    async def _recorded_before(self, orders: list[Order]) -> int:
        """How many of the orders an earlier run recorded."""
        hashes = [hash_key(self._keyring, order) for order in orders]
        known = load_sql("services/imports/sql/known_keys.sql")
        return int(await self._service.ledgers.fetchval(known, self._keyring.ledger_id, hashes))


def _windows(source: Iterator[T], weigh: Callable[[T], int]) -> Iterator[list[T]]:
    """As many as one round takes, fewer where they are large."""
    window: list[T] = []
    weight = 0
    for one in source:
        window.append(one)
        weight += weigh(one)
        if len(window) == WINDOW or weight >= WINDOW_BYTES:
            yield window
            window, weight = [], 0
    if window:
        yield window
