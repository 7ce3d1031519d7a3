"""Commands about what is known and kept of people: a party's own data, and what will be forgotten."""

import asyncio
import json
import pathlib
import stat

import pytest

from domain.favour.commands import RecordFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import EraseParty
from domain.policy import Policy
from services.ledger.opening import open_ledger
from services.reading.parties import list_parties
from services.reading.snapshot import open_snapshot
from services.service import open_service
from tests.services.cli.conftest import Run
from tests.services.cli.test_commands import KEY
from tests.services.conftest import LEDGER, MASTER_KEY, Desk
from tests.serving import requite_here


@pytest.mark.anyio
async def test_a_partys_data_is_written_to_a_file(run: Run, desk: Desk, tmp_path: pathlib.Path) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="watered the plants"))
    data, page = tmp_path / "anna.json", tmp_path / "anna.html"
    assert "2 events" in await run("export", LEDGER, "--party", "Anna", "--to", str(data))
    read = json.loads(data.read_text())
    assert (read["party"]["name"], len(read["strands"])) == ("Anna", 2)
    await run("export", LEDGER, "--party", str(anna), "--to", str(page))
    assert "watered the plants" in page.read_text()
    assert "is there already" in await run("export", LEDGER, "--party", "Anna", "--to", str(page), fits=False)
    assert "no party has that name" in await run("export", LEDGER, "--party", "Nobody", fits=False)


@pytest.mark.anyio
async def test_retention_tells_what_will_be_forgotten(run: Run, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    assert "without a limit" in await run("retention", "--ledger", LEDGER)
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="watered the plants"))
    assert "never" in await run("retention", "--ledger", LEDGER)
    await desk.give(ChangePolicy(policy=Policy(words_kept_days=30)), LEDGER_STREAM, capacity="admin")
    assert "kept for 30 days" in await run("retention", "--ledger", LEDGER)
    answer = json.loads(await run("retention", "--ledger", LEDGER, "--days", "7", "--json"))
    (day,) = answer["days"]
    assert (answer["words_kept_days"], day["events"]) == (7, 1)


def test_a_backup_comes_back_without_who_was_erased_since(
    tmp_path: pathlib.Path, database_url: str, empty_database_url: str
) -> None:
    given = {"DATABASE_URL": database_url, "REQUITE_MASTER_KEY": KEY, "REQUITE_ERASURES": str(tmp_path / "erased")}
    into = {**given, "DATABASE_URL": empty_database_url}
    asyncio.run(_tell(database_url))
    file = tmp_path / "village.backup"
    done = requite_here(tmp_path, "backup", str(file), **given)
    assert done.returncode == 0, done.stderr
    assert "ledgers: 1, events: 3." in done.stdout
    keys = tmp_path / "village.backup.keys"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (file, keys)] == [0o600, 0o600]
    assert "is there already" in requite_here(tmp_path, "backup", str(file), **given).stderr
    asyncio.run(_erase(database_url, tmp_path / "erased"))
    done = requite_here(tmp_path, "restore", str(file), **into)
    assert done.returncode == 0, done.stderr
    assert "erased since then, and again now: 1." in done.stdout
    assert "All is as the checkpoints say." in done.stdout
    done = requite_here(tmp_path, "export", LEDGER, "--to", str(tmp_path / "village.requite"), **into)
    assert done.returncode == 0, done.stderr
    assert "not empty" in requite_here(tmp_path, "restore", str(file), **into).stderr
    data = {"REQUITE_DATA": str(tmp_path / "elsewhere")}
    assert "needs the old master key" in requite_here(tmp_path, "restore", str(file), **data).stderr
    assert not (tmp_path / "elsewhere" / "master.key").exists()
    assert "no backup" in requite_here(tmp_path, "restore", str(keys), "--keys", str(keys), **into).stderr


async def _tell(url: str) -> None:
    async with open_service(url, MASTER_KEY) as service:
        await open_ledger(service, LEDGER)
        await Desk(service).register("Anna", "Ben")


async def _erase(url: str, listed: pathlib.Path) -> None:
    async with open_service(url, MASTER_KEY, erasures=listed) as service:
        async with open_snapshot(service, LEDGER) as snapshot:
            (anna, _) = (await list_parties(snapshot)).items
        await Desk(service).give(EraseParty(), anna.id, capacity="admin")
