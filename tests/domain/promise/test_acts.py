"""Promises: every cell of the table, then what each act says, asks for and adds to the balance."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.catalogue import PROMISE
from domain.event import Capacity, Event, Posting, Who
from domain.promise.commands import (
    AcceptDelivery,
    AcceptInPart,
    AssessPromise,
    DeclareBroken,
    ReinstatePromise,
    RejectDelivery,
    ReleasePromise,
    RenegePromise,
    ReportDelivery,
    ReportProgress,
    RetractPromise,
    RewordPromise,
)
from domain.promise.state import Promise
from tests.domain.promise.standings import HISTORIES, MADE, REPORTED
from tests.examples import (
    ADMIN,
    ANNA,
    BEN,
    CORA,
    DORA,
    MOMENT,
    NOBODY,
    POLICY,
    RECORDER,
    later,
    make_promise,
    merged,
    promise_accepted,
    promise_accepted_in_part,
    promise_assessed,
    promise_broken,
    promise_made,
    promise_progressed,
    promise_reinstated,
    promise_rejected,
    promise_released,
    promise_reneged,
    promise_reported,
    promise_retracted,
    promise_reworded,
    who,
)
from tests.spec import fold, given

# ── making ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_promise_is_made() -> None:
    promise = given().when(make_promise(), by=ANNA).then(promise_made(what="Paint the fence"))
    assert promise == Promise(
        ANNA, BEN, CORA, "favour", 1, None, None, MOMENT, MOMENT, who(ANNA), status="promised", made_at=MOMENT
    )
    assert (promise.standing, promise.acted, promise.version) == ("promised", (), 1)


def test_a_promise_is_made_with_all_that_is_known_of_it() -> None:
    said: dict[str, Any] = {"unit": "minute", "quantity": 90, "due": later(5), "note": "White.", "what": "Paint"}
    command = make_promise(**said, assessor=None, occurred_at=later(-3))
    promise = given().when(command, by=ANNA).then(promise_made(**said, assessor=None, at=later(-3)))
    assert (promise.assessor, promise.due, promise.made_at) == (None, later(5), later(-3))


@pytest.mark.parametrize(
    ("by", "capacity"), [(ANNA, "party"), (ANNA, "recorder"), (None, "recorder"), (None, "admin"), (ANNA, "admin")]
)
def test_the_promisor_or_a_recorder_on_its_behalf_makes_it(by: UUID | None, capacity: Capacity) -> None:
    made = promise_made(by=by, capacity=capacity, what="Paint the fence")
    given().when(make_promise(), by=by, capacity=capacity).then(made)


@pytest.mark.parametrize(
    ("by", "capacity"),
    [(BEN, "party"), (CORA, "party"), (DORA, "party"), (None, "party"), (BEN, "recorder"), (BEN, "admin")],
)
def test_a_promise_binds_only_who_makes_it(by: UUID | None, capacity: Capacity) -> None:
    given().when(make_promise(), by=by, capacity=capacity).then_refused("wrong_party", mentions="binds only")


def test_a_promise_is_made_once() -> None:
    given(promise_made()).when(make_promise(), by=ANNA).then_refused("promise_exists")


def test_a_promise_is_made_to_another() -> None:
    given().when(make_promise(promisee=ANNA), by=ANNA).then_refused("same_party", mentions="promisee")


def test_nobody_assesses_their_own_promise() -> None:
    given().when(make_promise(assessor=ANNA), by=ANNA).then_refused("same_party", mentions="assessor")


def test_between_merged_parties_nothing_is_promised_or_done() -> None:
    """Ben turned out to be Anna; Dora, merged into him, answers for him."""
    one = merged({BEN: ANNA})
    given().when(make_promise(), by=ANNA, merges=one).then_refused("same_party")
    given(promise_made()).when(ReportDelivery(), by=ANNA, merges=one).then_refused("same_party")
    reported = given(promise_made(), promise_reported())
    reported.when(AcceptDelivery(), by=DORA, merges=merged({DORA: BEN})).then(promise_accepted(by=DORA))


def test_the_promisee_may_be_the_assessor() -> None:
    made = promise_made(assessor=BEN, what="Paint the fence")
    given().when(make_promise(assessor=BEN), by=ANNA).then(made)


@pytest.mark.parametrize("fields", [{"promisee": NOBODY}, {"assessor": NOBODY}, {"promisor": NOBODY, "by": NOBODY}])
def test_all_parties_have_to_be_registered(fields: dict[str, Any]) -> None:
    given().when(make_promise(**{"by": ANNA, **fields})).then_refused("unknown_party", mentions=str(NOBODY))


def test_the_parties_are_facts_to_load() -> None:
    assert make_promise(by=ANNA).needs_parties() == (ANNA, BEN, CORA, ANNA)
    assert make_promise(assessor=None).needs_parties() == (ANNA, BEN)


def test_a_promise_counts_in_the_first_unit_unless_it_names_one() -> None:
    policy = replace(POLICY, units=("minute", "favour"))
    made = promise_made(unit="minute", what="Paint the fence")
    given().when(make_promise(), by=ANNA, policy=policy).then(made)


@pytest.mark.parametrize("quantity", [0, -1, POLICY.quantity_limit + 1, 10**40])
def test_quantities_beyond_the_limit_are_refused(quantity: int) -> None:
    given().when(make_promise(quantity=quantity), by=ANNA).then_refused("quantity_out_of_range")


def test_a_unit_that_the_ledger_lacks_is_refused() -> None:
    given().when(make_promise(unit="mile"), by=ANNA).then_refused("unknown_unit")


def test_a_promise_may_be_due_when_it_is_made_but_not_before() -> None:
    given().when(make_promise(due=MOMENT), by=ANNA).then(promise_made(due=MOMENT, what="Paint the fence"))
    given().when(make_promise(due=later(0, seconds=-1)), by=ANNA).then_refused("due_before_made")
    command = make_promise(due=later(-2), occurred_at=later(-3))
    given().when(command, by=ANNA).then(promise_made(due=later(-2), at=later(-3), what="Paint the fence"))


# ── on the way ───────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_says_whether_it_is_behind() -> None:
    command = ReportProgress(behind=True, note="Rain.")
    promise = given(promise_made()).when(command, by=ANNA).then(promise_progressed(behind=True, note="Rain."))
    assert (promise.started, promise.behind) == (True, True)
    past = (promise_made(), promise_progressed(behind=True))
    promise = given(*past).when(ReportProgress(), by=CORA).then(promise_progressed(by=CORA))
    assert (promise.started, promise.behind, promise.acted) == (True, False, (ANNA, CORA))


def test_delivery_is_reported_with_evidence() -> None:
    command = ReportDelivery(note="Done.", evidence="https://example.org/fence.jpg")
    promise = (
        given(promise_made())
        .when(command, by=ANNA, at=later(3))
        .then(promise_reported(at=later(3), note="Done.", evidence="https://example.org/fence.jpg"))
    )
    assert (promise.started, promise.delivered_at, promise.ended_at) == (True, later(3), None)


def test_a_rejected_delivery_leaves_the_promise_open() -> None:
    past = (promise_made(), promise_reported())
    promise = (
        given(*past).when(RejectDelivery(reason="Half of it."), by=BEN).then(promise_rejected(reason="Half of it."))
    )
    assert (promise.standing, promise.started, promise.delivered_at) == ("promised", True, None)


def test_a_reported_promise_may_be_released() -> None:
    promise = (
        given(*REPORTED).when(ReleasePromise(note="Never mind."), by=BEN).then(promise_released(note="Never mind."))
    )
    assert (promise.standing, promise.ended_at) == ("released", MOMENT)


def test_the_promisor_reneges_with_a_reason() -> None:
    command = RenegePromise(reason="I broke my arm.")
    promise = (
        given(promise_made())
        .when(command, by=ANNA, at=later(1))
        .then(promise_reneged(reason="I broke my arm.", at=later(1)))
    )
    assert promise.ended_at == later(1)


# ── how it ends ──────────────────────────────────────────────────────────────────────────────────────────────

LARGE = (promise_made(unit="minute", quantity=90), promise_reported(at=later(1)))


def test_a_kept_promise_counts_in_full() -> None:
    kept = promise_accepted(unit="minute", quantity=90, at=later(2), note="Lovely.")
    promise = given(*LARGE).when(AcceptDelivery(note="Lovely."), by=BEN, at=later(2)).then(kept)
    assert promise.counts() == Posting("minute", 90, 1)
    assert (promise.delivered_at, promise.ended_at) == (later(1), later(2))


@pytest.mark.parametrize(
    ("quantity", "fraction", "counts"), [(90, 0.5, 45), (90, 1 / 3, 30), (1, 0.6, 1), (1, 0.4, 0), (1000, 0.999, 999)]
)
def test_a_partly_kept_promise_counts_its_share_rounded(quantity: int, fraction: float, counts: int) -> None:
    past = (promise_made(quantity=quantity), promise_reported())
    accepted = promise_accepted_in_part(quantity=counts, fraction=fraction)
    promise = given(*past).when(AcceptInPart(fraction=fraction), by=BEN).then(accepted)
    assert promise.counts() == Posting("favour", counts, 1)
    assert (promise.fraction, promise.ended_at) == (fraction, MOMENT)


def test_another_fraction_is_not_answered_as_if_it_held() -> None:
    past = HISTORIES["partly_kept"]
    given(*past).when(AcceptInPart(fraction=0.9), by=BEN).then_refused("other_fraction")


def test_a_promise_is_called_broken_once_its_date_and_the_grace_are_past() -> None:
    over = later(1 + POLICY.grace_days)
    given(MADE).when(DeclareBroken(), by=BEN, at=over).then_refused(
        "not_yet_overdue", mentions=f"{later(1).isoformat()} and {POLICY.grace_days} days"
    )
    just_after = later(1 + POLICY.grace_days, microseconds=1)
    promise = (
        given(MADE)
        .when(DeclareBroken(reason="Nothing came."), by=BEN, at=just_after)
        .then(promise_broken(reason="Nothing came.", at=just_after))
    )
    assert promise.ended_at == just_after


def test_what_counts_is_when_it_occurred_not_when_it_is_recorded() -> None:
    given(MADE).when(DeclareBroken(occurred_at=later(2)), by=BEN, at=later(99)).then_refused("not_yet_overdue")


def test_without_a_due_date_nothing_is_broken() -> None:
    given(promise_made()).when(DeclareBroken(), by=BEN, at=later(999)).then_refused("no_due_date")


def test_a_due_date_at_the_end_of_the_calendar_has_its_grace_too() -> None:
    end = later(0).replace(year=9999, month=12, day=31)
    given(promise_made(due=end)).when(DeclareBroken(), by=BEN).then_refused("not_yet_overdue", mentions="9999-12-31")


# ── assessing ────────────────────────────────────────────────────────────────────────────────────────────────

FULL, HALF, NONE = Posting("minute", 90, 1), Posting("minute", 45, 1), None


@pytest.mark.parametrize(
    ("fields", "posting", "delivered", "ended"),
    [
        ({"outcome": "kept"}, FULL, later(1), later(2)),
        ({"outcome": "partly_kept", "fraction": 0.5}, HALF, later(1), later(2)),
        ({"outcome": "broken"}, NONE, None, later(2)),
        ({"outcome": "promised"}, NONE, None, None),
        ({"outcome": "promised", "in_progress": True}, NONE, None, None),
    ],
)
def test_the_assessor_says_how_it_stands(
    fields: dict[str, Any], posting: Posting | None, delivered: object, ended: object
) -> None:
    said = {**fields, "note": "Seen.", "evidence": "https://example.org/seen"}
    assessed = promise_assessed(**said, posting=posting, at=later(2))
    promise = given(*LARGE).when(AssessPromise(**said), by=CORA, at=later(2)).then(assessed)
    assert (promise.status, promise.fraction) == (fields["outcome"], fields.get("fraction"))
    assert (promise.delivered_at, promise.ended_at) == (delivered, ended)
    assert promise.started is (fields["outcome"] != "promised" or "in_progress" in fields)


def test_an_assessment_ends_the_fear_that_it_comes_late() -> None:
    past = (promise_made(), promise_progressed(behind=True))
    assessed = promise_assessed(in_progress=True)
    promise = given(*past).when(AssessPromise(outcome="promised", in_progress=True), by=CORA).then(assessed)
    assert (promise.started, promise.behind) == (True, False)


def test_without_a_report_the_assessment_is_the_delivery() -> None:
    assessed = promise_assessed(outcome="kept", posting=Posting("favour", 1, 1), at=later(4))
    promise = given(promise_made()).when(AssessPromise(outcome="kept"), by=CORA, at=later(4)).then(assessed)
    assert (promise.delivered_at, promise.ended_at) == (later(4), later(4))


@pytest.mark.parametrize(
    ("first", "counted", "then", "posting"),
    [
        ({"outcome": "kept"}, FULL, {"outcome": "broken"}, Posting("minute", -90, -1)),
        ({"outcome": "kept"}, FULL, {"outcome": "partly_kept", "fraction": 0.5}, Posting("minute", -45)),
        ({"outcome": "kept"}, FULL, {"outcome": "kept"}, None),
        ({"outcome": "partly_kept", "fraction": 0.5}, HALF, {"outcome": "kept"}, Posting("minute", 45)),
        ({"outcome": "partly_kept", "fraction": 0.5}, HALF, {"outcome": "promised"}, Posting("minute", -45, -1)),
        ({"outcome": "broken"}, None, {"outcome": "kept"}, FULL),
    ],
)
def test_a_later_assessment_supersedes(
    first: dict[str, Any], counted: Posting | None, then: dict[str, Any], posting: Posting | None
) -> None:
    past = (*LARGE, promise_assessed(**first, posting=counted, at=later(2)))
    assessed = promise_assessed(**then, posting=posting, at=later(3))
    promise = given(*past).when(AssessPromise(**then), by=CORA, at=later(3)).then(assessed)
    assert promise.fraction == then.get("fraction")


@pytest.mark.parametrize(
    "between", [promise_assessed(outcome="broken", at=later(2)), promise_released(at=later(2))], ids=lambda e: e.TOPIC
)
def test_what_was_reported_as_delivered_stays_its_date_of_delivery(between: Event) -> None:
    past = (*LARGE, between)
    assert fold(PROMISE, past).delivered_at is None
    assessed = promise_assessed(outcome="kept", posting=FULL, at=later(3))
    promise = given(*past).when(AssessPromise(outcome="kept"), by=CORA, at=later(3)).then(assessed)
    assert promise.delivered_at == later(1)


@pytest.mark.parametrize(
    "between", [promise_assessed(at=later(2)), promise_rejected(at=later(2))], ids=lambda event: event.TOPIC
)
def test_what_was_not_delivered_after_all_is_delivered_when_assessed(between: Event) -> None:
    assessed = promise_assessed(outcome="kept", posting=FULL, at=later(3))
    promise = given(*LARGE, between).when(AssessPromise(outcome="kept"), by=CORA, at=later(3)).then(assessed)
    assert promise.delivered_at == later(3)


def test_an_assessment_overrules_the_promisee() -> None:
    past = (*LARGE, promise_accepted(unit="minute", quantity=90, at=later(1)))
    assessed = promise_assessed(outcome="broken", posting=Posting("minute", -90, -1), at=later(2))
    given(*past).when(AssessPromise(outcome="broken"), by=CORA, at=later(2)).then(assessed)


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "partly_kept"}, *({"outcome": how, "fraction": 0.5} for how in ("kept", "broken", "promised"))],
)
def test_a_fraction_belongs_to_partly_kept_alone(fields: dict[str, Any]) -> None:
    given(promise_made()).when(AssessPromise(**fields), by=CORA).then_refused("fraction_mismatch")


@pytest.mark.parametrize("outcome", [{"outcome": "kept"}, {"outcome": "partly_kept", "fraction": 0.5}])
def test_only_an_open_promise_is_in_progress(outcome: dict[str, Any]) -> None:
    command = AssessPromise(**outcome, in_progress=True)
    given(promise_made()).when(command, by=CORA).then_refused("in_progress_mismatch")


@pytest.mark.parametrize(
    "acts", [who(ANNA), who(BEN), who(DORA), who(None, "party"), RECORDER, ADMIN], ids=lambda acts: acts.capacity
)
def test_without_an_assessor_nobody_assesses(acts: Who) -> None:
    command = AssessPromise(outcome="kept")
    given(promise_made(assessor=None)).when(command, by=acts.by, capacity=acts.capacity, key=acts.key).then_refused(
        "wrong_party", mentions="assessor"
    )


# ── words, retracting, reinstating ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("standing", HISTORIES)
def test_words_are_corrected_and_nothing_else(standing: str) -> None:
    past = HISTORIES[standing]
    command = RewordPromise(what="Paint the blue fence", note="Blue.")
    before: Promise = fold(PROMISE, past)
    acts = before.made_by
    reworded = promise_reworded(who=acts, note="Blue.", at=later(1))
    promise = given(*past).when(command, by=acts.by, at=later(1)).then(reworded)
    assert promise.worded_in == promise.version == len(past) + 1
    changed = {"version": before.version, "worded_in": before.worded_in, "latest": before.latest, "acted": before.acted}
    assert replace(promise, **changed) == before


def test_nobody_retracts_alone_what_another_has_spoken_on() -> None:
    mixed_up = RetractPromise(reason="A mix-up.")
    given(*HISTORIES["kept"]).when(mixed_up, by=ANNA).then_refused("wrong_party", mentions="promisee that acted")
    given(*HISTORIES["kept"]).when(mixed_up).then_refused("wrong_party", mentions="author while alone")


def test_a_promisee_that_acted_may_retract() -> None:
    taken_back = promise_retracted(by=BEN, posting=Posting("favour", -1, -1), reason="A mix-up.")
    promise = given(*HISTORIES["kept"]).when(RetractPromise(reason="A mix-up."), by=BEN).then(taken_back)
    assert promise.counts() == Posting("favour")
    assert promise.standing == "retracted"
    assert promise.status == "kept"


def test_a_party_that_has_not_acted_may_not_retract() -> None:
    given(MADE).when(RetractPromise(), by=BEN).then_refused("wrong_party")
    given(MADE).when(RetractPromise(), by=ANNA).then_refused("wrong_party")


def test_who_made_it_acts_no_second_time_in_the_list() -> None:
    past = (promise_made(), promise_progressed(), promise_progressed(), promise_progressed(by=None))
    assert fold(PROMISE, past).acted == (ANNA,)


def test_who_retracted_reinstates_all_as_it_was() -> None:
    past = (*HISTORIES["partly_kept"][:1], promise_assessed(outcome="kept", posting=Posting("favour", 1, 1)))
    before = fold(PROMISE, past)
    past = (*past, promise_retracted(by=CORA, posting=Posting("favour", -1, -1)))
    promise = (
        given(*past)
        .when(ReinstatePromise(), by=CORA)
        .then(promise_reinstated(by=CORA, posting=Posting("favour", 1, 1)))
    )
    assert replace(promise, version=before.version) == before


@pytest.mark.parametrize("by", [ANNA, BEN, DORA, None])
def test_nobody_but_who_retracted_or_an_administrator_reinstates(by: UUID | None) -> None:
    past = (*HISTORIES["kept"], promise_retracted(by=CORA, posting=Posting("favour", -1, -1)))
    given(*past).when(ReinstatePromise(), by=by).then_refused("wrong_party", mentions="retractor")
    back = promise_reinstated(by=None, capacity="admin", posting=Posting("favour", 1, 1))
    given(*past).when(ReinstatePromise(), capacity="admin").then(back)


def test_reinstating_again_is_answered_by_how_it_stands() -> None:
    past = (*HISTORIES["retracted"], promise_reinstated(who=RECORDER))
    given(*past).when(ReinstatePromise()).then_refused("promise_is_promised")


# ── what holds for all acts ──────────────────────────────────────────────────────────────────────────────────


def test_its_words_are_about_promisor_and_promisee() -> None:
    assert promise_made().subjects == (ANNA, BEN)
