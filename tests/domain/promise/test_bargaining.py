"""Promises that are asked for, bargained over, changed, handed over and disputed."""

from typing import Any

import pytest

from domain.command import Command
from domain.event import Event, Posting
from domain.promise import commands as c
from domain.promise.state import Promise, Terms
from tests.domain.promise.standings import ASKED, COUNTERED, DISPUTED, HISTORIES, KEPT, MADE, UNDATED
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    DORA,
    ERIK,
    MOMENT,
    NOBODY,
    POLICY,
    later,
    promise_accepted,
    promise_agreed,
    promise_broken,
    promise_countered,
    promise_date_asked,
    promise_date_named,
    promise_declined,
    promise_dispute_withdrawn,
    promise_disputed,
    promise_handed_over,
    promise_handover_proposed,
    promise_handover_refused,
    promise_handover_taken_back,
    promise_made,
    promise_offered,
    promise_report_taken_back,
    promise_reported,
    promise_requested,
    promise_settled,
    promise_settlement_proposed,
    promise_terms_agreed,
    promise_terms_proposed,
    promise_terms_refused,
    promise_terms_taken_back,
    promise_withdrawn,
)
from tests.spec import given

WANTED: dict[str, Any] = {"promisor": ANNA, "promisee": BEN, "assessor": CORA, "what": "Paint", "due": later(30)}

# ── asking and offering ──────────────────────────────────────────────────────────────────────────────────────


def test_the_promisee_asks_and_the_promisor_agrees() -> None:
    command = c.RequestPromise(**WANTED, topic="painting")
    promise = given().when(command, by=BEN).then(promise_requested(what="Paint", topic="painting"))
    assert (promise.standing, promise.made_at, promise.topic) == ("requested", None, "painting")
    promise = (
        given(ASKED)
        .when(c.AgreeToPromise(note="Yes."), by=ANNA, at=later(1))
        .then(promise_agreed(at=later(1), note="Yes."))
    )
    assert (promise.standing, promise.begun_at, promise.made_at) == ("promised", MOMENT, later(1))


def test_the_promisor_offers_and_the_promisee_agrees() -> None:
    promise = given().when(c.OfferPromise(**WANTED), by=ANNA).then(promise_offered(what="Paint"))
    assert (promise.standing, promise.made_at) == ("offered", None)
    promise = given(promise_offered()).when(c.AgreeToPromise(), by=BEN).then(promise_agreed(by=BEN))
    assert (promise.standing, promise.made_at) == ("promised", MOMENT)


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (c.RequestPromise(**WANTED), ANNA),
        (c.RequestPromise(**WANTED), None),
        (c.OfferPromise(**WANTED), BEN),
        (c.OfferPromise(**WANTED), None),
    ],
)
def test_nobody_asks_or_offers_for_another(command: Command, by: Any) -> None:
    given().when(command, by=by).then_refused("wrong_party", mentions="'by'.")


def test_a_counter_changes_what_it_names_and_goes_back_and_forth() -> None:
    first = promise_countered(quantity=5, due=later(30))
    promise = given(ASKED).when(c.CounterPromise(quantity=5), by=ANNA).then(first)
    assert (promise.standing, promise.quantity, promise.due, promise.worded_in) == ("countered", 5, later(30), 1)
    reworded = promise_countered(by=BEN, side="promisee", quantity=5, due=later(60), reworded=True, what="Paint two")
    command = c.CounterPromise(due=later(60), what="Paint two")
    promise = given(ASKED, first).when(command, by=BEN).then(reworded)
    assert (promise.standing, promise.quantity, promise.due, promise.worded_in) == ("requested", 5, later(60), 3)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.CounterPromise(), "nothing_new"),
        (c.CounterPromise(quantity=1, unit="favour", due=later(30)), "nothing_new"),
        (c.CounterPromise(quantity=0), "quantity_out_of_range"),
        (c.CounterPromise(unit="mile"), "unknown_unit"),
        (c.CounterPromise(due=later(-1)), "due_before_made"),
    ],
)
def test_a_counter_has_to_be_another_promise_that_could_be_made(command: Command, code: str) -> None:
    given(ASKED).when(command, by=ANNA).then_refused(code)


def test_nobody_agrees_to_what_is_due_already() -> None:
    given(ASKED).when(c.AgreeToPromise(), by=ANNA, at=later(31)).then_refused("due_before_made")


def test_declining_says_why() -> None:
    command = c.DeclinePromise(reason="improper", note="It is not ours to give away.")
    declined = promise_declined(reason="improper", note="It is not ours to give away.")
    promise = given(ASKED).when(command, by=ANNA).then(declined)
    assert (promise.standing, promise.declined, promise.ended_at, promise.made_at) == (
        "declined",
        "improper",
        MOMENT,
        None,
    )
    given(ASKED, declined).when(command, by=ANNA).then_nothing_happened()


