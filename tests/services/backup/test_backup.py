"""What is backed up comes back whole, opens no word without its keys, and undoes no erasure."""

import asyncio
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.command import Reference
from domain.favour.commands import RecordFavour
from domain.party import EraseParty, RegisterParty
from domain.policy import Policy
from domain.refusal import Refusal
from services.access.keys import create_key
from services.backup.archive import BackupError, read_erasures, read_keys
from services.backup.dump import KEY_TABLES
from services.backup.restore import require_master_key, restore_tables
from services.ledger.keyring import WrongMasterKeyError
from services.ledger.opening import open_ledger
from services.proof.bundle import write_bundle
from services.proof.doctor import examine
from services.proof.note import Checkpoint, read_checkpoint
from services.reading.events import list_events
from services.reading.pages import Page
from services.reading.parties import read_party
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.conftest import Databases
from tests.services.archive.story import fill, put_all_away
from tests.services.backup.conftest import Backup, Restore, back_up
from tests.services.conftest import LEDGER, MASTER_KEY, Desk, as_owner

pytestmark = pytest.mark.anyio
PLANTED = "xyzzy"


@pytest.fixture
async def told(desk: Desk) -> list[UUID]:
    """Anna, Ben and Cara, with words of each pair."""
    anna, ben, cara = parties = await desk.register(f"Anna {PLANTED}", "Ben", "Cara")
    for giver, receiver, what in ((anna, ben, PLANTED), (ben, cara, "kept"), (cara, anna, PLANTED)):
        await desk.give(RecordFavour(giver=giver, receiver=receiver, what=what, quantity=2))
    return parties


async def words(service: Service) -> str:
    async with open_snapshot(service, LEDGER) as snapshot:
        page = await list_events(snapshot, Page(None, 1000), words=True)
    return str([event.words for event in page.items])


async def everything(service: Service) -> dict[str, list[tuple[Any, ...]]]:
    """By table: its rows."""
    tables = await service.pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    found = {}
    for (table,) in tables:
        rows = await service.pool.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1")
        found[table] = [tuple(row) for row in rows]
    return found


async def test_all_comes_back_as_it_was(service: Service, told: list[UUID], restore: Restore) -> None:
    backup = await back_up(service)
    before, read = await everything(service), await words(service)
    async with restore(backup) as (again, restored):
        assert (restored.findings, restored.erased_again) == ((), 0)
        assert await everything(again) == before
        assert await words(again) == read
        receipt = await Desk(again).give(RecordFavour(giver=told[0], receiver=told[1], what="after"))
        assert receipt.position == 8
        assert "after" in await words(again)
        assert (await examine(again, LEDGER)).findings == ()


async def test_what_was_put_away_comes_back_with_the_archives_files(
    service: Service, desk: Desk, restore: Restore
) -> None:
    anna, *_ = await fill(desk)
    read = await words(service)
    (file,) = await put_all_away(service)
    backup = await back_up(service)
    async with restore(backup) as (again, restored):
        assert (restored.findings, await words(again)) == ((), read)
    (service.shelf.folder / file.file).unlink()
    await desk.give(EraseParty(by=anna), anna, capacity="admin")
    async with restore(backup, (await back_up(service)).keys) as (again, restored):
        assert [finding.where for finding in restored.findings] == [LEDGER]
        assert file.file in restored.findings[0].what
        assert restored.erased_again == 1


async def test_it_is_of_one_moment_while_others_write(
    service: Service, told: list[UUID], desk: Desk, restore: Restore
) -> None:
    anna, ben, _ = told
    done = asyncio.Event()

    async def write() -> int:
        count = 0
        while not done.is_set():
            await desk.give(RecordFavour(giver=anna, receiver=ben, what="meanwhile"))
            count += 1
        return count

    writers = [asyncio.create_task(write()) for _ in range(4)]
    backup = await back_up(service)
    done.set()
    written = sum(await asyncio.gather(*writers))
    assert written > 4
    async with restore(backup) as (again, restored):
        (ledger,) = restored.manifest.ledgers
        assert restored.findings == ()
        assert 7 <= ledger.position < 7 + written
        assert await again.pool.fetchval("SELECT count(*) FROM event") == ledger.position


