"""What the schema has to be like for Citus to spread it by ledger; it is looked at on plain PostgreSQL, as migrated."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.database.distribution import LOCAL, REFERENCE
from services.database.pool import connect

pytestmark = pytest.mark.anyio

TABLES = """
SELECT c.relname::text AS name, k.attname IS NOT NULL AS of_ledgers
FROM pg_class AS c
LEFT JOIN pg_attribute AS k ON k.attrelid = c.oid AND k.attname = 'ledger_id' AND NOT k.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
KEYS = """
SELECT i.indrelid::regclass::text AS of, i.indexrelid::regclass::text AS name, i.indisprimary AS is_primary,
    (SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) AS first
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion) ORDER BY 1, 2
"""
FOREIGN_KEYS = """
SELECT k.conrelid::regclass::text AS of, k.confrelid::regclass::text AS refers_to,
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey, k.confkey) AS u (here, there)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.here
        JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = u.there AND b.attname = a.attname) AS alike
FROM pg_constraint AS k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
"""
LEDGER_COLUMNS = """
SELECT DISTINCT format_type(a.atttypid, a.atttypmod), l.collname::text, a.attnotnull
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_collation AS l ON l.oid = a.attcollation
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'ledger_id'
"""
UNFIT = """
SELECT 'trigger ' || t.tgname AS what FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT 'rule ' || rulename FROM pg_rules WHERE schemaname = 'public'
UNION ALL
SELECT c.relkind::text || ' ' || c.relname FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('r', 'p', 'i', 'I', 'c')
UNION ALL
SELECT 'column ' || a.attrelid::regclass || '.' || a.attname
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND (a.attidentity <> '' OR a.attgenerated <> '')
UNION ALL
SELECT 'default ' || d.adrelid::regclass || ': ' || pg_get_expr(d.adbin, d.adrelid)
FROM pg_attrdef AS d JOIN pg_class AS c ON c.oid = d.adrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> ALL ($1::text[])
    AND pg_get_expr(d.adbin, d.adrelid) NOT IN ('0', 'true', 'false')
"""
FUNCTIONS = """
SELECT p.proname::text AS name, p.prosrc AS text FROM pg_proc AS p
WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e'
) ORDER BY 1
"""
TOUCH = {
    "advance_head": {"ledger_head": "one ledger: ledger_id = ledger"},
    "advance_heads": {"ledger_head": "one ledger a statement: ledger_id = ledgers[i]"},
    "claims_anywhere": {"claim": "a person's claims of every ledger, which no ledger can answer; background, and rare"},
}
"""The functions that read or write tables: which, and how they keep to one ledger at a time, or why they cannot."""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await connect(database_url)
    yield opened
    await opened.close()


async def test_every_table_is_of_ledgers_or_named_with_a_reason(connection: asyncpg.Connection) -> None:
    tables = {row["name"]: row["of_ledgers"] for row in await connection.fetch(TABLES)}
    assert {name for name, of_ledgers in tables.items() if not of_ledgers} == {*REFERENCE, *LOCAL}
    assert [tuple(row) for row in await connection.fetch(LEDGER_COLUMNS)] == [("text", "C", True)], (
        "one type and one collation"
    )


async def test_every_key_begins_with_the_ledger(connection: asyncpg.Connection) -> None:
    keys = [row for row in await connection.fetch(KEYS) if row["of"] not in {*REFERENCE, *LOCAL}]
    assert [row["name"] for row in keys if row["first"] != "ledger_id"] == []
    tables = {row["name"] for row in await connection.fetch(TABLES) if row["of_ledgers"]}
    assert {row["of"] for row in keys if row["is_primary"]} == tables, "each has a primary key: shards move by it"
    for of, refers_to, alike in await connection.fetch(FOREIGN_KEYS):
        beside = of in tables and refers_to in tables and "ledger_id" in alike
        assert beside or refers_to in REFERENCE, (of, refers_to)


async def test_nothing_counts_or_acts_by_itself(connection: asyncpg.Connection) -> None:
    """No triggers, rules, sequences, views, generated columns, or defaults that are computed."""
    assert [what for (what,) in await connection.fetch(UNFIT, list(LOCAL))] == []


async def test_functions_touch_one_ledger(connection: asyncpg.Connection) -> None:
    tables = {row["name"] for row in await connection.fetch(TABLES)}
    touched = {
        row["name"]: set(re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+(?:public\.)?(\w+)", row["text"])) & tables
        for row in await connection.fetch(FUNCTIONS)
    }
    assert {name: names for name, names in touched.items() if names} == {name: set(why) for name, why in TOUCH.items()}
