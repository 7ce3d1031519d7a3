"""Reading over HTTP: what each address answers, to whom, and what it turns down."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from domain.favour.commands import RecordFavour
from domain.introduction.commands import ConsentToIntroduction, ProposeIntroduction
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from domain.tie import DeclareTie
from services.http.examples import ANNA, BEN, CARA
from services.http.openapi import operations
from services.http.reads import READ_CONTROLLERS
from tests.services.conftest import LEDGER, Desk
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

AT = f"/v1/ledgers/{LEDGER}"
NOBODY = "01920000-0000-7000-8000-000000000bad"
LISTS = ("parties", "relationships", "relationships/imbalances", "favours", "introductions", "promises", "events")
AUDIT = f"{AT}/promises/audit"


async def get(client: Client, path: str, headers: Headers, **params: Any) -> Any:
    response = await client.get(f"{AT}/{path}", params=params, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
async def told(desk: Desk, people: None) -> dict[str, UUID]:
    """Two favours, a kept promise, an introduction that one answered."""
    del people
    anna, ben, cara = UUID(ANNA), UUID(BEN), UUID(CARA)
    first = await desk.give(RecordFavour(giver=anna, receiver=ben, quantity=3, what="watered"))
    await desk.give(RecordFavour(giver=ben, receiver=anna, what="cooked"))
    promise = await desk.give(MakePromise(promisor=anna, promisee=ben, what="a shelf", quantity=2))
    await desk.give(ReportDelivery(by=anna), promise.id)
    await desk.give(AcceptDelivery(by=ben), promise.id)
    introduction = await desk.give(ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben))
    await desk.give(ConsentToIntroduction(by=anna), introduction.id)
    return {"favours": first.id, "promises": promise.id, "introductions": introduction.id}


async def test_every_read_is_mounted(app: Litestar) -> None:
    paths = {path.removeprefix("/v1/ledgers/{ledger}/") for path, _, _ in operations(app.openapi_schema)}
    of_controllers = {vars(controller)["path"].strip("/").replace(":uuid}", "}") for controller in READ_CONTROLLERS}
    assert all(any(path.startswith(its_own) for path in paths) for its_own in of_controllers)
    for path in (*LISTS, "relationships/{a}/{b}", "parties/{id}/balance", "promises/audit", "events/{position}"):
        assert path in paths


async def test_a_relationship_reads_both_ways(client: Client, recorder: Headers, told: dict[str, UUID]) -> None:
    del told
    answer = await get(client, f"relationships/{ANNA}/{BEN}", recorder)
    (unit,) = answer["relationship"]["units"]
    assert (unit["given"]["quantity"], unit["received"]["quantity"], unit["net"]) == (5, 1, 4)
    assert [(kind["kind"], kind["given"]["count"], kind["received"]["count"]) for kind in unit["kinds"]] == [
        ("favour", 1, 1),
        ("promise", 1, 0),
    ]
    assert answer["position"] == 11
    assert (await get(client, "relationships", recorder))["items"] == [answer["relationship"]]
    assert (await get(client, "relationships/imbalances", recorder, party=BEN))["items"][0]["units"][0]["net"] == -4
    total = await get(client, f"parties/{BEN}/balance", recorder)
    assert (total["units"][0]["net"], total["relationships"]) == (-4, 1)
    before = await get(client, f"relationships/{ANNA}/{BEN}", recorder, as_of="5")
    assert before["position"] == 5
    assert before["relationship"]["units"][0]["given"]["quantity"] == 3


async def test_streams_are_read_with_their_history(client: Client, recorder: Headers, told: dict[str, UUID]) -> None:
    favour = await get(client, f"favours/{told['favours']}", recorder)
    assert (favour["favour"]["what"], len(favour["history"])) == ("watered", 1)
    promise = await get(client, f"promises/{told['promises']}", recorder)
    assert (promise["promise"]["standing"], len(promise["history"])) == ("kept_on_time", 3)
    party = await get(client, f"parties/{ANNA}", recorder)
    assert party["party"]["name"] == "Anna Abel"
    for plural, stream in told.items():
        assert str(stream) in [item["id"] for item in (await get(client, plural, recorder))["items"]]


async def test_what_is_one_partys_own_matter_is_shown_to_its_keys_only(
    client: Client, headers_of: MakeHeaders, admin: Headers, desk: Desk, told: dict[str, UUID]
) -> None:
    anna, ben = UUID(ANNA), UUID(BEN)
    tie = (await desk.give(DeclareTie(by=anna, party=anna, other=ben, closeness="close"))).id
    address = f"introductions/{told['introductions']}"
    own, its_auditor = await headers_of("read", parties=[ANNA]), await headers_of("read", "audit", parties=[ANNA])
    others, auditor = await headers_of("read", "audit", parties=[BEN, CARA]), await headers_of("read", "audit")
    for headers, answers in ((await headers_of("read"), 0), (auditor, 0), (others, 0), (own, 1), (admin, 1)):
        answer = await get(client, address, headers)
        assert answer["introduction"]["answered"] == 1
        assert (len(answer["introduction"]["answers"]), len(answer["history"])) == (answers, 1 + answers)
        listed = await get(client, "introductions", headers, party=BEN)
        assert listed["items"] == [answer["introduction"]]
        for path in (f"relationships/{CARA}/{ANNA}/timeline", f"parties/{ANNA}/timeline"):
            topics = [item["topic"] for item in (await get(client, path, headers))["items"]]
            assert ("introduction.consented" in topics) == bool(answers)
    refusals = ((403, "wrong_party"), (403, "wrong_party"), (404, "tie_not_found"))
    paths = (f"parties/{ANNA}/attention", f"parties/{ANNA}/ties", f"ties/{tie}")
    for path, refusal in zip(paths, refusals, strict=True):
        for headers in (own, admin, auditor):
            await get(client, path, headers)
        refused = await client.get(f"{AT}/{path}", headers=others)
        assert (refused.status_code, refused.json()["code"]) == refusal
    for headers, withheld in ((auditor, []), (its_auditor, []), (others, ["introduction.consented", "tie.declared"])):
        log = (await get(client, "events", headers, words=True))["items"]
        whole = (await get(client, "events", admin))["items"]
        hidden = [item["position"] for item in log if item["event"] is None]
        assert [whole[position - 1]["event"]["topic"] for position in hidden] == withheld
        for position in hidden:
            one = await get(client, f"events/{position}", headers, words=True)
            assert one["event"] == {"position": position, "event": None}
    assert (await client.get(f"{AT}/events", headers=own)).status_code == 403


async def test_the_log_and_the_audit_are_for_auditors(client: Client, headers_of: MakeHeaders) -> None:
    reader, auditor = await headers_of("read"), await headers_of("audit")
    for path in ("events", "events/1", "promises/audit"):
        refused = await client.get(f"{AT}/{path}", headers=reader)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_scope")
        await get(client, path, auditor)
    assert (await client.get(f"{AT}/promises", headers=auditor)).status_code == 403


@pytest.mark.usefixtures("told")
async def test_events_come_with_their_words_on_request(client: Client, recorder: Headers) -> None:
    sealed = await get(client, "events/5", recorder)
    assert (sealed["event"]["position"], "words" in sealed["event"]) == (5, False)
    opened = await get(client, "events/5", recorder, words="true")
    assert opened["event"]["words"] == {"what": "watered"}
    assert opened["event"]["event"] == sealed["event"]["event"]
    assert len((await get(client, "events", recorder, limit=1000))["items"]) == 11


@pytest.mark.usefixtures("told")
async def test_the_audit_in_json_and_csv(client: Client, recorder: Headers) -> None:
    answer = await get(client, "promises/audit", recorder, promisor=ANNA)
    assert (answer["totals"]["made"], answer["totals"]["kept_on_time"]) == (1, 1)
    (quantity,) = answer["totals"]["quantities"]
    assert (quantity["unit"], quantity["promised"], quantity["delivered"]) == ("favour", 2, 2)
    (line,) = answer["lines"]
    assert (line["what"], line["positions"]) == ("a shelf", [7, 8, 9])
    grouped = await get(client, "promises/audit", recorder, by="pair")
    assert [sorted(group["names"]) for group in grouped["groups"]] == [["Anna Abel", "Ben Berg"]]
    for asked in ({"format": "csv"}, {}):
        headers = recorder if asked else {**recorder, "Accept": "text/csv"}
        response = await client.get(AUDIT, params=asked, headers=headers)
        assert response.headers["content-type"].startswith("text/csv")
        assert "attachment" in response.headers["content-disposition"]
        head, row = csv.reader(io.StringIO(response.text))
        assert row[head.index("id")] == line["id"]
    both = {**recorder, "Accept": "text/csv"}
    assert "totals" in (await client.get(AUDIT, params={"format": "json"}, headers=both)).json()


@pytest.mark.usefixtures("told")
async def test_pages_over_http(client: Client, recorder: Headers) -> None:
    for path in LISTS:
        whole = (await get(client, path, recorder))["items"]
        found: list[Any] = []
        after = None
        for _ in range(len(whole) + 12):
            page = await get(client, path, recorder, limit=1, **({} if after is None else {"after": after}))
            found += page["items"]
            after = page["next"]
            if after is None:
                break
        assert (found, after) == (whole, None), path


async def test_what_is_not_there_is_404(client: Client, recorder: Headers) -> None:
    for path, code in (
        (f"parties/{NOBODY}", "party_not_found"),
        (f"parties/{NOBODY}/balance", "party_not_found"),
        (f"relationships/{ANNA}/{NOBODY}", "party_not_found"),
        (f"favours/{NOBODY}", "favour_not_found"),
        (f"favours/{ANNA}", "favour_not_found"),
        (f"contacts/{NOBODY}", "contact_not_found"),
        (f"ties/{NOBODY}", "tie_not_found"),
        (f"parties/{NOBODY}/attention", "party_not_found"),
        (f"parties/{NOBODY}/timeline", "party_not_found"),
        (f"parties/{NOBODY}/introductions", "party_not_found"),
        (f"relationships/{ANNA}/{NOBODY}/timeline", "party_not_found"),
        (f"introductions/{NOBODY}", "introduction_not_found"),
        (f"promises/{NOBODY}", "promise_not_found"),
        ("events/999", "event_not_found"),
        ("events/99999999999999999999999", "event_not_found"),
        ("promises/nothing", "not_found"),
    ):
        response = await client.get(f"{AT}/{path}", headers=recorder)
        assert (response.status_code, response.json()["code"]) == (404, code), path


BAD: list[tuple[str, dict[str, str], str | None]] = [
    ("parties", {"limit": "0"}, "limit"),
    ("parties", {"limit": "201"}, "limit"),
    ("parties", {"limit": "many"}, "limit"),
    ("parties", {"after": "x"}, "after"),
    ("parties", {"after": "x" * 201}, "after"),
    ("parties", {"reference": "crm"}, "reference"),
    ("events", {"limit": "1001"}, "limit"),
    ("events", {"words": "perhaps"}, "words"),
    ("events/0", {}, "position"),
    (f"relationships/{ANNA}/{ANNA}", {}, "b"),
    (f"relationships/{ANNA}/{BEN}", {"as_of": "soon"}, "as_of"),
    (f"relationships/{ANNA}/{BEN}", {"as_of": "2999-01-01T00:00:00Z"}, "as_of"),
    (f"relationships/{ANNA}/{BEN}", {"as_of": "999"}, "as_of"),
    (f"relationships/{ANNA}/{BEN}", {"as_of": "1", "clock": "occurred"}, "clock"),
    (f"relationships/{ANNA}/{BEN}", {"clock": "cuckoo"}, "clock"),
    ("favours", {"other": ANNA}, "other"),
    ("favours", {"order": "best"}, "order"),
    ("promises", {"promisor": "anna"}, "promisor"),
    ("promises", {"standing": "good"}, "standing"),
    ("promises/audit", {"by": "mood"}, "by"),
    ("promises/audit", {"made_from": "yesterday"}, "made_from"),
    ("promises/audit", {"made_to": "2024-01-01T00:00:00"}, "made_to"),
    ("promises/audit", {"as_of": "2999-01-01T00:00:00Z", "format": "csv"}, "as_of"),
    ("promises/audit", {"made_from": "0001-01-01T00:00:00+01:00"}, "made_from"),
    ("promises/audit", {"made_to": "9999-12-31T23:59:59-01:00"}, "made_to"),
    ("promises/audit", {"after": f"1~9999-12-31T23:59:59.999999Z~now~{ANNA}"}, "after"),
    ("promises/audit", {"after": f"1~2024-01-01T00:00:00Z~9999-12-31T23:59:59Z~{ANNA}"}, "after"),
    ("promises/audit", {"after": "1~2024-01-01T00:00:00Z~now~\0", "by": "year"}, "after"),
    ("promises/audit", {"promiser": ANNA}, None),
    ("relationships/imbalances", {"unit": "\0x"}, "unit"),
    ("parties", {"nickname": "Anna"}, None),
    ("parties", {"name": " "}, "name"),
    ("parties/who-knows", {"about": " "}, "about"),
]


@pytest.mark.parametrize(("path", "params", "parameter"), BAD)
async def test_what_does_not_fit_is_400(
    path: str, params: dict[str, str], parameter: str | None, client: Client, recorder: Headers
) -> None:
    response = await client.get(f"{AT}/{path}", params=params, headers=recorder)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "invalid_parameter"), problem
    if parameter is not None:
        assert [error["parameter"] for error in problem["errors"]] == [parameter]
    for value in params.values():
        assert len(value) < 3 or value not in problem["detail"]


async def test_a_moment_with_an_unescaped_plus(client: Client, recorder: Headers, desk: Desk) -> None:
    moment = (desk.service.clock() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S") + "+02:00"
    url = f"{AT}/relationships/{ANNA}/{BEN}?as_of={moment}"
    assert (await client.get(url, headers=recorder)).status_code == 200
