"""Many commands in one request."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.http import batch
from services.http.batch import BATCHED, COMMANDS_LIMIT
from services.http.examples import ANNA, BEN, CARA
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

PATH = f"/v1/ledgers/{LEDGER}/batch"
FAVOUR = {"act": "favour.record", "body": {"giver": ANNA, "receiver": BEN}}
REFUSED = {"act": "favour.record", "body": {"giver": ANNA, "receiver": str(uuid4())}}


async def send(client: Client, headers: Headers, *commands: dict[str, Any], **more: Any) -> httpx.Response:
    key = more.pop("key", None)
    sent = headers if key is None else {**headers, "Idempotency-Key": key}
    return await client.post(PATH, json={"commands": commands, **more}, headers=sent)


def codes(response: httpx.Response) -> list[str]:
    """What each command came to: its receipt's topics, or its problem's code."""
    assert response.status_code == 200, response.text
    return [
        "+".join(event["topic"] for event in one["receipt"]["events"]) if one["receipt"] else one["problem"]["code"]
        for one in response.json()["results"]
    ]


async def test_each_is_answered_in_order(client: Client, recorder: Headers, service: Service) -> None:
    promise = str(uuid4())
    made = {
        "act": "promise.make",
        "id": promise,
        "body": {"by": ANNA, "promisor": ANNA, "promisee": BEN, "what": "tea"},
    }
    report = {"act": "promise.report_delivery", "id": promise, "body": {"by": ANNA}}
    before = await head(service)
    response = await send(client, recorder, FAVOUR, REFUSED, made, report)
    answer = response.json()
    assert codes(response) == ["favour.recorded", "unknown_party", "promise.made", "promise.reported"]
    assert [one["status"] for one in answer["results"]] == [201, 422, 201, 200]
    assert (answer["recorded"], answer["refused"]) == (3, 1)
    assert [one["receipt"]["position"] for one in answer["results"] if one["receipt"]] == [
        before + n for n in (1, 2, 3)
    ]
    assert answer["results"][3]["receipt"]["id"] == promise
    writers = await service.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM event WHERE position > $1", before)
    assert writers == 1


async def test_a_thousand_are_one_commit(client: Client, recorder: Headers, service: Service) -> None:
    before = await head(service)
    response = await send(client, recorder, *[FAVOUR] * COMMANDS_LIMIT)
    assert response.json()["recorded"] == COMMANDS_LIMIT
    assert await head(service) == before + COMMANDS_LIMIT
    writers = await service.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM event WHERE position > $1", before)
    assert writers == 1
    assert (await send(client, recorder, *[FAVOUR] * (COMMANDS_LIMIT + 1))).json()["code"] == "invalid_body"
    assert await head(service) == before + COMMANDS_LIMIT


async def test_all_or_none(client: Client, recorder: Headers, service: Service) -> None:
    before = await head(service)
    response = await send(client, recorder, FAVOUR, REFUSED, FAVOUR, atomic=True)
    assert codes(response) == ["batch_not_recorded", "unknown_party", "batch_not_recorded"]
    misfit = {"act": "favour.record", "body": {"giver": ANNA}}
    response = await send(client, recorder, FAVOUR, misfit, atomic=True)
    assert codes(response) == ["batch_not_recorded", "invalid_body"]
    assert await head(service) == before
    response = await send(client, recorder, FAVOUR, FAVOUR, atomic=True)
    assert codes(response) == ["favour.recorded"] * 2
    assert await head(service) == before + 2


async def test_the_requests_key_is_for_each_of_them(client: Client, recorder: Headers, service: Service) -> None:
    first = await send(client, recorder, FAVOUR, REFUSED, FAVOUR, key="monday")
    before = await head(service)
    answers = await asyncio.gather(*(send(client, recorder, FAVOUR, REFUSED, FAVOUR, key="monday") for _ in range(3)))
    assert [again.json() for again in answers] == [first.json()] * 3
    other = await send(client, recorder, {**FAVOUR, "body": {"giver": BEN, "receiver": ANNA}}, key="monday")
    assert codes(other) == ["idempotency_key_reused"]
    assert await head(service) == before
    assert codes(await send(client, recorder, FAVOUR, key="tuesday")) == ["favour.recorded"]


async def test_a_commands_own_key_is_that_of_a_single_request(client: Client, recorder: Headers) -> None:
    answer = await send(client, recorder, {**FAVOUR, "idempotency_key": "own"}, FAVOUR, key="monday")
    single = await client.post(
        f"/v1/ledgers/{LEDGER}/favours", json=FAVOUR["body"], headers={**recorder, "Idempotency-Key": "own"}
    )
    assert single.json() == answer.json()["results"][0]["receipt"]
    twice = await send(client, recorder, *[{**FAVOUR, "idempotency_key": "own"}] * 2)
    assert (twice.status_code, twice.json()["code"]) == (400, "invalid_body")


MISSHAPEN: list[Any] = [
    [],
    {},
    {"commands": []},
    {"commands": [{}]},
    {"commands": [{"act": "favour.record", "body": []}]},
    {"commands": [{"act": "favour.record", "body": None}]},
    {"commands": [{"act": "favour.record", "body": {}, "by": ANNA}]},
    {"commands": [{"act": "favour.give", "body": {}}]},
    {"commands": [{"act": "ledger.open", "body": {}}]},
    {"commands": [{"act": "favour.record", "id": "x", "body": {}}]},
    {"commands": [{"act": "favour.record", "body": {}, "idempotency_key": "with blank"}]},
    {"commands": [FAVOUR], "atomic": 1},
    {"commands": [FAVOUR], "more": True},
]


async def test_a_misshapen_request_changes_nothing(client: Client, recorder: Headers, service: Service) -> None:
    before = await head(service)
    for body in MISSHAPEN:
        response = await client.post(PATH, json=body, headers=recorder)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_body"), body
    large = await client.post(PATH, content=b" " * (batch.BODY_LIMIT_BYTES + 1), headers=recorder)
    assert large.status_code in {413, 415}
    assert await head(service) == before


async def test_what_is_wrong_with_one_command(client: Client, recorder: Headers) -> None:
    wrong: list[tuple[dict[str, Any], str, str | None]] = [
        ({"act": "favour.record", "body": {"giver": "x", "receiver": BEN}}, "invalid_body", "#/commands/1/body/giver"),
        ({"act": "favour.record", "body": {"giver": ANNA, "to": BEN}}, "invalid_body", "#/commands/1/body/to"),
        ({"act": "favour.record", "body": {"giver": ANNA}}, "invalid_body", "#/commands/1/body/receiver"),
        ({"act": "favour.record", "body": {**FAVOUR["body"], "what": "a\0b"}}, "invalid_body", None),  # type: ignore[dict-item]
        ({"act": "favour.thank", "body": {"by": BEN}}, "invalid_body", "#/commands/1/id"),
        ({"act": "favour.thank", "id": str(uuid4()), "body": {"by": BEN}}, "favour_not_found", None),
        ({"act": "favour.thank", "id": str(uuid4()), "if_match": "seven"}, "invalid_parameter", None),
        ({"act": "ledger.change_policy", "body": {"policy": {}}}, "wrong_scope", None),
    ]
    for command, code, pointer in wrong:
        response = await send(client, recorder, FAVOUR, command)
        assert codes(response) == ["favour.recorded", code], command
        errors = response.json()["results"][1]["problem"].get("errors", [])
        assert pointer in [error.get("pointer") for error in errors] or pointer is None


async def test_who_may_do_what_holds_for_each(client: Client, admin: Headers, headers_of: MakeHeaders) -> None:
    bens = await headers_of("record", parties=[BEN])
    rename = {"act": "party.rename", "id": CARA, "body": {"name": "Nobody"}}
    response = await send(client, bens, FAVOUR, {**FAVOUR, "body": {**FAVOUR["body"], "by": ANNA}}, rename)  # type: ignore[dict-item]
    assert codes(response) == ["favour.recorded", "wrong_party", "wrong_party"]
    policy = {"act": "ledger.change_policy", "body": {"policy": {"units": ["favour", "hour"]}}}
    assert codes(await send(client, admin, policy)) == ["ledger.policy_changed"]


async def test_a_command_is_for_a_version(client: Client, recorder: Headers) -> None:
    favour = str(uuid4())
    thanks = {"act": "favour.thank", "id": favour, "body": {"by": BEN}, "if_match": '"v1"'}
    retracted = {"act": "favour.retract", "id": favour, "if_match": '"v1"'}
    response = await send(client, recorder, {**FAVOUR, "id": favour}, thanks, retracted)
    assert codes(response) == ["favour.recorded", "favour.thanked", "version_moved"]
    assert response.json()["results"][2]["status"] == 412


async def test_an_answer_that_takes_too_long(
    client: Client, recorder: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "ANSWER_WITHIN_S", 0)
    unknown = await send(client, recorder, FAVOUR)
    assert (unknown.status_code, unknown.json()["code"]) == (503, "outcome_unknown")
    later = await send(client, recorder, FAVOUR, key="late")
    assert (later.status_code, later.json()["code"]) == (409, "still_under_way")


async def test_every_act_that_has_a_route_may_be_in_a_batch() -> None:
    assert len(BATCHED) > 50
    assert "ledger.open" not in BATCHED
