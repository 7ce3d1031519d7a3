"""Large logs in little time: a community's history, recorded by the clerk, is copied inside the database.

Each copy follows the one before, with streams of its own. Where copies are ``spread`` they have parties of their own
too, as a ledger grows that more and more people join; else it is one community that goes on and on. The events' bytes
are those of the original.
"""

import asyncpg

COPIED = {
    "event": "stream_id",
    "party": "party_id",
    "promise": "promise_id",
    "promise_transition": "promise_id",
}
"""The tables that are copied, and the column that is new in each copy in any case."""
COLUMNS = """
SELECT attname, atttypid = 'uuid'::regtype FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
CONSTRAINT = "event_ledger_id_stream_id_version_key"
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'event' AND indexname <> ALL ($1::text[]) ORDER BY 1
"""


async def grow(connection: asyncpg.Connection, ledger_id: str, events: int, *, spread: bool) -> int:
    """Copy a ledger's whole history until it has about so many events; answers how many. Balances are not copied.

    Does nothing to a ledger that is as long already. The other read models are copied where it is ``spread``: else a
    party's share of them would not agree with the bytes.
    """
    size = await connection.fetchval("SELECT position FROM ledger_head WHERE ledger_id = $1", ledger_id)
    copies = events // size - 1
    if copies < 1:
        return int(size)
    indexes = await connection.fetch(INDEXES, ["event_pkey", CONSTRAINT])
    await connection.execute(f"ALTER TABLE event DROP CONSTRAINT {CONSTRAINT}")
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    for table in COPIED if spread else ("event",):
        await connection.execute(await _copying(connection, table, spread=spread), ledger_id, size, copies)
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.execute(f"ALTER TABLE event ADD CONSTRAINT {CONSTRAINT} UNIQUE (ledger_id, stream_id, version)")
    for _, definition in indexes:
        await connection.execute(definition)
    total = size * (copies + 1)
    await connection.execute("UPDATE ledger_head SET position = $2 WHERE ledger_id = $1", ledger_id, total)
    await connection.execute("VACUUM ANALYZE")
    return int(total)


async def _copying(connection: asyncpg.Connection, table: str, *, spread: bool) -> str:
    columns = []
    for name, is_id in await connection.fetch(COLUMNS, table):
        if name == "position":
            columns.append("t.position + $2::bigint * k")
        elif is_id and (spread or name == COPIED[table]):
            columns.append(f"md5(t.{name}::text || $2::bigint || '.' || k)::uuid")
        else:
            columns.append(f"t.{name}")
    return (
        f"INSERT INTO {table} SELECT {', '.join(columns)} FROM generate_series(1, $3::bigint) AS k, {table} AS t"
        " WHERE t.ledger_id = $1 AND t.position <= $2"
    )
