"""Two clerks of one database, as two processes have them."""

import asyncio

import pytest

from domain.favour.commands import DisputeFavour, RecordFavour, ReinstateFavour, RetractFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Policy
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from domain.refusal import Refusal
from services.ledger.order import Receipt
from tests.services.clerk.desks import check_head, codes, fetch
from tests.services.conftest import Desk

pytestmark = pytest.mark.anyio


async def test_two_clerks_hammer_one_ledger(desk: Desk, other: Desk) -> None:
    anna, ben, carla = await desk.register("Anna", "Ben", "Carla")

    async def hammer(place: Desk, caller: int) -> list[Receipt]:
        receipts = []
        for n in range(10):
            receipts.append(await place.give(RecordFavour(giver=anna, receiver=ben, quantity=caller + 1)))
            promise = MakePromise(promisor=carla, promisee=ben, what="x")
            made = await place.give(promise, idempotency_key=f"{caller}-{n}")
            receipts += [made, await place.give(ReportDelivery(by=carla), made.id)]
            await asyncio.sleep(0)
        return receipts

    given = await asyncio.gather(*(hammer(place, caller) for caller in range(5) for place in (desk, other)))
    # The same idempotency keys were used at both clerks: each promise was made once, its delivery reported once.
    stored = await fetch(desk, "SELECT position, stream_id, version, topic, recorded_at FROM event ORDER BY position")
    await check_head(desk)
    by_position = {position: rest for position, *rest in stored}
    for receipt in (receipt for receipts in given for receipt in receipts):
        for event in receipt.events:
            stream, version, topic, recorded_at = by_position[event.position]
            assert (stream, topic) == (receipt.id, event.topic)
            assert (version, event.position, recorded_at) == (receipt.version, receipt.position, receipt.recorded_at)
    topics = [topic for _, _, _, topic, _ in stored]
    assert (topics.count("favour.recorded"), topics.count("promise.made"), topics.count("promise.reported")) == (
        100,
        50,
        50,
    )
    assert await fetch(desk, "SELECT quantity, count FROM balance") == [(2 * 10 * (1 + 2 + 3 + 4 + 5), 100)]


async def test_a_clerk_sees_what_another_wrote_before_it_refuses(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await other.give(RecordFavour(giver=anna, receiver=ben))  # from here on both have the ledger's book open
    (carla,) = await desk.register("Carla")
    outcome = await other.give(RecordFavour(giver=anna, receiver=carla))
    assert outcome.position == 6
    policy = Policy(units=("favour", "minute"))
    await desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")
    assert (await other.give(RecordFavour(giver=anna, receiver=carla, unit="minute"))).position == 8
    made = await other.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="A cake"))
    await desk.give(ReportDelivery(by=anna), made.id)
    assert codes([await other.give(AcceptDelivery(by=ben), made.id)]) == ["promise.accepted"]


async def test_a_clerk_sees_what_another_wrote_before_it_says_that_it_holds_already(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = await other.give(RecordFavour(giver=anna, receiver=ben))
    await other.give(RetractFavour(), favour.id)
    await desk.give(ReinstateFavour(), favour.id)
    assert codes([await other.give(RetractFavour(), favour.id)]) == ["favour.retracted"]
    holds = await desk.give(RetractFavour(), favour.id)
    assert (holds.events, holds.position, holds.version) == ((), 7, 4)


async def test_a_clerk_sees_what_another_wrote_before_it_accepts(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = await other.give(RecordFavour(giver=anna, receiver=ben))
    await desk.give(RetractFavour(), favour.id)
    with pytest.raises(Refusal, match="favour_is_retracted"):
        await other.give(DisputeFavour(by=ben, reason="It was not so."), favour.id)
