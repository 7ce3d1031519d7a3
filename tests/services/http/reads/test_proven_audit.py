"""The promise audit with its proof: checked by our own verifier, by another's, and by the script for auditors."""

import base64
import json
import pathlib
import subprocess
import sys
from typing import Any
from uuid import UUID

import pymerkle
import pytest

from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from services.http.examples import ANNA, BEN, CARA
from services.proof.builder import build_whole
from services.proof.note import Checkpoint, read_key, read_note, require_signed
from services.proof.tree import hash_leaf, root_of_inclusion
from services.service import Service
from tests.services.conftest import LEDGER, Desk, as_owner
from tests.services.http.conftest import Client, Headers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]
AT = f"/v1/ledgers/{LEDGER}"
SCRIPT = pathlib.Path(__file__).parents[4] / "docs" / "check_proof.py"


@pytest.fixture
async def promised(service: Service, desk: Desk, people: None) -> None:
    """Promises, of which the last came after the tree."""
    del people
    parties = [UUID(ANNA), UUID(BEN), UUID(CARA)]
    for number in range(6):
        one, other = parties[number % 3], parties[(number + 1) % 3]
        made = await desk.give(MakePromise(promisor=one, promisee=other, what=f"a shelf «{number}»"))
        await desk.give(ReportDelivery(by=one), made.id)
        if number == 4:
            await build_whole(service.pool, LEDGER)
        await desk.give(AcceptDelivery(by=other), made.id)


