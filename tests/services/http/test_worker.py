"""The application of a worker process: it opens its service from the environment."""

import base64

import httpx
import pytest

from services.http.app import app_from_environment, create_app
from services.service import Service
from services.settings import SettingsError
from tests.services.conftest import MASTER_KEY

pytestmark = pytest.mark.anyio


async def test_it_serves_what_the_environment_names(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REQUITE_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    app = app_from_environment()
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://requite.test") as client:
        assert (await client.get("/health/ready")).json() == {"status": "ok"}


async def test_an_open_service_is_served_as_it_is(service: Service) -> None:
    transport = httpx.ASGITransport(create_app(service))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://requite.test") as client:
        assert (await client.get("/health/ready")).json() == {"status": "ok"}


async def test_it_needs_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SettingsError, match="requite serve"):
        app_from_environment()
