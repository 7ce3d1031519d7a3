"""Statements that are prepared have to go on working while a newer version adds columns to tables.

PostgreSQL refuses a prepared statement whose answer has another shape than it had ("cached plan must not change result
type"), so no answer may have whatever columns a table has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import asyncpg

from services.service import Service
from tests.services.conftest import owner_of

TABLES = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'schema_migration'
"""
ADDED = "added_by_a_later_version"


@contextmanager
def prepared_meanwhile() -> Iterator[set[str]]:
    """All statements that are prepared within the block."""
    prepared: set[str] = set()
    prepare = asyncpg.Connection._get_statement  # type: ignore[attr-defined] # its own, which no stub has

    async def note(connection: asyncpg.Connection, query: str, *arguments: object, **named: object) -> object:
        prepared.add(query)
        return await prepare(connection, query, *arguments, **named)

    with mock.patch.object(asyncpg.Connection, "_get_statement", note):
        yield prepared


async def shaped_by_tables(service: Service, statements: set[str]) -> list[str]:
    """Those of them whose answers change with a column that is added to a table."""
    async with owner_of(service) as connection:
        adding = connection.transaction()
        await adding.start()
        for (table,) in await connection.fetch(TABLES):
            await connection.execute(f"ALTER TABLE {table} ADD COLUMN {ADDED} boolean")
        found = [statement for statement in sorted(statements) if ADDED in await _columns(connection, statement)]
        await adding.rollback()
    return found


async def _columns(connection: asyncpg.Connection, statement: str) -> list[str]:
    try:
        async with connection.transaction():
            prepared = await connection.prepare(statement)
    except asyncpg.UndefinedTableError:
        return []  # a temporary table of its session
    return [attribute.name for attribute in prepared.get_attributes()]
