"""Where a database's time goes as the clerk appends and balances are read: ``pg_stat_statements`` of your own server.

The embedded server has no such extension. Debian's PostgreSQL has: start one with
``shared_preload_libraries = pg_stat_statements``, and give an address that may create databases and the extension. It
drops the database that it makes.
"""

import argparse
import itertools
import re
import urllib.parse
from uuid import UUID

import asyncpg
import uvloop
from rich.table import Column, Table

from services.database.migrate import migrate
from services.database.pool import connect, ensure_database
from services.service import Service, open_service
from tests.bench.append import prepare_clerk
from tests.bench.check import check
from tests.bench.harness import Timing, close, console, drive

NAME = "requite_statements"
CALLERS = 64
SHOWN = 8
WIDTH = 60
TOP = """
SELECT s.query, s.calls, s.rows, s.total_exec_time AS ms, s.total_plan_time AS planning_ms, s.wal_bytes
FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
WHERE d.datname = current_database() AND s.query NOT LIKE '%pg_stat_statements%'
ORDER BY s.total_exec_time + s.total_plan_time DESC
"""


async def read_balances(service: Service, ledgers: int, seconds: float) -> Timing:
    """Balances of pairs as they are now, of ledger after ledger."""
    books: list[tuple[str, list[UUID]]] = []
    for number in range(ledgers):
        rows = await service.pool.fetch("SELECT party_id FROM party WHERE ledger_id = $1", f"bench-{number}")
        books.append((f"bench-{number}", [UUID(int=row["party_id"].int) for row in rows]))
    numbers = itertools.count()

    async def once(_caller: int) -> None:
        n = next(numbers)
        ledger_id, ids = books[n * 7 % ledgers]
        await service.balances.ask(ledger_id, ids[n % len(ids)], ids[(n + 1) % len(ids)])

    return await drive(CALLERS, seconds, once)


async def show(connection: asyncpg.Connection, title: str, timing: Timing) -> float:
    """Print the dearest statements; answers the microseconds of the database an operation."""
    rows = await connection.fetch(TOP)
    total = float(sum(row["ms"] + row["planning_ms"] for row in rows))
    names = ("calls", "rows", "share", "µs an operation", "of these planning", "bytes of WAL")
    table = Table("statement", *(Column(name, justify="right") for name in names), title=title)
    for row in rows[:SHOWN]:
        took = row["ms"] + row["planning_ms"]
        per = [1000 * value / timing.calls for value in (took, row["planning_ms"])]
        text = re.sub(r"\s+", " ", row["query"])[:WIDTH]
        figures = (f"{took / total:.0%}", f"{per[0]:.1f}", f"{per[1]:.1f}", f"{row['wal_bytes'] / timing.calls:.0f}")
        table.add_row(text, f"{row['calls']:,}", f"{row['rows']:,}", *figures)
    console.print(table)
    await connection.execute("SELECT pg_stat_statements_reset()")
    return 1000 * total / timing.calls


async def bench(server: str, ledgers: int, seconds: float) -> None:
    """Append, then read, and show the statements of each."""
    url = urllib.parse.urlunsplit(urllib.parse.urlsplit(server)._replace(path=f"/{NAME}"))
    admin = await connect(server)
    await admin.execute(f"DROP DATABASE IF EXISTS {NAME}")
    await ensure_database(url)
    connection = await connect(url)
    try:
        await migrate(connection)
        await connection.execute("CREATE EXTENSION pg_stat_statements")
        async with open_service(url, bytes(32)) as service:
            append = await prepare_clerk(service, ledgers)
            await append(CALLERS, 1)
            await connection.execute("SELECT pg_stat_statements_reset()")
            appends = await append(CALLERS, seconds)
            written = await show(connection, f"{CALLERS} callers append to {ledgers:,} ledgers", appends)
            reads = await read_balances(service, ledgers, seconds)
            read = await show(connection, f"{CALLERS} callers read balances of {ledgers:,} ledgers", reads)
        await check(connection)
    finally:
        await connection.close()
        await admin.execute(f"DROP DATABASE {NAME}")
        await admin.close()
    close({"append_database_us": written, "read_database_us": read})


def main() -> None:
    """Ask for the server, and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="postgresql://user@host:port/postgres")
    parser.add_argument("--ledgers", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    uvloop.run(bench(given.server, given.ledgers, given.seconds))


if __name__ == "__main__":
    main()
