"""What is tried again, and that nothing is recorded twice: a transport with faults before a real service."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from litestar import Litestar

from services.access.keys import create_key
from services.client import NEVER, AsyncClient, Client, NoAnswerError, Retries, TooManyRequestsError, UnavailableError
from services.client.async_calls import AsyncLedger
from services.client.attempts import Attempts, retry_after_s
from services.http.app import build_app, serve
from services.service import Service
from tests.services.conftest import LEDGER

QUICK = Retries(first_s=0.001)
Fault = Callable[[httpx.AsyncBaseTransport, httpx.Request], object]


class Faulty(httpx.AsyncBaseTransport):
    """Hands requests on to an application, but for the first ones, which meet these faults."""

    def __init__(self, app: Litestar, *faults: object) -> None:
        self._whole = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
        self._faults = list(faults)
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        fault = self._faults.pop(0) if self._faults else None
        match fault:
            case httpx.Response():
                return fault
            case httpx.ReadError():  # the answer is lost, not the request
                await self._whole.handle_async_request(request)
                raise fault
            case httpx.TransportError():
                raise fault
            case _:
                return await self._whole.handle_async_request(request)


@pytest.fixture(scope="session")
def app() -> Litestar:
    return build_app()


@asynccontextmanager
async def opened(
    service: Service, app: Litestar, *faults: object, retries: Retries = QUICK
) -> AsyncIterator[tuple[AsyncLedger, Faulty]]:
    serve(app, service)
    token, _ = await create_key(service.pool, LEDGER, "test", ["admin"], clock=service.clock)
    transport = Faulty(app, *faults)
    async with AsyncClient("http://requite.test", token, retries=retries, transport=transport) as client:
        yield client.ledger(LEDGER), transport


def busy(status: int, retry_after: str = "0") -> httpx.Response:
    return httpx.Response(status, headers={"Retry-After": retry_after})


@pytest.mark.parametrize(
    "fault",
    [httpx.ConnectError(""), httpx.ReadTimeout(""), httpx.ReadError(""), *(busy(n) for n in (429, 502, 503, 504))],
    ids=lambda fault: getattr(fault, "status_code", type(fault).__name__),
)
async def test_a_write_is_tried_again_and_recorded_once(service: Service, app: Litestar, fault: object) -> None:
    async with opened(service, app, fault, fault) as (ledger, transport):
        receipt = await ledger.parties.register(name="Anna Abel")
        assert len(transport.seen) == 3
        assert len({request.headers["Idempotency-Key"] for request in transport.seen}) == 1
        assert [party.id async for party in ledger.parties.list()] == [receipt.id]


async def test_what_has_no_key_is_not_tried_again(service: Service, app: Litestar) -> None:
    async with opened(service, app, httpx.ReadError("")) as (ledger, transport):
        with pytest.raises(NoAnswerError) as lost:
            await ledger.keys.create(label="New", scopes=("read",))
        assert lost.value.idempotency_key is None
        assert len(transport.seen) == 1
        assert "Idempotency-Key" not in transport.seen[0].headers


async def test_reads_and_ends_of_keys_are_tried_again(service: Service, app: Litestar) -> None:
    async with opened(service, app, busy(503), httpx.ConnectError("")) as (ledger, transport):
        assert (await ledger.read()).id == LEDGER
        assert len(transport.seen) == 3
    async with opened(service, app) as (ledger, _):
        key = await ledger.keys.create(label="New", scopes=("read",))
    async with opened(service, app, httpx.ReadError("")) as (ledger, transport):
        assert (await ledger.keys.revoke(key.id)).revoked_at
        assert len(transport.seen) == 2


async def test_it_gives_up_and_says_so(service: Service, app: Litestar) -> None:
    async with opened(service, app, *[busy(429)] * 9) as (ledger, transport):
        with pytest.raises(TooManyRequestsError) as refused:
            await ledger.read()
        assert refused.value.code == "http_429"
        assert len(transport.seen) == QUICK.tries
    async with opened(service, app, busy(503), retries=NEVER) as (ledger, transport):
        with pytest.raises(UnavailableError):
            await ledger.parties.register(name="Anna")
        assert len(transport.seen) == 1
    async with opened(service, app, *[httpx.ConnectError("")] * 9) as (ledger, transport):
        with pytest.raises(NoAnswerError) as lost:
            await ledger.parties.register(name="Anna", idempotency_key="mine")
        assert lost.value.idempotency_key == "mine"


async def test_it_does_not_wait_longer_than_it_may(service: Service, app: Litestar) -> None:
    async with opened(service, app, busy(503, "3600")) as (ledger, transport):
        with pytest.raises(UnavailableError):
            await ledger.read()
        assert len(transport.seen) == 1


async def test_an_answer_that_makes_no_sense(service: Service, app: Litestar) -> None:
    async with opened(service, app, httpx.Response(200, text="<html>")) as (ledger, _):
        with pytest.raises(NoAnswerError, match="cannot be read"):
            await ledger.read()


def test_refusals_and_faults_of_the_request_are_not_tried_again() -> None:
    for status, text in ((400, ""), (404, ""), (409, '{"code":"id_taken"}'), (422, ""), (500, "")):
        assert Attempts(QUICK, repeatable=True).pause_s(httpx.Response(status, text=text)) is None
    under_way = httpx.Response(409, text='{"code":"still_under_way"}', headers={"Retry-After": "2"})
    assert Attempts(QUICK, repeatable=True).pause_s(under_way) == 2


def test_pauses_grow_and_are_spread() -> None:
    retries = Retries(tries=8, first_s=0.1, longest_s=1.0)
    drawn = [
        [pause for _ in range(8) if (pause := attempts.pause_s(None)) is not None]
        for attempts in (Attempts(retries, repeatable=True) for _ in range(200))
    ]
    assert {len(pauses) for pauses in drawn} == {7}
    for n, most in enumerate((0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0)):
        nth = [pauses[n] for pauses in drawn]
        assert 0 <= min(nth) < 0.2 * most
        assert 0.8 * most < max(nth) <= most


def test_retry_after() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert retry_after_s("7", now) == 7
    assert retry_after_s(format_datetime(now + timedelta(seconds=9), usegmt=True), now) == 9
    assert retry_after_s(format_datetime(now - timedelta(seconds=9), usegmt=True), now) == 0
    for text in ("", "soon", "-1", "²"):
        assert retry_after_s(text, now) == 0


def test_threads_wait_too() -> None:
    with Client("http://127.0.0.1:9", "rq_x", retries=QUICK) as client, pytest.raises(NoAnswerError, match="Connect"):
        client.health.live()
