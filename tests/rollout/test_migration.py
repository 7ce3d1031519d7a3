"""Two versions serve beside each other while the schema is changed: expand, migrate, contract."""

import asyncio
import pathlib
import shutil

import asyncpg
import pytest

from services.database.migrate import read_migrations
from services.database.pool import connect
from tests.rollout.conftest import Site

pytestmark = pytest.mark.anyio

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "projections", "services")
EXPANDS = """
ALTER TABLE promise ADD COLUMN place text COLLATE "C";
ALTER TABLE promise_transition ADD COLUMN place text COLLATE "C";
ALTER TABLE event ADD COLUMN weight smallint NOT NULL DEFAULT 1;
CREATE TABLE place (
    ledger_id text COLLATE "C" NOT NULL,
    place     text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger_id, place)
);
SELECT guard_ledgers();
"""
CONTRACTS = """
ALTER TABLE promise DROP COLUMN place;
ALTER TABLE promise_transition DROP COLUMN place;
"""
FILLS = """
UPDATE promise SET place = 'here'
WHERE (ledger_id, promise_id) IN (SELECT ledger_id, promise_id FROM promise WHERE place IS NULL LIMIT 50)
"""
WAITED_FOR = "SELECT count(*) FROM pg_locks WHERE relation = 'promise'::regclass AND mode = 'AccessExclusiveLock'"
READS_ON_S = 0.8
"""Longer than a migration waits for a table."""


def newer(folder: pathlib.Path, before: pathlib.Path, statements: str) -> pathlib.Path:
    """A version with one more migration than that of another folder."""
    for package in PACKAGES:
        shutil.copytree(before / package, folder / package)
    migrations = folder / "services" / "database" / "migrations"
    number = len(read_migrations(migrations)) + 1
    (migrations / f"{number:04}_next.sql").write_text(statements, encoding="utf-8")
    return folder


async def test_no_request_fails_while_the_schema_changes(site: Site, tmp_path: pathlib.Path) -> None:
    expanding = newer(tmp_path / "expanding", ROOT, EXPANDS)
    contracting = newer(tmp_path / "contracting", expanding, CONTRACTS)
    first, second = site.addresses
    await site.start(first)
    owner = await connect(site.url)
    async with site.under_load():
        starting = asyncio.create_task(site.start(second, expanding))
        await _read_for_long(owner)
        await starting
        while await owner.execute(FILLS) != "UPDATE 0":
            await asyncio.sleep(0.01)
        await site.stop(first)
        await site.start(first, contracting)
        await asyncio.sleep(0.5)
        await site.stop(second)
    applied = await owner.fetchval("SELECT count(*) FROM schema_migration")
    assert applied == len(read_migrations()) + 2
    await owner.close()


async def _read_for_long(owner: asyncpg.Connection) -> None:
    """Hold a table that is to be altered, until somebody has waited for it."""
    async with owner.transaction():
        await owner.execute("SELECT FROM promise LIMIT 1")
        while not await owner.fetchval(WAITED_FOR):
            await asyncio.sleep(0.02)
        await asyncio.sleep(READS_ON_S)