def test_who_countered_may_withdraw() -> None:
    given(*COUNTERED).when(c.WithdrawPromise(), by=ANNA).then(promise_withdrawn(by=ANNA))
    given(*COUNTERED).when(c.WithdrawPromise(), by=BEN).then_refused("wrong_party", mentions="promisor")


def test_what_is_not_promised_cannot_be_kept() -> None:
    given(ASKED).when(c.ReportDelivery(), by=ANNA).then_refused(
        "promise_is_requested", allowed=("promise.counter", "promise.agree", "promise.decline")
    )


# ── delivery taken back ──────────────────────────────────────────────────────────────────────────────────────


def test_a_report_is_taken_back() -> None:
    past = (promise_made(), promise_reported())
    promise = (
        given(*past)
        .when(c.TakeBackReport(note="Not dry yet."), by=ANNA)
        .then(promise_report_taken_back(note="Not dry yet."))
    )
    assert (promise.standing, promise.delivered_at, promise.reported_at) == ("promised", None, None)


# ── new terms ────────────────────────────────────────────────────────────────────────────────────────────────

TERMS = promise_terms_proposed()


def test_new_terms_hold_once_the_other_agrees() -> None:
    promise = given(MADE).when(c.ProposeTerms(quantity=2, due=later(40)), by=ANNA).then(TERMS)
    assert promise.terms == Terms("promisor", "favour", 2, later(40), None)
    assert (promise.quantity, promise.due) == (1, later(1))
    promise = given(MADE, TERMS).when(c.AgreeToTerms(), by=BEN).then(promise_terms_agreed())
    assert (promise.quantity, promise.due, promise.terms, promise.terms_changed) == (2, later(40), None, 1)
    assert promise.worded_in == 1


def test_new_terms_bring_their_words_along() -> None:
    proposed = promise_terms_proposed(by=BEN, side="promisee", quantity=1, due=later(1), reworded=True, what="Paint it")
    given(MADE).when(c.ProposeTerms(what="Paint it"), by=BEN).then(proposed)
    promise = given(MADE, proposed).when(c.AgreeToTerms(), by=ANNA).then(promise_terms_agreed(by=ANNA))
    assert promise.worded_in == 2


@pytest.mark.parametrize(
    ("command", "by", "event"),
    [
        (c.RefuseTerms(note="No."), BEN, promise_terms_refused(note="No.")),
        (c.TakeBackTerms(), ANNA, promise_terms_taken_back()),
    ],
)
def test_new_terms_are_refused_or_taken_back(command: Command, by: Any, event: Event) -> None:
    promise = given(MADE, TERMS).when(command, by=by).then(event)
    assert (promise.terms, promise.quantity, promise.terms_changed) == (None, 1, 0)


def test_nobody_agrees_to_their_own_terms() -> None:
    given(MADE, TERMS).when(c.AgreeToTerms(), by=ANNA).then_refused("wrong_party", mentions="other side")
    given(MADE, TERMS).when(c.TakeBackTerms(), by=BEN).then_refused("wrong_party", mentions="proposer of the terms")


def test_terms_wait_for_one_answer_at_a_time() -> None:
    given(MADE, TERMS).when(c.ProposeTerms(quantity=3), by=BEN).then_refused("terms_pending")
    given(MADE).when(c.AgreeToTerms(), by=BEN).then_refused("no_terms_pending")


def test_reporting_delivery_voids_what_waits_for_an_answer() -> None:
    past = (MADE, TERMS, promise_handover_proposed())
    promise = given(*past).when(c.ReportDelivery(), by=ANNA).then(promise_reported())
    assert (promise.terms, promise.handover) == (None, None)


# ── a date that was asked for ────────────────────────────────────────────────────────────────────────────────

ASKED_BY_WHEN = promise_date_asked()


def test_the_promisor_names_the_date_it_was_asked_for() -> None:
    promise = given(UNDATED).when(c.AskForDate(note="By when?"), by=BEN).then(promise_date_asked(note="By when?"))
    assert promise.due_by(POLICY) == later(POLICY.window_days)
    promise = given(UNDATED, ASKED_BY_WHEN).when(c.NameDate(due=later(50)), by=ANNA).then(promise_date_named())
    assert (promise.due, promise.date_asked_at, promise.due_by(POLICY)) == (later(50), None, later(50))


