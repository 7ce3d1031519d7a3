"""Laws that hold on every way a stream may go, whoever says what when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from hypothesis import event as note
from hypothesis import given, target
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from domain.catalogue import CONTACT, FAVOUR, INTRODUCTION, PROMISE, TIE, StreamType
from domain.command import Act, Command
from domain.contact import ReinstateContact, RetractContact, RewordContact
from domain.event import Event, Who
from domain.favour.commands import (
    AcknowledgeFavour,
    ReinstateFavour,
    RetractFavour,
    SettleFavour,
    ThankFavour,
    WithdrawFavourDispute,
)
from domain.introduction.commands import (
    ConsentToIntroduction,
    DeclineIntroduction,
    MakeIntroduction,
    RecordOutcome,
    ReinstateIntroduction,
    RetractIntroduction,
)
from domain.promise import commands as c
from domain.promise.state import ASKED, NEVER_MADE, OPEN
from domain.refusal import Refusal
from domain.tie import UndeclareTie
from tests.domain.promise.standings import ACTS as PROMISE_ACTS
from tests.examples import (
    ADMIN,
    ANNA,
    BEN,
    CORA,
    DORA,
    ERIK,
    MOMENT,
    OTHER_KEY,
    RECORDER,
    STREAM,
    declare_tie,
    dispute_favour,
    facts,
    later,
    propose_introduction,
    record_contact,
    record_favour,
    who,
)
from tests.spec import count, fold, is_written_down, total

KNOWN = facts()
STRANGER, NOBODY = who(DORA), who(None, "party")
OTHER_RECORDER = who(None, "recorder", OTHER_KEY)
ACTORS = (who(ANNA), who(BEN), who(CORA), who(ERIK), STRANGER, NOBODY, RECORDER, OTHER_RECORDER, ADMIN)

quantities = st.one_of(st.integers(1, 5), st.integers(1, 1_000))
words = st.none() | st.just("So it was.")
fractions = st.floats(0, 1, exclude_min=True, exclude_max=True)
assessments = st.one_of(
    st.builds(c.AssessPromise, outcome=st.sampled_from(("kept", "broken")), note=words),
    st.builds(c.AssessPromise, outcome=st.just("promised"), in_progress=st.booleans()),
    st.builds(c.AssessPromise, outcome=st.just("partly_kept"), fraction=fractions),
)

settlements = st.one_of(
    st.builds(c.SettlePromise, outcome=st.sampled_from(("kept", "broken", "released"))),
    st.builds(c.SettlePromise, outcome=st.just("partly_kept"), fraction=st.sampled_from((0.25, 0.5))),
)
dates = st.integers(0, 90).map(later)

Commands = Mapping[str, st.SearchStrategy[Any]]
OF: Mapping[str, Commands] = {
    "favour": {
        "favour.acknowledge": st.builds(AcknowledgeFavour, value=st.none() | st.integers(-10, 10), note=words),
        "favour.thank": st.builds(ThankFavour, note=words),
        "favour.dispute": st.builds(dispute_favour),
        "favour.settle": st.builds(SettleFavour, quantity=st.integers(0, 2)),
        "favour.withdraw_dispute": st.builds(WithdrawFavourDispute),
        "favour.retract": st.builds(RetractFavour, reason=words),
        "favour.reinstate": st.builds(ReinstateFavour),
    },
    "introduction": {
        "introduction.consent": st.builds(ConsentToIntroduction, note=words),
        "introduction.decline": st.builds(DeclineIntroduction, note=words),
        "introduction.make": st.builds(MakeIntroduction),
        "introduction.record_outcome": st.builds(RecordOutcome, outcome=st.sampled_from(("met", "useful")), note=words),
        "introduction.retract": st.builds(RetractIntroduction, reason=words),
        "introduction.reinstate": st.builds(ReinstateIntroduction),
    },
    "promise": {
        "promise.report_progress": st.builds(c.ReportProgress, behind=st.booleans()),
        "promise.report_delivery": st.builds(c.ReportDelivery, note=words),
        "promise.accept": st.builds(c.AcceptDelivery, note=words),
        "promise.accept_in_part": st.builds(c.AcceptInPart, fraction=fractions),
        "promise.reject": st.builds(c.RejectDelivery, reason=words),
        "promise.declare_broken": st.builds(c.DeclareBroken, reason=words),
        "promise.release": st.builds(c.ReleasePromise),
        "promise.renege": st.builds(c.RenegePromise),
        "promise.assess": assessments,
        "promise.reword": st.builds(c.RewordPromise, what=st.just("Paint the blue fence")),
        "promise.retract": st.builds(c.RetractPromise, reason=words),
        "promise.reinstate": st.builds(c.ReinstatePromise),
        "promise.counter": st.builds(c.CounterPromise, quantity=quantities, due=st.none() | dates),
        "promise.agree": st.builds(c.AgreeToPromise),
        "promise.decline": st.builds(c.DeclinePromise, reason=st.sampled_from(("improper", "no_capacity"))),
        "promise.withdraw": st.builds(c.WithdrawPromise),
        "promise.take_back_report": st.builds(c.TakeBackReport),
        "promise.propose_terms": st.builds(
            c.ProposeTerms, quantity=quantities, due=st.none() | dates, what=st.none() | st.just("Paint two fences")
        ),
        "promise.agree_to_terms": st.builds(c.AgreeToTerms),
        "promise.refuse_terms": st.builds(c.RefuseTerms),
        "promise.take_back_terms": st.builds(c.TakeBackTerms),
        "promise.ask_for_date": st.builds(c.AskForDate),
        "promise.name_date": st.builds(c.NameDate, due=dates),
        "promise.delegate": st.builds(c.DelegatePromise, to=st.just(ERIK)),
        "promise.assign": st.builds(c.AssignPromise, to=st.just(ERIK)),
        "promise.consent_to_handover": st.builds(c.ConsentToHandover),
        "promise.refuse_handover": st.builds(c.RefuseHandover),
        "promise.take_back_handover": st.builds(c.TakeBackHandover),
        "promise.dispute": st.builds(c.DisputePromise, reason=st.just("It was not so.")),
        "promise.settle": settlements,
        "promise.withdraw_dispute": st.builds(c.WithdrawPromiseDispute),
    },
    "contact": {
        "contact.reword": st.builds(RewordContact, learnt=st.just("He keeps bees.")),
        "contact.retract": st.builds(RetractContact, reason=words),
        "contact.reinstate": st.builds(ReinstateContact),
    },
    "tie": {"tie.undeclare": st.builds(UndeclareTie)},
}
"""For each act but the first of a stream, the commands to try."""

CREATING: Mapping[str, st.SearchStrategy[Any]] = {
    "favour": st.builds(record_favour, quantity=quantities, gift=st.sampled_from((None, None, "refused"))),
    "introduction": st.builds(propose_introduction),
    "promise": st.builds(
        lambda begin, **fields: begin(promisor=ANNA, promisee=BEN, what="Paint the fence", **fields),
        st.sampled_from((c.MakePromise, c.MakePromise, c.RequestPromise, c.OfferPromise)),
        quantity=quantities,
        assessor=st.sampled_from((CORA, CORA, CORA, BEN, None)),
        due=st.none() | st.integers(0, 30).map(later),
    ),
    "contact": st.builds(record_contact),
    "tie": st.builds(declare_tie),
}
MAY_REPEAT = {
    "favour.acknowledge",  # with a note, which may be another one
    "favour.thank",  # the same
    "introduction.record_outcome",  # the same
    "contact.reword",  # the state does not hold the words
    "promise.report_progress",  # it goes on
    "promise.assess",  # all assessments stay on record
    "promise.reword",  # the state does not hold the words
    "promise.counter",  # with other words
}
"""The acts that lead to an event each time; all others, given again at once, lead to none."""


class Step(NamedTuple):
    """A command on its way through ``decide``: what it met and what came of it."""

    command: Command
    act: Act
    before: Any
    events: tuple[Event, ...]
    refusal: Refusal | None
    after: Any


class Walk(NamedTuple):
    """A stream from its first event on, with all that was tried."""

    kind: StreamType
    steps: tuple[Step, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(event for step in self.steps for event in step.events)

    @property
    def state(self) -> Any:
        return self.steps[-1].after


def take(kind: StreamType, state: Any, command: Command, acts: Who, at: datetime) -> Step:
    """Decide one command and fold what it leads to; whatever is no refusal and no event goes up."""
    command = replace(command, by=acts.by)
    act = Act(command.stream_id() or STREAM, acts, at, at)
    try:
        events = kind.decide(command, state, KNOWN, act)
    except Refusal as refusal:
        return Step(command, act, state, (), refusal, state)
    is_written_down(command, events)
    after = state
    for event in events:
        after = kind.evolve(after, event)
    return Step(command, act, state, events, None, after)


@st.composite
def walks(draw: st.DrawFn, kinds: tuple[StreamType, ...]) -> Walk:
    """A stream of one of these types and up to 12 tries at it, most of them sensible, some of them not."""
    kind = draw(st.sampled_from(kinds))
    commands = OF[kind.name]
    if kind in (INTRODUCTION, TIE):
        author = who(CORA if kind is INTRODUCTION else ANNA)
    else:
        author = draw(st.sampled_from((who(ANNA), RECORDER)))
    first = draw(CREATING[kind.name])
    if isinstance(first, c.RequestPromise | c.OfferPromise):
        author = who(BEN if isinstance(first, c.RequestPromise) else ANNA)
    steps = [take(kind, None, first, author, MOMENT)]
    at = MOMENT
    for _ in range(draw(st.integers(0, 12))):
        at += timedelta(days=draw(st.sampled_from((0, 0, 1, 9, 40, -1))))
        command = draw(st.sampled_from(list(commands)).flatmap(commands.__getitem__))
        acts = draw(st.sampled_from(ACTORS))
        step = take(kind, steps[-1].after, command, acts, at)
        if step.refusal is not None and draw(st.integers(0, 9)):
            step = retry(draw, kind, step, commands)
        steps.append(step)
    walk = Walk(kind, tuple(steps))
    target(float(len(walk.events)), label="events")
    note(f"{kind.name}: {getattr(walk.state, 'standing', None) or walk.state.status}")
    return walk


def retry(draw: st.DrawFn, kind: StreamType, step: Step, commands: Commands) -> Step:
    """Take the refusal's advice: an act that is allowed, by the first who may."""
    assert step.refusal is not None
    command = step.command
    if step.refusal.allowed:
        command = draw(st.sampled_from(step.refusal.allowed).flatmap(commands.__getitem__))
    tries = [take(kind, step.before, command, acts, step.act.now) for acts in (step.act.who, *ACTORS)]
    return next((tried for tried in tries if tried.events), step)