async def audit(client: Client, headers: Headers, **params: Any) -> Any:
    answer = await client.get(f"{AT}/promises/audit", params={"proof": True, **params}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def key_line(client: Client, headers: Headers) -> str:
    keys = (await client.get(f"{AT}/log/public-keys", headers=headers)).json()["keys"]
    assert isinstance(keys[0], str)
    return keys[0]


def signed(answer: Any, key: str) -> Checkpoint:
    return require_signed(read_note(answer["proof"]["checkpoint"]), [read_key(key)])


def run(answer: Any, key: str, folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    path = folder / "audit.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, path, key], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.usefixtures("promised")
async def test_every_line_is_proven_or_said_not_to_be(client: Client, recorder: Headers) -> None:
    answer = await audit(client, recorder)
    checkpoint = signed(answer, await key_line(client, recorder))
    proof = answer["proof"]
    assert proof["size"] == checkpoint.size
    proven = [one["position"] for one in proof["events"]]
    wanted = sorted({position for line in answer["lines"] for position in line["positions"]})
    assert proven + proof["not_yet_proven"] == wanted
    assert proven[-1] <= checkpoint.size < proof["not_yet_proven"][0]
    for one in proof["events"]:
        leaf = hash_leaf(one["event"].encode())
        hashes = [base64.b64decode(text) for text in one["hashes"]]
        assert base64.b64decode(one["leaf"]) == leaf
        assert root_of_inclusion(leaf, one["position"] - 1, checkpoint.size, hashes) == checkpoint.root
        assert json.loads(one["event"])["topic"].startswith("promise.")


@pytest.mark.usefixtures("promised")
async def test_an_independent_implementation_proves_the_same(
    service: Service, client: Client, recorder: Headers
) -> None:
    answer = await audit(client, recorder)
    checkpoint = signed(answer, await key_line(client, recorder))
    rows = await service.pool.fetch("SELECT state FROM event WHERE ledger_id = $1 ORDER BY position", LEDGER)
    states = [row["state"] for row in rows[: checkpoint.size]]
    theirs = pymerkle.InmemoryTree.init_from_entries(states, algorithm="sha256")
    assert theirs.get_root(checkpoint.size) == checkpoint.root
    for one in answer["proof"]["events"]:
        path = theirs.prove_inclusion(one["position"], checkpoint.size)
        assert sorted(path.path) == sorted(base64.b64decode(text) for text in (one["leaf"], *one["hashes"]))
        pymerkle.verify_inclusion(hash_leaf(one["event"].encode()), checkpoint.root, path)


@pytest.mark.usefixtures("promised")
async def test_the_script_for_auditors_needs_nothing_of_ours(
    client: Client, recorder: Headers, tmp_path: pathlib.Path
) -> None:
    answer, key = await audit(client, recorder), await key_line(client, recorder)
    done = run(answer, key, tmp_path)
    proven, later = len(answer["proof"]["events"]), len(answer["proof"]["not_yet_proven"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{proven} events are in the log of {answer['proof']['size']}; {later} came after the checkpoint.\n"
    )
    note, size = answer["proof"]["checkpoint"], answer["proof"]["size"]
    first = answer["proof"]["events"][0]
    at = f"position {first['position']}"
    other = f"{key[:-8]}{'A' * 7}="
    changes: list[tuple[Any, str, str]] = [
        ({"events": [{**first, "event": first["event"].replace("shelf", "chair") + " "}]}, key, at),
        ({"events": [{**first, "event": None}]}, key, at),
        ({"events": [{**first, "hashes": first["hashes"][:-1]}]}, key, at),
        ({"events": [{**first, "position": first["position"] + 1}]}, key, f"position {first['position'] + 1}"),
        ({"events": answer["proof"]["events"][1:]}, key, f"no proof of {at}"),
        ({"not_yet_proven": []}, key, f"no proof of position {answer['proof']['not_yet_proven'][0]}"),
        (
            {"checkpoint": note.replace(f"\n{size}\n", "\n9\n")},
            key,
            "signature",
        ),
        ({}, other, "signature"),
        ({}, key.replace("village", "harbour"), "not signed by this key"),
    ]
    for change, by, reason in changes:
        wrong = run({**answer, "proof": {**answer["proof"], **change}}, by, tmp_path)
        assert (wrong.returncode, wrong.stdout) == (1, ""), change
        assert wrong.stderr.startswith("Not proven: ")
        assert reason in wrong.stderr


@pytest.mark.usefixtures("promised")
async def test_a_page_proves_its_own_lines(client: Client, recorder: Headers) -> None:
    first = await audit(client, recorder, limit=2)
    second = await audit(client, recorder, limit=2, after=first["next"])
    for answer in (first, second):
        proven = {one["position"] for one in answer["proof"]["events"]} | {*answer["proof"]["not_yet_proven"]}
        assert proven == {position for line in answer["lines"] for position in line["positions"]}
    past = await audit(client, recorder, as_of=str(first["lines"][0]["positions"][0]))
    assert [one["position"] for one in past["proof"]["events"]] == [first["lines"][0]["positions"][0]]


@pytest.mark.usefixtures("promised")
async def test_without_asking_there_is_no_proof(client: Client, recorder: Headers) -> None:
    answer = await audit(client, recorder, proof=False)
    assert answer["proof"] is None
    assert len(answer["lines"]) == 6


@pytest.mark.parametrize("asked", [{"by": "pair"}, {"format": "csv"}])
async def test_a_proof_goes_with_lines(client: Client, recorder: Headers, asked: dict[str, str]) -> None:
    answer = await client.get(f"{AT}/promises/audit", params={"proof": True, **asked}, headers=recorder)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "proof")


@pytest.mark.usefixtures("promised")
async def test_an_event_that_was_lost_or_changed_is_not_proven(
    service: Service, client: Client, recorder: Headers
) -> None:
    lost, changed = [line["positions"][1] for line in (await audit(client, recorder))["lines"]][:2]
    await as_owner(service, "UPDATE event SET state = state || ' ' WHERE position = $1", changed)
    await as_owner(service, "DELETE FROM event WHERE position = $1", lost)
    found = {one["position"]: one for one in (await audit(client, recorder))["proof"]["events"]}
    assert found[lost]["event"] is None
    assert base64.b64decode(found[changed]["leaf"]) != hash_leaf(found[changed]["event"].encode())
