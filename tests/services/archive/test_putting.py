"""Putting old events' bytes away: what leaves the database, what stays, and what happens when something is wrong."""

import io
import pathlib
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
    for name in ("000000000000001.parquet", "000000000000001.part"):
        (folder / name).write_bytes(b"half of it")
    await put_all_away(service)
    assert [path.name for path in folder.iterdir()] == ["000000000000001.parquet"]
    assert (await examine(service, LEDGER)).findings == ()


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
        shelf.whole(PREFIX + b'{"file":"../000000000000001.parquet","position":1}')
    with pytest.raises(ArchiveError, match="REQUITE_ARCHIVE"):
        shelf.whole(PREFIX + b'{"file":"village/000000000000001.parquet","position":1}')
    stub = read_stub(PREFIX + b'{"file":"village/000000000000257.parquet","position":300,"sealed":true}')
    assert (first_of(stub.file), stub.position, stub.sealed) == (257, 300, True)
