"""The imports of a ledger as they are kept: what became of each, whoever is at it, and what it recorded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
import uuid_utils.compat as uuid_utils
from msgspec import Struct

from domain.event import Who
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.imports.plan import Kind, Thing
from services.imports.tally import Kept, Refused, Tally
from services.service import Service

State = Literal["running", "interrupted", "done", "undoing", "undone"]
SILENCE = timedelta(seconds=30)
"""After so long without a sign, whoever was at an import is taken to be gone."""


class ImportView(Struct, frozen=True, kw_only=True):
    """An import, and how far it is."""

    id: UUID
    format: str
    state: State
    """``interrupted``: whoever was at it is gone; give the same file again, or undo it, to go on."""
    key: str
    """The access key that it was recorded with."""
    me: UUID | None
    """Whose file it is."""
    begun_at: datetime
    ended_at: datetime | None
    things: int
    """To record, as the file has it; 0 until it is read."""
    done: int
    """Of those: how many the last run went through."""
    recorded: dict[str, int]
    """By kind: what it recorded, whether or not that was undone since."""
    recorded_before: int
    """What the ledger had already when it was last run."""
    left_out: dict[str, int]
    """By reason: entries in which there is nothing to record."""
    refused: dict[str, int]
    """By code: entries that were not recorded."""
    refusals: tuple[Refused, ...]
    """The first of them, by their places in the file."""
    undone: int
    kept: tuple[Kept, ...]
    """What the undoing left as it is: the first of those."""


class ImportPage(Struct, frozen=True):
    """Imports, the latest first."""

    items: tuple[ImportView, ...]


class Record(Struct, frozen=True):
    """Something that an import recorded."""

    number: int
    kind: Kind
    stream: UUID
    state: str


class Claim(Struct, frozen=True):
    """An import that this process is at, until it ends it or somebody else takes it over."""

    service: Service
    ledger_id: str
    import_id: UUID
    worker: UUID
    who: Who

    async def beat(self, tally: Tally, state: str, *, ended: bool = False) -> None:
        """Write down how far it is. Raises ``TakenOverError`` where somebody else is at it by now."""
        now = self.service.clock()
        status = await self.service.ledgers.execute(
            _sql("beat"),
            self.ledger_id,
            self.import_id,
            self.worker,
            state,
            now,
            now if ended else None,
            msgspec.json.encode(tally).decode(),
        )
        if status != "UPDATE 1":
            raise TakenOverError

    async def let_go(self) -> None:
        """Leave it to whoever takes it up: this process ends."""
        now = self.service.clock() - 2 * SILENCE
        await self.service.ledgers.execute(_sql("let_go"), self.ledger_id, self.import_id, self.worker, now)

    async def note(self, things: Sequence[Thing]) -> None:
        """Write down what is about to be recorded, before it is: a run that is cut off is undone all the same."""
        noted = [one for one in things if one.orders]
        again = [one.stream for one in noted if one.is_again]
        async with self.service.ledgers.acquire(self.ledger_id) as connection, connection.transaction():
            if again:
                await connection.execute(_sql("take_up"), self.ledger_id, again)
            await connection.execute(
                _sql("note_records"),
                self.ledger_id,
                self.import_id,
                [one.number for one in noted],
                [one.kind for one in noted],
                [one.stream for one in noted],
            )

    async def settle(self, numbers: Sequence[int], states: Sequence[str]) -> None:
        """Write down what became of records: undone, or why they stay."""
        await self.service.ledgers.execute(
            _sql("settle_records"), self.ledger_id, self.import_id, list(numbers), list(states)
        )

    async def forget(self, numbers: Sequence[int]) -> None:
        """Take back what was noted and then refused."""
        await self.service.ledgers.execute(_sql("forget_records"), self.ledger_id, self.import_id, list(numbers))

    async def records(self) -> list[Record]:
        """What it recorded, the last first, and parties after all else."""
        rows = await self.service.ledgers.fetch(_sql("records"), self.ledger_id, self.import_id)
        return [Record(row["number"], row["kind"], UUID(int=row["stream_id"].int), row["state"]) for row in rows]


class TakenOverError(RuntimeError):
    """Another process goes on with this import."""


async def begin(service: Service, ledger_id: str, file: bytes, kind: str, who: Who, me: UUID | None) -> Claim | UUID:
    """Begin an import of a file, or go on with it; the id alone where somebody is at it already.

    The same file, said to be the same, is the same import until that is undone.
    """
    now, worker = service.clock(), uuid_utils.uuid4()
    row = await service.ledgers.fetchrow(
        _sql("begin"),
        ledger_id,
        uuid_utils.uuid7(),
        file,
        kind,
        who.capacity,
        who.key,
        me,
        now,
        worker,
        msgspec.json.encode(Tally()).decode(),
        now - SILENCE,
    )
    if row is None:
        found = await service.ledgers.fetchval(_sql("by_file"), ledger_id, file)
        return UUID(int=found.int)
    return Claim(service, ledger_id, UUID(int=row["import_id"].int), UUID(int=worker.int), who)


async def begin_undoing(service: Service, ledger_id: str, import_id: UUID, who: Who) -> Claim | None:
    """Begin to undo an import, or go on with it; ``None`` where somebody is at it.

    Raises ``Refusal`` where there is no such import.
    """
    now, worker = service.clock(), uuid_utils.uuid4()
    row = await service.ledgers.fetchrow(_sql("begin_undoing"), ledger_id, import_id, now, worker, now - SILENCE)
    if row is not None:
        return Claim(service, ledger_id, import_id, UUID(int=worker.int), who)
    await read_import(service, ledger_id, import_id)
    return None


async def read_import(service: Service, ledger_id: str, import_id: UUID) -> ImportView:
    """An import. Raises ``Refusal`` where there is none of this id."""
    rows = await service.ledgers.fetch(_sql("imports"), ledger_id, import_id, 1)
    if not rows:
        raise Refusal("import_not_found", "There is no such import in this ledger.")
    return _view(rows[0], service.clock())


async def list_imports(service: Service, ledger_id: str, limit: int) -> ImportPage:
    """The imports of a ledger, the latest first."""
    rows = await service.ledgers.fetch(_sql("imports"), ledger_id, None, limit)
    return ImportPage(tuple(_view(row, service.clock()) for row in rows))


def _view(row: asyncpg.Record, now: datetime) -> ImportView:
    tally = msgspec.json.decode(row["tally"], type=Tally)
    is_silent = row["state"] in ("running", "undoing") and row["beat_at"] < now - SILENCE
    recorded: dict[str, int] = msgspec.json.decode(row["recorded"])
    return ImportView(
        id=UUID(int=row["import_id"].int),
        format=row["format"],
        state="interrupted" if is_silent else row["state"],
        key=row["key_id"],
        me=None if row["me"] is None else UUID(int=row["me"].int),
        begun_at=row["begun_at"],
        ended_at=row["ended_at"],
        things=tally.things,
        done=tally.done,
        recorded=recorded,
        recorded_before=tally.recorded_before,
        left_out=tally.left_out,
        refused=tally.refused,
        refusals=tuple(tally.refusals),
        undone=row["undone"],
        kept=tuple(tally.kept),
    )


def _sql(name: str) -> str:
    return load_sql(f"services/imports/sql/{name}.sql")