@pytest.mark.usefixtures("told")
async def test_a_backup_opens_no_word(service: Service) -> None:
    backup = await back_up(service)
    assert zipfile.is_zipfile(backup.file)
    with zipfile.ZipFile(backup.file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert set(parts) == {"manifest.json", "database.dump", "erasures.ndjson", f"checkpoints/{LEDGER}"}
    _, stored = read_keys(io.BytesIO(backup.keys.getvalue()), "keys")
    assert len(stored) == 5  # the ledger's, three parties', a day's
    for part in (*parts.values(), backup.keys.getvalue()):
        assert PLANTED.encode() not in part
        assert not any(key.wrapped in part or key.wrapped.hex().encode() in part for key in stored)
    require_master_key(MASTER_KEY, stored)
    with pytest.raises(WrongMasterKeyError):
        require_master_key(bytes(32), stored)


async def test_keys_are_in_no_other_table(service: Service) -> None:
    """A table that comes to hold wrapped keys has to be named in ``KEY_TABLES``."""
    columns = await service.pool.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'wrapped'"
    )
    assert {row["table_name"] for row in columns} == set(KEY_TABLES)


async def test_who_was_erased_before_stays_so(service: Service, desk: Desk, told: list[UUID], restore: Restore) -> None:
    await desk.give(EraseParty(), told[0], capacity="admin")
    async with restore(await back_up(service)) as (again, restored):
        assert (restored.findings, restored.erased_again) == ((), 0)
        assert PLANTED not in await words(again)


@pytest.fixture
async def forgotten(service: Service, desk: Desk, told: list[UUID]) -> Backup:
    """A backup from before Anna was erased; she had a reference and a key."""
    anna = (await desk.give(RegisterParty(name=PLANTED, references=(Reference("crm", "7"),)))).id
    await create_key(service.pool, LEDGER, PLANTED, ["read"], [anna], clock=service.clock)
    backup = await back_up(service)
    for party in (told[0], anna):
        await desk.give(EraseParty(), party, capacity="admin")
    return backup


async def require_forgotten(again: Service, party: UUID, kept: UUID) -> None:
    """Nothing of the planted words is left, and the erasure is on record."""
    assert PLANTED not in await words(again)
    assert "kept" in await words(again)
    async with open_snapshot(again, LEDGER) as snapshot:
        assert (await read_party(snapshot, party)).party.erased
    assert not await again.pool.fetchval("SELECT count(*) FROM party_reference")
    assert not await again.pool.fetchval(
        "SELECT count(*) FROM access_key WHERE revoked_at IS NULL OR label = $1", PLANTED
    )
    assert await again.pool.fetchval("SELECT count(*) FROM event WHERE topic = 'party.erased'") == 2
    with pytest.raises(Refusal, match="unknown_party"):
        await Desk(again).give(RecordFavour(giver=party, receiver=kept))
    assert (await examine(again, LEDGER)).findings == ()


async def test_an_erasure_after_the_backup_holds_by_the_list(
    service: Service, told: list[UUID], forgotten: Backup, restore: Restore
) -> None:
    later = await back_up(service)
    listed = read_erasures(later.file, "newer backup")
    assert {one.party for one in listed} >= {told[0]}
    async with restore(forgotten, erasures=listed) as (again, restored):
        assert (restored.findings, restored.erased_again) == ((), 2)
        await require_forgotten(again, *told[:2])


async def test_it_holds_by_a_bundle(service: Service, told: list[UUID], forgotten: Backup, restore: Restore) -> None:
    bundle = io.BytesIO()
    await write_bundle(service, LEDGER, bundle)
    async with restore(forgotten, erasures=read_erasures(bundle, "bundle")) as (again, restored):
        assert restored.erased_again == 2
        await require_forgotten(again, *told[:2])


async def test_it_holds_by_newer_keys(
    service: Service, desk: Desk, told: list[UUID], forgotten: Backup, restore: Restore
) -> None:
    await desk.register("registered since")
    later = await back_up(service)
    async with restore(forgotten, later.keys) as (again, restored):
        assert (restored.findings, restored.erased_again) == ((), 2)
        await require_forgotten(again, *told[:2])
        keys = await again.pool.fetchval("SELECT count(*) FROM data_key")
        assert keys == 3  # the ledger's, Ben's and Cara's: none of who was registered since


