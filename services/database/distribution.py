"""Where each table lives once the database is spread over machines by Citus. docs/scaling.md has the rules.

A table that has a ``ledger_id`` is distributed by it, all of them alike, so that whatever belongs to one ledger is on
one machine. The others are named here.
"""

from collections.abc import Collection, Iterable

import asyncpg
from msgspec import Struct

from services.database.pool import load_sql

REFERENCE = {
    "person_identity": "tells who signed in, before any ledger is known, and is read beside claims of every ledger",
}
"""Tables that every machine has a whole copy of, and why."""
LOCAL = {
    "schema_migration": "read and written by migrating alone, on the coordinator",
}
"""Tables that stay on the coordinator, and why."""
FIRST = "ledger_head"
"""The table that the others are put beside."""


class Step(Struct, frozen=True):
    """One statement of the way to a distributed database, and what it is for."""

    sql: str
    why: str


class NoCitusError(RuntimeError):
    """The server cannot distribute anything. The message says what to do."""


async def is_distributed(connection: asyncpg.Connection | asyncpg.Pool) -> bool:
    """Whether this database's ledgers are spread over machines."""
    return FIRST in await _distributed(connection)


async def _distributed(connection: asyncpg.Connection | asyncpg.Pool) -> set[str]:
    if not await connection.fetchval(load_sql("services/database/has_citus.sql")):
        return set()
    return {name for (name,) in await connection.fetch(load_sql("services/database/distributed.sql"))}


async def read_plan(connection: asyncpg.Connection) -> list[Step]:
    """What is to be run on this migrated database, as far as it was not yet."""
    tables = [name for (name,) in await connection.fetch(load_sql("services/database/ledger_tables.sql"))]
    return plan(tables, await _distributed(connection))


def plan(ledger_tables: Iterable[str], distributed: Collection[str] = ()) -> list[Step]:
    """What is to be run for tables that have a ``ledger_id``; those that are ``distributed`` already are left out.

    Each statement takes its table's rows along, and locks the table while it does.
    """
    tables = sorted(ledger_tables, key=lambda table: (table != FIRST, table))
    steps = [
        Step(f"SELECT create_reference_table('{table}')", f"A copy on every machine: it {why}.")
        for table, why in REFERENCE.items()
        if table not in distributed
    ]
    for table in tables:
        if table in distributed:
            continue
        steps.append(
            Step(
                f"ALTER POLICY named_ledgers ON {table} USING (true)",
                "Citus takes no policy that asks, and workers are not told which ledgers a session names.",
            )
        )
        beside = "none" if table == FIRST else FIRST
        steps.append(
            Step(
                f"SELECT create_distributed_table('{table}', 'ledger_id', colocate_with => '{beside}')",
                "By ledger, so that one ledger is on one machine.",
            )
        )
    return steps


async def run(connection: asyncpg.Connection, step: Step) -> None:
    """Take one step. Raises ``NoCitusError`` where there is no Citus, or no worker to put anything on."""
    try:
        await connection.execute(step.sql)
    except (asyncpg.UndefinedFunctionError, asyncpg.UndefinedTableError) as error:
        raise NoCitusError(
            "This database has no Citus. Load the library on all servers, run CREATE EXTENSION citus in the database,"
            " and add the workers with citus_add_node; docs/scaling.md says how."
        ) from error
