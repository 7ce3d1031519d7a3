"""Who may do what over HTTP: no key, a wrong one, another ledger's, a missing scope, on every route."""

from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from services.http.examples import ANNA, BEN, CARA
from services.http.openapi import operations
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head
from tests.services.http.story import parameters

pytestmark = pytest.mark.anyio

FAVOURS = f"/v1/ledgers/{LEDGER}/favours"
KEYS = f"/v1/ledgers/{LEDGER}/keys"
FAVOUR = {"giver": ANNA, "receiver": BEN}


def keyed(app: Litestar) -> list[tuple[str, str]]:
    """Method and address of every operation that needs a key, with the examples filled in but for the ledger."""
    filled = []
    for path, method, operation in operations(app.openapi_schema):
        if operation.security:
            for name, example in {**parameters(operation, "path"), "ledger": LEDGER}.items():
                path = path.replace(f"{{{name}}}", str(example))  # noqa: PLW2901 - it is filled in
            filled.append((method, path))
    assert len(filled) > 30
    return filled


NO_KEYS: list[tuple[str | None, str]] = [
    (None, "no_key"),
    ("Basic YTpi", "no_key"),
    ("Bearer", "no_key"),
    ("Bearer rq_", "bad_key"),
    ("Bearer rq_abc_def", "bad_key"),
    ("Bearer rq_abcdefghijklm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "bad_key"),
    ("Bearer rq_\x00_\x00", "bad_key"),
    ("Bearer " + "x" * 5000, "bad_key"),
    ("Bearer rq_ü_ü", "bad_key"),
]


async def test_no_key_no_answer(app: Litestar, client: Client, service: Service) -> None:
    before = await head(service)
    for authorization, code in NO_KEYS:
        sent = {} if authorization is None else {"Authorization": authorization}
        headers = httpx.Headers(sent, encoding="latin-1")
        for method, path in keyed(app):
            response = await client.request(method, path, headers=headers)
            assert (response.status_code, response.json()["code"]) == (401, code), path
            assert response.headers["www-authenticate"].startswith('Bearer realm="requite"')
    assert await head(service) == before


async def test_a_key_of_another_ledger_learns_nothing(
    app: Litestar, client: Client, stranger: Headers, service: Service
) -> None:
    before = await head(service)
    for method, path in keyed(app):
        there = await client.request(method, path, headers=stranger)
        nowhere = await client.request(method, path.replace(LEDGER, "nowhere"), headers=stranger)
        assert (there.status_code, there.json()["code"]) == (401, "bad_key"), path
        assert there.json() == nowhere.json()
    assert await head(service) == before


async def test_the_ledger_of_the_address_is_any_text(client: Client, admin: Headers) -> None:
    for ledger in ("%00", "%F0%9F%98%80", "A", "..", "x" * 3000, "a%2Fb"):
        response = await client.get(f"/v1/ledgers/{ledger}", headers=admin)
        assert response.status_code in {401, 404}, ledger


async def test_every_route_asks_for_its_scope(app: Litestar, client: Client, headers_of: MakeHeaders) -> None:
    reader, writer, auditor = await headers_of("read"), await headers_of("record"), await headers_of("audit")
    for method, path in keyed(app):
        admins = "/keys" in path or path.endswith("/policy")
        writes = method == "POST" and not path.endswith("/cosignatures")  # which a witness's own signature vouches for
        without = [reader, writer, auditor] if admins else [reader] if writes else [writer]
        for headers in without:
            response = await client.request(method, path, headers=headers)
            assert (response.status_code, response.json()["code"]) == (403, "wrong_scope"), path
            assert 'error="insufficient_scope"' in response.headers["www-authenticate"]


@pytest.mark.usefixtures("people")
async def test_a_key_for_one_party_acts_as_it(client: Client, headers_of: MakeHeaders) -> None:
    bens = await headers_of("record", parties=[BEN])
    favour = await client.post(FAVOURS, json=FAVOUR, headers=bens)
    assert favour.status_code == 201
    path = f"{FAVOURS}/{favour.json()['id']}"
    assert (await client.post(f"{path}/acknowledge", headers=bens)).status_code == 200
    other = await client.post(f"{path}/retract", json={"by": ANNA}, headers=bens)
    assert (other.status_code, other.json()["code"]) == (403, "wrong_party")
    assert "'by'" in other.json()["detail"]
    assert (await client.post(f"{path}/retract", json={"by": BEN}, headers=bens)).status_code == 200


@pytest.mark.usefixtures("people")
async def test_a_key_for_one_party_renames_that_one_only(client: Client, headers_of: MakeHeaders) -> None:
    bens = await headers_of("record", parties=[BEN])
    for party, status in ((ANNA, 403), (BEN, 200)):
        path = f"/v1/ledgers/{LEDGER}/parties/{party}/rename"
        assert (await client.post(path, json={"name": "Ben B."}, headers=bens)).status_code == status
    parties = f"/v1/ledgers/{LEDGER}/parties"
    for path, body in ((parties, {"name": "Dora"}), (f"{parties}/{BEN}/merge", {"into": ANNA})):
        refused = await client.post(path, json=body, headers=bens)
        assert (refused.status_code, refused.json()["code"]) == (403, "recorder_only")


@pytest.mark.usefixtures("people")
async def test_a_key_for_two_parties_has_to_say_which(client: Client, headers_of: MakeHeaders) -> None:
    both = await headers_of("record", parties=[ANNA, BEN])
    for by, status in ((None, 403), (CARA, 403), (ANNA, 201), (BEN, 201)):
        response = await client.post(FAVOURS, json={**FAVOUR, "by": by}, headers=both)
        assert response.status_code == status, by


async def test_a_key_is_made_listed_and_ended(client: Client, admin: Headers) -> None:
    made = await client.post(KEYS, json={"label": "Ledger clerk", "scopes": ["record", "read"]}, headers=admin)
    assert made.status_code == 201
    key = made.json()
    assert key["scopes"] == ["read", "record"]
    assert key["token"].startswith(f"rq_{key['id']}_")
    its = {"Authorization": f"Bearer {key.pop('token')}"}
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=its)).status_code == 200
    listed = (await client.get(KEYS, headers=admin)).json()
    assert key in listed["items"]
    assert listed["next"] is None
    ended = await client.delete(f"{KEYS}/{key['id']}", headers=admin)
    assert ended.status_code == 200
    assert ended.json()["revoked_at"] is not None
    assert (await client.delete(f"{KEYS}/{key['id']}", headers=admin)).json() == ended.json()
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=its)).json()["code"] == "bad_key"


