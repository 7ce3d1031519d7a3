"""A random but believable history: whatever the rules allow, at growing times, some of it told late."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain import contact, party, tie
from domain.command import Command
from domain.event import Capacity
from domain.favour import commands as favour
from domain.introduction import commands as introduction
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Cadence
from domain.promise import commands as c
from domain.refusal import Refusal
from tests.services.conftest import Desk
from tests.services.reading.conftest import POLICY, Clock

WHAT = "something of use"
HASTY = replace(POLICY, cadence=Cadence(close=1, good=2, loose=4))
"""So that some tie always wants attention."""


class Story:
    """Tells one step at a time. ``steps`` that a rule refuses are simply not told."""

    def __init__(self, desk: Desk, clock: Clock, seed: int, *, merges: bool = False) -> None:
        self.desk = desk
        self.clock = clock
        self.random = random.Random(seed)
        self.kinds = 21 if merges else 19
        """How many kinds of steps are told of; the last two are merging and parting."""
        self.parties: list[UUID] = []
        self.favours: list[tuple[UUID, ...]] = []
        self.contacts: list[tuple[UUID, ...]] = []
        self.introductions: list[tuple[UUID, ...]] = []
        self.promises: list[tuple[UUID, ...]] = []

    async def begin(self, parties: int = 4) -> None:
        self.parties = await self.desk.register(*(f"Party {n}" for n in range(parties)))
        await self.desk.give(ChangePolicy(policy=HASTY), LEDGER_STREAM, capacity="admin")

    async def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.clock.go_on(hours=self.random.choice([0, 1, 6, 30]))
            try:
                await self._step()
            except Refusal:
                continue

    async def _step(self) -> None:
        choose = self.random.choice
        match self.random.randrange(self.kinds):
            case 0 | 1:
                giver, receiver = self.random.sample(self.parties, 2)
                await self._create(
                    self.favours,
                    favour.RecordFavour,
                    giver=giver,
                    receiver=receiver,
                    unit=choose(POLICY.units),
                    quantity=self.random.randint(1, 9),
                    what=WHAT,
                )
            case 2 | 3 if self.favours:
                await self._favour(*choose(self.favours))
            case 4:
                introducer, first, second = self.random.sample(self.parties, 3)
                await self._create(
                    self.introductions,
                    introduction.ProposeIntroduction,
                    by=introducer,
                    introducer=introducer,
                    first=first,
                    second=second,
                    why=WHAT,
                )
            case 5 | 12 | 13 | 14 if self.introductions:
                await self._introduction(*choose(self.introductions))
            case 6 | 7:
                promisor, promisee, assessor = self.random.sample(self.parties, 3)
                due = self.clock.now + timedelta(hours=self.random.choice([1, 100, 900]))
                begin, by = choose([(c.MakePromise, None), (c.RequestPromise, promisee), (c.OfferPromise, promisor)])
                await self._create(
                    self.promises,
                    begin,
                    by=by,
                    promisor=promisor,
                    promisee=promisee,
                    assessor=assessor,
                    unit=choose(POLICY.units),
                    quantity=self.random.randint(1, 9),
                    due=choose([due, due, None]),
                    what=WHAT,
                )
            case 16 | 17 | 18:
                await self._tie(*self.random.sample(self.parties, 2))
            case 8 if self.random.random() < 0.2:
                policy = choose([HASTY, replace(HASTY, grace_days=3, window_days=5)])
                await self._give(ChangePolicy(policy=policy), LEDGER_STREAM)
            case 19 | 20:
                merge = party.MergeParty(into=choose(self.parties))
                await self._give(choose([merge, party.UnmergeParty()]), choose(self.parties))
            case _:
                if self.promises:
                    await self._promise(*choose(self.promises))

    async def _tie(self, one: UUID, other: UUID) -> None:
        """A contact, a gift, or how close one says that the other is."""
        choose = self.random.choice
        closeness: list[tie.Closeness] = ["close", "good", "loose", "dormant"]
        declare = tie.DeclareTie(by=one, party=one, other=other, closeness=choose(closeness))
        match self.random.randrange(6):
            case 0 | 1:
                fields = {"initiator": one, "other": other, "channel": "call", "learnt": WHAT}
                await self._create(self.contacts, contact.RecordContact, **fields)
            case 2 if self.contacts:
                stream, *_ = choose(self.contacts)
                await self._give(choose([contact.RetractContact(), contact.ReinstateContact()]), stream)
            case 3:
                gift, quantity = choose(["declared", "declared", "refused"]), self.random.randint(1, 9)
                fields = {"giver": one, "receiver": other, "quantity": quantity, "gift": gift}
                await self._create(self.favours, favour.RecordFavour, **fields)
            case 4:
                await self._give(tie.UndeclareTie(by=one), declare.stream_id())
            case _:
                await self._give(declare, None)

    async def _favour(self, stream: UUID, giver: UUID, receiver: UUID) -> None:
        one, number = self.random.choice([giver, receiver]), self.random.randint(0, 2)
        command = self.random.choice(
            [
                favour.AcknowledgeFavour(by=receiver, value=3),
                favour.DisputeFavour(by=one, reason=WHAT),
                favour.DisputeFavour(by=one, reason=WHAT),
                favour.SettleFavour(by=giver, quantity=number),
                favour.SettleFavour(by=receiver, quantity=number),
                favour.WithdrawFavourDispute(by=one),
                favour.RetractFavour(reason=WHAT),
                favour.ReinstateFavour(),
            ]
        )
        await self._give(command, stream)

    async def _introduction(self, stream: UUID, introducer: UUID, first: UUID, second: UUID) -> None:
        one = self.random.choice([first, second])
        command = self.random.choice(
            [
                introduction.ConsentToIntroduction(by=first),
                introduction.ConsentToIntroduction(by=second),
                introduction.ConsentToIntroduction(by=second),
                introduction.DeclineIntroduction(by=one),
                introduction.MakeIntroduction(by=introducer),
                introduction.MakeIntroduction(by=introducer),
                introduction.MakeIntroduction(by=introducer),
            ]
        )
        await self._give(command, stream)

    async def _promise(self, stream: UUID, promisor: UUID, promisee: UUID, assessor: UUID) -> None:
        one, other = self.random.sample([promisor, promisee], 2)
        newcomer, number = self.random.choice(self.parties), self.random.randint(1, 9)
        command = self.random.choice(
            [
                c.CounterPromise(by=one, quantity=number),
                c.AgreeToPromise(by=promisor),
                c.AgreeToPromise(by=promisee),
                c.DeclinePromise(by=one, reason="no_capacity"),
                c.WithdrawPromise(by=one),
                c.TakeBackReport(by=promisor),
                c.ProposeTerms(by=one, quantity=number, what=WHAT),
                c.AgreeToTerms(by=other),
                c.RefuseTerms(by=other),
                c.AskForDate(by=promisee),
                c.DelegatePromise(by=promisor, to=newcomer),
                c.AssignPromise(by=promisee, to=newcomer),
                c.ConsentToHandover(by=newcomer),
                c.DisputePromise(by=one, reason=WHAT),
                c.SettlePromise(by=one, outcome="kept"),
                c.WithdrawPromiseDispute(by=one),
                c.ReportProgress(by=promisor, behind=self.random.random() < 0.5),
                c.ReportDelivery(by=promisor),
                c.ReportDelivery(by=promisor),
                c.AcceptDelivery(by=promisee),
                c.AcceptInPart(by=promisee, fraction=self.random.choice([0.25, 0.5, 0.9])),
                c.RejectDelivery(by=promisee),
                c.DeclareBroken(by=promisee),
                c.ReleasePromise(by=promisee),
                c.RenegePromise(by=promisor),
                c.AssessPromise(by=assessor, outcome="kept"),
                c.AssessPromise(by=assessor, outcome="promised", in_progress=True),
                c.AssessPromise(by=assessor, outcome="partly_kept", fraction=0.4),
                c.RewordPromise(what=f"{WHAT}, again"),
                c.RetractPromise(),
                c.ReinstatePromise(),
                c.ReinstatePromise(),
            ]
        )
        await self._give(command, stream)

    async def _create(self, told: list[tuple[UUID, ...]], command: Any, **fields: Any) -> None:
        receipt = await self._give(command(**fields, occurred_at=self._when()), None)
        names = (
            "giver",
            "receiver",
            "initiator",
            "other",
            "introducer",
            "first",
            "second",
            "promisor",
            "promisee",
            "assessor",
        )
        told.append((receipt.id, *(fields[name] for name in names if name in fields)))

    async def _give(self, command: Command, stream: UUID | None) -> Any:
        capacity: Capacity = "admin" if isinstance(command, ChangePolicy) else "recorder"
        command = type(command)(
            **{name: getattr(command, name) for name in command.__struct_fields__ if name != "occurred_at"},
            occurred_at=command.occurred_at or self._when(),
        )
        return await self.desk.give(command, stream, capacity=capacity)

    def _when(self) -> Any:
        return self.clock.now - timedelta(hours=self.random.choice([0, 0, 0, 5, 60]))
