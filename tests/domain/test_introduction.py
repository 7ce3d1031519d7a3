"""Introductions: proposed, answered privately by both, made, and what became of them."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.catalogue import FAVOUR, INTRODUCTION, PROMISE
from domain.command import Command
from domain.event import Event, Posting
from domain.introduction.commands import (
    ConsentToIntroduction,
    DeclineIntroduction,
    MakeIntroduction,
    RecordOutcome,
    ReinstateIntroduction,
    RetractIntroduction,
)
from domain.introduction.state import Introduction
from tests.examples import (
    ADMIN,
    ANNA,
    BEN,
    CORA,
    DORA,
    MOMENT,
    NOBODY,
    POLICY,
    Other,
    favour_recorded,
    introduction_consented,
    introduction_declined,
    introduction_made,
    introduction_outcome_recorded,
    introduction_proposed,
    introduction_reinstated,
    introduction_retracted,
    later,
    merged,
    promise_made,
    propose_introduction,
    who,
)
from tests.spec import fold, given

PROPOSED = (introduction_proposed(),)
CONSENTED = (*PROPOSED, introduction_consented(), introduction_consented(party=BEN))
DECLINED = (*PROPOSED, introduction_consented(), introduction_declined(party=BEN))
MADE = (*CONSENTED, introduction_made())
TAKEN_BACK = Posting("favour", -1, -1)
RETRACTED = (*MADE, introduction_retracted(posting=TAKEN_BACK))
GREW = UUID(int=0xF00)
"""A favour or promise that is said to have grown from it."""


# ── proposing ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_introducer_proposes() -> None:
    introduction = given().when(propose_introduction(), by=CORA).then(introduction_proposed())
    assert introduction == Introduction(CORA, ANNA, BEN, MOMENT, who(CORA))
    assert introduction.status == "proposed"


def test_the_introducer_says_why() -> None:
    command = propose_introduction(why="Both keep bees.")
    given().when(command, by=CORA).then(introduction_proposed(why="Both keep bees."))


def test_a_recorder_notes_a_proposal_on_the_introducers_behalf() -> None:
    given().when(propose_introduction(), by=CORA, capacity="recorder").then(introduction_proposed(capacity="recorder"))


@pytest.mark.parametrize("by", [ANNA, BEN, DORA, None])
def test_nobody_else_proposes(by: UUID | None) -> None:
    given().when(propose_introduction(), by=by).then_refused("wrong_party", mentions="introducer")


@pytest.mark.parametrize("fields", [{"first": BEN}, {"first": CORA}, {"second": CORA}])
def test_it_takes_three_different_parties(fields: dict[str, Any]) -> None:
    given().when(propose_introduction(**fields), by=CORA).then_refused("same_party")


@pytest.mark.parametrize("fields", [{"first": NOBODY}, {"second": NOBODY}, {"introducer": NOBODY, "by": NOBODY}])
def test_all_three_have_to_be_registered(fields: dict[str, Any]) -> None:
    given().when(propose_introduction(**{"by": CORA, **fields})).then_refused("unknown_party", mentions=str(NOBODY))


def test_the_parties_are_facts_to_load() -> None:
    assert propose_introduction().needs_parties() == (CORA, ANNA, BEN)


def test_an_introduction_is_proposed_once() -> None:
    given(*PROPOSED).when(propose_introduction(), by=CORA).then_refused("introduction_exists")


# ── answering ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [ANNA, BEN])
def test_either_consents(by: UUID) -> None:
    command = ConsentToIntroduction(note="Gladly.")
    introduction = given(*PROPOSED).when(command, by=by).then(introduction_consented(party=by, note="Gladly."))
    assert introduction.answers == ((by, True),)


@pytest.mark.parametrize("by", [ANNA, BEN])
def test_either_declines(by: UUID) -> None:
    command = DeclineIntroduction(note="No time.")
    introduction = given(*PROPOSED).when(command, by=by).then(introduction_declined(party=by, note="No time."))
    assert introduction.answers == ((by, False),)


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [(True, True, "consented"), (True, False, "declined"), (False, True, "declined"), (False, False, "declined")],
)
def test_nobody_learns_an_answer_before_both_spoke(first: bool, second: bool, status: str) -> None:  # noqa: FBT001
    answer = {True: introduction_consented, False: introduction_declined}
    assert fold(INTRODUCTION, (*PROPOSED, answer[first]())).status == "proposed"
    assert fold(INTRODUCTION, (*PROPOSED, answer[first](), answer[second](party=BEN))).status == status


@pytest.mark.parametrize("by", [CORA, DORA, None])
@pytest.mark.parametrize("command", [ConsentToIntroduction(), DeclineIntroduction()], ids=lambda command: command.ACT)
def test_nobody_else_answers(command: Command, by: UUID | None) -> None:
    given(*PROPOSED).when(command, by=by).then_refused("wrong_party", mentions="first or second")


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ((*PROPOSED, introduction_consented()), ConsentToIntroduction(by=ANNA, note="Yes, do.")),
        ((*PROPOSED, introduction_declined()), DeclineIntroduction(by=ANNA)),
        (CONSENTED, ConsentToIntroduction(by=ANNA)),
        (CONSENTED, ConsentToIntroduction(by=BEN)),
        (DECLINED, DeclineIntroduction(by=BEN)),
        (MADE, ConsentToIntroduction(by=BEN)),
    ],
)
def test_the_same_answer_again_changes_nothing(past: tuple[Event, ...], command: Command) -> None:
    given(*past).when(command).then_nothing_happened()


@pytest.mark.parametrize(
    ("past", "command"),
    [
        (introduction_consented(), DeclineIntroduction(by=ANNA)),
        (introduction_declined(), ConsentToIntroduction(by=ANNA)),
    ],
)
def test_an_answer_stands(past: Event, command: Command) -> None:
    given(*PROPOSED, past).when(command).then_refused("already_answered")


# ── making ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_introducer_makes_it_and_gives_one_to_each() -> None:
    command = MakeIntroduction(details="Tuesday at the market.")
    introduction = given(*CONSENTED).when(command, by=CORA).then(introduction_made(details="Tuesday at the market."))
    assert introduction.status == "made"


def test_it_counts_in_the_first_unit() -> None:
    policy = replace(POLICY, units=("minute", "favour"))
    given(*CONSENTED).when(MakeIntroduction(), by=CORA, policy=policy).then(
        introduction_made(posting=Posting("minute", 1, 1))
    )


def test_making_it_again_changes_nothing() -> None:
    given(*MADE).when(MakeIntroduction(details="Or Wednesday."), by=CORA).then_nothing_happened()


@pytest.mark.parametrize("by", [ANNA, BEN, DORA, None])
def test_nobody_else_makes_it(by: UUID | None) -> None:
    given(*CONSENTED).when(MakeIntroduction(), by=by).then_refused("wrong_party", mentions="introducer")
    given(*MADE).when(MakeIntroduction(), by=by).then_refused("introduction_is_made")


# ── what became of it ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [ANNA, BEN])
@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "met"},
        {"outcome": "useful", "note": "Very."},
        {"outcome": "led_to", "led_to": (GREW,)},
        {"outcome": "led_to"},
        {"outcome": "came_to_nothing"},
    ],
    ids=lambda fields: fields["outcome"],
)
def test_either_says_what_became_of_it(fields: dict[str, Any], by: UUID) -> None:
    command = RecordOutcome(**fields)
    grown = {GREW: Other(fold(FAVOUR, [favour_recorded(giver=BEN, receiver=ANNA)]))}
    when = given(*MADE).when(command, by=by, streams=grown)
    introduction = when.then(introduction_outcome_recorded(party=by, **fields))
    assert introduction.outcomes == ((by, command.outcome, command.led_to),)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (fold(FAVOUR, [favour_recorded()]), None),
        (fold(FAVOUR, [favour_recorded(receiver=DORA)]), "led_to_elsewhere"),
        (fold(PROMISE, [promise_made()]), None),
        (fold(PROMISE, [promise_made(promisor=CORA)]), "led_to_elsewhere"),
        (fold(INTRODUCTION, PROPOSED), "unknown_led_to"),
        (None, "unknown_led_to"),
    ],
    ids=["favour", "a stranger's favour", "promise", "the introducer's promise", "introduction", "nothing"],
)
def test_what_grew_from_it_is_a_favour_or_promise_between_the_two(state: Any, code: str | None) -> None:
    command = RecordOutcome(outcome="led_to", led_to=(GREW,))
    assert command.needs_streams() == (GREW,)
    when = given(*MADE).when(command, by=ANNA, streams={GREW: Other(state)})
    if code is None:
        when.then(introduction_outcome_recorded(outcome="led_to", led_to=(GREW,)))
    else:
        when.then_refused(code, mentions=str(GREW))
    given(*MADE).when(command, by=ANNA).then_refused("unknown_led_to")
    stray = RecordOutcome(outcome="useful", led_to=(GREW,))
    given(*MADE).when(stray, by=ANNA).then_refused("led_to_without_outcome")


def test_a_party_that_was_merged_is_between_the_two_as_well() -> None:
    command = RecordOutcome(outcome="led_to", led_to=(GREW,))
    grown = {GREW: Other(fold(FAVOUR, [favour_recorded(receiver=DORA)]))}
    when = given(*MADE).when(command, by=ANNA, streams=grown, merges=merged({DORA: BEN}))
    when.then(introduction_outcome_recorded(outcome="led_to", led_to=(GREW,)))


def test_the_same_outcome_again_changes_nothing() -> None:
    past = (*MADE, introduction_outcome_recorded())
    given(*past).when(RecordOutcome(outcome="met"), by=ANNA).then_nothing_happened()


def test_another_outcome_or_another_note_is_kept() -> None:
    past = (*MADE, introduction_outcome_recorded())
    given(*past).when(RecordOutcome(outcome="useful"), by=ANNA).then(introduction_outcome_recorded(outcome="useful"))
    again = RecordOutcome(outcome="met", note="Twice by now.")
    given(*past).when(again, by=ANNA).then(introduction_outcome_recorded(note="Twice by now."))
    given(*past).when(RecordOutcome(outcome="met"), by=BEN).then(introduction_outcome_recorded(party=BEN))


@pytest.mark.parametrize("by", [CORA, DORA, None])
def test_nobody_else_says_what_became_of_it(by: UUID | None) -> None:
    given(*MADE).when(RecordOutcome(outcome="met"), by=by).then_refused("wrong_party", mentions="first or second")


# ── retracting ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_given_is_taken_back_and_given_again() -> None:
    when = given(*MADE).when(RetractIntroduction(reason="They had met."), by=CORA)
    introduction = when.then(introduction_retracted(reason="They had met.", posting=TAKEN_BACK))
    assert introduction.status == "retracted"
    assert introduction.counts() == Posting("favour")
    again = given(*RETRACTED).when(ReinstateIntroduction(), by=CORA)
    assert again.then(introduction_reinstated(posting=Posting("favour", 1, 1))) == fold(INTRODUCTION, MADE)


@pytest.mark.parametrize("past", [PROPOSED, CONSENTED, DECLINED])
def test_one_that_was_not_made_gave_nothing(past: tuple[Event, ...]) -> None:
    given(*past).when(RetractIntroduction(), by=CORA).then(introduction_retracted())
    given(*past, introduction_retracted()).when(ReinstateIntroduction(), by=CORA).then(introduction_reinstated())


def test_a_retraction_is_for_who_recorded_it_or_an_administrator() -> None:
    given(*MADE).when(RetractIntroduction(), capacity="admin").then(
        introduction_retracted(who=ADMIN, posting=TAKEN_BACK)
    )
    for by in (ANNA, BEN, DORA, None):
        given(*MADE).when(RetractIntroduction(), by=by).then_refused("wrong_party", mentions="recorded it")
        given(*RETRACTED).when(ReinstateIntroduction(), by=by).then_refused("wrong_party", mentions="retracted it")
    recorded = introduction_proposed(capacity="recorder")
    given(recorded).when(RetractIntroduction(), capacity="recorder").then(
        introduction_retracted(by=None, capacity="recorder")
    )


def test_what_is_retracted_already_stays_so() -> None:
    given(*RETRACTED).when(RetractIntroduction(), by=CORA).then_nothing_happened()
    given(*RETRACTED).when(RetractIntroduction(), by=DORA).then_refused("introduction_is_retracted")


# ── what is not open now ─────────────────────────────────────────────────────────────────────────────────────

RETRACT = "introduction.retract"
ANSWERS = ("introduction.consent", "introduction.decline", RETRACT)
MAKE, OUTCOME = ("introduction.make", RETRACT), ("introduction.record_outcome", RETRACT)
REINSTATE = ("introduction.reinstate",)


@pytest.mark.parametrize(
    ("past", "standing", "allowed", "command"),
    [
        (PROPOSED, "proposed", ANSWERS, MakeIntroduction(by=CORA)),
        (PROPOSED, "proposed", ANSWERS, RecordOutcome(by=ANNA, outcome="met")),
        (CONSENTED, "consented", MAKE, DeclineIntroduction(by=ANNA)),
        (CONSENTED, "consented", MAKE, ConsentToIntroduction(by=DORA)),
        (CONSENTED, "consented", MAKE, RecordOutcome(by=ANNA, outcome="met")),
        (DECLINED, "declined", (RETRACT,), ConsentToIntroduction(by=BEN)),
        (DECLINED, "declined", (RETRACT,), DeclineIntroduction(by=ANNA)),
        (DECLINED, "declined", (RETRACT,), MakeIntroduction(by=CORA)),
        (DECLINED, "declined", (RETRACT,), RecordOutcome(by=ANNA, outcome="met")),
        (MADE, "made", OUTCOME, DeclineIntroduction(by=ANNA)),
        (MADE, "made", OUTCOME, ConsentToIntroduction(by=CORA)),
        (MADE, "made", OUTCOME, ReinstateIntroduction(by=CORA)),
        (RETRACTED, "retracted", REINSTATE, RecordOutcome(by=ANNA, outcome="met")),
        (RETRACTED, "retracted", REINSTATE, MakeIntroduction(by=CORA)),
        (RETRACTED, "retracted", REINSTATE, ConsentToIntroduction(by=ANNA)),
    ],
)
def test_what_its_status_does_not_allow_is_refused(
    past: tuple[Event, ...], standing: str, allowed: tuple[str, ...], command: Command
) -> None:
    given(*past).when(command).then_refused(f"introduction_is_{standing}", mentions=standing, allowed=allowed)


ALL = (
    (PROPOSED, ConsentToIntroduction(by=ANNA)),
    (PROPOSED, DeclineIntroduction(by=ANNA)),
    (CONSENTED, MakeIntroduction(by=CORA)),
    (MADE, RecordOutcome(by=ANNA, outcome="met")),
    (MADE, RetractIntroduction(by=CORA)),
    (RETRACTED, ReinstateIntroduction(by=CORA)),
)


@pytest.mark.parametrize("command", [command for _, command in ALL], ids=lambda command: command.ACT)
def test_an_introduction_that_is_not_there_is_not_found(command: Command) -> None:
    given().when(command).then_refused("introduction_not_found")


@pytest.mark.parametrize(("past", "command"), ALL, ids=[command.ACT for _, command in ALL])
def test_nothing_occurs_before_the_latest_event(past: tuple[Event, ...], command: Command) -> None:
    given(*past).when(replace(command, occurred_at=later(-1))).then_refused("out_of_order")


def test_its_words_are_about_all_three() -> None:
    assert introduction_proposed().subjects == (CORA, ANNA, BEN)


def test_between_merged_parties_nobody_is_introduced() -> None:
    """Ben turned out to be Anna."""
    one = merged({BEN: ANNA})
    given().when(propose_introduction(), by=CORA, merges=one).then_refused("same_party")
    given(introduction_proposed()).when(ConsentToIntroduction(), by=ANNA, merges=one).then_refused("same_party")


def test_a_merged_party_answers_for_the_one_it_was_merged_into() -> None:
    """Dora and Anna are one."""
    one = merged({DORA: ANNA})
    past: tuple[Event, ...] = (introduction_proposed(),)
    given(*past).when(ConsentToIntroduction(), by=DORA, merges=one).then(introduction_consented(by=DORA))
    past = (*past, introduction_consented())
    given(*past).when(ConsentToIntroduction(), by=DORA, merges=one).then_nothing_happened()
