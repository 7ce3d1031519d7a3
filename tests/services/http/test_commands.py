"""Writing over HTTP: the routes of all commands, their receipts, and their repetition."""

import asyncio

import pytest
from litestar import Litestar

from domain.catalogue import ACTS
from services.http import commands
from services.http.examples import ANNA, BEN
from services.ledger.order import NotTakenError, Order, OutcomeUnknownError, Receipt
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head
from tests.services.http.story import Story

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

AT = f"/v1/ledgers/{LEDGER}"
FAVOUR = {"giver": ANNA, "receiver": BEN, "what": "watered the plants"}
CHOSEN = "01920000-0000-7000-8000-00000000beef"


def keyed(headers: Headers, key: str) -> Headers:
    return {**headers, "Idempotency-Key": key}


async def test_every_command_has_its_route(app: Litestar, client: Client, admin: Headers, service: Service) -> None:
    story = Story(app, client, admin)
    for act, command in ACTS.items():
        if act == "ledger.open":  # a ledger is opened by who runs the service
            continue
        operation_id = act.replace(".", "_")
        path = await story.path_for(operation_id)
        before = await head(service)
        response = await story.send(operation_id, path)
        receipt = response.json()
        assert response.status_code == (201 if command.CREATES else 200), response.text
        assert (receipt["ledger"], receipt["position"]) == (LEDGER, before + len(receipt["events"]))
        assert receipt["events"] == [{"position": before + 1, "topic": receipt["events"][0]["topic"]}]
        assert await head(service) == receipt["position"]
        if command.CREATES:
            collection = path.removesuffix("/request").removesuffix("/offer")
            assert response.headers["location"] == f"{collection}/{receipt['id']}"
            assert receipt["version"] == 1


async def test_a_chosen_id(client: Client, admin: Headers) -> None:
    response = await client.post(f"{AT}/favours", params={"id": CHOSEN}, json=FAVOUR, headers=admin)
    assert response.json()["id"] == CHOSEN
    again = await client.post(f"{AT}/favours", params={"id": CHOSEN}, json=FAVOUR, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "favour_exists")


async def test_what_is_so_already_leads_to_no_event(client: Client, admin: Headers, service: Service) -> None:
    made = (await client.post(f"{AT}/favours", json=FAVOUR, headers=admin)).json()
    path = f"{AT}/favours/{made['id']}/acknowledge"
    first = (await client.post(path, json={"by": BEN}, headers=admin)).json()
    again = await client.post(path, json={"by": BEN}, headers=admin)
    assert again.status_code == 200
    assert (again.json()["events"], again.json()["version"]) == ([], first["version"])
    assert await head(service) == first["position"]


async def test_the_same_key_gets_the_same_answer(client: Client, admin: Headers, service: Service) -> None:
    first = await client.post(f"{AT}/favours", json=FAVOUR, headers=keyed(admin, "a"))
    await client.post(f"{AT}/favours", json=FAVOUR, headers=admin)
    again = await client.post(f"{AT}/favours", json=FAVOUR, headers=keyed(admin, "a"))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["location"] == first.headers["location"]
    assert await head(service) == first.json()["position"] + 1


async def test_a_key_of_one_access_key_is_not_anothers(
    client: Client, admin: Headers, recorder: Headers, service: Service
) -> None:
    before = await head(service)
    for headers in (admin, recorder):
        assert (await client.post(f"{AT}/favours", json=FAVOUR, headers=keyed(headers, "a"))).status_code == 201
    assert await head(service) == before + 2


@pytest.mark.parametrize(
    ("path", "params", "body"),
    [
        ("favours", {}, {**FAVOUR, "quantity": 2}),
        ("favours", {"id": CHOSEN}, FAVOUR),
        ("parties", {}, {"name": "Eve"}),
    ],
)
async def test_the_same_key_for_another_command(
    client: Client, admin: Headers, service: Service, path: str, params: dict[str, str], body: dict[str, object]
) -> None:
    await client.post(f"{AT}/favours", json=FAVOUR, headers=keyed(admin, "a"))
    before = await head(service)
    response = await client.post(f"{AT}/{path}", params=params, json=body, headers=keyed(admin, "a"))
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert await head(service) == before


async def test_a_refusal_is_not_remembered(client: Client, admin: Headers) -> None:
    made = (
        await client.post(f"{AT}/promises", json={"promisor": ANNA, "promisee": BEN, "what": "x"}, headers=admin)
    ).json()
    accept = f"{AT}/promises/{made['id']}/accept"
    refused = await client.post(accept, json={"by": BEN}, headers=keyed(admin, "a"))
    assert refused.status_code == 409
    await client.post(f"{AT}/promises/{made['id']}/report-delivery", json={"by": ANNA}, headers=admin)
    assert (await client.post(accept, json={"by": BEN}, headers=keyed(admin, "a"))).status_code == 200


async def test_duplicates_at_once_lead_to_one_event(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    posts = [client.post(f"{AT}/favours", json=FAVOUR, headers=keyed(admin, "a")) for _ in range(20)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await head(service) == before + 1


async def test_other_commands_under_one_key_at_once(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    bodies = [{**FAVOUR, "quantity": 1 + n % 2} for n in range(20)]
    posts = [client.post(f"{AT}/favours", json=body, headers=keyed(admin, "a")) for body in bodies]
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [422] * 10
    assert await head(service) == before + 1


async def test_naming_oneself_or_not_is_the_same_command(client: Client, headers_of: MakeHeaders) -> None:
    annas = keyed(await headers_of("record", parties=[ANNA]), "a")
    first = await client.post(f"{AT}/favours", json=FAVOUR, headers=annas)
    again = await client.post(f"{AT}/favours", json={**FAVOUR, "by": ANNA}, headers=annas)
    assert (first.status_code, first.json()) == (201, again.json())


class Stub:
    """A clerk that never answers, or fails."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def submit(self, order: Order) -> Receipt:
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()
        raise AssertionError(order)


@pytest.mark.parametrize(
    ("error", "key", "status", "code"),
    [
        (None, "a", 409, "still_under_way"),
        (None, None, 503, "outcome_unknown"),
        (OutcomeUnknownError(), None, 503, "outcome_unknown"),
        (NotTakenError(), "a", 503, "not_taken"),
        (TimeoutError("my-typed-words"), None, 503, "database_unavailable"),
        (ConnectionResetError("my-typed-words"), None, 503, "database_unavailable"),
        (ValueError("my-typed-words"), None, 500, "unexpected"),
    ],
)
async def test_when_our_side_fails(
    app: Litestar,
    client: Client,
    admin: Headers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception | None,
    key: str | None,
    status: int,
    code: str,
) -> None:
    monkeypatch.setattr(commands, "ANSWER_WITHIN_S", 0.05)
    service: Service = app.state.service
    changed = {name: getattr(service, name) for name in service.__struct_fields__} | {"clerk": Stub(error)}
    app.state.service = Service(**changed)
    headers = admin if key is None else keyed(admin, key)
    response = await client.post(f"{AT}/favours", json=FAVOUR, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    if code != "unexpected":
        assert response.headers["retry-after"]
    logged = capsys.readouterr()
    assert "my-typed-words" not in response.text + logged.out + logged.err


async def test_a_ledger_says_what_it_is(client: Client, recorder: Headers, service: Service) -> None:
    ledger = (await client.get(AT, headers=recorder)).json()
    assert ledger["id"] == LEDGER
    assert ledger["units"] == ["favour"]
    assert ledger["policy"]["window_days"] == 14
    assert ledger["position"] == await head(service)
