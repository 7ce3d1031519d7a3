"""As much of PostgreSQL as the clerk uses, in memory: its statements by their files, row locks, commits, failures.

Each statement takes some time and may fail: its connection may break before it has an effect or after, or PostgreSQL
may be unable to carry it out. What is held back in a transaction that breaks never happened; locks end with it.
"""

import asyncio
import functools
import pathlib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

import asyncpg
from msgspec import Struct, field

import services.ledger
from domain.promise.state import Promise
from projections.projection import Entry
from services.database.ledgers import NAME
from services.ledger.keyring import LEDGER
from tests.simulation.states import add_to

SQL = pathlib.Path(services.ledger.__file__).parent / "sql"
ROW_TYPE = re.compile(r"\(\$(\d+)::(\w+)_row\)\.\*|unnest\(\$(\d+)::(\w+)_row\[\]\) AS u")
PATIENCE = (
    asyncpg.DiskFullError("could not extend file"),
    asyncpg.DeadlockDetectedError("deadlock detected"),
    asyncpg.OutOfMemoryError("out of memory"),
)
"""What a statement may fail of while its connection lives."""
BREAKS = (
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ConnectionResetError(),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.InternalClientError("got result for unknown protocol state"),
)
TURNED_AWAY = (
    ConnectionRefusedError(),
    asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    asyncpg.CannotConnectNowError("the database system is in recovery mode"),
)


class Odds(Struct, frozen=True):
    """How often each failure comes, per statement."""

    breaks: float = 0.0
    fails: float = 0.0
    turns_away: float = 0.0


CALM = Odds()


class Tables(Struct):
    """What is committed."""

    heads: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    keys: dict[tuple[str, UUID], bytes] = field(default_factory=dict)
    days: dict[tuple[str, Any], bytes] = field(default_factory=dict)
    events: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    streams: dict[tuple[str, UUID], list[Entry]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, dict[UUID, object]] = field(default_factory=lambda: defaultdict(dict))
    """What each ledger's streams add up to."""
    references: dict[tuple[str, bytes], UUID] = field(default_factory=dict)
    idempotency: dict[tuple[str, bytes], tuple[Any, ...]] = field(default_factory=dict)
    rows: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    """What was merged into the read models, by row type, in order."""


class Append(NamedTuple):
    """One append as it was asked for."""

    heads: list[tuple[str, int, int, datetime]]
    rows: list[tuple[str, tuple[Any, ...]]]


