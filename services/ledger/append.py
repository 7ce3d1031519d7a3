"""The append: heads, events, keys and read models of a batch in one statement, hence in one commit.

The statement is put together from the tables that have rows, so that a lone favour pays for no promise. Rows travel
as arrays of the tables' own row types.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

import asyncpg
from msgspec import Struct, field

from projections.catalogue import PROJECTIONS
from projections.projection import Entry, Rows
from services.database.pool import load_sql

ROWS = "(SELECT u.* FROM unnest(${}::{}[]) AS u WHERE u.ledger_id <> ALL ((SELECT moved FROM heads)::text[]))"
PLAIN = "INSERT INTO {table} SELECT r.* FROM {rows} AS r"
PLAIN_TABLES = ("event", "data_key", "party_reference", "idempotency")
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
    references: list[tuple[Any, ...]] = field(default_factory=list)
    idempotency: list[tuple[Any, ...]] = field(default_factory=list)
    read_models: dict[str, Rows] = field(default_factory=dict)
    """By read model: its rows by key."""


async def append(connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
    """Write a batch; answers the ledgers whose head had moved, for which nothing was written.

    Ledgers are taken in the order of their ids. Raises ``asyncpg.UniqueViolationError`` where an idempotency key, a
    reference or a place in a stream is taken: then nothing of the batch was written.
    """
    ledgers = sorted(batch.heads)
    plain = (batch.entries, batch.data_keys, batch.references, batch.idempotency)
    filled = [table for table, rows in zip(PLAIN_TABLES, plain, strict=True) if rows]
    filled += batch.read_models
    arguments: list[Sequence[Any]] = [rows for rows in plain if rows]
    arguments += [list(rows.values()) for rows in batch.read_models.values()]
    moved = await connection.fetchval(
        statement(tuple(filled)),
        ledgers,
        [batch.expected[ledger] for ledger in ledgers],
        [batch.heads[ledger].position for ledger in ledgers],
        [batch.heads[ledger].recorded_at for ledger in ledgers],
        *arguments,
    )
    return frozenset(moved)


@cache
def statement(filled: tuple[str, ...]) -> str:
    """The text of the append for the tables and read models that have rows, in this order."""
    writes = []
    for n, name in enumerate(filled, HEAD_PARAMETERS + 1):
        if name in PLAIN_TABLES:
            writes.append((name, PLAIN.format(table=name, rows=ROWS.format(n, name))))
        else:
            writes += merges(name, partial(ROWS.format, n))
    text = ",\n".join(f"write_{i} AS (\n{sql}\n)" for i, (_, sql) in enumerate(writes))
    return load_sql("services/ledger/sql/append.sql").format(writes=f",\n{text}" if text else "")


def merges(name: str, rows: Callable[[str], str], prefix: str = "") -> list[tuple[str, str]]:
    """The statements that merge rows into a read model's tables; ``rows`` gives the row source for a row type."""
    projection = next(projection for projection in PROJECTIONS if projection.name == name)
    parts = load_sql(projection.path).split(";")
    return [
        (table, part.format(table=prefix + table, rows=rows(projection.row_type)))
        for table, part in zip(projection.tables, parts, strict=True)
    ]
