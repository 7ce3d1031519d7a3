"""Webhooks over HTTP: made, changed, rotated, tried and removed by administrators."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from services.service import Service
from services.webhooks.endpoints import LIMIT
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, head
from tests.services.webhooks.clock import Clock
from tests.services.webhooks.receiver import HANGS, Receiver

pytestmark = pytest.mark.anyio

WEBHOOKS = f"/v1/ledgers/{LEDGER}/webhooks"


@pytest.fixture
async def made(client: Client, admin: Headers, receiver: Receiver) -> dict[str, Any]:
    response = await client.post(WEBHOOKS, json={"url": receiver.url}, headers=admin)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def without_secret(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "secret"}


async def test_its_secret_is_shown_once_and_lies_sealed(
    made: dict[str, Any], client: Client, admin: Headers, service: Service, receiver: Receiver
) -> None:
    assert made["secret"].startswith("whsec_")
    assert (made["payload"], made["signing"], made["topics"], made["enabled"]) == ("thin", "hmac", None, True)
    assert made["position"] == await head(service)
    one = (await client.get(f"{WEBHOOKS}/{made['id']}", headers=admin)).json()
    assert one == without_secret(made)
    assert (await client.get(WEBHOOKS, headers=admin)).json() == {"items": [one]}
    (row,) = await service.pool.fetch("SELECT * FROM webhook")
    assert str(receiver.port) not in str(dict(row))


async def test_a_ping_can_be_verified_before_and_after_a_rotation(
    made: dict[str, Any], client: Client, admin: Headers, receiver: Receiver, clock: Clock
) -> None:
    secrets = [made["secret"]]

    async def ping() -> set[int]:
        """The secrets, by number, that open it."""
        answer = (await client.post(f"{WEBHOOKS}/{made['id']}/test", headers=admin)).json()
        assert (answer["arrived"], answer["status"], answer["error"]) == (True, 204, None)
        one = receiver.received[-1]
        assert one.message["type"] == "ping"
        assert one.headers["content-type"] == "application/json"
        assert one.headers["user-agent"].startswith("requite/")
        moment = datetime.fromtimestamp(int(one.headers["webhook-timestamp"]), UTC)
        signed = [Webhook(secret).sign(one.id, moment, one.body.decode()) for secret in secrets]
        sent = one.headers["webhook-signature"].split()
        return {number for number, signature in enumerate(signed) if signature in sent}

    async def rotate() -> None:
        answer = (await client.post(f"{WEBHOOKS}/{made['id']}/rotate", json={"overlap_hours": 1}, headers=admin)).json()
        secrets.append(answer["secret"])

    assert await ping() == {0}
    await rotate()
    assert await ping() == {0, 1}
    clock.put_forward(hours=1, minutes=1)
    assert await ping() == {1}
    await rotate()
    await rotate()
    assert await ping() == {2, 3}


async def test_a_ping_tells_what_went_wrong(
    made: dict[str, Any], client: Client, admin: Headers, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer = lambda _: 500
    answer = (await client.post(f"{WEBHOOKS}/{made['id']}/test", headers=admin)).json()
    assert (answer["arrived"], answer["status"]) == (False, 500)
    monkeypatch.setattr("services.webhooks.sender.WITHIN_S", 0.2)
    receiver.answer = lambda _: HANGS
    answer = (await client.post(f"{WEBHOOKS}/{made['id']}/test", headers=admin)).json()
    assert (answer["arrived"], answer["error"]) == (False, "timeout")


async def test_ed25519_shows_public_keys_only(client: Client, admin: Headers, receiver: Receiver) -> None:
    body = {"url": receiver.url, "signing": "ed25519"}
    made = (await client.post(WEBHOOKS, json=body, headers=admin)).json()
    assert made["secret"] is None
    (key,) = made["public_keys"]
    rotated = (await client.post(f"{WEBHOOKS}/{made['id']}/rotate", json={}, headers=admin)).json()
    assert rotated["secret"] is None
    assert rotated["public_keys"][1] == key
    answer = await client.post(f"{WEBHOOKS}/{made['id']}/test", headers=admin)
    assert answer.json()["arrived"]
    assert [one[:4] for one in receiver.received[-1].headers["webhook-signature"].split()] == ["v1a,", "v1a,"]


async def test_what_is_left_out_of_a_change_stays(made: dict[str, Any], client: Client, admin: Headers) -> None:
    address = f"{WEBHOOKS}/{made['id']}"
    changed = await client.patch(address, json={"topics": ["favour.*"], "payload": "full"}, headers=admin)
    assert changed.json() == {**without_secret(made), "topics": ["favour.*"], "payload": "full"}
    stopped = (await client.patch(address, json={"enabled": False, "topics": ["*"]}, headers=admin)).json()
    assert (stopped["enabled"], stopped["disabled_for"], stopped["topics"]) == (False, "request", ["*"])
    again = (await client.patch(address, json={"enabled": True}, headers=admin)).json()
    assert (again["enabled"], again["disabled_for"], again["disabled_at"]) == (True, None, None)


async def test_a_removed_one_is_gone_with_all_that_was_its_own(
    made: dict[str, Any], client: Client, admin: Headers, service: Service
) -> None:
    await client.post(f"{WEBHOOKS}/{made['id']}/replay", json={"first": 1}, headers=admin)
    assert (await client.delete(f"{WEBHOOKS}/{made['id']}", headers=admin)).json() == without_secret(made)
    gone = await client.delete(f"{WEBHOOKS}/{made['id']}", headers=admin)
    assert (gone.status_code, gone.json()["code"]) == (404, "webhook_not_found")
    for table in ("webhook", "webhook_replay", "webhook_delivery", "webhook_attempt"):
        assert await service.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"payload": "full"}),
        ("DELETE", "", None),
        ("POST", "/rotate", {}),
        ("POST", "/test", None),
        ("POST", "/replay", {"first": 1}),
        ("GET", "/deliveries", None),
    ],
)
async def test_one_that_there_is_not(client: Client, admin: Headers, method: str, path: str, body: Any) -> None:
    response = await client.request(method, f"{WEBHOOKS}/{uuid4()}{path}", json=body, headers=admin)
    assert (response.status_code, response.json()["code"]) == (404, "webhook_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "ftp://example.org"}, 422, "webhook_url_refused"),
        ({"url": "https://example.org", "topics": ["favour.eaten"]}, 400, "invalid_parameter"),
        ({"url": "https://example.org", "topics": []}, 400, "invalid_body"),
        ({"url": "https://example.org", "payload": "fat"}, 400, "invalid_body"),
        ({}, 400, "invalid_body"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    client: Client, admin: Headers, body: Any, status: int, code: str
) -> None:
    response = await client.post(WEBHOOKS, json=body, headers=admin)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await client.get(WEBHOOKS, headers=admin)).json() == {"items": []}


async def test_a_replay_that_ends_before_it_begins(made: dict[str, Any], client: Client, admin: Headers) -> None:
    response = await client.post(f"{WEBHOOKS}/{made['id']}/replay", json={"first": 2, "last": 1}, headers=admin)
    assert (response.status_code, response.json()["code"]) == (422, "replay_ends_before_it_begins")


async def test_there_is_a_limit_to_webhooks_and_to_replays(
    made: dict[str, Any], client: Client, admin: Headers, receiver: Receiver
) -> None:
    codes = {
        (await client.post(WEBHOOKS, json={"url": receiver.url}, headers=admin)).status_code for _ in range(LIMIT - 1)
    }
    assert codes == {201}
    refused = await client.post(WEBHOOKS, json={"url": receiver.url}, headers=admin)
    assert refused.json()["code"] == "too_many_webhooks"
    answers = [
        await client.post(f"{WEBHOOKS}/{made['id']}/replay", json={"first": 1}, headers=admin) for _ in range(21)
    ]
    assert {one.status_code for one in answers[:20]} == {200}
    assert answers[20].json()["code"] == "too_many_replays"


async def test_it_takes_an_administrator(client: Client, recorder: Headers, stranger: Headers) -> None:
    assert (await client.get(WEBHOOKS, headers=recorder)).json()["code"] == "wrong_scope"
    assert (await client.get(WEBHOOKS, headers=stranger)).json()["code"] == "bad_key"