async def test_keys_are_listed_in_pages(client: Client, admin: Headers, headers_of: MakeHeaders) -> None:
    for _ in range(4):
        await headers_of("read")
    whole = (await client.get(KEYS, headers=admin)).json()["items"]
    paged: list[object] = []
    after: str | None = ""
    for _ in range(3):
        page = (await client.get(KEYS, params={"limit": 2, "after": after}, headers=admin)).json()
        paged += page["items"]
        after = page["next"]
    assert after is None
    assert paged == whole


SENSELESS: list[tuple[dict[str, object], int, str]] = [
    ({"label": "x", "scopes": []}, 400, "invalid_body"),
    ({"label": "x", "scopes": ["root"]}, 400, "invalid_body"),
    ({"label": "", "scopes": ["read"]}, 400, "invalid_body"),
    ({"label": "a\nb", "scopes": ["read"]}, 400, "invalid_body"),
    ({"label": "a\x00b", "scopes": ["read"]}, 400, "invalid_body"),
    ({"label": "x", "scopes": ["read"], "parties": []}, 400, "invalid_body"),
    ({"label": "x", "scopes": ["read"], "parties": [ANNA] * 101}, 400, "invalid_body"),
    ({"label": "x", "scopes": ["read"], "parties": [ANNA]}, 422, "unknown_party"),
    ({"label": "x", "scopes": ["admin"], "parties": [ANNA]}, 422, "admin_for_parties"),
    ({"label": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, 422, "expires_in_past"),
    ({"label": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00"}, 400, "invalid_body"),
    ({"label": "x", "scopes": ["read"], "expires_at": "0001-01-01T00:00:00+05:00"}, 422, "time_out_of_range"),
    ({"label": "x", "scopes": ["read"], "expires_at": "9999-12-31T23:59:59-05:00"}, 422, "time_out_of_range"),
]


async def test_a_key_that_makes_no_sense(client: Client, admin: Headers) -> None:
    for body, status, code in SENSELESS:
        response = await client.post(KEYS, json=body, headers=admin)
        assert (response.status_code, response.json()["code"]) == (status, code), body
    assert len((await client.get(KEYS, headers=admin)).json()["items"]) == 1


async def test_no_such_key(client: Client, admin: Headers) -> None:
    for key_id in ("abc", "%00", "a%20b", "ü"):
        response = await client.delete(f"{KEYS}/{key_id}", headers=admin)
        assert (response.status_code, response.json()["code"]) == (404, "key_not_found")


async def test_an_expired_key(client: Client, service: Service, headers_of: MakeHeaders) -> None:
    soon = service.clock() + timedelta(milliseconds=50)
    headers = await headers_of("read", expires_at=soon)
    while service.clock() < soon:
        await client.get("/health/live")
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=headers)).json()["code"] == "bad_key"


async def test_a_policy_is_for_administrators(client: Client, admin: Headers, recorder: Headers) -> None:
    path, body = f"/v1/ledgers/{LEDGER}/policy", {"policy": {"units": ["favour", "minute"]}}
    assert (await client.post(path, json=body, headers=recorder)).status_code == 403
    assert (await client.post(path, json=body, headers=admin)).status_code == 200
    ledger = (await client.get(f"/v1/ledgers/{LEDGER}", headers=recorder)).json()
    assert (ledger["units"], ledger["position"], ledger["title"]) == (["favour", "minute"], 2, None)
    fewer = await client.post(path, json={"policy": {"units": ["minute"]}}, headers=admin)
    assert (fewer.status_code, fewer.json()["code"]) == (409, "unit_in_use")
