"""The limit on open promises: it holds within a batch and between clerks."""

from uuid import uuid4

import pytest

from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Policy
from domain.promise.commands import (
    AcceptDelivery,
    AgreeToPromise,
    MakePromise,
    OfferPromise,
    ReleasePromise,
    ReportDelivery,
    RequestPromise,
)
from services.ledger.order import Receipt
from tests.services.clerk.desks import Spy, check_head, codes, fetch, together
from tests.services.conftest import Desk

pytestmark = pytest.mark.anyio


async def limit_open_promises(desk: Desk, limit: int | None) -> Receipt:
    policy = Policy(open_promises_limit=limit)
    return await desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")


async def test_of_sixty_four_at_two_clerks_one_gets_the_last_place(desk: Desk, other: Desk) -> None:
    """Half of them make a promise outright, half agree to one that the promisor had offered."""
    anna, ben = await desk.register("Anna", "Ben")
    await limit_open_promises(desk, 3)
    for place in (desk, other):  # from here on both have the ledger's book open, and Anna's promises counted
        await place.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="x"))
    offers = [await desk.give(OfferPromise(by=anna, promisor=anna, promisee=ben, what="x")) for _ in range(32)]
    outcomes = await together(
        *(
            place.give(AgreeToPromise(by=ben), offers[n].id)
            if n < len(offers)
            else place.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="x"))
            for n in range(64)
            for place in [(desk, other)[n % 2]]
        )
    )
    assert codes(outcomes).count("no_capacity_left") == 63
    assert await fetch(desk, "SELECT count(*) FROM promise WHERE status = 'promised'") == [(3,)]
    await check_head(desk)


async def test_a_batch_keeps_count_of_open_promises(desk: Desk, spy: Spy) -> None:
    """What is asked for and agreed to, made and ended in one batch, is decided by the count as it is then."""
    anna, ben = await desk.register("Anna", "Ben")
    await limit_open_promises(desk, 1)
    await desk.give(RequestPromise(by=ben, promisor=anna, promisee=ben, what="x"))  # opens the book
    spy.events.clear()
    asked, made = uuid4(), uuid4()
    promise = MakePromise(by=anna, promisor=anna, promisee=ben, what="x")
    outcomes = await together(
        desk.give(RequestPromise(by=ben, promisor=anna, promisee=ben, what="x"), asked),
        desk.give(AgreeToPromise(by=anna), asked),
        desk.give(promise),
        desk.give(ReleasePromise(by=ben), asked),
        desk.give(promise, made),
        desk.give(ReportDelivery(by=anna), made),
        desk.give(promise),
        desk.give(AcceptDelivery(by=ben), made),
        desk.give(promise),
    )
    assert codes(outcomes) == [
        "promise.requested",
        "promise.agreed",
        "no_capacity_left",
        "promise.released",
        "promise.made",
        "promise.reported",
        "no_capacity_left",
        "promise.accepted",
        "promise.made",
    ]
    assert spy.events == [7]


async def test_a_limit_that_is_set_in_the_batch_holds_in_it(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    promise = MakePromise(by=anna, promisor=anna, promisee=ben, what="x")
    outcomes = await together(desk.give(promise), limit_open_promises(desk, 1), desk.give(promise))
    assert codes(outcomes) == ["promise.made", "ledger.policy_changed", "no_capacity_left"]
    await limit_open_promises(desk, None)
    assert codes(await together(desk.give(promise))) == ["promise.made"]
