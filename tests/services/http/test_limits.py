"""What a caller may not do: send too much, too often, or have the service work for too long."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from services.http import limits as module
from services.http.app import BODY_LIMIT_BYTES, serve
from services.http.batch import BODY_LIMIT_BYTES as BATCH_LIMIT_BYTES
from services.http.examples import ANNA, BEN, UPLOADS
from services.http.imports import FORM_BYTES
from services.http.limits import Limits, Meter, Rate
from services.http.openapi import operations
from services.imports.formats import SIZE_LIMIT_BYTES
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head

pytestmark = pytest.mark.anyio

HOME = f"/v1/ledgers/{LEDGER}"
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Seconds:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def limited(app: Litestar, service: Service) -> Iterator[Litestar]:
    """Three requests a minute from each key."""
    serve(app, service, Limits(rate=Rate(3, 60)))
    yield app
    serve(app, service)


async def test_a_key_that_sends_too_often(
    limited: Litestar, client: Client, headers_of: MakeHeaders, service: Service
) -> None:
    clock = Seconds()
    limited.state.meter = Meter(Rate(3, 60), clock)
    one, other = await headers_of("read", "record"), await headers_of("read")
    for left, full in ((2, 20), (1, 40), (0, 60)):
        answer = await client.get(HOME, headers=one)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"key";q=3;w=60'
        assert answer.headers["ratelimit"] == f'"key";r={left};t={full}'
    before = await head(service)
    for _ in range(2):
        refused = await client.post(f"{HOME}/favours", json={"giver": ANNA, "receiver": BEN}, headers=one)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert refused.headers["retry-after"] == "20"
        assert refused.headers["ratelimit"] == '"key";r=0;t=60'
    assert await head(service) == before
    assert (await client.get(HOME, headers=other)).status_code == 200
    clock.now += 20
    assert (await client.get(HOME, headers=one)).status_code == 200
    assert (await client.get(HOME, headers=one)).status_code == 429


@pytest.mark.usefixtures("limited")
async def test_what_needs_no_key_is_not_counted(client: Client) -> None:
    for _ in range(5):
        for path, status in (("/health/live", 200), (HOME, 401), ("/nowhere", 404)):
            answer = await client.get(path)
            assert answer.status_code == status
            assert "ratelimit" not in answer.headers


@pytest.mark.usefixtures("limited")
async def test_a_missing_scope_counts_too(client: Client, headers_of: MakeHeaders) -> None:
    writer = await headers_of("record")
    answers = [(await client.get(HOME, headers=writer)).status_code for _ in range(4)]
    assert answers == [403, 403, 403, 429]


async def test_a_meter_knows_so_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUCKETS_KEPT", 3)
    clock = Seconds()
    meter = Meter(Rate(1, 10), clock)
    for n in range(3):
        assert meter.take((LEDGER, str(n))).allowed
        clock.now += 4
    assert not meter.take((LEDGER, "1")).allowed  # the first may send again, and is forgotten for the fourth
    assert meter.take((LEDGER, "3")).allowed
    assert not meter.take((LEDGER, "2")).allowed
    assert meter.take((LEDGER, "4")).allowed  # nobody is to be forgotten: all are
    assert len(meter._buckets) <= 3


async def test_no_limit_no_headers(client: Client, recorder: Headers) -> None:
    assert "ratelimit" not in (await client.get(HOME, headers=recorder)).headers


LARGER = {"ledger_batch": BATCH_LIMIT_BYTES, "import_start": SIZE_LIMIT_BYTES + FORM_BYTES}
"""By operation: bodies that may be larger than others."""


async def test_bodies_have_a_size(app: Litestar, client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    sent = {**admin, "Content-Type": "application/json"}
    for path, method, operation in operations(app.openapi_schema):
        if operation.request_body is None:
            continue
        limit = LARGER.get(operation.operation_id or "", BODY_LIMIT_BYTES)
        path = re.sub(r"\{\w+\}", ANNA, path.replace("{ledger}", LEDGER))  # noqa: PLW2901
        large = await client.request(method, path, content=b'{"what":"' + b"x" * limit + b'"}', headers=sent)
        assert (large.status_code, large.json()["code"]) == (413, "too_large"), path
    assert await head(service) == before


BAD_JSON = {(400, "invalid_body"), (400, "malformed_json")}
DEEP = [b"[" * 200_000, b'{"a":' * 40_000, b'{"a":' * 40_000 + b"1" + b"}" * 40_000]
IN_A_BATCH = b'{"commands":[{"act":"favour.record","body":{"giver":%b}}]}'


async def test_bodies_have_a_depth(app: Litestar, client: Client, admin: Headers, service: Service) -> None:
    before = await head(service)
    sent = {**admin, "Content-Type": "application/json"}
    for path, method, operation in operations(app.openapi_schema):
        if operation.request_body is None:
            continue
        path = re.sub(r"\{\w+\}", ANNA, path.replace("{ledger}", LEDGER))  # noqa: PLW2901
        bad = {(422, "unreadable_file")} if operation.operation_id in UPLOADS else BAD_JSON
        for body in DEEP:
            deep = await client.request(method, path, content=body, headers=sent)
            assert (deep.status_code, deep.json()["code"]) in bad, path
    for body in DEEP:
        deep = await client.post(f"{HOME}/batch", content=IN_A_BATCH % body, headers=sent)
        answer = deep.json()
        code = answer["code"] if deep.status_code == 400 else answer["results"][0]["problem"]["code"]
        assert code in {"invalid_body", "malformed_json"}
    assert await head(service) == before


async def test_pages_have_a_size(app: Litestar, client: Client, admin: Headers) -> None:
    pages = 0
    for path, _, operation in operations(app.openapi_schema):
        if not any(getattr(one, "name", None) == "limit" for one in operation.parameters or ()):
            continue
        pages += 1
        path = re.sub(r"\{\w+\}", ANNA, path.replace("{ledger}", LEDGER))  # noqa: PLW2901
        for value in ("0", "-1", "1001", "x", str(10**30)):
            answer = await client.get(path, params={"limit": value}, headers=admin)
            assert (answer.status_code, answer.json().get("code")) == (400, "invalid_parameter"), (path, value)
    assert pages > 5


async def test_a_statement_has_a_time(app: Litestar, client: Client, recorder: Headers, service: Service) -> None:
    async with open_snapshot(service, LEDGER, statement_s=0.02) as snapshot:
        with pytest.raises(asyncpg.QueryCanceledError):
            await snapshot.fetch("SELECT pg_sleep(10)")
    async with open_snapshot(service, LEDGER) as snapshot:  # and the next question the usual one again
        assert await snapshot.connection.fetchval("SHOW statement_timeout") == "0"
    holder = await service.pool.acquire()
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE promise")
            serve(app, service, Limits(statement_s=0.05))
            late = await client.get(f"{HOME}/promises", headers=recorder)
    finally:
        await service.pool.release(holder)
        serve(app, service)
    assert (late.status_code, late.json()["code"]) == (503, "took_too_long")
    assert late.headers["retry-after"]
    assert (await client.get(f"{HOME}/promises", headers=recorder)).status_code == 200


async def test_a_request_has_a_time(app: Litestar, recorder: Headers, service: Service) -> None:
    serve(app, service, Limits(request_s=0.05))
    before = await head(service)
    sent = {**recorder, "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=_Slow(app), base_url="http://requite.test") as slow:
        late = await slow.post(f"{HOME}/favours", content=b"{}", headers=sent)
    serve(app, service)
    assert (late.status_code, late.json()["code"]) == (503, "took_too_long")
    assert late.headers["content-type"] == "application/problem+json"
    assert late.headers["retry-after"]
    for name, value in SECURITY_HEADERS.items():
        assert late.headers[name] == value
    assert await head(service) == before


class _Slow(httpx.ASGITransport):
    """Sends a body that does not come to its end."""

    def __init__(self, app: Litestar) -> None:
        async def never_ending(scope: Any, receive: Any, send: Any) -> None:
            first = True

            async def receive_slowly() -> Any:
                nonlocal first
                if first:
                    first = False
                    return {"type": "http.request", "body": b"{", "more_body": True}
                await asyncio.sleep(30)
                return await receive()

            await app(scope, receive_slowly, send)

        super().__init__(never_ending)


@pytest.mark.usefixtures("people")
async def test_every_answer_has_its_headers(client: Client, recorder: Headers) -> None:
    answers = [
        await client.get("/health/live"),
        await client.get("/schema/openapi.json"),
        await client.get("/nowhere"),
        await client.get(HOME),
        await client.get(HOME, headers=recorder),
        await client.put(HOME, headers=recorder),
        await client.post(f"{HOME}/favours", json={"giver": ANNA, "receiver": BEN}, headers=recorder),
        await client.post(f"{HOME}/favours", json={"giver": ANNA}, headers=recorder),
        await client.get(f"{HOME}/promises/audit", params={"format": "csv"}, headers=recorder),
    ]
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value, (answer.url, name)
        assert "strict-transport-security" not in answer.headers


async def test_by_tls_it_is_to_stay_tls(app: Litestar, client: Client) -> None:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://requite.test") as safe:
        answers = [await safe.get("/health/live"), await safe.get(HOME)]
    answers.append(await client.get("/health/live", headers={"X-Forwarded-Proto": "https"}))
    assert [answer.headers["strict-transport-security"] for answer in answers] == ["max-age=63072000"] * 3
