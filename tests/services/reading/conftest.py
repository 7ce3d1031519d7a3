"""A service whose clock the test sets, and a ledger with a history."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.policy import Policy
from services.ledger.opening import open_ledger
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY

START = datetime(2024, 1, 1, 12, tzinfo=UTC)
POLICY = Policy(units=("favour", "minute"), grace_days=1, window_days=14)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **by: float) -> datetime:
        """Move on by days, hours … and answer the time."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    """A service with the ledger ``village`` open, on the test's clock."""
    async with open_service(database_url, MASTER_KEY, clock) as opened:
        await open_ledger(opened, LEDGER, policy=POLICY)
        yield opened
