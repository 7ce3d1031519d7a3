"""Orders that go together: in one commit, all or none where that is asked for; orders that are meant for a version."""

import asyncio
from uuid import UUID, uuid4

import pytest

from domain.event import Who
from domain.favour.commands import RecordFavour, RetractFavour, ThankFavour
from domain.party import RegisterParty
from domain.refusal import Refusal
from services.ledger.clerk import Clerk
from services.ledger.lane import BATCH_LIMIT
from services.ledger.order import IdempotencyMismatchError, NotTakenError, Order, Receipt
from services.service import Service
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


def favour(giver: UUID, receiver: UUID, **more: object) -> Order:
    known = {name: more.pop(name) for name in ("stream", "idempotency_key") if name in more}
    command = RecordFavour(giver=giver, receiver=receiver, **more)  # type: ignore[arg-type]
    return Order(ledger_id=LEDGER, command=command, who=Who("recorder", "test"), **known)  # type: ignore[arg-type]


async def commits(service: Service) -> int:
    """How many transactions wrote the events that there are."""
    return int(await service.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM event WHERE position > 3"))


async def test_more_than_a_batch_is_one_commit(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    orders = [favour(anna, ben) for _ in range(BATCH_LIMIT + 100)]
    outcomes = await service.clerk.submit_together(orders)
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert [outcome.position for outcome in outcomes if isinstance(outcome, Receipt)] == [*range(4, len(orders) + 4)]
    assert await commits(service) == 1


async def test_one_that_is_refused_stands_in_no_others_way(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    first, refused, last = await service.clerk.submit_together(
        [favour(anna, ben), favour(anna, uuid4()), favour(ben, anna)]
    )
    assert isinstance(refused, Refusal)
    assert (getattr(first, "position", None), getattr(last, "position", None)) == (4, 5)
    assert await commits(service) == 1


async def test_all_or_none(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    orders = [favour(anna, ben), favour(anna, uuid4()), favour(ben, anna)]
    first, refused, last = await service.clerk.submit_together(orders, atomic=True)
    assert [getattr(one, "code", None) for one in (first, last)] == ["batch_not_recorded"] * 2
    assert getattr(refused, "code", "batch_not_recorded") != "batch_not_recorded"
    assert await service.pool.fetchval("SELECT position FROM ledger_head") == 3
    both = await service.clerk.submit_together([favour(anna, ben), favour(ben, anna)], atomic=True)
    assert [getattr(one, "position", None) for one in both] == [4, 5]


async def test_a_later_order_sees_what_an_earlier_one_led_to(service: Service, desk: Desk) -> None:
    (anna,) = await desk.register("Anna")
    ben, stream = uuid4(), uuid4()
    who = Who("recorder", "test")
    for atomic in (False, True):
        ben, stream = uuid4(), uuid4()
        outcomes = await service.clerk.submit_together(
            [
                Order(ledger_id=LEDGER, command=RegisterParty(name="Ben"), who=who, stream=ben),
                favour(anna, ben, stream=stream),
                Order(ledger_id=LEDGER, command=RetractFavour(reason="twice"), who=who, stream=stream),
            ],
            atomic=atomic,
        )
        assert [getattr(one, "version", one) for one in outcomes] == [1, 1, 2]


async def test_what_was_recorded_before_keeps_its_receipt(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    known, new = favour(anna, ben, idempotency_key="1"), favour(ben, anna, idempotency_key="2")
    first = await service.clerk.submit(known)
    again, refused, wrong = await service.clerk.submit_together(
        [known, new, favour(anna, uuid4(), idempotency_key="3")], atomic=True
    )
    assert again == first
    assert getattr(refused, "code", None) == "batch_not_recorded"
    assert isinstance(wrong, Refusal)
    other, _ = await service.clerk.submit_together([favour(ben, anna, idempotency_key="1"), new], atomic=True)
    assert isinstance(other, IdempotencyMismatchError)
    repeated = [await service.clerk.submit_together([known, new], atomic=True) for _ in range(2)]
    assert repeated[0] == repeated[1]
    assert repeated[0][0] == first
    assert await service.pool.fetchval("SELECT position FROM ledger_head") == 5


async def test_a_sum_that_grows_too_large(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben))
    await service.pool.execute("UPDATE balance SET quantity = 9223372036854775807")
    orders = [favour(anna, ben), favour(ben, anna)]
    outcomes = await service.clerk.submit_together(orders, atomic=True)
    assert [getattr(one, "code", None) for one in outcomes] == ["balance_out_of_range"] * 2
    assert await service.pool.fetchval("SELECT position FROM ledger_head") == 4
    outcomes = await service.clerk.submit_together(orders)  # each in a commit of its own
    assert [getattr(one, "code", None) for one in outcomes] == ["balance_out_of_range", None]


async def test_a_clerk_that_stops_takes_nothing(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await service.clerk.stop()
    outcomes = await service.clerk.submit_together([favour(anna, ben)] * 2)
    assert [type(one) for one in outcomes] == [NotTakenError] * 2
    await service.clerk.start()


@pytest.mark.parametrize("keyed", [True, False])
async def test_a_connection_that_is_lost(service: Service, desk: Desk, *, keyed: bool) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await end_lanes(service.clerk)
    keys = ({"idempotency_key": str(n)} if keyed or n else {} for n in range(2))
    outcomes = await service.clerk.submit_together([favour(anna, ben, **key) for key in keys], atomic=True)
    position = await service.pool.fetchval("SELECT position FROM ledger_head")
    assert [type(one).__name__ for one in outcomes] == (["Receipt"] if keyed else ["OutcomeUnknownError"]) * 2
    assert position == (5 if keyed else 3)


async def end_lanes(clerk: Clerk) -> None:
    """Break the clerk's connections."""
    for lane in clerk._lanes:
        lane._connection.terminate()
    await asyncio.sleep(0)


async def test_of_many_for_one_version_one_is_taken(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    stream = (await desk.give(RecordFavour(giver=anna, receiver=ben))).id
    who = Who("recorder", "test")
    orders = [
        Order(
            ledger_id=LEDGER,
            command=ThankFavour(by=ben, note=str(n)) if n % 2 else RetractFavour(reason=str(n)),
            who=Who("recorder", "test", ben) if n % 2 else who,
            stream=stream,
            if_match=(1,),
            idempotency_key=str(n),
        )
        for n in range(20)
    ]
    outcomes = await asyncio.gather(*map(service.clerk.submit, orders), return_exceptions=True)
    (won,) = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Receipt)]
    assert {getattr(one, "code", None) for one in outcomes if one is not outcomes[won]} == {"version_moved"}
    assert await service.pool.fetchval("SELECT max(version) FROM event WHERE stream_id = $1", stream) == 2
    again = await service.clerk.submit(orders[won])  # by its key it is the one that was taken, whatever it builds on
    assert again == outcomes[won]
