"""Commands about what is known and kept of people: a party's own data, and what will be forgotten."""

import asyncio
import json
import pathlib
from collections.abc import Awaitable, Callable

import pytest

from domain.favour.commands import RecordFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Policy
from services.service import Service
from tests.services.cli.test_commands import KEY
from tests.services.conftest import LEDGER, Desk
from tests.serving import requite_here

pytestmark = pytest.mark.anyio

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(tmp_path: pathlib.Path, service: Service) -> Run:
    """Runs a command on the service's database; answers what it prints, or the line that turns it down."""

    async def run(*words: str, fits: bool = True) -> str:
        given = {"DATABASE_URL": service.url, "REQUITE_MASTER_KEY": KEY, "COLUMNS": "200"}
        done = await asyncio.to_thread(requite_here, tmp_path, *words, **given)
        assert done.returncode == (0 if fits else 2), done.stderr
        return done.stdout if fits else done.stderr

    return run


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
