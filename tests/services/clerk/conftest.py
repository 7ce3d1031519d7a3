"""Desks at clerks: one on a clock of the test's, one of another process."""

from collections.abc import AsyncIterator

import pytest

from services.ledger.append import append
from services.ledger.opening import open_ledger
from services.service import open_service
from tests.services.clerk.desks import Clock, Spy
from tests.services.conftest import LEDGER, MASTER_KEY, Desk


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    spy = Spy(append)
    monkeypatch.setattr("services.ledger.lane.append", spy)
    return spy


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def timed(database_url: str, clock: Clock) -> AsyncIterator[Desk]:
    """A desk whose service goes by ``clock``."""
    async with open_service(database_url, MASTER_KEY, clock) as service:
        await open_ledger(service, LEDGER)
        yield Desk(service)


@pytest.fixture
async def other(desk: Desk) -> AsyncIterator[Desk]:
    """A desk at another clerk of the same database, as another process has it."""
    async with open_service(desk.service.url, MASTER_KEY) as service:
        yield Desk(service)
