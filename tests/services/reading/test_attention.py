"""What wants a party's attention, and the ties that it declared."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.contact import RecordContact
from domain.favour.commands import RecordFavour, ReinstateFavour, RetractFavour
from domain.introduction.commands import ConsentToIntroduction, MakeIntroduction, ProposeIntroduction
from domain.party import MergeParty
from domain.promise import commands as promises
from domain.promise.commands import MakePromise, ReportDelivery
from domain.refusal import Refusal
from domain.tie import Closeness, DeclareTie, UndeclareTie
from services.reading.as_of import NOW, Asked
from services.reading.attention import Attention, list_ties, read_attention
from services.reading.reader import Reader
from services.reading.snapshot import open_snapshot
from services.reading.ties import read_tie
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import START, Clock

pytestmark = pytest.mark.anyio


async def declare(desk: Desk, party: UUID, other: UUID, closeness: Closeness) -> UUID:
    return (await desk.give(DeclareTie(by=party, party=party, other=other, closeness=closeness))).id


async def test_whom_to_reach_out_to(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara, dora, emil = await desk.register("Anna", "Ben", "Cara", "Dora", "Emil")
    await declare(desk, anna, ben, "close")
    await declare(desk, anna, cara, "good")
    await declare(desk, anna, dora, "dormant")
    tie = await declare(desk, anna, emil, "close")

    async def attention(asked: Asked = NOW, party: UUID = anna) -> Attention:
        async with open_snapshot(service, LEDGER) as snapshot:
            return await read_attention(snapshot, party, asked)

    async def due(asked: Asked = NOW) -> list[tuple[UUID, int]]:
        reach_out = (await attention(asked)).reach_out
        return [(one.party, (one.due_at - START).days) for one in reach_out]

    clock.go_on(days=29)
    assert await due() == []
    at_30 = clock.go_on(days=1)
    assert sorted(await due()) == sorted([(ben, 30), (emil, 30)])
    await desk.give(UndeclareTie(by=anna), tie)
    assert await due() == [(ben, 30)]
    assert (await attention(party=ben)).reach_out == ()  # each direction is its own

    favour = (await desk.give(RecordFavour(giver=ben, receiver=anna))).id  # resets the clock, whoever acted
    assert await due() == []
    await desk.give(RetractFavour(), favour)  # it did not happen
    assert await due() == [(ben, 30)]
    await desk.give(ReinstateFavour(), favour)  # as if nothing had been said
    assert await due() == []
    await desk.give(RetractFavour(), favour)
    await desk.give(RecordContact(initiator=anna, other=ben, channel="social"))
    assert await due() == []
    proposal = ProposeIntroduction(by=dora, introducer=dora, first=anna, second=cara)
    introduction = (await desk.give(proposal)).id
    clock.go_on(days=60)
    for one in (anna, cara):
        await desk.give(ConsentToIntroduction(by=one), introduction)
    assert await due() == [(ben, 60), (cara, 90)]  # twice as long as it should be, before just as long
    (first, second) = (await attention()).reach_out
    assert (first.name, first.closeness, first.cadence_days) == ("Ben", "close", 30)
    assert (first.last_at, second.last_at) == (START + timedelta(days=30), None)
    await desk.give(MakeIntroduction(by=dora), introduction)
    assert await due() == [(ben, 60)]
    assert await due(Asked(occurred=at_30)) == []  # by what is known now, they were in contact that day
    await desk.give(MergeParty(into=ben), emil)
    await desk.give(RecordFavour(giver=emil, receiver=anna))
    assert await due() == []
    async with open_snapshot(service, LEDGER) as snapshot:
        ties = await list_ties(snapshot, anna)
        assert [(one.other, one.name, one.closeness) for one in ties.items] == sorted(
            [(ben, "Ben", "close"), (cara, "Cara", "good"), (dora, "Dora", "dormant")]
        )
        assert (await list_ties(snapshot, ben)).items == ()
        read = await read_tie(snapshot, tie, Asked(position=ties.position))
        assert (read.tie.party, read.tie.other, read.tie.closeness, len(read.history)) == (anna, emil, None, 2)
        for refused in (read_attention, list_ties):
            with pytest.raises(Refusal, match="wrong_party"):
                await refused(snapshot, anna, reader=Reader((ben,)))
        with pytest.raises(Refusal, match="tie_not_found"):  # whether there is one is not told
            await read_tie(snapshot, tie, reader=Reader((ben, emil)))
        assert (await list_ties(snapshot, anna, reader=Reader((anna,)))).items == ties.items


async def test_who_waits_for_an_answer_and_what_comes_due(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    make = MakePromise(promisor=ben, promisee=anna, what="mend the gate", due=START + timedelta(days=9))
    promise = (await desk.give(make)).id
    proposal = ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben, why="both keep bees")
    introduction = (await desk.give(proposal)).id
    clock.go_on(days=1)

    async def attention(party: UUID, asked: Asked = NOW) -> Attention:
        async with open_snapshot(service, LEDGER) as snapshot:
            return await read_attention(snapshot, party, asked)

    assert (await attention(ben)).promises == ()  # in eight days
    before = clock.go_on(days=9)
    (due,) = (await attention(ben)).promises
    assert (due.promise, due.name, due.what, due.overdue) == (promise, "Anna", "mend the gate", False)
    clock.go_on(hours=15)
    (due,) = (await attention(ben)).promises
    assert due.overdue
    await desk.give(ReportDelivery(by=ben), promise)
    for asked in (NOW, Asked(recorded=clock.now)):
        found = await attention(anna, asked)
        assert [(ask.kind, ask.stream, ask.name, ask.what) for ask in found.waiting] == [
            ("introduction", introduction, "Cara", "both keep bees"),
            ("report", promise, "Ben", "mend the gate"),
        ]
    assert [ask.kind for ask in (await attention(anna, Asked(occurred=before))).waiting] == ["introduction"]
    assert [due.promise for due in (await attention(ben, Asked(occurred=before))).promises] == [promise]
    assert (await attention(ben)).promises == ()
    await desk.give(ConsentToIntroduction(by=anna), introduction)
    assert [ask.kind for ask in (await attention(anna)).waiting] == ["report"]
    assert [ask.kind for ask in (await attention(ben)).waiting] == ["introduction"]


async def test_every_act_of_a_promise_that_wants_an_answer(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    said: Any = {"promisor": anna, "promisee": ben, "what": "mend the gate"}

    async def waiting(party: UUID) -> list[str]:
        async with open_snapshot(service, LEDGER) as snapshot:
            live = (await read_attention(snapshot, party)).waiting
            past = (await read_attention(snapshot, party, Asked(position=snapshot.position))).waiting
        assert live == past
        assert {ask.name for ask in live} <= {"Anna", "Ben"}
        return [ask.kind for ask in live]

    requested = (await desk.give(promises.RequestPromise(by=ben, **said))).id
    assert (await waiting(anna), await waiting(ben)) == (["request"], [])
    await desk.give(promises.CounterPromise(by=anna, what="paint the gate"), requested)
    assert (await waiting(anna), await waiting(ben)) == ([], ["counter"])
    await desk.give(promises.WithdrawPromise(by=anna), requested)
    await desk.give(promises.OfferPromise(by=anna, **said))
    assert (await waiting(anna), await waiting(ben)) == ([], ["offer"])
    made = (await desk.give(MakePromise(by=anna, **said))).id
    clock.go_on(days=1)
    await desk.give(promises.AskForDate(by=ben), made)
    assert await waiting(anna) == ["date"]
    clock.go_on(days=8)
    async with open_snapshot(service, LEDGER) as snapshot:
        (due,) = (await read_attention(snapshot, anna)).promises
        assert due.due == START + timedelta(days=15)  # the window after a date was asked for
    await desk.give(promises.ProposeTerms(by=ben, due=START + timedelta(days=99)), made)
    await desk.give(promises.DelegatePromise(by=anna, to=cara), made)
    assert (await waiting(anna), await waiting(cara)) == (["date", "terms"], ["handover"])
    broken = MakePromise(by=anna, promisor=anna, promisee=ben, what="call", due=START + timedelta(days=9, hours=1))
    late = (await desk.give(broken)).id
    clock.go_on(days=5)
    await desk.give(promises.DeclareBroken(by=ben), late)
    await desk.give(promises.DisputePromise(by=anna, reason="I called"), late)
    assert (await waiting(anna), await waiting(ben)) == (["date", "terms"], ["offer", "dispute"])
