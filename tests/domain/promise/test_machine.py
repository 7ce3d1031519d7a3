"""A promise is walked through at random, beside a plain model of it that was written without the table."""

import copy
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from domain.catalogue import PROMISE
from domain.command import Command, act_for
from domain.event import Event
from domain.merges import Merges
from domain.promise import commands as c
from domain.promise.state import Promise
from domain.refusal import Refusal
from tests.domain.promise.model import Model, Verdict
from tests.examples import ADMIN, ANNA, BEN, CORA, DORA, ERIK, MOMENT, POLICY, STREAM, facts, later, who
from tests.spec import fold

PARTIES = (ANNA, BEN, CORA, DORA, ERIK)
DAYS = 200
quantities = st.none() | st.integers(1, 3)
dates = st.none() | st.integers(0, DAYS).map(later)
fractions = st.sampled_from((0.25, 0.5))
whats = st.sampled_from((None, None, "Paint it blue"))

BARGAINING = (
    st.builds(c.CounterPromise, quantity=quantities, due=dates, what=whats),
    *map(st.just, (c.AgreeToPromise(), c.AgreeToPromise(), c.DeclinePromise(reason="improper"), c.WithdrawPromise())),
)
CARRYING_OUT = (
    *map(st.just, (c.ReportProgress(), c.ReportDelivery(), c.ReportDelivery(), c.TakeBackReport(), c.AcceptDelivery())),
    *map(st.just, (c.RejectDelivery(), c.DeclareBroken(), c.ReleasePromise(), c.RenegePromise())),
    st.builds(c.AcceptInPart, fraction=fractions),
)
CHANGING = (
    st.builds(c.ProposeTerms, quantity=quantities, due=dates, what=whats),
    *map(st.just, (c.AgreeToTerms(), c.AgreeToTerms(), c.RefuseTerms(), c.TakeBackTerms(), c.AskForDate())),
    st.builds(c.NameDate, due=st.integers(0, DAYS).map(later)),
    st.builds(c.DelegatePromise, to=st.sampled_from(PARTIES)),
    st.builds(c.AssignPromise, to=st.sampled_from(PARTIES)),
    *map(st.just, (c.ConsentToHandover(), c.ConsentToHandover(), c.RefuseHandover(), c.TakeBackHandover())),
)
JUDGING = (
    *map(st.just, (c.DisputePromise(reason="It was not so."), c.WithdrawPromiseDispute())),
    st.builds(c.SettlePromise, outcome=st.sampled_from(("kept", "broken", "released"))),
    st.builds(c.SettlePromise, outcome=st.just("partly_kept"), fraction=fractions),
    st.builds(c.AssessPromise, outcome=st.sampled_from(("kept", "broken"))),
    st.builds(c.AssessPromise, outcome=st.just("partly_kept"), fraction=fractions),
    st.builds(c.AssessPromise, outcome=st.just("promised"), in_progress=st.booleans()),
)
ANYTHING = st.one_of(*BARGAINING, *CARRYING_OUT, *CHANGING, *JUDGING)
CORRECTING = st.sampled_from((c.RewordPromise(what="Paint"), c.RetractPromise(), c.ReinstatePromise()))


class PromiseMachine(RuleBasedStateMachine):
    """What the domain decides is what the model says."""

    @initialize(
        begin=st.sampled_from((c.MakePromise, c.MakePromise, c.RequestPromise, c.OfferPromise)),
        due=dates,
        assessor=st.sampled_from((CORA, CORA, BEN, None)),
    )
    def begin(self, begin: Any, due: Any, assessor: UUID | None) -> None:
        command = begin(promisor=ANNA, promisee=BEN, assessor=assessor, due=due, what="Paint the fence")
        by = {c.MakePromise: None, c.RequestPromise: BEN, c.OfferPromise: ANNA}[begin]
        self.now = MOMENT
        self.events: tuple[Event, ...] = PROMISE.decide(
            command, None, facts(), act_for(STREAM, who(by), command, MOMENT, Merges())
        )
        self.promise: Promise = fold(PROMISE, self.events)
        self.model = Model(command, by, MOMENT)
        self.done: Counter[type[Command]] = Counter()

    @rule(days=st.sampled_from((0, 1, 5, 15)))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def give(self, command: Any, by: UUID | None, *, admin: bool = False, days_ago: int = 0) -> None:
        """Both are told the same act, and come to the same."""
        at = self.now - timedelta(days=days_ago)
        acts = ADMIN if admin else who(by)
        command = replace(command, by=acts.by, occurred_at=at)
        try:
            events = PROMISE.decide(command, self.promise, facts(), act_for(STREAM, acts, command, self.now, Merges()))
        except Refusal:
            verdict: Verdict = "refused"
        else:
            verdict = "happened" if events else "nothing"
            self.events += events
            self.promise = fold(PROMISE, self.events)
        assert self.model.hear(command, acts.by, at, admin=admin) == verdict, command

    @rule(commands=st.lists(ANYTHING, min_size=6, max_size=6), n=st.integers(0, 99))
    def do_what_may_be_done(self, commands: list[Any], n: int) -> None:
        """Steered by the model, so that a walk comes far: what may be done by somebody, and was done least so far."""
        if self.model.retracted:
            commands = [c.ReinstatePromise()]
        tries = [(command, by) for command in commands for by in (*PARTIES, None)]
        may = [one for one in tries if copy.copy(self.model).hear(*one, self.now) == "happened"]
        if may:
            command, by = min(may[n % len(may) :] + may[: n % len(may)], key=lambda one: self.done[type(one[0])])
            self.done[type(command)] += 1
            self.give(command, by)

    @rule(command=ANYTHING | CORRECTING, by=st.sampled_from((*PARTIES, None)), days_ago=st.sampled_from((0, 0, 1, 9)))
    def do_anything(self, command: Any, by: UUID | None, days_ago: int) -> None:
        self.give(command, by, days_ago=min(days_ago, (self.now - MOMENT).days))

    @rule(command=CORRECTING, by=st.sampled_from((*PARTIES, None)), admin=st.booleans())
    @precondition(lambda self: len(self.events) > 4)
    def correct(self, command: Any, by: UUID | None, *, admin: bool) -> None:
        self.give(command, by, admin=admin)

    @invariant()
    def it_stands_as_the_model_says(self) -> None:
        promise, model = self.promise, self.model
        assert promise.standing == ("retracted" if model.retracted else model.status)
        assert (promise.promisor, promise.promisee, promise.assessor) == (model.b, model.a, model.c)
        assert (promise.quantity, promise.due, promise.made_at) == (model.quantity, model.due, model.made_at)
        if promise.status in ("reported", "kept", "partly_kept"):
            assert promise.delivered_at == model.delivered_at
        for moment in (self.now, self.now + timedelta(days=7), self.now + timedelta(days=40)):
            assert promise.due_by(POLICY) == model.due_by()
            assert promise.is_past(POLICY, moment) == model.past(moment)
            assert promise.is_unconfirmed(POLICY, moment) == model.unconfirmed(moment)

    @invariant()
    def the_balance_is_whose_it_is(self) -> None:
        """Whoever keeps it gave it: after a handover the newcomer, never who had the place before."""
        given: Counter[tuple[UUID, ...]] = Counter()
        for event in self.events:
            if event.posting is not None:
                given[event.parties[:2]] += event.posting.quantity
        assert {pair: quantity for pair, quantity in given.items() if quantity} == (
            {(self.model.b, self.model.a): self.model.given()} if self.model.given() else {}
        )


PromiseMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=50)
TestPromise = PromiseMachine.TestCase
