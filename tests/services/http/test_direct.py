"""Requests that are answered directly get the same answers as those that go the long way, through Litestar."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from services.http.direct import Crossing
from services.http.examples import ANNA, BEN, CARA
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

AT = f"/v1/ledgers/{LEDGER}"
PAIR = f"{AT}/relationships/{ANNA}/{BEN}"
TWICE = [("X-Twice", "1"), ("X-Twice", "2")]
"""Headers that nobody reads, but one given twice is odd."""
FAVOUR = {"giver": ANNA, "receiver": BEN}
CHANGING = {"x-request-id", "content-length", "date"}

ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a balance": ("GET", PAIR, {}),
    "a balance of the past": ("GET", PAIR, {"params": {"as_of": "1", "clock": "recorded"}}),
    "an id in capitals": (
        "GET",
        PAIR.upper().replace("/V1/LEDGERS", "/v1/ledgers").replace("RELATION", "relation"),
        {},
    ),
    "an id without hyphens": ("GET", PAIR.replace("-", ""), {}),
    "a step too many": ("GET", f"{PAIR}/", {}),
    "an empty step": ("GET", PAIR.replace("/rel", "//rel"), {}),
    "no id": ("GET", f"{AT}/relationships/{ANNA}/ben", {}),
    "no host": ("GET", PAIR, {"headers": [("Host", "a b")]}),
    "one party": ("GET", f"{AT}/relationships/{ANNA}/{ANNA}", {}),
    "an unknown party": ("GET", f"{AT}/relationships/{ANNA}/{CARA[:-4]}ffff", {}),
    "a page": ("GET", f"{AT}/relationships", {"params": {"party": ANNA, "limit": "2"}}),
    "a page too long": ("GET", f"{AT}/relationships", {"params": {"party": "anna", "limit": "1000000"}}),
    "an unknown parameter": ("GET", PAIR, {"params": {"at_last": "1"}}),
    "a parameter twice": ("GET", PAIR, {"params": [("at_least", "1"), ("at_least", "1")]}),
    "a parameter with a NUL": ("GET", PAIR, {"params": {"as_of": "\0"}}),
    "an empty parameter": ("GET", PAIR, {"params": {"at_least": ""}}),
    "a position to come": ("GET", PAIR, {"params": {"at_least": "4711"}}),
    "a favour": ("POST", f"{AT}/favours", {"json": FAVOUR, "headers": [("Idempotency-Key", "same")]}),
    "a favour under an empty key": ("POST", f"{AT}/favours", {"json": FAVOUR, "headers": [("Idempotency-Key", "")]}),
    "a favour under no id": ("POST", f"{AT}/favours", {"json": FAVOUR, "params": {"id": "7"}}),
    "a favour that misfits": ("POST", f"{AT}/favours", {"json": {**FAVOUR, "giver": 7}}),
    "no favour": ("POST", f"{AT}/favours", {}),
    "a favour as text": ("POST", f"{AT}/favours", {"content": b"{}", "headers": [("Content-Type", "text/plain")]}),
    "an act without a body": ("POST", f"{AT}/favours/{ANNA}/acknowledge", {}),
    "a method that is not taken": ("PUT", f"{AT}/favours", {}),
    "a page for administrators": ("GET", f"{AT}/keys", {}),
}


@pytest.mark.parametrize("asked", ASKED)
async def test_both_ways_answer_alike(client: Client, recorder: Headers, asked: str) -> None:
    method, path, more = ASKED[asked]
    rest = {name: value for name, value in more.items() if name != "headers"}
    headers = [*recorder.items(), *more.get("headers", ())]
    direct = await client.request(method, path, headers=headers, **rest)
    long = await client.request(method, path, headers=[*headers, *TWICE], **rest)
    assert (direct.status_code, _but_moment(direct.json())) == (long.status_code, _but_moment(long.json()))
    assert [each for each in direct.headers.items() if each[0] not in CHANGING] == [
        each for each in long.headers.items() if each[0] not in CHANGING
    ]


def _but_moment(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "moment"}


async def test_what_is_odd_is_not_answered_directly(app: Litestar) -> None:
    start = Crossing()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            start.lead_to(route)

    def is_direct(method: str, path: str, query: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = ()) -> bool:
        scope: Any = {"method": method, "path": path, "query_string": query, "headers": headers}
        return start.find(scope) is not None

    assert is_direct("GET", PAIR)
    assert is_direct("POST", f"{AT}/favours", b"id=01920000-0000-7000-8000-0000000000ff", ((b"idempotency-key", b"1"),))
    assert not is_direct("GET", PAIR, headers=((b"x-twice", b"1"), (b"x-twice", b"2")))
    assert not is_direct("GET", f"{PAIR}/")
    assert not is_direct("GET", PAIR, b"as_of=")
    assert not is_direct("GET", PAIR, b"nothing=1")
    assert not is_direct("GET", "/health/live")
    assert not is_direct("GET", f"{AT}/events")  # takes the request itself, as it may answer with a stream
