"""A service whose webhooks may go to this machine, with the HTTP fixtures on it."""

from collections.abc import AsyncIterator

import pytest

from services.ledger.opening import open_ledger
from services.service import Service, open_service
from services.webhooks.courier import delivering
from tests.services.conftest import LEDGER, MASTER_KEY
from tests.services.http.conftest import (  # noqa: F401 - fixtures
    _built,
    admin,
    app,
    client,
    headers_of,
    link_for,
    people,
    recorder,
    stranger,
)
from tests.services.webhooks.clock import Clock
from tests.services.webhooks.receiver import Receiver


@pytest.fixture
def clock() -> Clock:
    """The service's clock, which a test may put forward."""
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    """A service with the ledger ``village`` open, without a courier as yet."""
    async with open_service(database_url, MASTER_KEY, clock, allow_private_webhooks=True) as opened:
        await open_ledger(opened, LEDGER)
        yield opened


@pytest.fixture
async def courier(service: Service) -> AsyncIterator[None]:
    """A courier at work."""
    async with delivering(service):
        yield


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that takes all that comes."""
    async with Receiver() as opened:
        yield opened
