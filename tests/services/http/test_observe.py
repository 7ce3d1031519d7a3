"""What every response carries, what the log says, and whether the service is well."""

import httpx
import pytest
import structlog
from litestar import Litestar

from services.http.examples import ANNA, BEN
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers

pytestmark = pytest.mark.anyio

TYPED = "my-typed-words"


async def test_every_response_is_marked(client: Client) -> None:
    for path in ("/health/live", "/nowhere", f"/v1/ledgers/{LEDGER}"):
        response = await client.get(path)
        assert len(response.headers["x-request-id"]) == 36
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_a_request_id_of_the_callers_own(client: Client) -> None:
    for sent, kept in (("abc-1.2_Z", True), ("a b", False), ("x" * 65, False), ("ü", False)):
        headers = httpx.Headers({"X-Request-Id": sent}, encoding="latin-1")
        response = await client.get("/health/live", headers=headers)
        assert (response.headers["x-request-id"] == sent) is kept


@pytest.mark.usefixtures("people")
async def test_the_log_tells_of_a_request_and_nothing_that_was_typed(client: Client, recorder: Headers) -> None:
    with structlog.testing.capture_logs() as logs:
        await client.post(
            f"/v1/ledgers/{LEDGER}/favours", json={"giver": ANNA, "receiver": BEN, "what": TYPED}, headers=recorder
        )
        await client.post(f"/v1/ledgers/{LEDGER}/favours", json={TYPED: TYPED}, headers=recorder)
        await client.get(f"/{TYPED}", params={TYPED: TYPED}, headers={"Authorization": TYPED})
        await client.get(f"/v1/ledgers/{TYPED}", headers=recorder)
        await client.request(TYPED.upper(), "/health/live")
    assert TYPED not in repr(logs).lower()
    recorded, misfit, nowhere, other, _ = (log for log in logs if log["event"] == "http.request")
    assert recorded["route"] == "/v1/ledgers/{ledger}/favours"
    assert (recorded["method"], recorded["status"], recorded["ledger"]) == ("POST", 201, LEDGER)
    assert recorded["key"] == recorder["Authorization"].split("_")[1]
    assert recorded["duration_ms"] > 0
    assert (misfit["status"], misfit["problem"]) == (400, "invalid_body")
    assert (nowhere["status"], nowhere["route"], nowhere["key"]) == (404, "?", None)
    assert (other["status"], other["ledger"]) == (401, None)


async def test_a_health_request_that_succeeds_is_logged_for_debugging_only(client: Client) -> None:
    with structlog.testing.capture_logs() as logs:
        await client.get("/health/ready")
        await client.get("/health/nothing")
    assert [log["log_level"] for log in logs if log["event"] == "http.request"] == ["debug", "info"]


async def test_health(app: Litestar, client: Client, service: Service) -> None:
    assert (await client.get("/health/live")).json() == {"status": "ok"}
    assert (await client.get("/health/ready")).json() == {"status": "ok"}
    await service.ledgers.close()
    assert (await client.get("/health/live")).status_code == 200
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert response.headers["retry-after"]
    keyed = await client.get(f"/v1/ledgers/{LEDGER}", headers={"Authorization": "Bearer rq_abc_AAAA"})
    assert (keyed.status_code, keyed.json()["code"]) == (503, "database_unavailable")
    assert app.state.service is service
