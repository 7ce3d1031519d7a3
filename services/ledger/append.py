"""The append: heads, events, keys and read models of a batch in one statement, hence in one commit.

The statement is put together from the tables that have rows, so that a lone favour pays for no promise. Rows travel
as arrays of the types that ``services/database/migrations/0010_rows.sql`` makes for it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct, field

from projections.catalogue import PROJECTIONS
from projections.projection import Entry, Rows
from services.database.pool import load_sql

ROWS = "(SELECT u.* FROM unnest(${}::{}[]) AS u WHERE u.ledger_id <> ALL ((SELECT moved FROM heads)::text[]))"
LONE_ROW = "(SELECT u.* FROM heads, (SELECT (${}::{}).*) AS u)"
PLAIN = "INSERT INTO {table} SELECT r.* FROM {rows} AS r"
PLAIN_TABLES = ("event", "data_key", "day_key", "party_reference", "idempotency")
HEAD_PARAMETERS = 4


class Head(Struct):
    """Where a ledger stands: the position of its last event and when that was recorded."""

    position: int
    recorded_at: datetime


class Batch(Struct):
    """The rows that a batch of commands leads to."""

    expected: dict[str, int] = field(default_factory=dict)
    """By ledger: the position that its head has to have."""
    heads: dict[str, Head] = field(default_factory=dict)
    """By ledger: where its head is to stand."""
    entries: list[Entry] = field(default_factory=list)
    data_keys: list[tuple[Any, ...]] = field(default_factory=list)
    day_keys: list[tuple[Any, ...]] = field(default_factory=list)
    references: list[tuple[Any, ...]] = field(default_factory=list)
    idempotency: list[tuple[Any, ...]] = field(default_factory=list)
    erased: list[tuple[str, UUID]] = field(default_factory=list)
    """Ledgers and parties whose keys are destroyed with this batch: see ``erase``."""
    read_models: dict[str, Rows] = field(default_factory=dict)
    """By read model: its rows by key."""


async def append(connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
    """Write a batch; answers the ledgers whose head had moved, for which nothing was written.

    Ledgers are taken in the order of their ids. Raises ``asyncpg.UniqueViolationError`` where an idempotency key, a
    reference or a place in a stream is taken: then nothing of the batch was written.
    """
    if not batch.heads:
        return frozenset()
    plain: tuple[Sequence[Any], ...] = (
        batch.entries,
        batch.data_keys,
        batch.day_keys,
        batch.references,
        batch.idempotency,
    )
    tables = {table: rows for table, rows in zip(PLAIN_TABLES, plain, strict=True) if rows}
    tables |= {name: list(rows.values()) for name, rows in batch.read_models.items()}
    ledgers = sorted(batch.heads)
    heads = [
        (ledger, batch.expected[ledger], batch.heads[ledger].position, batch.heads[ledger].recorded_at)
        for ledger in ledgers
    ]
    arguments: Iterable[Any]
    if lone := len(heads) == 1 and all(len(rows) == 1 for rows in tables.values()):
        arguments = (*heads[0], *[rows[0] for rows in tables.values()])
    else:
        arguments = (*zip(*heads, strict=True), *tables.values())
    return frozenset(await connection.fetchval(statement(tuple(tables), lone=lone), *arguments))


async def erase(connection: asyncpg.Connection, batch: Batch) -> None:
    """Destroy the keys of the parties that a batch erases, and whatever else tells who they were.

    In the transaction of the batch's append: an erasure that is on record is done, and none is done off the record.
    """
    ledgers, parties = [ledger for ledger, _ in batch.erased], [party for _, party in batch.erased]
    for name in ("erase_keys", "erase_references"):
        await connection.execute(_sql(name), ledgers, parties)
    people = [person for (person,) in await connection.fetch(_sql("end_access"), ledgers, parties)]
    if people:  # who claimed nothing else is forgotten too
        forgotten = [person for (person,) in await connection.fetch(_sql("without_claims"), people)]
        await connection.execute(_sql("forget_people"), forgotten)


def _sql(name: str) -> str:
    return load_sql(f"services/ledger/sql/{name}.sql")


@cache
def statement(filled: tuple[str, ...], *, lone: bool = False) -> str:
    """The text of the append for the tables and read models that have rows, in this order.

    A ``lone`` one takes one ledger's head and one row a table; else both come as arrays.
    """
    source = LONE_ROW if lone else ROWS
    writes = []
    for n, name in enumerate(filled, HEAD_PARAMETERS + 1):
        if name in PLAIN_TABLES:
            writes.append((name, PLAIN.format(table=name, rows=source.format(n, f"{name}_row"))))
        else:
            writes += merges(name, partial(source.format, n))
    text = ",\n".join(f"write_{i} AS (\n{sql}\n)" for i, (_, sql) in enumerate(writes))
    template = load_sql(f"services/ledger/sql/{'append_lone' if lone else 'append'}.sql")
    return template.format(writes=f",\n{text}" if text else "")


def merges(name: str, rows: Callable[[str], str], prefix: str = "") -> list[tuple[str, str]]:
    """The statements that merge rows into a read model's tables; ``rows`` gives the row source for a row type."""
    projection = next(projection for projection in PROJECTIONS if projection.name == name)
    parts = load_sql(projection.path).split(";")
    return [
        (table, part.format(table=prefix + table, rows=rows(projection.row_type)))
        for table, part in zip(projection.tables, parts, strict=True)
    ]
