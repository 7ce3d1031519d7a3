"""The HTTP API on a real service: a client for each kind of key."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from services.access.keys import create_key
from services.http.app import create_app
from services.ledger.opening import open_ledger
from services.service import Service
from tests.services.conftest import LEDGER

OTHER_LEDGER = "harbour"


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """A client without a key."""
    async with AsyncTestClient(create_app(service), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
async def recorder(service: Service) -> dict[str, str]:
    """The headers of a key that may read and record for all."""
    token, _ = await create_key(service.pool, LEDGER, "recorder", ["read", "record", "audit"], clock=service.clock)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def admin(service: Service) -> dict[str, str]:
    """The headers of an administrator's key."""
    token, _ = await create_key(service.pool, LEDGER, "admin", ["admin"], clock=service.clock)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def stranger(service: Service) -> dict[str, str]:
    """The headers of an administrator's key of another ledger."""
    await open_ledger(service, OTHER_LEDGER)
    token, _ = await create_key(service.pool, OTHER_LEDGER, "stranger", ["admin"], clock=service.clock)
    return {"Authorization": f"Bearer {token}"}