counted = walks((FAVOUR, PROMISE))
any_walk = walks((FAVOUR, INTRODUCTION, PROMISE, CONTACT, TIE))


@given(counted)
def test_the_postings_of_a_stream_add_up_to_what_it_counts(walk: Walk) -> None:
    past: tuple[Event, ...] = ()
    for step in walk.steps:
        past += step.events
        assert total(walk.state.unit, past) == count(step.after)


@given(counted)
def test_what_counts_is_never_less_than_nothing_nor_more_than_was_said(walk: Walk) -> None:
    for step in walk.steps:
        counts = step.after.counts()
        assert counts.count in (0, 1)
        assert 0 <= counts.quantity <= step.after.quantity
        assert 0 <= counts.disputed <= step.after.quantity
        assert not (counts.quantity and counts.disputed)
        assert counts.quantity == 0 or counts.count == 1


@given(counted)
def test_to_retract_and_to_reinstate_leaves_all_as_it_was(walk: Walk) -> None:
    retract, reinstate = (
        (RetractFavour, ReinstateFavour) if walk.kind is FAVOUR else (c.RetractPromise, c.ReinstatePromise)
    )
    before = walk.state
    if before.retracted_by is not None:
        before = take(walk.kind, before, reinstate(), ADMIN, before.latest).after
    retracted = take(walk.kind, before, retract(), ADMIN, before.latest).after
    assert (retracted.counts().quantity, retracted.counts().count, retracted.counts().disputed) == (0, 0, 0)
    after = take(walk.kind, retracted, reinstate(), ADMIN, before.latest).after
    assert after.counts() == before.counts()
    assert {**asdict(after), "version": 0} == {**asdict(before), "version": 0}


