"""Writing on what was read: ETag and If-Match."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from litestar import Litestar

from services.http.app import serve
from services.http.examples import ANNA, BEN, CARA
from services.http.limits import Limits
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

BASE = f"/v1/ledgers/{LEDGER}"
BEGUN = {
    "favours": ({"giver": ANNA, "receiver": BEN}, ("acknowledge", {"by": BEN})),
    "promises": ({"by": ANNA, "promisor": ANNA, "promisee": BEN, "what": "tea"}, ("report-delivery", {"by": ANNA})),
    "introductions": ({"by": CARA, "introducer": CARA, "first": ANNA, "second": BEN}, ("consent", {"by": ANNA})),
}


@pytest.fixture
async def favour(client: Client, recorder: Headers) -> str:
    """The address of a favour."""
    made = await client.post(f"{BASE}/favours", json={"giver": ANNA, "receiver": BEN}, headers=recorder)
    return f"{BASE}/favours/{made.json()['id']}"


@pytest.mark.parametrize("kind", BEGUN)
async def test_reads_and_writes_tell_the_version(client: Client, recorder: Headers, kind: str) -> None:
    body, (act, said) = BEGUN[kind]
    made = await client.post(f"{BASE}/{kind}", json=body, headers=recorder)
    assert (made.status_code, made.headers["etag"]) == (201, '"v1"')
    stream = f"{BASE}/{kind}/{made.json()['id']}"
    assert (await client.get(stream, headers=recorder)).headers["etag"] == '"v1"'
    acted = await client.post(f"{stream}/{act}", json=said, headers={**recorder, "If-Match": '"v1"'})
    assert (acted.status_code, acted.headers["etag"]) == (200, f'"v{acted.json()["version"]}"')
    read = await client.get(stream, headers=recorder)
    assert read.headers["etag"] == acted.headers["etag"] != '"v1"'
    earlier = await client.get(stream, params={"as_of": made.json()["position"]}, headers=recorder)
    assert "etag" not in earlier.headers


MOVED = ['"v2"', '"v0"', '"v01"', 'W/"v1"', '"1"', '""', '"x", "v9"', 'W/"v1","v2"', f'"v{10**18}"']
MATCHING = ["*", '"v1"', '"v7", "v1"', 'W/"v2" , "v1"']
BAD = ["v1", "", '"v1', '"v1" "v2"', '*, "v1"', '"v1",', "\x01"]


async def test_another_version_changes_nothing(
    client: Client, recorder: Headers, service: Service, favour: str
) -> None:
    before = await head(service)
    for given in MOVED:
        refused = await client.post(f"{favour}/retract", headers={**recorder, "If-Match": given})
        assert (refused.status_code, refused.json()["code"]) == (412, "version_moved"), given
    for given in BAD:
        refused = await client.post(f"{favour}/retract", headers={**recorder, "If-Match": given})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter"), given
    assert await head(service) == before


@pytest.mark.parametrize("given", MATCHING)
async def test_the_version_that_it_has(client: Client, recorder: Headers, favour: str, given: str) -> None:
    assert (await client.post(f"{favour}/retract", headers={**recorder, "If-Match": given})).status_code == 200


async def test_no_such_stream_has_no_version(client: Client, recorder: Headers) -> None:
    path = f"{BASE}/favours/{uuid4()}/retract"
    for given, status in (('"v1"', 412), ("*", 404)):
        assert (await client.post(path, headers={**recorder, "If-Match": given})).status_code == status


async def test_of_two_at_once_one_wins(client: Client, recorder: Headers, favour: str) -> None:
    given = {**recorder, "If-Match": '"v1"'}
    acts = [client.post(f"{favour}/acknowledge", json={"by": BEN, "value": n}, headers=given) for n in range(1, 8)]
    answers = await asyncio.gather(*acts)
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 6]


async def test_a_repeated_request_gets_its_first_answer(client: Client, recorder: Headers, favour: str) -> None:
    given = {**recorder, "If-Match": '"v1"', "Idempotency-Key": "once"}
    first = await client.post(f"{favour}/retract", headers=given)
    again = await client.post(f"{favour}/retract", headers=given)
    assert (again.status_code, again.json()) == (first.status_code, first.json())


@pytest.fixture
def strict(app: Litestar, service: Service) -> Iterator[None]:
    """A service that wants to know what acts build on."""
    serve(app, service, Limits(must_match=True))
    yield
    serve(app, service)


@pytest.mark.usefixtures("strict")
async def test_where_it_has_to_be_said(
    client: Client, recorder: Headers, service: Service, favour: str, headers_of: MakeHeaders
) -> None:
    before = await head(service)
    silent = await client.post(f"{favour}/retract", headers=recorder)
    assert (silent.status_code, silent.json()["code"]) == (428, "precondition_required")
    command = {"act": "favour.retract", "id": favour.rpartition("/")[2]}
    batch = await client.post(f"{BASE}/batch", json={"commands": [command]}, headers=recorder)
    assert batch.json()["results"][0]["status"] == 428
    assert await head(service) == before
    unknown = await client.post(f"{favour}/retract", headers=await headers_of("read"))
    assert unknown.json()["code"] == "wrong_scope"
    said = await client.post(f"{favour}/retract", headers={**recorder, "If-Match": '"v1"'})
    assert said.status_code == 200
