"""``requite archive``: old events put away from the command line, and read from there."""

import json

import pytest

from tests.services.archive.story import fill
from tests.services.cli.conftest import Run
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


async def test_put_away_and_listed(run: Run, desk: Desk) -> None:
    assert "Nothing of this ledger" in await run("archive", LEDGER)
    await fill(desk)
    size = ("--events-per-file", "256")
    assert "New files: 0" in await run("archive", LEDGER, "--before", "2020-01-01", *size)
    assert "New files: 1" in await run("archive", LEDGER, "--before", "2999-01-01", *size)
    (file,) = json.loads(await run("archive", LEDGER, "--json"))
    assert (file["file"], file["first"], file["last"]) == (f"{LEDGER}/000000000000001.parquet", 1, 256)
    assert "334 events" in await run("doctor", LEDGER)


@pytest.mark.usefixtures("service")
async def test_what_is_wrong_is_said(run: Run) -> None:
    assert "multiple of 256" in await run("archive", LEDGER, "--events-per-file", "300", fits=False)
    assert "no ledger" in await run("archive", "nowhere", "--before", "2026-01-01", fits=False)
