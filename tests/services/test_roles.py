"""What PostgreSQL itself keeps from the service: ledgers that it does not name, and changing what is on record."""

import urllib.parse
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import psycopg
import pytest

from domain.favour.commands import RecordFavour
from domain.refusal import Refusal
from services.access.keys import create_key
from services.cli.running import prepare
from services.database.embedded import EmbeddedServer
from services.database.ledgers import name_ledgers
from services.database.migrate import MigrationError, migrate
from services.database.pool import Role, connect
from services.database.roles import guard
from services.ledger.opening import open_ledger
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

pytestmark = pytest.mark.anyio

OTHER = "harbour"
ROLES: tuple[Role, ...] = ("requite_service", "requite_worker")
GUARDED = """
SELECT c.relname, c.relrowsecurity,
    ARRAY(SELECT p.polname::text FROM pg_policy AS p WHERE p.polrelid = c.oid ORDER BY 1) AS policies
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'ledger_id'
ORDER BY 1
"""
MAY = """
SELECT c.relname, string_agg(p.name, ' ' ORDER BY p.n)
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'ledger_id'
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
    WITH ORDINALITY AS p (name, n)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND has_table_privilege($1, c.oid, p.name)
GROUP BY 1
"""
ALL = "SELECT INSERT UPDATE DELETE"
LESS: dict[Role, dict[str, str]] = {
    "requite_service": {
        "event": "SELECT INSERT",
        "ledger_head": "SELECT UPDATE",
        "access_key": "SELECT INSERT UPDATE",
        "data_key": "SELECT INSERT DELETE",
        "day_key": "SELECT INSERT",
        "archive_file": "SELECT",
        "log_head": "SELECT",
        "log_tile": "SELECT",
    },
    "requite_worker": {
        "event": "SELECT INSERT",
        "ledger_head": "SELECT INSERT UPDATE",
        "archive_file": "SELECT",
    },
}
FORBIDDEN = [
    "UPDATE event SET quantity = 0",
    "DELETE FROM event",
    "TRUNCATE event",
    "DELETE FROM ledger_head",
    "DROP TABLE event",
    "ALTER TABLE event DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY all_of_it ON event USING (true)",
    "DROP POLICY named_ledgers ON event",
    "CREATE TABLE public.mine (id int)",
    "CREATE ROLE somebody",
    "COPY event TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')",
    "DELETE FROM schema_migration",
]


@pytest.fixture
async def two(service: Service, desk: Desk) -> Service:
    """A service with a favour and a key in each of two ledgers."""
    await open_ledger(service, OTHER)
    for one in (desk, Desk(service, OTHER)):
        anna, ben = await one.register("Anna", "Ben")
        await one.give(RecordFavour(giver=anna, receiver=ben), idempotency_key="1")
        await create_key(service.pool, one.ledger_id, "key", ["read"], clock=service.clock)
    return service


@pytest.fixture
async def served(two: Service) -> AsyncIterator[asyncpg.Connection]:
    """A connection as requests have them, that has named no ledger yet."""
    connection = await connect(two.url, "requite_service")
    yield connection
    await connection.close()


async def tables(connection: asyncpg.Connection) -> list[str]:
    return [row["relname"] for row in await connection.fetch(GUARDED)]


async def test_every_table_of_ledgers_is_guarded(two: Service) -> None:
    owner = await connect(two.url)
    guarded = await owner.fetch(GUARDED)
    assert len(guarded) > 20
    for name, has_security, policies in guarded:
        assert has_security, name
        assert policies == ["every_ledger", "named_ledgers"], name
    for role in ROLES:
        may = {row["relname"]: row["string_agg"] for row in await owner.fetch(MAY, role)}
        assert may == {name: LESS[role].get(name, ALL) for name, *_ in guarded}
        assert await owner.fetchval("SELECT count(*) FROM pg_class WHERE relowner = $1::regrole", role) == 0
        assert (
            await owner.fetchval(
                "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin)"
                " FROM pg_roles WHERE rolname = $1",
                role,
            )
            is False
        )
    await owner.close()


