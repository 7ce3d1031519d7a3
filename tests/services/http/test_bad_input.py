"""Bad input gets a clear 4xx problem and changes nothing."""

import json
from typing import Any

import httpx
import pytest
from litestar import Litestar

from services.http.examples import ANNA, BEN, CARA
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, head

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

AT = f"/v1/ledgers/{LEDGER}"
JSON = {"Content-Type": "application/json"}
NOBODY = "01920000-0000-7000-8000-0000000000ff"
NIL = "00000000-0000-0000-0000-000000000000"
"""The id of the ledger's own stream, and of its own data key."""
FAVOUR = {"giver": ANNA, "receiver": BEN}
PROMISE = {"promisor": ANNA, "promisee": BEN, "what": "a shelf"}
INTRODUCTION = {"by": CARA, "introducer": CARA, "first": ANNA, "second": BEN}
TYPED = "my-typed-words"


def favour(**fields: Any) -> tuple[str, dict[str, Any]]:
    return "favours", {**FAVOUR, **fields}


def promise(**fields: Any) -> tuple[str, dict[str, Any]]:
    return "promises", {**PROMISE, **fields}


REFUSED = {
    "unknown receiver": (favour(receiver=NOBODY), 422, "unknown_party"),
    "the ledger as a party": (favour(receiver=NIL), 422, "unknown_party"),
    "the ledger as recorder": (favour(by=NIL), 422, "unknown_party"),
    "unknown recorder": (favour(by=NOBODY), 422, "unknown_party"),
    "unknown promisee": (promise(promisee=NOBODY), 422, "unknown_party"),
    "unknown assessor": (promise(assessor=NOBODY), 422, "unknown_party"),
    "unknown introduced": (("introductions", {**INTRODUCTION, "first": NOBODY}), 422, "unknown_party"),
    "favour to oneself": (favour(receiver=ANNA), 422, "same_party"),
    "promise to oneself": (promise(promisee=ANNA), 422, "same_party"),
    "introduced to oneself": (("introductions", {**INTRODUCTION, "first": BEN}), 422, "same_party"),
    "introducer left out": (("introductions", {**INTRODUCTION, "by": None}), 403, "wrong_party"),
    "promise in another's name": (promise(by=BEN), 403, "wrong_party"),
    "quantity 0": (favour(quantity=0), 422, "quantity_out_of_range"),
    "negative quantity": (promise(quantity=-1), 422, "quantity_out_of_range"),
    "quantity beyond the limit": (favour(quantity=1_000_000_001), 422, "quantity_out_of_range"),
    "quantity of 64 bits": (favour(quantity=2**63), 422, "quantity_out_of_range"),
    "quantity of 30 digits": (favour(quantity=10**30), 422, "quantity_out_of_range"),
    "quantity of 4,200 digits": (favour(quantity=10**4200), 422, "quantity_out_of_range"),
    "unknown unit": (favour(unit="smile"), 422, "unknown_unit"),
    "due before made": (promise(due="2020-01-01T00:00:00Z"), 422, "due_before_made"),
    "in the future": (favour(occurred_at="9000-01-01T00:00:00Z"), 422, "occurs_in_future"),
    "before the year 1": (favour(occurred_at="0001-01-01T00:00:00+05:00"), 422, "time_out_of_range"),
    "the first moment of all": (favour(occurred_at="0001-01-01T00:00:00Z"), 422, "time_out_of_range"),
    "due at the last moment of all": (promise(due="9999-12-31T23:59:59.999999Z"), 422, "time_out_of_range"),
    "due after the year 9999": (promise(due="9999-12-31T23:59:59-05:00"), 422, "time_out_of_range"),
    "the same reference twice": (
        ("parties", {"name": "x", "references": [{"source": "crm", "id": "1"}] * 2}),
        422,
        "reference_twice",
    ),
}


