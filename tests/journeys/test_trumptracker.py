"""A public promise tracker kept in git, replayed act by act, audited as of each of its commits (TrumpTracker)."""

import csv
import pathlib
from datetime import datetime
from typing import Any

from domain.event import Who
from domain.party import RegisterParty
from services.ledger.order import Order
from services.reading.as_of import Asked
from services.reading.audit import read_audit
from tests.journeys.conftest import LEDGER, RECORDER, Journey

OUTCOMES: dict[str, dict[str, Any]] = {
    "Not started": {"outcome": "promised"},
    "In progress": {"outcome": "promised", "in_progress": True},
    "Achieved": {"outcome": "kept"},
    "Compromised": {"outcome": "partly_kept", "fraction": 0.5},
    "Broken": {"outcome": "broken"},
}
READABLE = 82


async def test_every_committed_tally(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "trumptracker"
    with (folder / "events.csv").open(encoding="utf-8", newline="") as file:
        acts = list(csv.DictReader(file))
    with (folder / "tally_by_commit.csv").open(encoding="utf-8", newline="") as file:
        tallies = [row for row in csv.DictReader(file) if not row["skipped"]]
    promisor, public, tracker = [await register(journey, name) for name in ("Promisor", "The public", "Tracker")]

    commands = []
    for act in acts:
        promise = str(journey.keyring.derive_id("promise", "trumptracker", act["promise_id"]))
        for name, body in said(act, promisor, public, tracker):
            commands.append({"act": name, "id": promise, "body": {**body, "occurred_at": act["commit_date"]}})
    summary = await journey.lines(commands)
    assert (summary.recorded, summary.refused.total()) == (len(commands), 0)

    assert len(tallies) == READABLE
    async with journey.look() as snapshot:
        for tally in tallies:
            moment = datetime.fromisoformat(tally["commit_date"])
            totals = (await read_audit(snapshot, asked=Asked(occurred=moment))).totals
            assert totals is not None
            found = (totals.not_started, totals.in_progress, totals.kept, totals.partly_kept, totals.broken)
            columns = ("Not started", "In progress", "Achieved", "Compromised", "Broken")
            assert found == tuple(int(tally[column]) for column in columns), tally["commit"]
            assert totals.made == int(tally["total"])
        last = (await read_audit(snapshot)).totals
    assert last is not None
    assert (last.made, last.kept, last.partly_kept, last.broken) == (174, 21, 8, 43)
    assert (last.in_progress, last.not_started, last.retracted) == (18, 84, 38)


async def register(journey: Journey, name: str) -> str:
    """A party's id, as a file of commands names it."""
    order = Order(ledger_id=LEDGER, command=RegisterParty(name=name), who=Who("recorder", RECORDER.key))
    return str((await journey.service.clerk.submit(order)).id)


def said(act: dict[str, str], promisor: str, public: str, tracker: str) -> list[tuple[str, dict[str, Any]]]:
    """The acts that say what a commit said."""
    assessed = ("promise.assess", {"by": tracker, **OUTCOMES[act["to"]]}) if act["to"] else None
    match act["type"]:
        case "made":
            parties = {"promisor": promisor, "promisee": public, "assessor": tracker}
            made = ("promise.make", {**parties, "what": act["title"][:500]})
            return [made] if act["to"] == "Not started" or assessed is None else [made, assessed]
        case "removed":
            return [("promise.retract", {"by": tracker})]
        case "restored":
            return [("promise.reinstate", {"by": tracker})]
        case "retitled":
            return [("promise.reword", {"what": act["title"][:500]})]
        case "status" if assessed is not None:
            return [assessed]
    raise AssertionError(act["type"])
