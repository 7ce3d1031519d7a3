"""Who may do what over HTTP, and the keys themselves. ``test_wrong_keys`` tries every route with every wrong key."""

from datetime import datetime, timedelta

import pytest

from services.http.examples import ANNA, BEN, CARA
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = pytest.mark.anyio

FAVOURS = f"/v1/ledgers/{LEDGER}/favours"
KEYS = f"/v1/ledgers/{LEDGER}/keys"
FAVOUR = {"giver": ANNA, "receiver": BEN}


async def test_the_ledger_of_the_address_is_any_text(client: Client, admin: Headers) -> None:
    for ledger in ("%00", "%F0%9F%98%80", "A", "..", "x" * 3000, "a%2Fb"):
        response = await client.get(f"/v1/ledgers/{ledger}", headers=admin)
        assert response.status_code in {401, 404}, ledger


@pytest.mark.usefixtures("people")
async def test_a_key_knows_itself(client: Client, headers_of: MakeHeaders) -> None:
    for scopes, parties in ((("audit",), None), (("read", "record"), [BEN])):
        headers = await headers_of(*scopes, parties=parties)
        own = (await client.get(f"/v1/ledgers/{LEDGER}/keys/own", headers=headers)).json()
        assert (own["scopes"], own["parties"]) == (list(scopes), parties)
        assert own["id"] in headers["Authorization"]
        assert "token" not in own


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


async def test_a_key_is_rotated(client: Client, admin: Headers) -> None:
    made = (await client.post(KEYS, json={"label": "Ledger clerk", "scopes": ["read"]}, headers=admin)).json()
    path = f"{KEYS}/{made['id']}"
    rotated = await client.post(f"{path}/rotate", headers=admin)
    assert rotated.status_code == 200
    key = rotated.json()
    old, new = ({"Authorization": f"Bearer {one['token']}"} for one in (made, key))
    ends_at, created_at = (
        datetime.fromisoformat(key["secrets"][n][name]) for n, name in ((0, "ends_at"), (1, "created_at"))
    )
    assert ends_at - created_at == timedelta(days=1)
    assert [one["number"] for one in key["secrets"]] == [1, 2]
    for headers in (old, new):
        assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=headers)).status_code == 200
    (listed,) = [one for one in (await client.get(KEYS, headers=admin)).json()["items"] if one["id"] == made["id"]]
    assert listed["secrets"] == key["secrets"]
    ended = await client.delete(f"{path}/secrets/1", headers=admin)
    assert ended.status_code == 200
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=old)).json()["code"] == "bad_key"
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=new)).status_code == 200
    current = await client.delete(f"{path}/secrets/2", headers=admin)
    assert (current.status_code, current.json()["code"]) == (409, "secret_is_current")
    nothing = await client.delete(f"{path}/secrets/7", headers=admin)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "secret_not_found")
    for overlap_s in (-1, 31 * 86_400, "1", 0.5):
        wrong = await client.post(f"{path}/rotate", json={"overlap_s": overlap_s}, headers=admin)
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_body")
    assert (await client.post(f"{path}/rotate", json={"overlap_s": 0}, headers=admin)).status_code == 200
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=new)).status_code == 401
    await client.delete(path, headers=admin)
    over = await client.post(f"{path}/rotate", headers=admin)
    assert (over.status_code, over.json()["code"]) == (409, "key_is_over")


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
        for method, path in (("DELETE", ""), ("POST", "/rotate"), ("DELETE", "/secrets/1")):
            response = await client.request(method, f"{KEYS}/{key_id}{path}", headers=admin)
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
