"""The tables of the read models: what they hold, and what a fold of the log says they should."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from domain.catalogue import STREAM_TYPE_OF
from projections.catalogue import PROJECTIONS, fold_entry
from projections.projection import Entry, Rows
from services.ledger.mapper import decode

TABLES = {
    "balance": 5,
    "promise": 2,
    "promise_transition": 3,
    "party": 2,
    "party_alias": 3,
    "membership": 4,
    "introduction": 2,
    "introduction_transition": 3,
    "tie": 4,
    "gift": 2,
}
"""Every table of a read model, and how many columns its key has."""
IN_ORDER = {projection.name: (0, 0, 0) for projection in PROJECTIONS}
"""What rebuilding says of read models that are right."""

Tables = dict[str, list[tuple[Any, ...]]]


async def read_tables(connection: asyncpg.Connection, ledger_id: str) -> Tables:
    """Every row of a ledger's read models, as the database's own bytes, by key."""
    return {table: await _read(connection, table, ledger_id) for table in TABLES}


async def _read(connection: asyncpg.Connection, table: str, ledger_id: str) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(f"SELECT t.*, record_send(t) FROM {table} AS t WHERE ledger_id = $1", ledger_id)
    return sorted((tuple(row) for row in rows), key=lambda row: row[: TABLES[table]])


def without_bytes(tables: Tables) -> Tables:
    return {table: [row[:-1] for row in rows] for table, rows in tables.items()}


async def read_log(connection: asyncpg.Connection, ledger_id: str) -> list[Entry]:
    rows = await connection.fetch("SELECT * FROM event WHERE ledger_id = $1 ORDER BY position", ledger_id)
    return [Entry(*row) for row in rows]


def fold_in_memory(log: Sequence[Entry]) -> Tables:
    """The whole log as one batch, folded without a database."""
    rows: dict[str, Rows] = {}
    states: dict[UUID, object] = {}
    for entry in log:
        event = decode(entry.state).event
        state = STREAM_TYPE_OF[type(event)].evolve(states.get(entry.stream_id), event)
        states[entry.stream_id] = state
        fold_entry(rows, entry, state)
    return {
        table: sorted({row[: TABLES[table]]: tuple(row) for row in rows.get(projection.name, {}).values()}.values())
        for projection in PROJECTIONS
        for table in projection.tables
    }
