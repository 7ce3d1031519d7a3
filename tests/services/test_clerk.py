"""The clerk: batches, refusals, repeats, moved heads."""

import pytest

from domain.favour import RecordFavour
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


async def test_a_favour_is_recorded_at_the_next_position(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    receipt = await desk.give(RecordFavour(giver=anna, receiver=ben, what="watered the plants"))
    assert (receipt.ledger, receipt.version, receipt.position) == (LEDGER, 1, 4)
    assert [event.topic for event in receipt.events] == ["favour.recorded"]