async def test_a_table_that_its_migration_forgot_is_guarded_too(empty_database_url: str) -> None:
    owner = await connect(empty_database_url)
    await migrate(owner)
    assert await guard(owner) == []
    await owner.execute("CREATE TABLE later (ledger_id text, word text); INSERT INTO later VALUES ('village', 'x')")
    await owner.execute("REVOKE ALL ON gift FROM requite_worker")  # as in a database that was restored elsewhere
    assert sorted(await guard(owner)) == ["gift", "later"]
    assert await guard(owner) == []
    service = await connect(empty_database_url, "requite_service")
    assert await service.fetch("SELECT * FROM later") == []
    await name_ledgers(service, "village")
    assert len(await service.fetch("SELECT * FROM later")) == 1
    await service.close()
    await owner.close()


async def test_nothing_is_seen_unless_it_is_named(two: Service, served: asyncpg.Connection) -> None:
    owner = await connect(two.url)
    filled = 0
    for table in await tables(owner):
        there = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE ledger_id = $1", LEDGER)
        filled += bool(there)
        for named, seen in (((), 0), (OTHER + "x", 0), (f"{LEDGER},x", 0), (LEDGER, there), ((OTHER, LEDGER), None)):
            await name_ledgers(served, named)
            rows = await served.fetch(f"SELECT ledger_id FROM {table}")
            assert {row["ledger_id"] for row in rows} <= ({named} if isinstance(named, str) else {*named}), table
            assert seen is None or len(rows) == seen, (table, named)
    assert filled > 6
    await owner.close()


@pytest.mark.usefixtures("two")
async def test_other_ledgers_are_not_written_to(served: asyncpg.Connection) -> None:
    await name_ledgers(served, OTHER)
    row = (LEDGER, b"1", b"2", uuid4(), 1, 1, None)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await served.execute("INSERT INTO idempotency VALUES ($1, $2, $3, $4, $5, $6, $7)", *row)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await served.execute("UPDATE access_key SET ledger_id = $1", LEDGER)
    for statement in ("UPDATE balance SET quantity = 9", "DELETE FROM balance", "DELETE FROM data_key"):
        assert (await served.execute(f"{statement} WHERE ledger_id = $1", LEDGER)).endswith(" 0"), statement
    assert (await served.execute("UPDATE ledger_head SET position = 0 WHERE ledger_id = $1", LEDGER)) == "UPDATE 0"


@pytest.mark.parametrize("role", ROLES)
async def test_what_is_on_record_stays(two: Service, role: Role) -> None:
    connection = await connect(two.url, role)
    await name_ledgers(connection, (LEDGER, OTHER))
    before = await two.pool.fetch("SELECT e::text FROM event AS e ORDER BY 1")
    for statement in FORBIDDEN:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    assert await two.pool.fetch("SELECT e::text FROM event AS e ORDER BY 1") == before
    await connection.close()


async def test_background_work_sees_all_ledgers(two: Service) -> None:
    rows = await two.pool.fetch("SELECT DISTINCT ledger_id FROM event ORDER BY 1")
    assert [row["ledger_id"] for row in rows] == [OTHER, LEDGER]


async def test_what_was_named_is_forgotten(two: Service) -> None:
    count = "SELECT count(*) FROM event"
    for _ in range(10):
        async with two.ledgers.acquire(LEDGER) as connection:
            mine = await connection.fetchval(count)
        async with two.ledgers.acquire(()) as connection:
            assert await connection.fetchval(count) == 0
        async with open_snapshot(two, OTHER) as snapshot:
            assert await snapshot.connection.fetchval("SELECT current_setting('requite.ledgers')") == OTHER
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await snapshot.connection.execute("DELETE FROM balance")
        assert mine == 4
    assert await two.ledgers.fetchval("SELECT count(*) FROM event WHERE ledger_id = $1", LEDGER) == 4
    assert await two.ledgers.execute("UPDATE access_key SET label = 'x' WHERE ledger_id <> $1", LEDGER) == "UPDATE 0"
    with pytest.raises(Refusal, match="ledger_not_found"):
        async with open_snapshot(two, f"{LEDGER},{OTHER}"):
            pass


