"""Who may read the metrics, what they say, and that they say nothing of people."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from prometheus_client.parser import text_string_to_metric_families

from services.http.app import serve
from services.http.examples import ANNA, BEN
from services.operations.metrics import CountingWatch, watching
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY
from tests.services.http.conftest import Client, Headers

pytestmark = pytest.mark.anyio

TOKEN = "a-token-for-prometheus"  # noqa: S105 - of these tests
TYPED = "my-typed-words"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def counted(service: Service, app: Litestar) -> AsyncIterator[Service]:
    """A service that is watched, on the same database."""
    async with (
        open_service(service.url, MASTER_KEY, watch=CountingWatch()) as opened,
        watching(opened),
    ):
        serve(app, opened)
        yield opened


def figures(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scrape(client: Client) -> Figures:
    response = await client.get("/metrics")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/plain; version=")
    return figures(response.text)


def grown(before: Figures, after: Figures, name: str, **labels: str) -> float:
    place = (name, frozenset(labels.items()))
    return after.get(place, 0) - before.get(place, 0)


@pytest.mark.usefixtures("people", "counted")
async def test_what_is_done_is_counted(client: Client, recorder: Headers) -> None:
    before = await scrape(client)
    place = f"/v1/ledgers/{LEDGER}/favours"
    for receiver in (BEN, BEN, ANNA):
        await client.post(place, json={"giver": ANNA, "receiver": receiver, "what": TYPED}, headers=recorder)
    await client.get(f"/{TYPED}", headers=recorder)
    await client.request("BREW", f"/{TYPED}")
    await client.request(TYPED, "/health/live")
    after = await scrape(client)
    assert grown(before, after, "requite_commands_total", act="favour.record") == 2
    assert grown(before, after, "requite_refusals_total", code="same_party") == 1
    assert grown(before, after, "requite_problems_total", code="same_party") == 1
    route = "/v1/ledgers/{ledger}/favours"
    assert grown(before, after, "requite_requests_total", method="POST", route=route, status="201") == 2
    assert grown(before, after, "requite_requests_total", method="POST", route=route, status="422") == 1
    assert grown(before, after, "requite_requests_total", method="GET", route="?", status="404") == 1
    assert grown(before, after, "requite_request_seconds_count", method="POST", route=route) == 3
    assert grown(before, after, "requite_batch_orders_sum") == 3
    assert grown(before, after, "requite_commit_seconds_count") >= 2
    assert after["requite_database_up", frozenset()] == 1
    assert before["requite_requests_under_way", frozenset()] >= 1  # the scrape itself
    assert grown(before, after, "requite_requests_under_way") == 0
    assert TYPED not in repr(after).lower()
    assert not {label for _, labels in after for label, _ in labels} & {"ledger", "party", "key"}


@pytest.mark.usefixtures("counted")
async def test_the_loop_and_the_pool_are_looked_at(client: Client) -> None:
    async with asyncio.timeout(30):
        while True:
            found = await scrape(client)
            if found.get(("requite_pool_connections", frozenset({("state", "at_most")}))):
                break
            await asyncio.sleep(0.1)
    assert found["requite_event_loop_lag_seconds_count", frozenset()] > 0
    assert found["requite_orders_waiting", frozenset()] == 0
    assert found["requite_workers", frozenset()] == 1


@pytest.mark.usefixtures("admin")
async def test_the_trees_lag(client: Client, admin: Headers, service: Service) -> None:
    response = await client.post(f"/v1/ledgers/{LEDGER}/parties", json={"name": "Anna"}, headers=admin)
    found = await scrape(client)
    assert found["requite_tree_lag_events", frozenset()] == response.json()["position"]
    assert found["requite_tree_lag_ledgers", frozenset()] == 1
    await service.pool.close()
    lost = await scrape(client)
    assert lost["requite_database_up", frozenset()] == 0
    assert ("requite_tree_lag_events", frozenset()) not in lost


async def test_without_a_token_they_are_for_this_machine_alone(app: Litestar, client: Client) -> None:
    assert (await client.get("/metrics")).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        response = await client.get("/metrics", headers={header: "127.0.0.1"})
        assert (response.status_code, response.json()["code"]) == (403, "not_for_you")
    for address in ("192.0.2.7", "not an address"):
        transport = httpx.ASGITransport(app, client=(address, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://requite.test") as other:
            assert (await other.get("/metrics")).status_code == 403


async def test_with_a_token_they_are_for_who_has_it(app: Litestar, client: Client) -> None:
    app.state.metrics_token = TOKEN
    try:
        for sent in (None, "Bearer other", TOKEN, f"Basic {TOKEN}", "Bearer ü"):
            headers = httpx.Headers({} if sent is None else {"Authorization": sent}, encoding="latin-1")
            assert (await client.get("/metrics", headers=headers)).status_code == 403
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://requite.test") as other:
            assert (await other.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200
    finally:
        app.state.metrics_token = None
