import asyncio
import pathlib
import re
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.database.migrate import MigrationError, migrate, pending_migrations, read_migrations
from services.database.pool import connect, create_pool, ensure_database, load_sql


@pytest.fixture
async def connection(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(empty_database_url)
    yield connection
    await connection.close()


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    write(tmp_path, "0001_first.sql", "CREATE TABLE first (id int);\nINSERT INTO first VALUES (1);\n")
    write(tmp_path, "0002_second.sql", "CREATE TABLE second (id int);\n")
    return tmp_path


def write(folder: pathlib.Path, name: str, text: str) -> None:
    (folder / name).write_bytes(text.encode())


async def test_files_are_applied_in_order_once(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    assert [m.name for m in await pending_migrations(connection, folder)] == ["0001_first.sql", "0002_second.sql"]
    assert [m.version for m in await migrate(connection, folder)] == [1, 2]
    assert await migrate(connection, folder) == []
    assert await pending_migrations(connection, folder) == []
    assert await connection.fetchval("SELECT count(*) FROM first") == 1
    rows = await connection.fetch("SELECT version, name, sha256 FROM schema_migration ORDER BY version")
    assert [tuple(row) for row in rows] == [(m.version, m.name, m.sha256) for m in read_migrations(folder)]
    assert await connection.fetchval("SELECT bool_and(now() - applied_at < interval '1 minute') FROM schema_migration")


async def test_a_later_file_is_added(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    await migrate(connection, folder)
    write(folder, "0003_third.sql", "DROP TABLE second;")
    assert [m.name for m in await migrate(connection, folder)] == ["0003_third.sql"]


async def test_starters_at_the_same_time_apply_each_file_once(empty_database_url: str, folder: pathlib.Path) -> None:
    write(folder, "0003_slow.sql", "SELECT pg_sleep(0.2); CREATE TABLE third (id int);")

    async def start() -> int:
        connection = await connect(empty_database_url)
        try:
            return len(await migrate(connection, folder))
        finally:
            await connection.close()

    counts = await asyncio.gather(*(start() for _ in range(12)))
    assert sum(counts) == 3


async def test_a_failing_file_leaves_nothing_and_names_its_line(
    connection: asyncpg.Connection, folder: pathlib.Path
) -> None:
    write(folder, "0003_bad.sql", "CREATE TABLE third (id int);\n\nINSERT INTO thrid VALUES (1);\n")
    with pytest.raises(MigrationError, match=r'0003_bad\.sql line 3: relation "thrid" does not exist'):
        await migrate(connection, folder)
    assert await connection.fetchval("SELECT max(version) FROM schema_migration") == 2
    assert await connection.fetchval("SELECT to_regclass('third')") is None
    write(folder, "0003_bad.sql", "CREATE TABLE third (id int);")
    assert len(await migrate(connection, folder)) == 1


async def test_a_failure_without_a_place_is_named_too(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    write(folder, "0003_bad.sql", "DO $$ BEGIN RAISE EXCEPTION 'no luck'; END $$;")
    with pytest.raises(MigrationError, match=r"0003_bad\.sql: no luck"):
        await migrate(connection, folder)


async def test_a_changed_file_is_an_error(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    await migrate(connection, folder)
    write(folder, "0001_first.sql", "CREATE TABLE first (id bigint);\n")
    write(folder, "0003_third.sql", "CREATE TABLE third (id int);")
    with pytest.raises(MigrationError, match=r"0001_first\.sql was changed after this database applied it"):
        await migrate(connection, folder)
    with pytest.raises(MigrationError, match="was changed"):
        await pending_migrations(connection, folder)
    assert await connection.fetchval("SELECT to_regclass('third')") is None


async def test_line_ends_are_no_change(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    await migrate(connection, folder)
    write(folder, "0002_second.sql", "CREATE TABLE second (id int);\r\n")
    assert await migrate(connection, folder) == []


async def test_a_renamed_file_is_an_error(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    await migrate(connection, folder)
    (folder / "0002_second.sql").rename(folder / "0002_better_name.sql")
    with pytest.raises(MigrationError, match="never renamed or removed"):
        await migrate(connection, folder)


async def test_a_database_newer_than_the_code_is_an_error(connection: asyncpg.Connection, folder: pathlib.Path) -> None:
    await migrate(connection, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match=r"is at migration 0002_second\.sql.* knows only 1"):
        await migrate(connection, folder)


async def test_a_file_that_ends_its_transaction_is_an_error(
    connection: asyncpg.Connection, folder: pathlib.Path
) -> None:
    write(folder, "0003_commits.sql", "COMMIT;")
    with pytest.raises(MigrationError, match=r"0003_commits\.sql ended its transaction"):
        await migrate(connection, folder)


async def test_a_table_in_use_is_waited_for_in_nobodys_way(
    connection: asyncpg.Connection, empty_database_url: str, folder: pathlib.Path
) -> None:
    """A long read holds a table that a file alters: the file's own wait may not hold up those who come after it."""
    await migrate(connection, folder)
    write(folder, "0003_third.sql", "ALTER TABLE first ADD COLUMN name text;")
    reader, later = await connect(empty_database_url), await connect(empty_database_url)
    async with reader.transaction():
        await reader.execute("SELECT FROM first")
        migrating = asyncio.create_task(migrate(connection, folder))
        waits = [await _time_of_a_read(later) for _ in range(30)]
        assert not migrating.done()
    assert [m.name for m in await migrating] == ["0003_third.sql"]
    assert max(waits) < 1, "whoever came behind the migration had to wait with it"
    await reader.close()
    await later.close()


async def _time_of_a_read(connection: asyncpg.Connection) -> float:
    began = time.monotonic()
    await connection.execute("SELECT FROM first")
    await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_a_table_that_is_always_in_use_is_an_error(
    connection: asyncpg.Connection, empty_database_url: str, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.database.migrate.TRIES", 2)
    await migrate(connection, folder)
    write(folder, "0003_third.sql", "DROP TABLE first;")
    reader = await connect(empty_database_url)
    async with reader.transaction():
        await reader.execute("SELECT FROM first")
        with pytest.raises(MigrationError, match="in use all the time"):
            await migrate(connection, folder)
    await reader.close()
    assert await connection.fetchval("SELECT max(version) FROM schema_migration") == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("0004_gap.sql", r"0004_gap\.sql stands where number 0003 is due"),
        ("0002_twice.sql", r"0002_twice\.sql stands where number 0003 is due"),
        ("3_short.sql", "is named like 0001_what_it_does"),
        ("0003_Shout.sql", "is named like 0001_what_it_does"),
    ],
)
def test_misnamed_files_are_errors(folder: pathlib.Path, name: str, message: str) -> None:
    write(folder, name, "SELECT 1;")
    with pytest.raises(MigrationError, match=message):
        read_migrations(folder)


async def test_the_packaged_migrations_are_applied_to_every_test_database(database_url: str) -> None:
    connection = await connect(database_url)
    try:
        assert await migrate(connection) == []
        assert await connection.fetchval("SELECT count(*) FROM schema_migration") == len(read_migrations())
    finally:
        await connection.close()


async def test_connections_are_set_up_alike(database_url: str) -> None:
    async with await create_pool(database_url, max_size=2) as pool, pool.acquire() as pooled:
        single = await connect(database_url)
        for connection in (pooled, single):
            names = ("jit", "timezone", "application_name", "synchronous_commit")
            found = [await connection.fetchval("SELECT current_setting($1)", name) for name in names]
            assert found == ["off", "UTC", "requite", "on"]
        await single.close()


async def test_a_missing_database_is_created_once(empty_database_url: str) -> None:
    name = 'a "quoted" name'
    url = re.sub(r"@/\w+", "@/a%20%22quoted%22%20name", empty_database_url)
    assert sum(await asyncio.gather(*(ensure_database(url) for _ in range(4)))) == 1
    assert not await ensure_database(url)
    connection = await connect(url)
    assert await connection.fetchval("SELECT current_database()") == name
    await connection.close()


def test_sql_files_are_loaded_from_their_package() -> None:
    assert load_sql("services/database/migration_list.sql").startswith("SELECT version")
    with pytest.raises(FileNotFoundError):
        load_sql("services/database/missing.sql")