@given(any_walk)
def test_a_state_is_the_fold_of_its_events_and_its_refusals_leave_no_trace(walk: Walk) -> None:
    assert fold(walk.kind, walk.events) == walk.state
    for step in walk.steps:
        encoded = msgspec.json.encode(step.before)
        again = take(walk.kind, step.before, step.command, step.act.who, step.act.now)
        assert msgspec.json.encode(step.before) == encoded
        assert (again.events, again.after) == (step.events, step.after)
        assert (again.refusal is None) == (step.refusal is None)
        if again.refusal is not None and step.refusal is not None:
            assert vars(again.refusal) == vars(step.refusal)
            assert step.after is step.before


@given(any_walk)
def test_events_say_who_acted_when_and_about_whom_and_survive_their_encoding(walk: Walk) -> None:
    latest = MOMENT
    for step in walk.steps:
        for event in step.events:
            assert type(event) in walk.kind.events
            assert (event.who, event.occurred_at) == (step.act.who, step.act.occurred_at)
            assert event.parties[: len(step.after.parties)] == step.after.parties
            assert event.posting is None or event.posting.quantity or event.posting.count or event.posting.disputed
            assert latest <= event.occurred_at
            latest = event.occurred_at
            assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event
    assert walk.state.latest == latest


@given(walks((PROMISE,)))
def test_a_promise_knows_its_version_and_when_it_ended(walk: Walk) -> None:
    events = 0
    for step in walk.steps:
        events += len(step.events)
        promise = step.after
        assert promise.version == events
        assert 1 <= promise.worded_in <= events
        status = promise.status if promise.dispute is None else promise.dispute.before
        assert (promise.dispute is not None) == (promise.status == "disputed")
        assert (promise.ended_at is not None) == (status not in (*ASKED, *OPEN))
        assert (promise.delivered_at is not None) == (status in ("reported", "kept", "partly_kept"))
        assert (promise.fraction is not None) == (status == "partly_kept")
        assert (promise.made_at is not None) == (status not in (*ASKED, *NEVER_MADE))
        assert promise.status == "promised" or (promise.terms, promise.handover) == (None, None)
        assert {ANNA, BEN, CORA, ERIK} >= set(promise.acted) or promise.made_by.by is None