async def test_a_rule_says_no(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for case, ((collection, body), status, code) in REFUSED.items():
        response = await client.post(f"{AT}/{collection}", json=body, headers=admin)
        problem = response.json()
        assert (response.status_code, problem["code"], problem["status"]) == (status, code, status), case
        assert response.headers["content-type"] == "application/problem+json", case
        assert problem["detail"].endswith("."), case
        assert await head(service) == before, case


MISFITS = {
    "unknown field": (favour(whatt=TYPED), "#/whatt", "There is no such field; there are: by, gift, giver, note, "),
    "odd unknown field": (favour(**{f"{TYPED} é" * 1000: 1}), "#", "There is no such field; there are: "),
    "missing field": (("favours", {"giver": ANNA}), "#/receiver", "This field is required."),
    "number as text": (favour(quantity="3"), "#/quantity", "Expected `int`, got `str`"),
    "fraction of a favour": (favour(quantity=1.5), "#/quantity", "Expected `int`, got `float`"),
    "truth as number": (favour(quantity=True), "#/quantity", "Expected `int`, got `bool`"),
    "no uuid": (favour(giver=TYPED), "#/giver", "Invalid UUID"),
    "no date": (favour(occurred_at=TYPED), "#/occurred_at", "Invalid RFC3339 encoded datetime"),
    "date without offset": (favour(occurred_at="2024-05-01T09:00:00"), "#/occurred_at", "with a timezone"),
    "seconds since 1970": (favour(occurred_at=0), "#/occurred_at", "Expected `datetime | null`, got `int`"),
    "empty text": (favour(what=""), "#/what", "Expected `str` of length >= 1"),
    "long text": (favour(what="x" * 501), "#/what", "Expected `str` of length <= 500"),
    "unknown word": (("parties", {"name": "x", "kind": TYPED}), "#/kind", "Expected one of: organisation, person."),
    "deep inside": (
        ("parties", {"name": "x", "references": [{"source": TYPED.upper(), "id": "1"}]}),
        "#/references/0/source",
        "Expected lower-case letters, digits, dots, hyphens and underscores of ASCII, beginning with a letter or digit",
    ),
    "unknown field deep inside": (
        ("parties", {"name": "x", "references": [{"source": "crm", "id": "1", TYPED: 1}]}),
        f"#/references/0/{TYPED}",
        "there are: id, source.",
    ),
    "many references": (
        ("parties", {"name": "x", "references": [{"source": "crm", "id": str(n)} for n in range(21)]}),
        "#/references",
        "length <= 20",
    ),
    "a list": (("favours", [FAVOUR]), "#", "Expected `object`, got `array`"),
    "null": (("favours", None), "#", "Expected `object`, got `null`"),
    "a policy of words": (("policy", {"policy": {"grace_days": TYPED}}), "#/policy/grace_days", "Expected `int`"),
    "a policy without units": (("policy", {"policy": {"units": []}}), "#/policy/units", "length >= 1"),
}


async def test_a_body_that_does_not_fit(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for case, ((collection, body), pointer, detail) in MISFITS.items():
        response = await client.post(f"{AT}/{collection}", content=json.dumps(body), headers={**admin, **JSON})
        problem = response.json()
        assert (response.status_code, problem["code"]) == (400, "invalid_body"), case
        (error,) = problem["errors"]
        assert error["pointer"] == pointer, case
        assert detail in error["detail"], case
        assert TYPED not in response.text or TYPED in pointer, case
        assert len(response.content) < 2000, case
        assert await head(service) == before, case


FAVOUR_JSON = json.dumps(FAVOUR).encode()
UNREADABLE = {
    "truncated": (FAVOUR_JSON[:-5], "malformed_json"),
    "two values": (FAVOUR_JSON + b" {}", "malformed_json"),
    "not JSON": (b"giver=anna&receiver=ben", "malformed_json"),
    "NaN": (FAVOUR_JSON[:-1] + b', "quantity": NaN}', "malformed_json"),
    "Infinity": (FAVOUR_JSON[:-1] + b', "quantity": Infinity}', "malformed_json"),
    "number beyond a float": (FAVOUR_JSON[:-1] + b', "quantity": 1e999}', "invalid_body"),
    "number of 6,000 digits": (FAVOUR_JSON[:-1] + b', "quantity": 1' + b"0" * 6000 + b"}", "invalid_body"),
    "byte order mark": (b"\xef\xbb\xbf" + FAVOUR_JSON, "malformed_json"),
    "UTF-16": (json.dumps(FAVOUR).encode("utf-16"), "malformed_json"),
    "invalid UTF-8": (FAVOUR_JSON[:-1] + b', "what": "caf\xe9"}', "invalid_utf8"),
    "invalid UTF-8 in a name": (FAVOUR_JSON[:-1] + b', "wh\xff": "x"}', "invalid_utf8"),
    "surrogate in UTF-8": (FAVOUR_JSON[:-1] + b', "what": "\xed\xa0\x80"}', "invalid_utf8"),
    "lone high surrogate": (FAVOUR_JSON[:-1] + b', "what": "\\ud800"}', "malformed_json"),
    "lone high surrogate, then text": (FAVOUR_JSON[:-1] + b', "what": "\\ud800abc def"}', "malformed_json"),
    "lone low surrogate": (FAVOUR_JSON[:-1] + b', "what": "\\udc00"}', "malformed_json"),
    "NUL byte": (FAVOUR_JSON[:-1] + b', "what": "a\x00b"}', "malformed_json"),
    "NUL escaped": (FAVOUR_JSON[:-1] + b', "what": "a\\u0000b"}', "invalid_body"),
    "deeply nested": (b"[" * 100_000, "invalid_body"),
    "deeply nested inside": (FAVOUR_JSON[:-1] + b', "what": ' + b'{"a":' * 40_000 + b"1}", "invalid_body"),
    "nothing": (b"", "invalid_body"),
    "blanks": (b"   ", "malformed_json"),
}


async def test_a_body_that_cannot_be_read(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for case, (body, code) in UNREADABLE.items():
        response = await client.post(f"{AT}/favours", content=body, headers={**admin, **JSON})
        assert (response.status_code, response.json()["code"]) == (400, code), case
        assert await head(service) == before, case


async def test_nul_deep_inside(client: Client, admin: Headers) -> None:
    for reference, status in (("4711", 201), ("47\0", 400)):
        party = {"name": "write \\u0000 for it", "references": [{"source": "crm", "id": reference}]}
        assert (await client.post(f"{AT}/parties", json=party, headers=admin)).status_code == status


async def test_escaped_text_that_only_looks_like_nul(client: Client, admin: Headers) -> None:
    response = await client.post(f"{AT}/favours", json={**FAVOUR, "what": "write \\u0000 for it"}, headers=admin)
    assert response.status_code == 201


@pytest.mark.parametrize("declared", [True, False])
async def test_a_megabyte_of_text(client: Client, admin: Headers, service: Service, declared: bool) -> None:  # noqa: FBT001
    before = await head(service)
    body = json.dumps({**FAVOUR, "note": "x" * 1_000_000}).encode()

    async def chunks() -> Any:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    content = body if declared else chunks()
    response = await client.post(f"{AT}/favours", content=content, headers={**admin, **JSON})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert await head(service) == before


OTHER_TYPES = [
    None,
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/msgpack",
    "a/b; c=\xff",
]


async def test_another_content_type(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for content_type in OTHER_TYPES:
        declared = {} if content_type is None else {"Content-Type": content_type}
        headers = httpx.Headers({**admin, **declared}, encoding="latin-1")
        response = await client.post(f"{AT}/favours", content=FAVOUR_JSON, headers=headers)
        assert (response.status_code, response.json()["code"]) == (415, "wrong_content_type"), content_type
    assert await head(service) == before


async def test_json_by_any_of_its_names(client: Client, admin: Headers) -> None:
    for content_type in ("application/json", "application/json; charset=UTF-8", "Application/JSON"):
        headers = {**admin, "Content-Type": content_type}
        assert (await client.post(f"{AT}/favours", content=FAVOUR_JSON, headers=headers)).status_code == 201


PARAMETERS: list[tuple[dict[str, str], dict[str, str], str | None]] = [
    ({"idd": TYPED}, {}, "idd"),
    ({f"{TYPED} é": "1"}, {}, None),
    ({"id": TYPED}, {}, "id"),
    ({"id": ""}, {}, "id"),
    ({"id": ANNA + "0"}, {}, "id"),
    ({}, {"Idempotency-Key": ""}, "Idempotency-Key"),
    ({}, {"Idempotency-Key": "x" * 201}, "Idempotency-Key"),
    ({}, {"Idempotency-Key": f"{TYPED} with blanks"}, "Idempotency-Key"),
    ({}, {"Idempotency-Key": "caf\xe9"}, "Idempotency-Key"),
]


async def test_a_parameter_that_does_not_fit(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for params, headers, parameter in PARAMETERS:
        sent = httpx.Headers({**admin, **headers}, encoding="latin-1")
        response = await client.post(f"{AT}/favours", json=FAVOUR, params=params, headers=sent)
        problem = response.json()
        assert (response.status_code, problem["code"]) == (400, "invalid_parameter")
        assert [error.get("parameter") for error in problem["errors"]] == [parameter]
        assert TYPED not in response.text
    assert await head(service) == before


QUESTIONS: list[tuple[str, str, str]] = [
    ("favours?limit=\u0661", "limit", "Expected `int`"),
    ("events?after=\u0661", "after", "This is no place in this list"),
    ("events?after=1_0", "after", "This is no place in this list"),
    ("promises?topic=Art", "topic", "Expected lower-case letters, digits and hyphens of ASCII"),
    ("promises?standing=fine", "standing", "Expected one of: "),
    ("favours?order=best", "order", "Expected one of: oldest, newest."),
    ("promises/audit?clock=mine", "clock", "Expected one of: recorded, occurred."),
    ("promises/audit?as_of=1&as_of=2", "as_of", "Give this parameter once."),
    ("favours?limit=1&limit=2", "limit", "Give this parameter once."),
    ("promises/audit?as_of=999", "as_of", "This ledger's positions are 1 to "),
    (f"parties/{ANNA}/timeline?since=999", "since", "This ledger's positions are 1 to "),
    (f"parties/{ANNA}/timeline?since=9000-01-01T00:00:00Z", "since", "lies in the future"),
    (f"parties/{ANNA}/timeline?since=soon", "since", "Give a position of the ledger, or an RFC 3339 time"),
]


async def test_a_question_that_does_not_fit_is_told_what_would(client: Client, admin: Headers) -> None:
    for question, parameter, detail in QUESTIONS:
        response = await client.get(f"{AT}/{question}", headers=admin)
        problem = response.json()
        assert (question, response.status_code, problem["code"]) == (question, 400, "invalid_parameter")
        [error] = problem["errors"]
        assert (question, error["parameter"]) == (question, parameter)
        assert detail in error["detail"], question


async def test_what_may_be_given_again(client: Client, admin: Headers) -> None:
    response = await client.get(f"{AT}/events?topic=party.registered&topic=favour.*", headers=admin)
    assert response.status_code == 200
    assert response.json()["items"]


async def test_the_label_of_a_key_is_one_line(client: Client, admin: Headers) -> None:
    for label in ("two\nlines", "ends\n"):
        response = await client.post(f"{AT}/keys", json={"label": label, "scopes": ["read"]}, headers=admin)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_body")


async def test_a_caller_that_goes_away_amid_its_body(app: Litestar, admin: Headers, service: Service) -> None:
    before = await head(service)
    received: list[Any] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return received.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in {**admin, **JSON}.items()]
    path = f"{AT}/favours"
    scope: Any = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "root_path": ""}
    scope |= {"query_string": b"", "headers": headers, "http_version": "1.1"}
    await app(scope, receive, send)
    assert (sent[0]["status"], json.loads(sent[1]["body"])["code"]) == (400, "bad_request")
    assert await head(service) == before


async def test_an_act_without_words_needs_no_body(client: Client, admin: Headers) -> None:
    for body in (b"", b"{}", b'{"by": null}'):
        made = (await client.post(f"{AT}/favours", json=FAVOUR, headers=admin)).json()
        headers = {**admin, **JSON} if body else admin
        response = await client.post(f"{AT}/favours/{made['id']}/retract", content=body, headers=headers)
        assert response.status_code == 200
        assert response.json()["events"] == [{"position": made["position"] + 1, "topic": "favour.retracted"}]


async def test_an_id_that_is_taken(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for chosen, code in ((ANNA, "id_taken"), (NIL, "id_taken")):
        response = await client.post(f"{AT}/favours", json=FAVOUR, params={"id": chosen}, headers=admin)
        assert (response.status_code, response.json()["code"]) == (409, code)
    response = await client.post(f"{AT}/parties", json={"name": "x"}, params={"id": ANNA}, headers=admin)
    assert (response.status_code, response.json()["code"]) == (409, "party_exists")
    assert await head(service) == before


async def test_a_reference_that_is_taken(client: Client, admin: Headers) -> None:
    party = {"name": "x", "references": [{"source": "crm", "id": "1"}]}
    assert (await client.post(f"{AT}/parties", json=party, headers=admin)).status_code == 201
    response = await client.post(f"{AT}/parties", json=party, headers=admin)
    assert (response.status_code, response.json()["code"]) == (409, "reference_taken")


NOTHING = [
    ("POST", f"/favours/{NOBODY}/acknowledge", 404, "favour_not_found"),
    ("POST", f"/promises/{ANNA}/accept", 404, "promise_not_found"),
    ("POST", f"/introductions/{NOBODY}/consent", 404, "introduction_not_found"),
    ("POST", f"/parties/{NOBODY}/rename", 404, "party_not_found"),
    ("POST", "/favours/not-a-uuid/acknowledge", 404, "not_found"),
    ("POST", f"/favours/{ANNA}/explode", 404, "not_found"),
    ("POST", "/open", 404, "not_found"),
    ("GET", "/events/\u0661", 404, "not_found"),  # an Arabic one
    ("GET", "/events/+1", 404, "not_found"),
    ("GET", "/events/0_1", 404, "not_found"),
    ("GET", "/log/proof/inclusion/\uff11", 404, "not_found"),
    ("GET", f"/parties/{{{ANNA}}}", 404, "not_found"),
    ("GET", f"/parties/{ANNA[:-1]}\u0661", 404, "not_found"),
    ("PUT", "/favours", 405, "method_not_allowed"),
    ("DELETE", "", 405, "method_not_allowed"),
    ("GET", f"/favours/{ANNA}/acknowledge", 405, "method_not_allowed"),
]


async def test_nothing_there(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for method, path, status, code in NOTHING:
        body = {"name": "x"} if "rename" in path else None
        response = await client.request(method, f"{AT}{path}", json=body, headers=admin)
        assert (response.status_code, response.json()["code"]) == (status, code), path
        assert ("allow" in response.headers) is (status == 405)
    assert await head(service) == before


async def test_what_a_standing_allows(client: Client, admin: Headers) -> None:
    made = (await client.post(f"{AT}/promises", json=PROMISE, headers=admin)).json()
    response = await client.post(f"{AT}/promises/{made['id']}/accept", json={"by": BEN}, headers=admin)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "promise_is_promised")
    assert "promise.release" in problem["allowed"]
    assert "promise.report_delivery" not in problem["allowed"]  # that is for Anna


async def test_out_of_order(client: Client, admin: Headers) -> None:
    made = (await client.post(f"{AT}/promises", json=PROMISE, headers=admin)).json()
    body = {"by": ANNA, "occurred_at": "2020-01-01T00:00:00Z"}
    response = await client.post(f"{AT}/promises/{made['id']}/report-delivery", json=body, headers=admin)
    assert (response.status_code, response.json()["code"]) == (409, "out_of_order")


async def test_names_that_are_none(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    for name, said in (("\u200b\u200b", "U+200B (ZERO WIDTH SPACE)"), ("ann\u202ea", "U+202E"), (" ", "shows nothing")):
        response = await client.post(f"{AT}/parties", json={"name": name}, headers=admin)
        assert (response.status_code, response.json()["code"]) == (422, "unfit_name")
        assert said in response.json()["detail"]
        label = {"label": name, "scopes": ["read"]}
        response = await client.post(f"{AT}/keys", json=label, headers=admin)
        assert (response.status_code, response.json()["code"]) == (422, "unfit_name")
    assert await head(service) == before


async def test_headers_that_are_given_twice(client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    key = admin["Authorization"]
    for headers, code in (
        ([("Authorization", key), ("Authorization", "Bearer rq_x_y")], "bad_request"),
        ([("Authorization", key), ("Idempotency-Key", "a"), ("idempotency-key", "b")], "invalid_parameter"),
    ):
        response = await client.post(f"{AT}/favours", json=FAVOUR, headers=headers)
        assert (response.status_code, response.json()["code"]) == (400, code)
    assert await head(service) == before
