"""Commands that ask about one party: what they print, as JSON too, and what is turned down."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.command import Reference
from domain.favour.commands import RecordFavour
from domain.party import ListKnowledge, RegisterParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from domain.tie import DeclareTie
from services.reading.attention import Attention
from services.reading.audit import PromiseAudit
from services.reading.balance import PartyBalance
from services.reading.directory import KnowerPage
from services.reading.trust import TrustAnswer
from services.service import Service
from tests.services.cli.conftest import Run
from tests.services.conftest import LEDGER, Desk

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("told")]


@pytest.fixture
async def told(service: Service, desk: Desk) -> None:
    """Anna gave twice and received once, kept one promise and has one that is overdue; she has a tie that is due."""
    crm = (Reference("crm", "7"),)
    anna = (await desk.give(RegisterParty(name="Anna [bold]Abel", references=crm))).id
    ben, _ = await desk.register("Ben", "Twin")
    await desk.register("twin")
    await desk.give(ListKnowledge(knows_about=("Bee keeping", "Honey [red]")), anna)
    long_ago = service.clock() - timedelta(days=400)
    for giver, receiver in ((anna, ben), (anna, ben), (ben, anna)):
        await desk.give(RecordFavour(giver=giver, receiver=receiver, quantity=2, occurred_at=long_ago))
    made: dict[str, Any] = {"promisor": anna, "promisee": ben, "occurred_at": long_ago}
    shelf = (await desk.give(MakePromise(**made, what="a shelf"))).id
    await desk.give(ReportDelivery(by=anna, occurred_at=long_ago), shelf)
    await desk.give(AcceptDelivery(by=ben, occurred_at=long_ago), shelf)
    await desk.give(MakePromise(**made, what="a chair", due=long_ago + timedelta(days=395)))
    await desk.give(DeclareTie(by=anna, party=anna, other=ben, closeness="close", occurred_at=long_ago))


@pytest.fixture
def ask(run: Run) -> Run:
    """Runs a command on the ledger; answers what it prints, or the one line that turns it down."""

    async def ask(*words: str, fits: bool = True) -> str:
        text = await run(*words, "--ledger", LEDGER, fits=fits)
        assert "\x1b" not in text
        return text

    return ask


def rows(text: str) -> dict[str, list[str]]:
    """By its first word: the rest of each line."""
    return {words[0]: words[1:] for line in text.splitlines() if (words := line.split())}


async def test_balance(ask: Run) -> None:
    text = await ask("balance", "crm:7")
    assert text.startswith("Balance of Anna [bold]Abel at ")
    found = rows(text)
    assert found["promise"][:3] == ["1", "0", "1"]
    assert found["Ben"] == ["favour", "5", "2", "3"]
    answer = msgspec.json.decode(await ask("balance", "crm:7", "--json"), type=PartyBalance)
    (unit,) = answer.units
    assert (unit.given.quantity, unit.received.quantity, unit.net) == (5, 2, 3)
    before = await ask("balance", str(answer.party), "--as-of", "5")
    assert "position 5" in before
    assert "Ben" not in rows(before)


async def test_promises(ask: Run) -> None:
    text = await ask("promises", "crm:7")
    assert text.startswith("Promises of crm:7 at ")
    assert "a shelf" in text
    (chair,) = (line for line in text.splitlines() if "a chair" in line)
    assert "overdue" in chair
    assert "a shelf" not in await ask("promises", "crm:7", "--standing", "open")
    answer = msgspec.json.decode(await ask("promises", "crm:7", "--json"), type=PromiseAudit)
    assert answer.totals is not None
    assert (answer.totals.made, answer.totals.kept_on_time) == (2, 1)


async def test_trust(ask: Run) -> None:
    text = await ask("trust", "crm:7")
    answer = msgspec.json.decode(await ask("trust", "crm:7", "--json"), type=TrustAnswer)
    assert text.startswith("What is thought of Anna [bold]Abel at ")
    assert f"likelihood of {answer.expected:.0%}" in text
    assert "Counted plainly: 1 of 1 kept." in text
    (line,) = answer.evidence
    assert rows(text)["Ben"][:2] == ["Ben", "kept"]
    assert text.split()[-len(line.positions) :] == [str(position) for position in line.positions]
    party = str(answer.party)
    assert "Counted plainly: 0 of 0 kept." in await ask("trust", party, "--as-of", "2")
    seen = await ask("trust", party, "--seen-by", str(line.promisee), "--topic", "woodwork")
    assert "Counted plainly: 0 of 0 kept." in seen


async def test_attention(ask: Run) -> None:
    text = await ask("attention", "crm:7")
    assert text.startswith("For Anna [bold]Abel at ")
    assert "a chair" in text
    answer = msgspec.json.decode(await ask("attention", "crm:7", "--json"), type=Attention)
    assert [(one.name, one.closeness) for one in answer.reach_out] == [("Ben", "close")]
    assert [(one.what, one.overdue) for one in answer.promises] == [("a chair", True)]
    assert "Nothing wants attention." in await ask("attention", str(answer.reach_out[0].party), "--as-of", "3")


async def test_who_knows(ask: Run) -> None:
    text = await ask("who-knows", "bee  KEEPING")
    assert rows(text)["Anna"][:4] == ["[bold]Abel", "Bee", "keeping", rows(text)["Anna"][-1]]
    (found,) = msgspec.json.decode(await ask("who-knows", "[red]", "--json"), type=KnowerPage).items
    assert (found.name, found.subjects) == ("Anna [bold]Abel", ("Honey [red]",))
    assert "Nobody says so." in await ask("who-knows", "surgery")


async def test_a_party_by_its_name(ask: Run) -> None:
    assert (await ask("balance", "anna [BOLD]abel")).startswith("Balance of Anna [bold]Abel at ")
    assert "2 parties have that name" in await ask("balance", "Twin", fits=False)
    assert "no party has that name" in await ask("balance", "Anna", fits=False)


@pytest.mark.parametrize("command", ["balance", "promises", "trust", "attention"])
async def test_a_party_that_is_not_there(ask: Run, command: str) -> None:
    for who in ("crm:999", "Nobody", "01920000-0000-7000-8000-000000000bad"):
        said = await ask(command, who, fits=False)
        assert said.startswith("requite: ")
        assert said.count("\n") == 1
