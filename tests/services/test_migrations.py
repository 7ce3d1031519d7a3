"""The migrations that are shipped: what the linter says of them, and that each keeps what tables hold."""

import asyncio
import json
import pathlib
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from domain.favour.commands import RecordFavour
from domain.promise.commands import MakePromise
from services.cli.running import prepare
from services.database.migrate import MigrationError, migrate, read_migrations
from services.database.pool import connect
from services.ledger.opening import open_ledger
from services.service import open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk, owner_of
from tests.tools import run, tool

pytestmark = pytest.mark.anyio

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ROOT / "services" / "database" / "migrations"
ROWS = 3
COLUMNS = """
SELECT c.relname::text AS table, a.attname::text AS column, format_type(a.atttypid, NULL) AS type
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migration'
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
VALUES = {
    "bigint": "{n}",
    "boolean": "true",
    "bytea": "decode(lpad(to_hex({n}), 8, '0'), 'hex')",
    "date": "date '2026-01-01' + {n}",
    "double precision": "{n} + 0.5",
    "integer": "{n}",
    "jsonb": "jsonb_build_object('n', {n})",
    "smallint": "{n}",
    "text": "'word {n}'",
    "text[]": "ARRAY['word {n}']",
    "timestamp with time zone": "timestamptz '2026-01-01T00:00:00Z' + interval '{n} hours'",
    "uuid": "'00000000-0000-4000-8000-00000000000{n}'::uuid",
    "uuid[]": "ARRAY['00000000-0000-4000-8000-00000000000{n}'::uuid]",
}
"""By type: the n-th value that a column is filled with."""


@pytest.fixture
async def connection(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(empty_database_url)
    yield connection
    await connection.close()


def test_the_linter_finds_nothing() -> None:
    run(tool("squawk"), *sorted(FILES.glob("*.sql")), folder=ROOT)


def test_a_rule_that_is_left_out_has_a_reason() -> None:
    left_out = [line for line in (ROOT / ".squawk.toml").read_text("utf-8").splitlines() if line.startswith("    ")]
    assert left_out
    assert all(re.fullmatch(r'    "[a-z-]+", +# .+', line) for line in left_out)


async def test_each_migration_keeps_what_the_tables_hold(
    connection: asyncpg.Connection, tmp_path: pathlib.Path
) -> None:
    for migration in read_migrations():
        await _fill(connection)
        before = await _contents(connection)
        (tmp_path / migration.name).write_text(migration.text, encoding="utf-8")
        assert [one.name for one in await migrate(connection, tmp_path)] == [migration.name]
        _require_kept(before, await _contents(connection))


async def test_one_that_fits_empty_tables_alone_is_found(
    connection: asyncpg.Connection, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id bigint PRIMARY KEY);", encoding="utf-8")
    await migrate(connection, tmp_path)
    await _fill(connection)
    (tmp_path / "0002_second.sql").write_text("ALTER TABLE first ADD COLUMN name text NOT NULL;", encoding="utf-8")
    with pytest.raises(MigrationError, match="contains null values"):
        await migrate(connection, tmp_path)


async def test_an_older_process_writes_on_where_tables_have_got_columns(empty_database_url: str) -> None:
    await prepare(empty_database_url, MASTER_KEY)
    async with open_service(empty_database_url, MASTER_KEY) as service:
        await open_ledger(service, LEDGER)
        desk = Desk(service)
        await _write(desk)
        async with owner_of(service) as connection:
            for table in {row["table"] for row in await connection.fetch(COLUMNS)}:
                await connection.execute(f"ALTER TABLE {table} ADD COLUMN added_later boolean")
        await _write(desk)


async def _write(desk: Desk) -> None:
    """One command alone, and several in a batch."""
    anna, ben = await desk.register("Anna", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben), idempotency_key=str(anna))
    await asyncio.gather(*(desk.give(MakePromise(promisor=anna, promisee=ben, what="Call")) for _ in range(5)))


async def _fill(connection: asyncpg.Connection) -> None:
    """Rows in every table that has none."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for row in await connection.fetch(COLUMNS):
        tables.setdefault(row["table"], []).append((row["column"], row["type"]))
    for table, columns in tables.items():
        if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
            names = ", ".join(f'"{name}"' for name, _ in columns)
            for n in range(1, ROWS + 1):
                values = ", ".join(VALUES[kind].format(n=n) for _, kind in columns)
                await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")


async def _contents(connection: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """By table: its rows."""
    names = {row["table"] for row in await connection.fetch(COLUMNS)}
    return {
        name: [json.loads(text) for (text,) in await connection.fetch(f"SELECT to_jsonb(t)::text FROM {name} AS t")]
        for name in names
    }


def _require_kept(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> None:
    """No table, column or row is gone, and no value is another one; there may be more."""
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        assert sorted(kept, key=json.dumps) == sorted(rows, key=json.dumps), table
