"""Migrations: numbered `.sql` files, each applied once, in order, in a transaction of its own.

A file is never changed once it was applied anywhere; a correction is a new file. Since a file is one transaction, it
cannot hold statements that PostgreSQL refuses there (CREATE INDEX CONCURRENTLY, CREATE DATABASE).

Other processes serve meanwhile, so a file never waits long for a lock: whoever wants a table after it would wait behind
it. It gives way, and tries again. docs/operations.md says what a file may hold.
"""

import asyncio
import hashlib
import importlib.resources
import random
import re
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources.abc import Traversable
from typing import TypeVar

import asyncpg
import msgspec

from services.database.pool import load_sql
from services.database.roles import ensure_roles, guard

NAME = re.compile(r"(?P<version>\d{4})_[a-z0-9_]+\.sql")
GIVE_WAY = "SET LOCAL lock_timeout = '500ms'"
"""Less than PostgreSQL waits before it looks for a deadlock (1 s), and fails one of its parties: perhaps a request."""
TRIES = 120
PAUSE_S = 0.5
"""Between two tries, on the average."""

T = TypeVar("T")


class MigrationError(RuntimeError):
    """The database and the migration files do not fit each other, or a file failed. The message says which."""


class Migration(msgspec.Struct, frozen=True):
    """One file: its number, its name, its text, and the hash that shows whether it was changed later."""

    version: int
    name: str
    text: str
    sha256: str


def read_migrations(folder: Traversable | None = None) -> list[Migration]:
    """Read the files of `folder` (the packaged ones by default), numbered 1, 2, 3 … Raises MigrationError."""
    if folder is None:
        folder = importlib.resources.files("services.database").joinpath("migrations")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    migrations = [_read(file) for file in files]
    for place, migration in enumerate(migrations, start=1):
        if migration.version != place:
            raise MigrationError(f"{migration.name} stands where number {place:04} is due: no gaps, no doubles")
    return migrations


def _read(file: Traversable) -> Migration:
    match = NAME.fullmatch(file.name)
    if match is None:
        raise MigrationError(f"{file.name}: a migration is named like 0001_what_it_does.sql")
    # Line ends are unified first, so that a checkout on Windows hashes alike.
    text = file.read_bytes().decode("utf-8").replace("\r\n", "\n")
    return Migration(int(match["version"]), file.name, text, hashlib.sha256(text.encode()).hexdigest())


async def migrate(connection: asyncpg.Connection, folder: Traversable | None = None) -> list[Migration]:
    """Apply what is missing and answer it; the roles that the files speak of are made before.

    Safe when several processes start at once: each file is applied once.

    Raises MigrationError if an applied file was changed or removed, if the database is newer than this code, if a file
    fails, or if a table that it needs is in use for two minutes, whenever it tries: then nothing of that file has
    happened, and the files before it stay applied.
    """
    migrations = read_migrations(folder)
    await _ensure_table(connection)
    try:
        await ensure_roles(connection)
    except asyncpg.RaiseError as error:
        raise MigrationError(str(error)) from error
    applied = []
    # Looked at without the lock first: a login that owns nothing may serve once another has migrated.
    while await _count_applied(connection, migrations) < len(migrations):
        migration = await _giving_way(connection, partial(_apply_next, connection, migrations))
        applied += [] if migration is None else [migration]
    if folder is None:
        await _giving_way(connection, partial(_guard, connection))
    return applied


async def _giving_way(connection: asyncpg.Connection, change: Callable[[], Awaitable[T]]) -> T:
    """Do it in a transaction, anew while it finds a table in use. Raises MigrationError, as `migrate`."""
    for tries_left in reversed(range(TRIES)):
        try:
            async with connection.transaction():
                return await change()
        except asyncpg.LockNotAvailableError as error:
            if not tries_left:
                raise MigrationError(
                    f"The database could not be migrated: a table is in use all the time ({error})."
                    " Look in pg_stat_activity for a transaction that does not end, and start again."
                ) from error
            await asyncio.sleep(random.uniform(0, 2 * PAUSE_S))  # noqa: S311 - only spreads the tries
    raise AssertionError


async def pending_migrations(connection: asyncpg.Connection, folder: Traversable | None = None) -> list[Migration]:
    """Answer what `migrate` would apply, changing nothing but making the table of migrations. Raises like it."""
    migrations = read_migrations(folder)
    await _ensure_table(connection)
    return migrations[await _count_applied(connection, migrations) :]


async def _ensure_table(connection: asyncpg.Connection) -> None:
    if await connection.fetchval(load_sql("services/database/migration_table_exists.sql")):
        return
    for last_try in (False, True):
        try:
            await connection.execute(load_sql("services/database/migration_table.sql"))
        except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError, asyncpg.DuplicateObjectError):
            # Two CREATE TABLE IF NOT EXISTS at the same moment: the second fails, with one of these by how far the
            # first was. By now the first has committed.
            if last_try:
                raise
        else:
            return


async def _apply_next(connection: asyncpg.Connection, migrations: list[Migration]) -> Migration | None:
    await connection.execute(
        load_sql("services/database/migration_lock.sql")
    )  # it may wait for that: none serves by it
    count = await _count_applied(connection, migrations)
    if count == len(migrations):
        return None
    migration = migrations[count]
    await connection.execute(GIVE_WAY)
    await _run(connection, migration)
    await connection.execute(
        load_sql("services/database/migration_record.sql"), migration.version, migration.name, migration.sha256
    )
    return migration


async def _guard(connection: asyncpg.Connection) -> None:
    await connection.execute(GIVE_WAY)
    await guard(connection)


async def _run(connection: asyncpg.Connection, migration: Migration) -> None:
    try:
        await connection.execute(migration.text)
    except asyncpg.LockNotAvailableError:
        raise  # tried again
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = f" line {migration.text.count(chr(10), 0, int(position) - 1) + 1}" if position else ""
        raise MigrationError(f"{migration.name}{line}: {error}") from error
    if not connection.is_in_transaction():
        raise MigrationError(f"{migration.name} ended its transaction: a migration has no BEGIN, COMMIT or ROLLBACK")


async def _count_applied(connection: asyncpg.Connection, migrations: list[Migration]) -> int:
    """Count the applied migrations, after checking that they are the first of these files, unchanged."""
    rows = await connection.fetch(load_sql("services/database/migration_list.sql"))
    if len(rows) > len(migrations):
        raise MigrationError(
            f"The database is at migration {rows[-1]['name']}, and this version of Requite knows only"
            f" {len(migrations)} of them. Run the newer version that migrated it, or restore an older backup."
        )
    for row, migration in zip(rows, migrations, strict=False):
        if (row["version"], row["name"]) != (migration.version, migration.name):
            raise MigrationError(
                f"The database has {row['name']} applied where this version has {migration.name}."
                " A migration that was applied is never renamed or removed."
            )
        if row["sha256"] != migration.sha256:
            raise MigrationError(
                f"{migration.name} was changed after this database applied it. Put the file back as it was, and"
                " write the change as a new migration."
            )
    return len(rows)
