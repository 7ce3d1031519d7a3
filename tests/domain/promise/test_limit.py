"""A policy may limit how many promises a party has open at a time."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.catalogue import PROMISE
from domain.command import Command
from domain.event import Event
from domain.promise import commands as c
from tests.domain.promise.standings import ASKED, KEPT, MADE, REPORTED
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    DORA,
    ERIK,
    POLICY,
    make_promise,
    merged,
    promise_assessed,
    promise_handover_proposed,
    promise_made,
    promise_offered,
    promise_rejected,
    promise_retracted,
)
from tests.spec import fold, given

LIMITED = replace(POLICY, open_promises_limit=3)

TAKEN_ON = {
    "made": ((), make_promise(), ANNA, ANNA),
    "request agreed to": ((ASKED,), c.AgreeToPromise(), ANNA, ANNA),
    "offer agreed to": ((promise_offered(),), c.AgreeToPromise(), BEN, ANNA),
    "delegated": ((MADE, promise_handover_proposed()), c.ConsentToHandover(), ERIK, ERIK),
}
"""The ways to take a promise on: its past, the command, who gives it, and who is promisor then."""


@pytest.mark.parametrize(("past", "command", "by", "promisor"), TAKEN_ON.values(), ids=TAKEN_ON)
def test_one_more_is_taken_on_up_to_the_limit(
    past: tuple[Event, ...], command: Command, by: UUID | None, promisor: UUID
) -> None:
    asks = given(*past)
    for count in (0, 2):
        asks.when(command, by=by, policy=LIMITED, open_promises={promisor: count}).then_happened()
    for count in (3, 4):
        asks.when(command, by=by, policy=LIMITED, open_promises={promisor: count}).then_refused(
            "no_capacity_left", mentions="allows: 3"
        )
    asks.when(command, by=by).then_happened()  # without a limit nothing is counted
    with pytest.raises(KeyError):  # not counted: to be decided anew, never by a guess
        asks.when(command, by=by, policy=LIMITED)


@pytest.mark.parametrize(("past", "command", "by", "promisor"), TAKEN_ON.values(), ids=TAKEN_ON)
def test_what_may_lead_to_one_more_declares_whose_are_to_be_counted(
    past: tuple[Event, ...], command: Command, by: UUID | None, promisor: UUID
) -> None:
    del by
    assert command.needs_open_promises(fold(PROMISE, past)) == (promisor,)


def test_what_may_be_agreed_to_in_the_same_batch_declares_it_already() -> None:
    assert c.DelegatePromise(to=ERIK).needs_open_promises(None) == (ERIK,)
    for begin in (c.RequestPromise, c.OfferPromise):
        assert begin(promisor=ANNA, promisee=BEN, what="Paint").needs_open_promises(None) == (ANNA,)


def test_what_leads_to_no_more_declares_nothing() -> None:
    for command in (c.ReportDelivery(), c.AgreeToPromise(), c.ConsentToHandover(), c.AssignPromise(to=ERIK)):
        assert command.needs_open_promises(None) == ()
    assert c.ConsentToHandover().needs_open_promises(fold(PROMISE, (MADE,))) == ()


def test_the_promises_of_all_that_were_merged_count_as_one_partys() -> None:
    asks = given()
    both = {ANNA: 2, DORA: 1}
    merges = merged({DORA: ANNA})
    asks.when(make_promise(), by=ANNA, policy=LIMITED, open_promises=both, merges=merges).then_refused(
        "no_capacity_left"
    )
    asks.when(make_promise(), by=ANNA, policy=LIMITED, open_promises=both).then_happened()


def test_a_handover_to_another_promisee_is_nobodys_load() -> None:
    past = (MADE, promise_handover_proposed(by=BEN, side="promisee"))
    given(*past).when(c.ConsentToHandover(), by=ERIK, policy=LIMITED).then_happened()


@pytest.mark.parametrize(
    ("past", "command", "by"),
    [
        (REPORTED, c.RejectDelivery(), BEN),
        (KEPT, c.AssessPromise(outcome="promised"), CORA),
        ((MADE, promise_retracted(by=None)), c.ReinstatePromise(), None),
    ],
)
def test_what_was_open_before_comes_back_whatever_the_limit(
    past: tuple[Event, ...], command: Command, by: UUID | None
) -> None:
    given(*past).when(command, by=by, policy=LIMITED, open_promises={ANNA: 9}).then_happened()


@pytest.mark.parametrize(
    ("past", "is_open"),
    [
        ((ASKED,), False),
        ((MADE,), True),
        (REPORTED, True),
        ((*REPORTED, promise_rejected()), True),
        (KEPT, False),
        ((*KEPT, promise_assessed(outcome="promised")), True),
        ((promise_made(), promise_retracted()), False),
    ],
)
def test_open_is_what_was_promised_and_did_not_end(past: tuple[Event, ...], *, is_open: bool) -> None:
    assert fold(PROMISE, past).is_open is is_open
