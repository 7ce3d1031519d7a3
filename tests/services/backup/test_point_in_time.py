"""A base backup and archived WAL bring any moment back; who was erased since is erased again when Requite starts."""

import asyncio
import pathlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import pytest

from domain.favour.commands import RecordFavour
from domain.party import EraseParty
from services.backup.archive import erasures_in
from services.backup.replay import erase_again
from services.cli.running import prepare
from services.database.embedded import EmbeddedServer
from services.database.postgres_wheel import let_through, run, server_user
from services.ledger.opening import open_ledger
from services.proof.builder import build_whole
from services.proof.doctor import examine
from services.reading.events import list_events
from services.reading.pages import Page
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk, owner_of

pytestmark = pytest.mark.anyio
ARCHIVED_WITHIN_S = 60


class Place(NamedTuple):
    """Folders that the server's user can reach."""

    data: pathlib.Path
    archive: pathlib.Path
    base: pathlib.Path


@pytest.fixture
def place() -> Iterator[Place]:
    """Not in pytest's own folder: a second pytest would take the server's right to pass through it away again."""
    with tempfile.TemporaryDirectory(prefix="requite-tests-") as folder:
        yield prepared(pathlib.Path(folder))


def prepared(folder: pathlib.Path) -> Place:
    """A data folder whose server archives its WAL."""
    place = Place(folder / "data", folder / "archive", folder / "base")
    user = server_user(place.data / "postgres")
    for made in (place.archive, place.base):
        made.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(made, user)
            let_through(made)
    with EmbeddedServer(place.data):
        pass
    configure(place.data, f'archive_mode = on\narchive_command = \'cp "%p" "{place.archive}/%f"\'\n')
    return place


def configure(data: pathlib.Path, lines: str) -> None:
    with (data / "postgres" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(lines)


@asynccontextmanager
async def running(data: pathlib.Path, erasures: pathlib.Path) -> AsyncIterator[Service]:
    """The service on a server of this folder."""
    with EmbeddedServer(data) as server:
        await prepare(server.url(), MASTER_KEY)
        async with open_service(server.url(), MASTER_KEY, erasures=erasures) as service:
            yield service


async def words(service: Service) -> list[object]:
    async with open_snapshot(service, LEDGER) as snapshot:
        page = await list_events(snapshot, Page(None, 1000), words=True)
    return [event.words for event in page.items]


async def archived(service: Service, folder: pathlib.Path) -> None:
    """Return once all that was written so far is in the archive."""
    async with owner_of(service) as connection:
        name = await connection.fetchval("SELECT pg_walfile_name(pg_switch_wal())")
    ends = time.monotonic() + ARCHIVED_WITHIN_S
    while not (folder / name).exists():
        assert time.monotonic() < ends, "nothing was archived"
        await asyncio.sleep(0.05)


async def test_a_moment_of_the_past_comes_back_and_no_erasure_is_undone(place: Place, tmp_path: pathlib.Path) -> None:
    listed = tmp_path / "erasures.ndjson"
    async with running(place.data, listed) as service:
        await open_ledger(service, LEDGER)
        desk = Desk(service)
        anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
        await desk.give(RecordFavour(giver=anna, receiver=ben, what="before the base backup"))
        base_backup(service.url, place)
        await desk.give(RecordFavour(giver=ben, receiver=cara, what="after it"))
        moment: datetime = await service.pool.fetchval("SELECT clock_timestamp()")
        await desk.give(RecordFavour(giver=ben, receiver=cara, what="a mistake"))
        await desk.give(EraseParty(), anna, capacity="admin")
        await archived(service, place.archive)
    shutil.rmtree(place.data / "postgres")
    bring_back(place, moment)
    async with running(place.data, listed) as service:
        assert {"what": "after it"} in await words(service)
        assert {"what": "a mistake"} not in await words(service)
        assert {"what": "before the base backup"} in await words(service)
        assert await erase_again(service, erasures_in(listed)) == 1
        await require_erased(service, anna)
        await build_whole(service.pool, LEDGER)
        assert (await examine(service, LEDGER)).findings == ()


async def require_erased(service: Service, party: UUID) -> None:
    read = await words(service)
    assert {"what": "before the base backup"} not in read
    assert {"what": "after it"} in read
    assert not await service.pool.fetchval("SELECT count(*) FROM data_key WHERE subject_id = $1", party)


def base_backup(url: str, place: Place) -> None:
    user = server_user(place.base)
    run(
        "pg_basebackup",
        f"--dbname={url}",
        f"--pgdata={place.base}",
        "--wal-method=none",
        "--checkpoint=fast",
        folder=place.base,
        user=user,
    )


def bring_back(place: Place, moment: datetime) -> None:
    """Put the base backup in the server's place, to be brought forward to a moment when it starts."""
    shutil.copytree(place.base, place.data / "postgres", copy_function=shutil.copy2)
    user = server_user(place.base)
    (place.data / "postgres" / "recovery.signal").touch()
    configure(
        place.data,
        f'restore_command = \'cp "{place.archive}/%f" "%p"\'\n'
        f"recovery_target_time = '{moment.isoformat()}'\nrecovery_target_action = 'promote'\n",
    )
    if user is not None:
        for path in (place.data / "postgres", *(place.data / "postgres").rglob("*")):
            shutil.chown(path, user)
    (place.data / "postgres").chmod(0o700)
