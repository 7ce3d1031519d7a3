"""The roles that the service takes on as it connects, and row-level security on all tables that ledgers have."""

import asyncpg

from services.database.pool import load_sql


async def ensure_roles(connection: asyncpg.Connection) -> None:
    """Make the roles where the server has none, and this login a member of them.

    Raises ``asyncpg.RaiseError`` where it may not; the message says what an administrator has to run.
    """
    await connection.execute(load_sql("services/database/roles.sql"))


async def guard(connection: asyncpg.Connection) -> list[str]:
    """Guard the tables that are not, and answer which: none, unless a migration forgot it, or they were restored."""
    unguarded = [name for (name,) in await connection.fetch(load_sql("services/database/unguarded.sql"))]
    if unguarded:
        await connection.execute("SELECT guard_ledgers()")
    return unguarded