@given(any_walk)
def test_a_command_given_again_at_once_by_the_same_leads_to_no_event_unless_it_may_repeat(walk: Walk) -> None:
    for step in walk.steps:
        if step.refusal is not None:
            continue
        again = take(walk.kind, step.after, step.command, step.act.who, step.act.now)
        if step.command.ACT not in MAY_REPEAT:
            assert again.events == ()
            assert again.after == step.after
        else:
            assert [type(event) for event in again.events] in ([], [type(event) for event in step.events])


@given(any_walk)
def test_a_refusal_by_standing_names_acts_that_are_allowed_indeed(walk: Walk) -> None:
    samples: Mapping[str, Command] = {
        "favour.acknowledge": AcknowledgeFavour(value=1, note="So it was."),
        "favour.thank": ThankFavour(note="So it was."),
        "favour.dispute": dispute_favour(),
        "favour.settle": SettleFavour(quantity=1),
        "introduction.record_outcome": RecordOutcome(outcome="came_to_nothing", note="It did."),
        **{command.ACT: command for command in PROMISE_ACTS},
        "contact.reword": RewordContact(learnt="He keeps bees."),
    }
    acts = {command.ACT: command for command in walk.kind.commands}
    for step in walk.steps:
        if step.refusal is None:
            continue
        assert set(step.refusal.allowed) <= set(acts)
        if "_is_" not in step.refusal.code:
            assert step.refusal.allowed == ()
            continue
        assert step.command.ACT not in step.refusal.allowed
        for act in step.refusal.allowed:
            command = samples[act] if act in samples else acts[act]()
            tries = [take(walk.kind, step.before, command, actor, later(999)) for actor in (step.act.who, *ACTORS)]
            assert all(tried.refusal is None or tried.refusal.code != step.refusal.code for tried in tries)
            if act != "promise.assess" or step.before.assessor is not None:
                codes = {tried.refusal.code for tried in tries if tried.refusal is not None}
                assert any(tried.refusal is None for tried in tries) or codes - {"wrong_party"}


@given(any_walk, st.data())
def test_neither_a_stranger_nor_a_key_that_names_nobody_changes_anything(walk: Walk, data: st.DataObject) -> None:
    commands = OF[walk.kind.name]
    for command in (data.draw(strategy) for strategy in commands.values()):
        for acts in (STRANGER, NOBODY):
            tried = take(walk.kind, walk.state, command, acts, later(999))
            assert tried.refusal is not None
            assert tried.events == ()


def test_every_act_is_tried_here() -> None:
    for kind in (FAVOUR, INTRODUCTION, PROMISE, CONTACT, TIE):
        assert {command.ACT for command in kind.commands if not command.CREATES} == set(OF[kind.name])
        assert {act.partition(".")[0] for act in MAY_REPEAT} == {"favour", "introduction", "promise", "contact"}