async def test_an_append_sees_its_own_ledgers_and_no_others(two: Service, served: asyncpg.Connection) -> None:
    """It names them itself; what its connection named for reading comes back with its end."""
    seen = "SELECT DISTINCT ledger_id FROM event ORDER BY 1"
    head = await two.pool.fetchval("SELECT position FROM ledger_head WHERE ledger_id = $1", LEDGER)
    await name_ledgers(served, OTHER)
    async with served.transaction():
        for expected, advanced in ((head + 1, False), (head, True)):
            assert await served.fetchval("SELECT advance_head($1, $2, $2, now())", LEDGER, expected) is advanced
            assert [name for (name,) in await served.fetch(seen)] == [LEDGER]
        moments = [datetime.now(UTC)] * 2
        moved = await served.fetchval("SELECT advance_heads($1, $2, $2, $3)", [OTHER, LEDGER], [-1, head], moments)
        assert moved == [OTHER]
        assert [name for (name,) in await served.fetch(seen)] == [OTHER, LEDGER]
    assert [name for (name,) in await served.fetch(seen)] == [OTHER]
    await Desk(two).register("Cara")  # as the clerk does
    await Desk(two, OTHER).register("Cara")


@contextmanager
def plain_login(server: EmbeddedServer, url: str, *, owns: bool) -> Iterator[str]:
    """The address of a database for a login of its own, which is no administrator, and owns it or not."""
    name = urllib.parse.urlsplit(url).path.removeprefix("/")
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        if owns:
            admin.execute(f"ALTER DATABASE {name} OWNER TO plain")
        parts = urllib.parse.urlsplit(url)
        query = urllib.parse.parse_qs(parts.query)
        try:
            yield (
                f"postgresql://plain:plain@/{name}?host={urllib.parse.quote(query['host'][0], safe='')}"
                f"&port={query['port'][0]}"
            )
        finally:
            admin.execute(f"ALTER DATABASE {name} OWNER TO postgres")
            with psycopg.connect(url, autocommit=True) as inside:
                inside.execute("DROP OWNED BY plain CASCADE")
            admin.execute("DROP ROLE plain")


async def test_a_login_that_is_no_administrator(embedded_server: EmbeddedServer, empty_database_url: str) -> None:
    with plain_login(embedded_server, empty_database_url, owns=True) as url:
        connection = await connect(url)
        with pytest.raises(MigrationError, match=r"CREATE ROLE requite_service NOLOGIN.* TO plain"):
            await migrate(connection)
        owner = await connect(empty_database_url)
        await owner.execute("GRANT requite_service, requite_worker TO plain")
        await owner.close()
        await migrate(connection)
        assert await guard(connection) == []
        await connection.close()
        await serve_as(url)


async def test_a_login_that_owns_nothing(embedded_server: EmbeddedServer, database_url: str) -> None:
    with plain_login(embedded_server, database_url, owns=False) as url:
        owner = await connect(database_url)
        await owner.execute("GRANT requite_service, requite_worker TO plain")
        await owner.close()
        await prepare(url, MASTER_KEY)
        await serve_as(url)
        connection = await connect(url)
        for statement in ("RESET ROLE; DELETE FROM event", "SET ROLE postgres"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.close()


async def serve_as(url: str) -> None:
    """Open a ledger, write to it and read it, by a login."""
    async with open_service(url, MASTER_KEY) as service:
        await open_ledger(service, LEDGER)
        anna, ben = await Desk(service).register("Anna", "Ben")
        await Desk(service).give(RecordFavour(giver=anna, receiver=ben))
        async with open_snapshot(service, LEDGER) as snapshot:
            assert snapshot.position == 4
