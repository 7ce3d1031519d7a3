"""Putting old events' bytes away: what leaves the database, what stays, and what happens when something is wrong."""

import asyncio
import io
import pathlib
import stat
import zipfile
from datetime import UTC, datetime, timedelta

import pyarrow.parquet
import pytest

from domain.favour.commands import RetractFavour
from services.archive.parquet import GROUP_EVENTS, Writer
from services.archive.putting import list_files, put_away
from services.archive.shelf import Shelf
from services.archive.stub import PREFIX, ArchiveError, first_of, read_stub
from services.ledger.rebuild import rebuild
from services.proof.builder import BrokenLogError, build_whole
from services.proof.bundle import write_bundle
from services.proof.doctor import examine
from services.reading.retention import read_retention
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.archive.story import COUNT, fill, put_all_away
from tests.services.conftest import LEDGER, Desk, as_owner, owner_of

pytestmark = pytest.mark.anyio
LATE = datetime(2999, 1, 1, tzinfo=UTC)


async def exported(service: Service) -> bytes:
    """The events that a bundle of the ledger holds."""
    file = io.BytesIO()
    await write_bundle(service, LEDGER, file)
    with zipfile.ZipFile(file) as bundle:
        return bundle.read("events.ndjson")


async def test_bundle_doctor_rebuild_and_retention_say_what_they_said(service: Service, desk: Desk) -> None:
    await fill(desk)
    before = await exported(service)
    async with open_snapshot(service, LEDGER) as snapshot:
        words = await read_retention(snapshot)
    await put_all_away(service)
    assert await exported(service) == before
    found = await examine(service, LEDGER)
    assert (found.findings, found.in_tree) == ((), found.size)
    async with open_snapshot(service, LEDGER) as snapshot:
        assert await read_retention(snapshot) == words
    async with owner_of(service) as owner:
        await service.shelf.serve(owner)
        assert not any(report.differing for report in await rebuild(owner, LEDGER))


async def test_what_everyone_is_called_stays_in_the_table(service: Service, desk: Desk) -> None:
    await fill(desk)
    await put_all_away(service)
    async with owner_of(service) as owner:
        rows = await owner.fetch("SELECT topic, state FROM event WHERE position <= 256")
    here = {row["topic"] for row in rows if not row["state"].startswith(PREFIX)}
    assert len(rows) == GROUP_EVENTS
    assert here == {"ledger.opened", "party.registered"}


async def test_an_act_goes_on_from_what_was_put_away(service: Service, desk: Desk) -> None:
    await fill(desk)
    await put_all_away(service)
    favour = await service.pool.fetchval(
        "SELECT stream_id FROM event WHERE topic = 'favour.recorded' ORDER BY position"
    )
    await desk.give(RetractFavour(reason="it was another"), favour, capacity="admin")
    assert (await examine(service, LEDGER)).findings == ()


async def test_only_whole_files_of_what_is_old_enough(service: Service, desk: Desk) -> None:
    await fill(desk)
    async with owner_of(service) as owner:
        early = service.clock() - timedelta(days=1)
        assert await put_away(owner, service.shelf, LEDGER, early, service.clock, file_events=GROUP_EVENTS) == []
        assert await put_away(owner, service.shelf, LEDGER, LATE, service.clock) == []
        with pytest.raises(ValueError, match="multiple of 256"):
            await put_away(owner, service.shelf, LEDGER, LATE, service.clock, file_events=300)
    (first,) = await put_all_away(service)
    assert await put_all_away(service) == []
    await fill(desk)
    (second,) = await put_all_away(service)
    assert (second.first, second.last) == (257, 512)
    assert await list_files(service.pool, LEDGER) == [first, second]
    assert (await examine(service, LEDGER)).findings == ()


async def test_a_run_that_died_is_gone_on_with(service: Service, desk: Desk) -> None:
    await fill(desk)
    folder = service.shelf.folder / LEDGER
    folder.mkdir(parents=True)
    left = folder / "000000000000001.0123456789abcdef.part"
    left.write_bytes(b"half of it")
    (file,) = await put_all_away(service)
    assert {*folder.iterdir()} == {left, service.shelf.folder / file.file}
    assert stat.S_IMODE((service.shelf.folder / file.file).stat().st_mode) == 0o600
    assert (await examine(service, LEDGER)).findings == ()


