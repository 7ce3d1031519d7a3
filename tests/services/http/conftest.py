"""The HTTP API on a real service: a client, and the headers of each kind of key."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from services.access.keys import Scope, create_key
from services.access.links import create_link
from services.http.app import build_app, serve
from services.http.examples import ANNA, BEN, CARA
from services.ledger.opening import open_ledger
from services.proof.builder import build_whole
from services.service import Service
from tests.services.conftest import LEDGER

Client = httpx.AsyncClient
Headers = dict[str, str]
MakeHeaders = Callable[..., Awaitable[Headers]]
SignIn = Callable[..., Awaitable[str]]

OTHER_LEDGER = "harbour"
PEOPLE = {ANNA: "Anna Abel", BEN: "Ben Berg", CARA: "Cara Chen"}


@pytest.fixture(scope="session")
def _built() -> Litestar:
    """The routes are the same for all tests: they are put together once."""
    return build_app()


@pytest.fixture
def app(service: Service, _built: Litestar) -> Litestar:
    """The application of the running service."""
    serve(_built, service)
    return _built


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[Client]:
    """A client that sends no key of itself. It runs in the test's own loop, as the service does."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://requite.test") as opened:
        yield opened


@pytest.fixture
def headers_of(service: Service) -> MakeHeaders:
    """Makes a key, and answers the headers that carry it."""

    async def make(*scopes: Scope, ledger: str = LEDGER, parties: Sequence[str] | None = None, **more: Any) -> Headers:
        acts_for = None if parties is None else [UUID(party) for party in parties]
        token, _ = await create_key(service.pool, ledger, "test", scopes, acts_for, clock=service.clock, **more)
        return {"Authorization": f"Bearer {token}"}

    return make


@pytest.fixture
async def recorder(headers_of: MakeHeaders) -> Headers:
    """A key that may read and record for all."""
    return await headers_of("read", "record", "audit")


@pytest.fixture
async def admin(headers_of: MakeHeaders) -> Headers:
    """An administrator's key."""
    return await headers_of("admin")


@pytest.fixture
async def stranger(service: Service, headers_of: MakeHeaders) -> Headers:
    """An administrator's key of another ledger."""
    await open_ledger(service, OTHER_LEDGER)
    return await headers_of("admin", ledger=OTHER_LEDGER)


@pytest.fixture
async def people(client: Client, admin: Headers, service: Service) -> None:
    """Anna, Ben and Cara of the examples are registered, and in the tree."""
    for party, name in PEOPLE.items():
        response = await client.post(
            f"/v1/ledgers/{LEDGER}/parties", params={"id": party}, json={"name": name}, headers=admin
        )
        assert response.status_code == 201, response.text
    await build_whole(service.pool, LEDGER)


@pytest.fixture
def link_for(service: Service) -> SignIn:
    """Makes a key and a link for it; answers the link's path."""

    async def make(*scopes: Any, ledger: str = LEDGER, parties: Any = None, **more: Any) -> str:
        _, key = await create_key(service.pool, ledger, "page", scopes, parties, clock=service.clock)
        token = await create_link(service.pool, key, clock=service.clock, **more)
        return f"/sign-in/{ledger}/{token}"

    return make


async def head(service: Service, ledger: str = LEDGER) -> int:
    """The position of a ledger's last event."""
    position: int = await service.pool.fetchval("SELECT position FROM ledger_head WHERE ledger_id = $1", ledger)
    return position
