"""Cosignatures over HTTP: taken from witnesses that are known, for checkpoints that the log has or had."""

import pytest

from services.proof.builder import build_whole
from services.proof.note import COSIGNATURE, Checkpoint, Note, SignerKey, read_checkpoint, read_note, signature_of
from services.service import Service
from tests.services.conftest import LEDGER, WITNESS, Desk
from tests.services.http.conftest import Client, Headers
from tests.services.http.story import cosign

pytestmark = pytest.mark.anyio
AT = f"/v1/ledgers/{LEDGER}/log"
NOBODY = SignerKey("nobody.example", bytes(32), COSIGNATURE)


async def grow(service: Service, desk: Desk, name: str) -> None:
    await desk.register(name)
    await build_whole(service.pool, LEDGER)


async def checkpoint(client: Client, headers: Headers) -> str:
    return (await client.get(f"{AT}/checkpoint", headers=headers)).text


async def test_a_cosignature_is_kept_and_shown(service: Service, desk: Desk, client: Client, recorder: Headers) -> None:
    await grow(service, desk, "Anna")
    note = await checkpoint(client, recorder)
    for _ in range(2):
        answer = await client.post(f"{AT}/cosignatures", json={"note": str(cosign(note, 7))}, headers=recorder)
        assert answer.status_code == 200, answer.text
        (kept,) = answer.json()["items"]
        size = read_checkpoint(read_note(note)).size
        assert (kept["witness"], kept["size"], kept["seen_at"]) == (str(WITNESS.verifier), size, "1970-01-01T00:00:07Z")
        assert kept["note"] == await checkpoint(client, recorder) == str(cosign(note, 7))
    listed = await client.get(f"{AT}/cosignatures", headers=recorder)
    assert listed.json()["items"] == [kept]


async def test_the_latest_stays_whatever_comes_late(
    service: Service, desk: Desk, client: Client, recorder: Headers
) -> None:
    await grow(service, desk, "Anna")
    old = await checkpoint(client, recorder)
    await grow(service, desk, "Ben")
    new = await checkpoint(client, recorder)
    for note in (cosign(old, 9), cosign(new, 8), cosign(new, 7), cosign(old, 10)):
        answer = await client.post(f"{AT}/cosignatures", json={"note": str(note)}, headers=recorder)
        assert answer.status_code == 200, answer.text
    assert answer.json()["items"][0]["note"] == str(cosign(new, 8))
    assert signature_of(read_note(await checkpoint(client, recorder)), WITNESS.verifier) is not None
    await grow(service, desk, "Cara")
    assert signature_of(read_note(await checkpoint(client, recorder)), WITNESS.verifier) is None
    listed = await client.get(f"{AT}/cosignatures", headers=recorder)
    assert listed.json()["items"] == answer.json()["items"]


async def test_others_are_refused(service: Service, desk: Desk, client: Client, recorder: Headers) -> None:
    await grow(service, desk, "Anna")
    note = await checkpoint(client, recorder)
    here = read_checkpoint(read_note(note))
    text = read_note(note).text
    signature = WITNESS.sign(text, 1)
    wrong = signature._replace(data=signature.data[:-1] + bytes([signature.data[-1] ^ 1]))
    far = WITNESS.sign(text, 2**63)

    def of(found: Checkpoint) -> Note:
        return Note(str(found), (WITNESS.sign(str(found), 1),))

    for sent, status, code in (
        ("nothing", 422, "bad_cosignature"),
        (note, 403, "unknown_witness"),
        (str(cosign(note, 1, NOBODY)), 403, "unknown_witness"),
        (str(Note(text, (wrong,))), 422, "bad_cosignature"),
        (str(Note(text, (far,))), 422, "bad_cosignature"),
        (str(of(here._replace(root=bytes(32)))), 404, "checkpoint_not_found"),
        (str(of(here._replace(size=here.size + 1))), 404, "checkpoint_not_found"),
        (str(of(here._replace(size=1))), 404, "checkpoint_not_found"),
        (str(of(here._replace(origin="elsewhere/village"))), 404, "checkpoint_not_found"),
    ):
        answer = await client.post(f"{AT}/cosignatures", json={"note": sent}, headers=recorder)
        assert (answer.status_code, answer.json()["code"]) == (status, code), sent
    assert (await client.get(f"{AT}/cosignatures", headers=recorder)).json()["items"] == []


async def test_the_empty_tree_may_be_cosigned(client: Client, recorder: Headers) -> None:
    note = await checkpoint(client, recorder)
    answer = await client.post(f"{AT}/cosignatures", json={"note": str(cosign(note))}, headers=recorder)
    assert (answer.status_code, answer.json()["items"][0]["size"]) == (200, 0)


async def test_of_a_log_by_another_name_nothing_is_shown(service: Service, client: Client, recorder: Headers) -> None:
    note = await checkpoint(client, recorder)
    await client.post(f"{AT}/cosignatures", json={"note": str(cosign(note))}, headers=recorder)
    await service.pool.execute("UPDATE log_cosignature SET checkpoint = replace(checkpoint, 'requite.local', 'x')")
    assert (await client.get(f"{AT}/cosignatures", headers=recorder)).json()["items"] == []