async def test_a_folder_that_two_share_has_the_files_of_both(service: Service, desk: Desk) -> None:
    await fill(desk)
    (ours,) = await put_all_away(service)
    theirs = service.shelf.folder / f"{LEDGER}/{ours.first:015}-0123456789abcdef.parquet"
    theirs.write_bytes(b"of another database")
    assert (await examine(service, LEDGER)).findings == ()
    await fill(desk)
    await put_all_away(service)
    assert theirs.read_bytes() == b"of another database"


async def test_one_run_at_a_time_and_into_the_same_folder(service: Service, desk: Desk, tmp_path: pathlib.Path) -> None:
    await fill(desk)
    done = await asyncio.gather(*(put_all_away(service) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, list) for one in done) == 1, done
    assert sum(isinstance(one, ArchiveError) for one in done) == 2, done
    assert (await examine(service, LEDGER)).findings == ()
    await fill(desk)
    async with owner_of(service) as owner:
        with pytest.raises(ArchiveError, match="not this archive's folder"):
            await put_away(owner, Shelf(tmp_path), LEDGER, LATE, service.clock, file_events=GROUP_EVENTS)


async def test_no_tree_is_built_of_stubs(service: Service, desk: Desk) -> None:
    await fill(desk)
    await put_all_away(service)
    await as_owner(service, "DELETE FROM log_tile")
    await as_owner(service, "DELETE FROM log_head")
    with pytest.raises(BrokenLogError, match="put away before"):
        await build_whole(service.pool, LEDGER)


async def test_what_is_not_as_the_tree_says_stays(service: Service, desk: Desk) -> None:
    await fill(desk)
    await as_owner(service, "UPDATE event SET state = (SELECT state FROM event WHERE position = 9) WHERE position = 99")
    with pytest.raises(ArchiveError, match="event 99 is not the one"):
        await put_all_away(service)
    assert await service.pool.fetchval(COUNT) == 0
    assert list((service.shelf.folder / LEDGER).iterdir()) == []
    await as_owner(service, "DELETE FROM event WHERE position = 50")
    with pytest.raises(ArchiveError, match="an event is missing"):
        await put_all_away(service)


async def test_a_file_that_was_tampered_with_is_found_with_its_place(service: Service, desk: Desk) -> None:
    await fill(desk)
    async with owner_of(service) as owner:
        rows = await owner.fetch("SELECT * FROM event WHERE position <= 256 ORDER BY position")
    (file,) = await put_all_away(service)
    path = service.shelf.folder / file.file
    path.unlink()
    entries = [tuple(row.values()) for row in rows]
    entries[99] = (*entries[99][:-1], entries[98][-1])
    with Writer(path) as writer:
        writer.add(entries)  # type: ignore[arg-type]
    found = await examine(service, LEDGER)
    assert found.findings[0].where == "position 100"


async def test_anyone_can_read_the_files(service: Service, desk: Desk) -> None:
    await fill(desk)
    async with owner_of(service) as owner:
        rows = await owner.fetch("SELECT * FROM event WHERE position <= 256 ORDER BY position")
    (file,) = await put_all_away(service)
    table = pyarrow.parquet.read_table(service.shelf.folder / file.file)
    assert table.to_pylist() == [dict(row.items()) for row in rows]


async def test_a_stub_leads_nowhere_else(tmp_path: pathlib.Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.whole(b'{"ledger":1}') == b'{"ledger":1}'
    with pytest.raises(ArchiveError, match="not where"):
        shelf.whole(PREFIX + b"{")
    with pytest.raises(ArchiveError, match="none of the archive's"):
        shelf.whole(PREFIX + b'{"file":"../000000000000001-0123456789abcdef.parquet","position":1}')
    with pytest.raises(ArchiveError, match="REQUITE_ARCHIVE"):
        shelf.whole(PREFIX + b'{"file":"village/000000000000001-0123456789abcdef.parquet","position":1}')
    stub = read_stub(
        PREFIX + b'{"file":"village/000000000000257-0123456789abcdef.parquet","position":300,"sealed":true}'
    )
    assert (first_of(stub.file), stub.position, stub.sealed) == (257, 300, True)
