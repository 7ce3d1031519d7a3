"""How long the promise audit takes over 100,000 promises: ``uv run python -m tests.bench.audit``.

The rows are written straight into the read models, two transitions for each promise: what is measured is what the
database does with them. The lines' own words are left out.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import asyncpg
from rich.table import Table

from services.ledger.opening import open_ledger
from services.reading.as_of import NOW, Asked
from services.reading.audit import BY, read_audit
from services.reading.audit_changes import read_changes
from services.reading.pages import Page
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.bench.harness import close, console, migrated, server

PROMISES, PARTIES, ORGANISATIONS = 100_000, 2_000, 20
LEDGER = "bench"
ROUNDS = 5
MEMBERS = """
INSERT INTO membership
SELECT $1, md5('party' || n)::uuid, md5('party' || (n + k * 7) % $3)::uuid, 2 + n * 2 + k, '2020-01-01', true
FROM generate_series(1, $2::integer) AS n, generate_series(0, 1) AS k
"""
TRANSITIONS = """
WITH drawn AS (
    SELECT
        n, k, md5('promise' || n)::uuid AS id, md5('party' || n % $3)::uuid AS promisor,
        md5('party' || (n * 7 + 1) % $3)::uuid AS promisee,
        timestamptz '2020-01-01' + n * interval '15 minutes' AS made,
        (ARRAY['kept', 'kept', 'kept', 'partly_kept', 'broken', 'reneged', 'released', 'reported'])[1 + n * 13 % 8]
            AS ends,
        (n * 17 % 40 - 25) * interval '7 hours' AS late
    FROM generate_series(1, $2::integer) AS n, generate_series(0, 1) AS k
)
INSERT INTO promise_transition
SELECT
    $1, d.id, d.n * 2 + d.k + 10000, CASE WHEN d.k = 0 THEN d.made ELSE d.made + interval '10 days' + d.late END,
    d.promisor, d.promisee, NULL, CASE WHEN d.k = 0 THEN 'promised' ELSE d.ends END, false, false, false,
    'favour', 1 + d.n % 9,
    CASE WHEN d.k = 1 AND d.ends = 'partly_kept' THEN 0.5 END, NULL, d.made, d.made, d.made + interval '10 days', NULL,
    CASE WHEN d.k = 1 AND d.ends IN ('kept', 'partly_kept', 'reported') THEN d.made + interval '10 days' + d.late END,
    CASE WHEN d.k = 1 AND d.ends <> 'reported' THEN d.made + interval '10 days' + d.late END,
    NULL, 0, NULL, NULL, NULL, NULL, NULL, 1
FROM drawn AS d
"""
LIVE = """
INSERT INTO promise SELECT DISTINCT ON (promise_id) * FROM promise_transition ORDER BY promise_id, position DESC
"""


async def fill(connection: asyncpg.Connection) -> None:
    """Write the read models' rows."""
    await connection.execute(MEMBERS, LEDGER, PARTIES, ORGANISATIONS)
    await connection.execute(TRANSITIONS, LEDGER, PROMISES, PARTIES)
    await connection.execute(LIVE)
    await connection.execute(
        "UPDATE ledger_head SET position = $2, recorded_at = now() WHERE ledger_id = $1", LEDGER, PROMISES * 3
    )
    for table in ("promise", "promise_transition", "membership"):
        await connection.execute(f"VACUUM ANALYZE {table}")


async def measure(service: Service) -> dict[str, float]:
    """Milliseconds of each question, the median of several times."""

    def audit(**asked: object) -> Callable[[], Awaitable[object]]:
        async def once() -> object:
            async with open_snapshot(service, LEDGER) as snapshot:
                return await read_audit(snapshot, page=Page(limit=100), **asked)  # type: ignore[arg-type]

        return once

    async def changes() -> object:
        async with open_snapshot(service, LEDGER) as snapshot:
            return await read_changes(snapshot, Asked(occurred=then), clock="occurred", page=Page(limit=100))

    then = datetime(2022, 1, 1, tzinfo=UTC)
    questions = {
        "lines": audit(),
        "lines, as of then": audit(asked=Asked(occurred=then)),
        "changes since then": changes,
        **{f"by {by}": audit(by=by, asked=NOW) for by in BY},
    }
    found = {}
    for name, ask in questions.items():
        took = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            await ask()
            took.append((time.perf_counter() - started) * 1e3)
        found[name] = statistics.median(took)
    return found


async def run() -> None:
    """Print the table; the last line is JSON."""
    with server() as running:
        async with (
            migrated(running, "audit") as (url, connection),
            open_service(url, os.urandom(32)) as service,
        ):
            await open_ledger(service, LEDGER)
            await fill(connection)
            found = await measure(service)
    table = Table("question", "ms", title=f"The audit of {PROMISES:,} promises")
    for name, ms in found.items():
        table.add_row(name, f"{ms:,.0f}")
    console.print(table)
    close(found)


if __name__ == "__main__":
    asyncio.run(run())
