"""Bytes stored per event, beside the same event as one bare row with its key.

Favours with idempotency keys are recorded by the clerk; then their bytes are copied to a table of ledger, stream,
version, topic and bytes with one primary key. Indexes and whatever else tables take are counted.
"""

import argparse

import asyncpg
import uvloop
from rich.table import Table

from services.service import open_service
from tests.bench.append import prepare_clerk
from tests.bench.check import check
from tests.bench.harness import close, console, migrated, server

LEDGERS = 4
BARE = """
CREATE TABLE bare (
    ledger_id text COLLATE "C", stream_id uuid, version bigint, topic text COLLATE "C", state bytea NOT NULL,
    PRIMARY KEY (ledger_id, stream_id, version)
);
ALTER TABLE bare ALTER COLUMN state SET STORAGE EXTERNAL;
INSERT INTO bare SELECT ledger_id, stream_id, version, topic, state FROM event ORDER BY recorded_at, position;
"""
PARTS = """
SELECT c.relname, pg_total_relation_size(c.oid) - coalesce((
    SELECT sum(pg_relation_size(i.indexrelid)) FROM pg_index AS i WHERE i.indrelid = c.oid
), 0)
FROM pg_class AS c WHERE c.oid = ANY ($1::text[]::regclass[])
UNION ALL
SELECT i.indexrelid::regclass::text, pg_relation_size(i.indexrelid)
FROM pg_index AS i WHERE i.indrelid = ANY ($1::text[]::regclass[])
ORDER BY 2 DESC
"""


async def sizes(connection: asyncpg.Connection, *tables: str) -> dict[str, int]:
    """By table and index: its bytes."""
    return {row[0]: int(row[1]) for row in await connection.fetch(PARTS, list(tables))}


async def bench(events: int) -> None:
    """Record, copy, and compare."""
    with server() as running:
        async with migrated(running, "storage") as (url, connection):
            async with open_service(url, bytes(32)) as service:
                run = await prepare_clerk(service, LEDGERS)
                recorded = 0
                while recorded < events:
                    recorded += (await run(64, 1.0)).calls
            await check(connection, recorded)
            await connection.execute(BARE)
            await connection.execute("VACUUM ANALYZE")
            stored, bare = await sizes(connection, "event", "idempotency"), await sizes(connection, "bare")
            total = await connection.fetchval("SELECT count(*) FROM event")
    table = Table("table or index", "bytes per event", title=f"Storage of {total:,} events")
    for name, size in [*stored.items(), *bare.items()]:
        table.add_row(name, f"{size / total:,.0f}")
    console.print(table)
    close(
        {
            "storage_bytes_per_event": sum(stored.values()) / total,
            "storage_per_bare_row": sum(stored.values()) / sum(bare.values()),
        }
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    uvloop.run(bench(parser.parse_args().events))


if __name__ == "__main__":
    main()