def test_without_an_answer_the_end_of_the_window_is_the_date() -> None:
    past, last = (UNDATED, ASKED_BY_WHEN), POLICY.window_days + POLICY.grace_days
    given(*past).when(c.DeclareBroken(), by=BEN, at=later(last)).then_refused("not_yet_overdue")
    over = later(last, seconds=1)
    given(*past).when(c.DeclareBroken(), by=BEN, at=over).then(promise_broken(at=over))


def test_a_date_is_asked_for_where_there_is_none_and_named_where_it_was_asked_for() -> None:
    given(MADE).when(c.AskForDate(), by=BEN).then_refused("due_date_set")
    given(UNDATED, ASKED_BY_WHEN).when(c.AskForDate(), by=BEN).then_refused("due_date_set")
    given(UNDATED).when(c.NameDate(due=later(50)), by=ANNA).then_refused("no_date_asked")
    given(UNDATED, ASKED_BY_WHEN).when(c.NameDate(due=later(-1)), by=ANNA).then_refused("due_before_made")


def test_new_terms_with_a_date_answer_the_question() -> None:
    past = (UNDATED, ASKED_BY_WHEN, promise_terms_proposed())
    promise = given(*past).when(c.AgreeToTerms(), by=BEN).then(promise_terms_agreed())
    assert (promise.due, promise.date_asked_at) == (later(40), None)
    past = (UNDATED, ASKED_BY_WHEN, promise_terms_proposed(due=None))
    promise = given(*past).when(c.AgreeToTerms(), by=BEN).then(promise_terms_agreed())
    assert (promise.due, promise.date_asked_at) == (None, MOMENT)


def test_a_window_never_leaves_the_calendar() -> None:
    end = later(0).replace(year=9999, month=12, day=31)
    promise = given(promise_made(at=end)).when(c.AskForDate(), by=BEN, at=end).then(promise_date_asked(at=end))
    assert promise.due_by(POLICY).year == 9999


# ── handing over ─────────────────────────────────────────────────────────────────────────────────────────────

DELEGATED = promise_handover_proposed()
ASSIGNED = promise_handover_proposed(by=BEN, side="promisee")


def test_a_promise_is_delegated_once_the_newcomer_consents() -> None:
    proposed = promise_handover_proposed(note="She paints better.")
    promise = given(MADE).when(c.DelegatePromise(to=ERIK, note="She paints better."), by=ANNA).then(proposed)
    assert (promise.promisor, promise.handover) == (ANNA, ("promisor", ERIK))
    promise = given(MADE, DELEGATED).when(c.ConsentToHandover(), by=ERIK).then(promise_handed_over())
    assert (promise.parties, promise.handover, promise.earlier) == ((ERIK, BEN), None, (("promisor", ANNA),))


def test_who_delegated_is_out_of_it() -> None:
    past = (MADE, DELEGATED, promise_handed_over())
    given(*past).when(c.ReportDelivery(), by=ANNA).then_refused("wrong_party", mentions="promisor")
    given(*past).when(c.ReportDelivery(), by=ERIK).then(promise_reported(by=ERIK, promisor=ERIK))
    reported = promise_reported(by=ERIK, promisor=ERIK)
    kept = promise_accepted(promisor=ERIK)
    promise = given(*past, reported).when(c.AcceptDelivery(), by=BEN).then(kept)
    assert promise.counts() == Posting("favour", 1, 1)


def test_a_promise_is_assigned_once_the_newcomer_consents() -> None:
    given(MADE).when(c.AssignPromise(to=ERIK), by=BEN).then(ASSIGNED)
    handed = promise_handed_over(promisor=ANNA, promisee=ERIK, side="promisee", other=BEN)
    promise = given(MADE, ASSIGNED).when(c.ConsentToHandover(), by=ERIK).then(handed)
    assert (promise.parties, promise.earlier) == ((ANNA, ERIK), (("promisee", BEN),))


@pytest.mark.parametrize(
    ("command", "by", "event"),
    [
        (c.RefuseHandover(note="No."), ERIK, promise_handover_refused(note="No.")),
        (c.TakeBackHandover(), ANNA, promise_handover_taken_back()),
    ],
)
def test_a_handover_is_refused_or_taken_back(command: Command, by: Any, event: Event) -> None:
    promise = given(MADE, DELEGATED).when(command, by=by).then(event)
    assert (promise.parties, promise.handover, promise.earlier) == ((ANNA, BEN), None, ())


@pytest.mark.parametrize("to", [ANNA, BEN, CORA])
def test_a_promise_is_delegated_to_another(to: Any) -> None:
    given(MADE).when(c.DelegatePromise(to=to), by=ANNA).then_refused("same_party")


def test_the_assessor_may_become_promisee() -> None:
    given(MADE).when(c.AssignPromise(to=CORA), by=BEN).then(
        promise_handover_proposed(by=BEN, side="promisee", other=CORA)
    )


