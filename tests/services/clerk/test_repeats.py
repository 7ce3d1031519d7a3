"""Repeats: what was sent again under its idempotency key is answered, not recorded."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from domain.command import Command, Reference
from domain.event import Who
from domain.favour.commands import RecordFavour, ReinstateFavour, RetractFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import AddReference, RegisterParty
from domain.policy import Policy
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery, ReportProgress
from domain.refusal import Refusal
from services.ledger.order import IdempotencyMismatchError, Order, Receipt
from tests.services.clerk.desks import KEY, Clock, check_head, codes, fetch, hold, log, together
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


async def test_the_same_key_again_gets_the_first_receipt(desk: Desk, other: Desk) -> None:
    """Whatever happened to the stream since, and whether or not its id was chosen."""
    anna, ben = await desk.register("Anna", "Ben")
    promise, favour = uuid4(), uuid4()
    orders: list[tuple[Command, UUID | None]] = [
        (MakePromise(by=anna, promisor=anna, promisee=ben, what="A cake"), promise),
        (ReportProgress(by=anna), promise),
        (ReportDelivery(by=anna), promise),
        (AcceptDelivery(by=ben), promise),
        (RecordFavour(giver=ben, receiver=anna), None),
        (AcceptDelivery(by=ben), promise),  # holds already, as of the favour
        (RecordFavour(giver=ben, receiver=anna), favour),
        (RetractFavour(), favour),
        (RetractFavour(), favour),  # holds already
        (ReinstateFavour(), favour),
        (RegisterParty(name="Carla", references=(Reference("crm", "1"),)), None),
        (AddReference(reference=Reference("crm", "2")), anna),
        (AddReference(reference=Reference("crm", "2")), anna),  # holds already
    ]
    firsts = [
        await desk.give(command, stream, idempotency_key=f"{KEY}-{n}") for n, (command, stream) in enumerate(orders)
    ]
    assert [len(first.events) for first in firsts] == [1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0]
    before = await log(desk)
    for place in (desk, other):
        for n, (command, stream) in enumerate(orders):
            assert await place.give(command, stream, idempotency_key=f"{KEY}-{n}") == firsts[n], command
    again = await together(
        *(desk.give(command, stream, idempotency_key=f"{KEY}-{n}") for n, (command, stream) in enumerate(orders))
    )
    assert again == firsts
    assert await log(desk) == before


async def test_repeats_are_answered_among_new_orders(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    first = await desk.give(favour, idempotency_key=KEY)
    outcomes = await together(
        desk.give(favour), desk.give(favour, idempotency_key=KEY), desk.give(favour, idempotency_key="new")
    )
    assert [outcome.position for outcome in outcomes if isinstance(outcome, Receipt)] == [5, first.position, 6]
    await check_head(desk)


@pytest.mark.parametrize("from_other", [False, True])
async def test_a_repeat_waits_for_the_first_that_is_under_way(desk: Desk, other: Desk, *, from_other: bool) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    async with hold(desk.service) as held:
        first = asyncio.create_task(desk.give(favour, idempotency_key=KEY))
        await held.waiting()
        second = asyncio.create_task((other if from_other else desk).give(favour, idempotency_key=KEY))
        other_body = asyncio.create_task(desk.give(RecordFavour(giver=ben, receiver=anna), idempotency_key=KEY))
        await held.waiting(2 if from_other else 1)
        assert not any(task.done() for task in (first, second, other_body))
        await held.release()
        assert await second == await first
        with pytest.raises(IdempotencyMismatchError):
            await other_body
    assert (await log(desk))[-1] == (4, "favour.recorded")


async def test_a_caller_who_goes_away_takes_nothing_along(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    async with hold(desk.service) as held:
        callers = [asyncio.create_task(desk.give(favour, idempotency_key=KEY)) for _ in range(3)]
        await held.waiting()
        callers[0].cancel()
        await asyncio.sleep(0)
        late = asyncio.create_task(desk.give(favour, idempotency_key=KEY))
        await held.release()
        receipts = await asyncio.gather(*callers[1:], late)
    assert {receipt.position for receipt in receipts} == {4}
    assert callers[0].cancelled()
    await check_head(desk)


async def test_who_asks_again_while_a_try_that_was_given_up_still_waits_gets_its_receipt(desk: Desk) -> None:
    """Both wait for the same batch; the second, decided after the first, would be refused."""
    register = Order(
        ledger_id=LEDGER,
        command=RegisterParty(name="Anna", references=(Reference("crm", "1"),)),
        who=Who("recorder", "test"),
        idempotency_key=KEY,
        likely_repeated=True,
    )
    async with hold(desk.service) as held:
        ahead = asyncio.create_task(desk.give(RegisterParty(name="Ben")))
        await held.waiting()
        given_up = asyncio.create_task(desk.service.clerk.submit(register))
        await asyncio.sleep(0)
        given_up.cancel()
        again = asyncio.create_task(desk.service.clerk.submit(register))
        await asyncio.sleep(0)
        await held.release()
        assert codes([await ahead, await again]) == ["party.registered", "party.registered"]
    assert len(await log(desk)) == 3


async def test_another_body_under_the_same_key_is_an_error(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour, chosen = RecordFavour(giver=anna, receiver=ben, what="tea"), uuid4()
    await desk.give(favour, chosen, idempotency_key=KEY)
    for place in (desk, other):
        for command, stream in (
            (replace(favour, what="coffee"), chosen),
            (favour, None),
            (favour, uuid4()),
            (RetractFavour(), chosen),
            (ReportProgress(), chosen),  # which its stream refuses anyway
        ):
            with pytest.raises(IdempotencyMismatchError):
                await place.give(command, stream, idempotency_key=KEY)
    assert len(await log(desk)) == 4


async def test_each_access_key_has_its_own_idempotency_keys(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    receipts = [await desk.give(favour, access_key=name, idempotency_key=KEY) for name in ("a", "b", "a")]
    assert [receipt.position for receipt in receipts] == [4, 5, 4]


async def test_a_refusal_is_not_stored(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben, unit="minute", quantity=30)
    with pytest.raises(Refusal):
        await desk.give(favour, idempotency_key=KEY)
    assert await fetch(desk, "SELECT * FROM idempotency") == []
    policy = Policy(units=("favour", "minute"))
    await desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")
    assert codes([await desk.give(favour, idempotency_key=KEY)]) == ["favour.recorded"]


async def test_a_key_is_forgotten_after_thirty_days(timed: Desk, clock: Clock) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    first = await timed.give(favour, idempotency_key=KEY)
    clock.now += timedelta(days=30, seconds=-1)
    assert await timed.give(favour, idempotency_key=KEY) == first
    clock.now += timedelta(seconds=1)
    assert (await timed.give(RecordFavour(giver=ben, receiver=anna), idempotency_key=KEY)).position == 5
    with pytest.raises(IdempotencyMismatchError):
        await timed.give(favour, idempotency_key=KEY)


async def test_a_key_past_its_time_does_not_answer_for_what_is_refused_now(timed: Desk, clock: Clock) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    chosen = uuid4()
    favour = RecordFavour(giver=anna, receiver=ben)
    await timed.give(favour, chosen, idempotency_key=KEY)
    clock.now += timedelta(days=30)
    with pytest.raises(Refusal, match="favour_exists"):
        await timed.give(favour, chosen, idempotency_key=KEY)


@pytest.mark.parametrize("likely_repeated", [False, True])
async def test_an_imports_key_is_kept_for_ever(timed: Desk, clock: Clock, *, likely_repeated: bool) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    order = Order(
        ledger_id=LEDGER,
        command=RecordFavour(giver=anna, receiver=ben),
        who=Who("recorder", "import"),
        idempotency_key="import:9f2c:1",
        keeps_key=True,
        likely_repeated=likely_repeated,
    )
    first = await timed.service.clerk.submit(order)
    clock.now += timedelta(days=36_500)
    assert await timed.service.clerk.submit(order) == first
