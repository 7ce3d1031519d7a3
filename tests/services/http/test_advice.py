"""What the answer to a promise says beside its receipt."""

import pytest

from services.http import advice
from services.http.examples import ANNA, BEN
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

AT = f"/v1/ledgers/{LEDGER}/promises"
WANTED = {"promisor": ANNA, "promisee": BEN, "what": "Build a bookshelf"}


async def test_advice_comes_with_all_that_may_bind_a_promisor(client: Client, recorder: Headers) -> None:
    asked = await client.post(f"{AT}/request", json={**WANTED, "by": BEN}, headers=recorder)
    offered = await client.post(f"{AT}/offer", json={**WANTED, "by": ANNA}, headers=recorder)
    made = await client.post(AT, json={**WANTED, "by": ANNA}, headers=recorder)
    agreed = await client.post(f"{AT}/{asked.json()['id']}/agree", json={"by": ANNA}, headers=recorder)
    for open_beside, response in enumerate((asked, offered, made, agreed)):
        answer = response.json()
        assert response.is_success
        assert answer["advice"]["party"] == ANNA
        assert answer["advice"]["position"] == answer["position"]
        assert answer["advice"]["open"] == max(0, open_beside - 2)
    assert "location" in made.headers
    delivered = await client.post(f"{AT}/{made.json()['id']}/report-delivery", json={"by": ANNA}, headers=recorder)
    assert "advice" not in delivered.json()
    read = await client.get(f"/v1/ledgers/{LEDGER}/parties/{ANNA}/capacity", headers=recorder)
    assert (read.json()["open"], read.json()["reported"]) == (2, 1)


async def test_a_key_that_may_not_read_gets_no_advice(client: Client, headers_of: MakeHeaders) -> None:
    writes = await headers_of("record")
    made = await client.post(AT, json={**WANTED, "by": ANNA}, headers=writes)
    assert (made.status_code, made.json()["advice"]) == (201, None)
    read = await client.get(f"/v1/ledgers/{LEDGER}/parties/{ANNA}/capacity", headers=writes)
    assert read.json()["code"] == "wrong_scope"


async def test_what_was_recorded_is_answered_without_advice_in_time(
    client: Client, recorder: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advice, "ADVICE_WITHIN_S", 0)
    made = await client.post(AT, json={**WANTED, "by": ANNA}, headers=recorder)
    assert (made.status_code, made.json()["advice"]) == (201, None)


async def test_a_refusal_says_that_no_place_is_left(client: Client, admin: Headers) -> None:
    policy = {"policy": {"open_promises_limit": 1}}
    await client.post(f"/v1/ledgers/{LEDGER}/policy", json=policy, headers=admin)
    made = await client.post(AT, json={**WANTED, "by": ANNA}, headers=admin)
    assert made.json()["advice"]["limit"] == 1
    refused = await client.post(AT, json={**WANTED, "by": ANNA}, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_capacity_left")
