"""A doorkeeper of the running service, and the clock that it looks at."""

import pytest

from services.access.doorkeeper import Doorkeeper
from services.service import Service
from tests.services.access.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def doorkeeper(service: Service, clock: Clock) -> Doorkeeper:
    """Remembers by that clock too."""
    return Doorkeeper(service.pool, clock, seconds=clock.seconds)
