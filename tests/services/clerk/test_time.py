"""The clock, and the end of a clerk."""

import asyncio
from datetime import timedelta

import pytest

from domain.favour.commands import RecordFavour
from services.ledger.order import NotTakenError
from services.service import open_service
from tests.services.clerk.desks import Clock, fetch, hold
from tests.services.conftest import MASTER_KEY, Desk

pytestmark = pytest.mark.anyio


async def test_recorded_at_never_goes_back(timed: Desk, clock: Clock) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    latest = clock.now
    clock.now -= timedelta(days=1)
    receipt = await timed.give(RecordFavour(giver=anna, receiver=ben))
    assert receipt.recorded_at == latest
    async with open_service(timed.service.url, MASTER_KEY, clock) as restarted:
        assert (await Desk(restarted).give(RecordFavour(giver=anna, receiver=ben))).recorded_at == latest
    clock.now = latest + timedelta(seconds=1)
    assert (await timed.give(RecordFavour(giver=anna, receiver=ben))).recorded_at == clock.now
    moments = [moment for (moment,) in await fetch(timed, "SELECT recorded_at FROM event ORDER BY position")]
    assert moments == sorted(moments)


async def test_stopping_answers_everything_that_was_taken(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    async with open_service(desk.service.url, MASTER_KEY) as other, hold(desk.service) as held:
        favour = RecordFavour(giver=anna, receiver=ben)
        orders = [asyncio.create_task(Desk(other).give(favour)) for _ in range(700)]
        await held.waiting()
        orders += [asyncio.create_task(Desk(other).give(favour, idempotency_key=f"{n}")) for n in range(700)]
        await asyncio.sleep(0)
        stopping = asyncio.create_task(other.clerk.stop())
        await asyncio.sleep(0.01)
        with pytest.raises(NotTakenError):
            await Desk(other).give(favour)
        with pytest.raises(NotTakenError):
            await Desk(other).give(favour, idempotency_key="late")
        await held.release()
        await stopping
        assert all(order.done() for order in orders)
        receipts = [await order for order in orders]
    assert sorted(receipt.position for receipt in receipts) == list(range(4, 1404))
    assert (await desk.give(favour)).position == 1404
