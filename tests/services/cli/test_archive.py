"""``requite archive``: old events put away from the command line, and read from there."""

import json

import pytest

from services.service import Service
from tests.services.archive.story import fill
from tests.services.cli.conftest import Run
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(service: Service) -> dict[str, str]:
    """The variable that names the service's folder, which is there."""
    service.shelf.folder.mkdir()
    return {"REQUITE_ARCHIVE": str(service.shelf.folder)}


async def test_put_away_and_listed(run: Run, desk: Desk, folder: dict[str, str]) -> None:
    assert "Nothing of this ledger" in await run("archive", LEDGER)
    await fill(desk)
    size = ("--events-per-file", "256")
    assert "New files: 0" in await run("archive", LEDGER, "--before", "2020-01-01", *size, **folder)
    assert "New files: 1" in await run("archive", LEDGER, "--before", "2999-01-01", *size, **folder)
    (file,) = json.loads(await run("archive", LEDGER, "--json"))
    assert (file["first"], file["last"]) == (1, 256)
    assert file["file"] == f"{LEDGER}/000000000000001-{file['sha256'][:16]}.parquet"
    assert "334 events" in await run("doctor", LEDGER, **folder)


async def test_what_is_wrong_is_said(run: Run, folder: dict[str, str]) -> None:
    assert "multiple of 256" in await run("archive", LEDGER, "--events-per-file", "300", fits=False)
    assert "no ledger" in await run("archive", "nowhere", "--before", "2026-01-01", fits=False, **folder)
    assert "Set REQUITE_ARCHIVE" in await run("archive", LEDGER, "--before", "2026-01-01", fits=False)
    away = {"REQUITE_ARCHIVE": folder["REQUITE_ARCHIVE"] + "-not-mounted"}
    assert "is not there" in await run("archive", LEDGER, "--before", "2026-01-01", fits=False, **away)