def test_a_newcomer_has_to_be_registered() -> None:
    assert c.DelegatePromise(to=NOBODY).needs_parties() == (NOBODY,)
    given(MADE).when(c.DelegatePromise(to=NOBODY), by=ANNA).then_refused("unknown_party")


def test_a_handover_waits_for_one_answer_at_a_time() -> None:
    given(MADE, DELEGATED).when(c.AssignPromise(to=DORA), by=BEN).then_refused("handover_pending")
    given(MADE).when(c.ConsentToHandover(), by=ERIK).then_refused("no_handover_pending")


# ── disputes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_kept_counts_as_disputed_until_it_is_settled() -> None:
    disputed = promise_disputed(by=BEN, posting=Posting("favour", -1, -1, 1), reason="I was wrong.")
    promise = given(*KEPT).when(c.DisputePromise(reason="I was wrong."), by=BEN).then(disputed)
    assert (promise.standing, promise.counts()) == ("disputed", Posting("favour", disputed=1))
    proposed = promise_settlement_proposed(outcome="broken")
    given(*KEPT, disputed).when(c.SettlePromise(outcome="broken"), by=ANNA).then(proposed)
    settled = promise_settled(outcome="broken", posting=Posting("favour", 0, 0, -1))
    promise = given(*KEPT, disputed, proposed).when(c.SettlePromise(outcome="broken"), by=BEN).then(settled)
    assert (promise.standing, promise.dispute, promise.delivered_at) == ("broken", None, None)


def test_a_settlement_needs_the_same_end_named_by_both() -> None:
    half = c.SettlePromise(outcome="partly_kept", fraction=0.5)
    proposed = promise_settlement_proposed(outcome="partly_kept", fraction=0.5)
    given(*DISPUTED).when(half, by=ANNA).then(proposed)
    given(*DISPUTED, proposed).when(half, by=ANNA).then_nothing_happened()
    other = promise_settlement_proposed(by=BEN, outcome="partly_kept", fraction=0.25)
    promise: Promise = (
        given(*DISPUTED, proposed).when(c.SettlePromise(outcome="partly_kept", fraction=0.25), by=BEN).then(other)
    )
    assert promise.dispute is not None
    assert promise.dispute.proposed == ((ANNA, "partly_kept", 0.5), (BEN, "partly_kept", 0.25))
    settled = promise_settled(outcome="partly_kept", fraction=0.5, posting=Posting("favour", 0, 1))
    promise = given(*DISPUTED, proposed, other).when(half, by=BEN).then(settled)
    assert promise.fraction == 0.5


def test_the_assessor_settles_alone() -> None:
    settled = promise_settled(by=CORA, outcome="kept", posting=Posting("favour", 1, 1))
    promise = given(*DISPUTED).when(c.SettlePromise(outcome="kept"), by=CORA, at=MOMENT).then(settled)
    assert promise.standing == "kept"


@pytest.mark.parametrize(
    "command", [c.SettlePromise(outcome="partly_kept"), c.SettlePromise(outcome="kept", fraction=0.5)]
)
def test_a_fraction_belongs_to_partly_kept_here_too(command: Command) -> None:
    given(*DISPUTED).when(command, by=ANNA).then_refused("fraction_mismatch")


def test_who_raised_a_dispute_takes_it_back() -> None:
    promise = given(*DISPUTED).when(c.WithdrawPromiseDispute(), by=ANNA).then(promise_dispute_withdrawn())
    assert (promise.standing, promise.dispute) == ("broken", None)
    given(*DISPUTED).when(c.WithdrawPromiseDispute(), by=BEN).then_refused("wrong_party", mentions="raised the dispute")


def test_silence_is_disputed_once_the_window_is_over() -> None:
    past = HISTORIES["reported"]
    given(*past).when(c.DisputePromise(reason="I did it."), by=ANNA, at=later(POLICY.window_days)).then_refused(
        "not_unconfirmed", mentions="window"
    )
    late = later(POLICY.window_days, seconds=1)
    disputed = promise_disputed(at=late, reason="I did it.")
    promise = given(*past).when(c.DisputePromise(reason="I did it."), by=ANNA, at=late).then(disputed)
    assert promise.standing == "disputed"
    back = promise_dispute_withdrawn(at=late)
    assert given(*past, disputed).when(c.WithdrawPromiseDispute(), by=ANNA, at=late).then(back).standing == "reported"


@pytest.mark.parametrize("past", [(UNDATED,), (MADE,)])
def test_an_open_promise_is_not_disputed_before_that(past: tuple[Event, ...]) -> None:
    given(*past).when(c.DisputePromise(reason="Well."), by=BEN, at=later(10)).then_refused("not_unconfirmed")