class SimulatedDatabase:
    """The tables, who holds which head, and what goes wrong."""

    def __init__(self, chance: random.Random, odds: Odds) -> None:
        self.tables = Tables()
        self.odds = odds
        self.chance = chance
        self.failures = 0
        self.commits = 0
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def connect(self) -> "SimulatedConnection":
        """A new connection. Raises what asyncpg raises where there is none to be had."""
        await self.pause()
        if self.chance.random() < self.odds.turns_away:
            self.failures += 1
            raise self.chance.choice(TURNED_AWAY)
        return SimulatedConnection(self)

    async def pause(self) -> None:
        """Some time, most often a little."""
        await asyncio.sleep(self.chance.choice((0.0, 0.001, 0.001, 0.01, 0.2)))

    async def lock(self, ledger: str) -> None:
        """Wait until nobody else holds a head."""
        await self._locks[ledger].acquire()

    def unlock(self, ledgers: Sequence[str]) -> None:
        """Let go of heads."""
        for ledger in ledgers:
            self._locks[ledger].release()

    def apply(self, append: Append) -> list[str]:
        """Carry out an append whose heads are held; the ledgers that had moved. Raises ``UniqueViolationError``."""
        moved = [ledger for ledger, expected, *_ in append.heads if self.tables.heads[ledger][0] != expected]
        written = [(kind, row) for kind, row in append.rows if row[0] not in moved]
        self._require_unique(written)
        for ledger, _, position, recorded_at in append.heads:
            if ledger not in moved:
                self.tables.heads[ledger] = (position, recorded_at)
        for kind, row in written:
            self._insert(kind, row)
        self.commits += 1
        return moved

    def _require_unique(self, rows: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        seen: set[tuple[str, Any]] = set()
        for kind, row in rows:
            for place in _places(kind, row):
                if place in seen or self._is_taken(kind, row, place):
                    raise asyncpg.UniqueViolationError(f"duplicate key value of {place[0]}")
                seen.add(place)

    def _is_taken(self, kind: str, row: tuple[Any, ...], place: tuple[str, Any]) -> bool:
        tables = self.tables
        match kind:
            case "event":
                entry, log = Entry(*row), tables.events[row[0]]
                return entry.position <= len(log) or entry.version <= len(tables.streams[entry[0], entry[2]])
            case "data_key":
                return place[1] in tables.keys
            case "day_key":
                return place[1] in tables.days
            case "party_reference":
                return place[1] in tables.references
            case _:
                return kind == "idempotency" and place[1] in tables.idempotency

    def _insert(self, kind: str, row: tuple[Any, ...]) -> None:
        tables = self.tables
        match kind:
            case "event":
                entry = Entry(*row)
                tables.events[entry.ledger_id].append(entry)
                tables.streams[entry.ledger_id, entry.stream_id].append(entry)
                add_to(tables.states[entry.ledger_id], entry)
            case "data_key":
                tables.keys[row[0], row[1]] = row[2]
            case "day_key":
                tables.days[row[0], row[1]] = row[2]
            case "party_reference":
                tables.references[row[0], row[1]] = row[2]
            case "idempotency":
                tables.idempotency[row[0], row[1]] = row
            case _:
                tables.rows.append((kind, row))


def _places(kind: str, row: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """What has to be unique in a row."""
    if kind == "event":
        yield "event", (row[0], row[1])
        yield "event's place in its stream", (row[0], row[2], row[3])
    elif kind in {"data_key", "day_key", "party_reference", "idempotency"}:
        yield kind, (row[0], row[1])


class SimulatedConnection:
    """What the clerk takes for a connection of asyncpg."""

    def __init__(self, database: SimulatedDatabase) -> None:
        self._database = database
        self._closed = False
        self._sees: set[str] = set()
        self._holds: list[str] = []
        self._transaction: SimulatedTransaction | None = None

    def is_closed(self) -> bool:
        """Whether it is of no more use."""
        return self._closed

    def terminate(self) -> None:
        """End it at once: what it had not committed never happened."""
        self._closed = True
        self._database.unlock(self._holds)
        self._holds = []

    async def close(self) -> None:
        """End it."""
        self.terminate()

    def transaction(self) -> "SimulatedTransaction":
        """A transaction, for ``async with``."""
        return SimulatedTransaction(self)

    async def begin(self, transaction: "SimulatedTransaction") -> None:
        """Begin it."""
        await self.io()
        self._transaction = transaction

    async def execute(self, text: str, *arguments: Any) -> None:
        """A statement without an answer."""
        if text == NAME:
            assert self._transaction is None, "a transaction that fails would take the naming back"
            await self.io()
            self._sees = set(arguments[0].split(","))
        elif not text.startswith("SET "):
            await self.fetch(text, *arguments)

    async def fetchval(self, text: str, *arguments: Any) -> Any:
        """The append: the only one whose answer is one value."""
        append = _read_append(text, arguments)
        if self._transaction is not None:
            await self.io()
            self._transaction.appends.append(append)
            return []
        await self._lock([ledger for ledger, *_ in append.heads])
        try:
            return await self.commit([append])
        finally:
            self.release()

    async def fetch(self, text: str, *arguments: Any) -> list[Any]:
        """One of the statements of services/ledger/sql."""
        name = _names()[text]
        self._require_seen(arguments[0])
        await self.io()
        if name == "heads_locked":
            await self._lock(arguments[0])
        answer: list[Any] = getattr(Statements(self._database.tables), name)(*arguments)
        if name in WRITES:
            assert self._transaction is not None, f"{name} runs in a transaction only"
            self._transaction.writes.append((name, arguments))
        return answer

    async def io(self) -> None:
        """A way to the server and back, on which anything may happen."""
        self._require_open()
        await self._database.pause()
        self._require_open()
        database = self._database
        draw = database.chance.random()
        if draw < database.odds.breaks:
            self._break()
        if draw < database.odds.breaks + database.odds.fails:
            database.failures += 1
            raise database.chance.choice(PATIENCE)

    async def commit(self, appends: Sequence[Append], writes: Sequence[tuple[str, Any]] = ()) -> list[str]:
        """Make it so. The connection may break on the way there, or on the way back."""
        await self.io()
        moved: list[str] = []
        for append in appends:
            moved += self._database.apply(append)
        for name, arguments in writes:
            WRITES[name](self._database.tables, *arguments)
        self.release()
        if self._database.chance.random() < self._database.odds.breaks:
            self._break()
        await self._database.pause()
        self._require_open()
        return moved

    def release(self) -> None:
        """Let go of the heads."""
        self._database.unlock(self._holds)
        self._holds = []
        self._transaction = None

    async def _lock(self, ledgers: Sequence[str]) -> None:
        for ledger in sorted(ledgers):
            if ledger in self._database.tables.heads:
                await self._database.lock(ledger)
                self._holds.append(ledger)
                if self._closed:  # it broke while it waited
                    self.terminate()
                    self._require_open()

    def _break(self) -> None:
        self._database.failures += 1
        self.terminate()
        raise self._database.chance.choice(BREAKS)

    def _require_seen(self, ledgers: Iterable[str]) -> None:
        """Row-level security: what was not named is not there. The clerk names all that it asks for."""
        assert self._sees.issuperset(ledgers), f"{sorted(ledgers)} are asked for, {sorted(self._sees)} were named"

    def _require_open(self) -> None:
        if self._closed:
            raise asyncpg.InterfaceError("connection is closed")


class SimulatedTransaction:
    """Holds everything back until its end."""

    def __init__(self, connection: SimulatedConnection) -> None:
        self._connection = connection
        self.appends: list[Append] = []
        self.writes: list[tuple[str, Any]] = []

    async def __aenter__(self) -> Self:
        await self._connection.begin(self)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._connection.release()
            return
        try:
            moved = await self._connection.commit(self.appends, self.writes)
        finally:
            self._connection.release()
        assert not moved, "a head moved although it was held"


class Statements:
    """The reads, by the names of their files."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def heads(self, ledgers: Sequence[str]) -> list[Any]:
        found = []
        for ledger in sorted(set(ledgers) & self._tables.heads.keys()):
            days = [day for owner, day in self._tables.days if owner == ledger]
            latest = max(days, default=None)
            wrapped = None if latest is None else self._tables.days[ledger, latest]
            found.append((ledger, *self._tables.heads[ledger], self._tables.keys[ledger, LEDGER], latest, wrapped))
        return found

    heads_locked = heads

    def merges(self, _ledgers: Sequence[str]) -> list[Any]:
        return []  # nobody merges here

    def streams(self, ledgers: Sequence[str], streams: Sequence[UUID]) -> list[Any]:
        return [
            (ledger, stream, entry.version, entry.topic, entry.state)
            for ledger, stream in sorted(zip(ledgers, streams, strict=True))
            for entry in self._tables.streams[ledger, stream]
        ]

    def keys(self, ledgers: Sequence[str], subjects: Sequence[UUID]) -> list[Any]:
        wanted = zip(ledgers, subjects, strict=True)
        return [(*one, self._tables.keys[one]) for one in wanted if one in self._tables.keys and one[1] != LEDGER]

    def references(self, ledgers: Sequence[str], hashes: Sequence[bytes]) -> list[Any]:
        wanted = zip(ledgers, hashes, strict=True)
        return [(*one, self._tables.references[one]) for one in wanted if one in self._tables.references]

    def open_promises(self, ledgers: Sequence[str], promisors: Sequence[UUID]) -> list[Any]:
        return [
            (ledger, promisor, sum(is_open(state, promisor) for state in self._tables.states[ledger].values()))
            for ledger, promisor in zip(ledgers, promisors, strict=True)
        ]

    def idempotency(self, ledgers: Sequence[str], keys: Sequence[bytes]) -> list[Any]:
        names = ("ledger_id", "key", "body", "stream_id", "position", "events", "expires_at")
        wanted = zip(ledgers, keys, strict=True)
        tables = self._tables.idempotency
        return [dict(zip(names, tables[one], strict=True)) for one in wanted if one in tables]

    def receipts(self, *columns: Sequence[Any]) -> list[Any]:
        found = []
        for n, (ledger, stream, position, events) in enumerate(zip(*columns, strict=True), 1):
            log = self._tables.events[ledger]
            last = log[position - 1]
            own = [entry for entry in self._tables.streams[ledger, stream] if entry.position <= position]
            for entry in reversed(own[-max(events, 1) :]):
                found.append(  # noqa: PERF401 - a nested comprehension of this size is no easier
                    {"n": n, "recorded_at": last.recorded_at}
                    | {name: getattr(entry, name) for name in ("position", "version", "topic")}
                )
        return found

    def forget_keys(self, *_: Any) -> list[Any]:
        return []

    erase_keys = erase_references = end_access = forget_keys


def is_open(state: object, promisor: UUID) -> bool:
    """Whether a stream's state is an open promise of this promisor."""
    return isinstance(state, Promise) and state.is_open and state.promisor == promisor


def _forget_keys(tables: Tables, ledgers: Sequence[str], keys: Sequence[bytes], now: datetime) -> None:
    for place in zip(ledgers, keys, strict=True):
        row = tables.idempotency.get(place)
        if row is not None and row[6] is not None and row[6] <= now:
            del tables.idempotency[place]


def _erase_keys(tables: Tables, ledgers: Sequence[str], parties: Sequence[UUID]) -> None:
    for place in zip(ledgers, parties, strict=True):
        tables.keys.pop(place, None)


def _erase_references(tables: Tables, ledgers: Sequence[str], parties: Sequence[UUID]) -> None:
    erased = set(zip(ledgers, parties, strict=True))
    for place, party in list(tables.references.items()):
        if (place[0], party) in erased:
            del tables.references[place]


WRITES: dict[str, Any] = {
    "forget_keys": _forget_keys,
    "erase_keys": _erase_keys,
    "erase_references": _erase_references,
    "end_access": lambda *_: None,
}
"""What the statements that change something do once their transaction commits."""


@functools.cache
def _names() -> dict[str, str]:
    """Statements' file names by their text."""
    return {file.read_text(encoding="utf-8"): file.stem for file in SQL.glob("*.sql")}


@functools.cache
def _kinds(text: str) -> tuple[tuple[str, ...], bool]:
    """The row types of an append's parameters after the heads, in order, and whether it is a lone one."""
    found = {int(one or many): kind_of_one or kind for one, kind_of_one, many, kind in ROW_TYPE.findall(text)}
    return tuple(found[number] for number in sorted(found)), "advance_head(" in text


def _read_append(text: str, arguments: Sequence[Any]) -> Append:
    kinds, lone = _kinds(text)
    heads, tables = arguments[:4], arguments[4:]
    assert len(kinds) == len(tables), f"an append of {len(tables)} tables names {kinds}"
    if lone:
        return Append([tuple(heads)], list(zip(kinds, tables, strict=True)))
    rows = [(kind, row) for kind, table in zip(kinds, tables, strict=True) for row in table]
    return Append(list(zip(*heads, strict=True)), rows)