async def test_without_any_of_them_the_backup_knows_no_better(forgotten: Backup, restore: Restore) -> None:
    async with restore(forgotten) as (again, restored):
        assert restored.erased_again == 0
        assert PLANTED in await words(again)


@pytest.mark.usefixtures("told")
async def test_keys_older_than_the_backup_are_refused(service: Service, desk: Desk, databases: Databases) -> None:
    older = await back_up(service)
    await desk.register("registered since")
    newer = await back_up(service)
    with databases.empty() as url, pytest.raises(BackupError, match="older than the backup"):
        await restore_tables(url, newer.file, "backup", read_keys(io.BytesIO(older.keys.getvalue()), "keys"))


async def test_words_past_their_time_are_forgotten_in_restoring(database_url: str, restore: Restore) -> None:
    def days_ago() -> datetime:
        return datetime.now(UTC) - timedelta(days=3)

    async with open_service(database_url, MASTER_KEY, days_ago) as service:
        await open_ledger(service, LEDGER, policy=Policy(words_kept_days=1))
        desk = Desk(service)
        anna, ben = await desk.register("Anna", "Ben")
        await desk.give(RecordFavour(giver=anna, receiver=ben, what=PLANTED))
        backup = await back_up(service)
    async with restore(backup) as (again, restored):
        assert restored.forgotten_days == 1
        assert PLANTED not in await words(again)
        assert "Anna" in await words(again)


@pytest.mark.usefixtures("told")
async def test_only_an_empty_database_is_filled(service: Service) -> None:
    backup = await back_up(service)
    backup.keys.seek(0)
    before = await everything(service)
    with pytest.raises(BackupError, match="not empty"):
        await restore_tables(service.url, backup.file, "backup", read_keys(backup.keys, "keys"))
    assert await everything(service) == before


@pytest.mark.usefixtures("told")
async def test_what_was_changed_is_found(service: Service, restore: Restore) -> None:
    bundle = io.BytesIO()
    kept = read_checkpoint(await write_bundle(service, LEDGER, bundle))
    backup = await back_up(service)
    async with restore(backup, against=[kept]) as (_, restored):
        assert restored.findings == ()
    other = Checkpoint(kept.origin, kept.size - 1, kept.root)
    async with restore(backup, against=[other]) as (_, restored):
        assert [finding.what for finding in restored.findings] == ["what was there then was changed since"]
    longer = Checkpoint(kept.origin, kept.size + 1, kept.root)
    async with restore(backup, against=[longer]) as (_, restored):
        assert "has fewer now" in restored.findings[0].what
    await as_owner(service, "UPDATE event SET quantity = 9 WHERE position = 5")
    async with restore(await back_up(service)) as (_, restored):
        assert "its columns do not say" in restored.findings[0].what


@pytest.mark.usefixtures("told")
async def test_what_is_no_backup_is_said_to_be_none(databases: Databases, service: Service) -> None:
    backup = await back_up(service)
    for text in (b"", b"nothing\n", b'{"format":"requite-keys/9","made_at":"2026-01-01T00:00:00Z"}\n'):
        with pytest.raises(BackupError, match="keys"):
            read_keys(io.BytesIO(text), "keys")
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("manifest.json", "{}")
    backup.keys.seek(0)
    keys = read_keys(backup.keys, "keys")
    with databases.empty() as url, pytest.raises(BackupError, match="no backup"):
        await restore_tables(url, empty, "backup", keys)
    with zipfile.ZipFile(backup.file) as archive, zipfile.ZipFile(empty, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            changed.writestr(name, content[: len(content) // 2] if name == "database.dump" else content)
    with databases.empty() as url, pytest.raises(BackupError, match="pg_restore failed"):
        await restore_tables(url, empty, "backup", keys)
    broken = bytearray(backup.file.getvalue())
    broken[len(broken) // 2] ^= 1  # in the dump
    with databases.empty() as url:
        with pytest.raises(BackupError, match=r"damaged|pg_restore failed"):
            await restore_tables(url, io.BytesIO(broken), "backup", keys)
        await restore_tables(url, backup.file, "backup", keys)  # nothing of it was left
    with databases.empty() as url, pytest.raises(BackupError, match="no backup"):
        await restore_tables(url, io.BytesIO(b"nothing"), "backup", keys)
