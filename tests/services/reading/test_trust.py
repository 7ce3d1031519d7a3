"""Trust as it is read: from whom its evidence comes, as of which moment, and what stands beside it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from scipy.stats import beta, binomtest

from domain.favour import commands as favour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import MergeParty
from domain.promise import commands as c
from domain.promise.events import Declined
from domain.refusal import Refusal
from services.reading.as_of import NOW, Asked
from services.reading.pages import FIRST, Page
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.reading.trust import TrustAnswer, View, read_trust
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import POLICY, START, Clock

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


class Village:
    """Anna promises; Ben and Cara are promised to; Dora assesses."""

    def __init__(self, service: Service, desk: Desk, clock: Clock, parties: list[UUID]) -> None:
        self.service, self.desk, self.clock = service, desk, clock
        self.anna, self.ben, self.cara, self.dora = parties

    async def promised(self, to: UUID, due_days: float | None = 10) -> UUID:
        due = None if due_days is None else self.clock.now + due_days * DAY
        command = c.MakePromise(promisor=self.anna, promisee=to, assessor=self.dora, due=due, what="a shelf")
        return (await self.desk.give(command)).id

    async def kept(self, to: UUID, answer: c.PromiseCommand | None = None) -> UUID:
        stream = await self.promised(to)
        await self.desk.give(c.ReportDelivery(by=self.anna), stream)
        await self.desk.give(answer or c.AcceptDelivery(by=to), stream)
        return stream

    async def trust(self, *, asked: Asked = NOW, page: Page = FIRST, **view: Any) -> TrustAnswer:
        async with open_snapshot(self.service, LEDGER) as snapshot:
            return await read_trust(snapshot, self.anna, View(**view), asked, page)


@pytest.fixture
async def village(service: Service, desk: Desk, clock: Clock) -> Village:
    return Village(service, desk, clock, await desk.register("Anna", "Ben", "Cara", "Dora"))


async def test_nothing_known_is_the_base_rate(village: Village) -> None:
    answer = await village.trust()
    assert (answer.r, answer.s, answer.expected, answer.evidence, answer.whole) == (0, 0, 0.5, (), True)
    assert (answer.opinion.uncertainty, answer.opinion.base_rate) == (1, 0.5)
    assert (answer.interval.low, answer.interval.high) == pytest.approx((0.05, 0.95))
    assert (answer.plain.kept, answer.plain.of, answer.plain.wilson.high) == (0, 0, 1)
    assert answer.conduct.acknowledgement.rate is answer.conduct.answer_time.median_s is None


async def test_the_designs_check_values_are_answered(village: Village) -> None:
    for _ in range(8):
        await village.kept(village.ben)
    for _ in range(2):
        await village.desk.give(
            c.AssessPromise(by=village.dora, outcome="broken"), await village.promised(village.cara)
        )
    answer = await village.trust()
    assert (answer.r, answer.s, answer.expected) == (8, 2, 0.75)
    opinion = answer.opinion
    assert [round(figure, 3) for figure in (opinion.belief, opinion.disbelief, opinion.uncertainty)] == [
        0.667,
        0.167,
        0.167,
    ]
    assert (answer.interval.low, answer.interval.high) == pytest.approx(beta.interval(0.9, 9, 3))
    known = binomtest(8, 10).proportion_ci(method="wilson")
    assert (answer.plain.kept, answer.plain.of) == (8, 10)
    assert (answer.plain.wilson.low, answer.plain.wilson.high) == pytest.approx((known.low, known.high))
    assert round(answer.plain.wilson.low, 2) == 0.49


async def test_each_line_says_who_said_what_and_where(village: Village) -> None:
    half = await village.kept(village.ben, c.AcceptInPart(by=village.ben, fraction=0.25))
    gone = await village.promised(village.cara, due_days=10)
    village.clock.go_on(days=5)
    await village.desk.give(c.RenegePromise(by=village.anna), gone)
    late = await village.promised(village.ben, due_days=1)
    village.clock.go_on(days=3)
    await village.desk.give(c.DeclareBroken(by=village.ben), late)
    judged = await village.promised(village.cara)
    said = await village.desk.give(c.AssessPromise(by=village.dora, outcome="kept"), judged)
    await village.desk.give(c.RewordPromise(what="another"), judged)
    await village.desk.give(c.AssessPromise(by=village.dora, outcome="promised"), await village.promised(village.ben))
    await village.desk.give(c.ReleasePromise(by=village.cara), await village.promised(village.cara))
    error = await village.kept(village.ben)
    await village.desk.give(c.RetractPromise(by=village.dora), error)

    answer = await village.trust()
    lines = {line.promise: line for line in answer.evidence}
    assert list(lines) == [judged, late, gone, half]
    assert [(line.outcome, line.said_by, line.promisee) for line in answer.evidence] == [
        ("kept", village.dora, village.cara),
        ("broken", village.ben, village.ben),
        ("reneged", village.anna, village.cara),
        ("partly_kept", village.ben, village.ben),
    ]
    fresh, older = 2 ** (-3 / 365), 2 ** (-8 / 365)
    assert [(line.decay, line.r, line.s) for line in answer.evidence] == [
        pytest.approx((1, 1, 0)),
        pytest.approx((1, 0, 1)),
        pytest.approx((fresh, 0, 0.75 * fresh)),
        pytest.approx((older, 0.25 * older, 0.75 * older)),
    ]
    assert answer.r == pytest.approx(sum(line.r for line in answer.evidence))
    assert answer.s == pytest.approx(sum(line.s for line in answer.evidence))
    assert (lines[judged].said_in, lines[judged].positions) == (
        said.position,
        (said.position - 1, said.position, said.position + 1),
    )


async def test_as_one_other_sees_it(village: Village) -> None:
    to_ben = await village.kept(village.ben)
    assessed = await village.kept(village.cara)
    await village.desk.give(c.AssessPromise(by=village.dora, outcome="broken"), assessed)
    for other, seen in (
        (village.ben, [(to_ben, "kept")]),
        (village.cara, [(assessed, "broken")]),
        (village.dora, [(assessed, "broken")]),
    ):
        answer = await village.trust(seen_by=other)
        assert [(line.promise, line.outcome) for line in answer.evidence] == seen
        assert answer.conduct.reciprocity.given == int(other == village.ben)
    with pytest.raises(BadQuestionError):
        await village.trust(seen_by=village.anna)
    with pytest.raises(Refusal):
        await village.trust(seen_by=UUID(int=9))


async def test_as_of_a_moment_with_the_policy_of_that_moment(village: Village) -> None:
    before = await village.kept(village.ben)
    first = await village.trust()
    village.clock.go_on(days=365)
    policy = type(POLICY)(units=POLICY.units, base_rate=0.8, half_life_days=73)
    await village.desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")
    await village.desk.give(c.AssessPromise(by=village.dora, outcome="broken"), before)
    village.clock.go_on(days=73)

    now = await village.trust()
    assert (now.r, now.s, now.opinion.base_rate, now.half_life_days) == (0, 0.5, 0.8, 73)
    assert now.expected == pytest.approx((0 + 0.8 * 2) / 2.5)
    for asked in (Asked(position=first.position), Asked(recorded=START), Asked(occurred=START)):
        then = await village.trust(asked=asked)
        assert (then.moment, then.r, then.expected, then.evidence) == (START, 1, first.expected, first.evidence)
    later = await village.trust(asked=Asked(occurred=START + 365 * DAY - timedelta(seconds=1)))
    assert later.r == pytest.approx(0.5)


async def test_evidence_comes_in_pages(village: Village) -> None:
    promises = [await village.kept(village.ben) for _ in range(5)]
    found: list[UUID] = []
    after: str | None = None
    while True:
        answer = await village.trust(page=Page(after, 2))
        assert (answer.r, len(answer.evidence) <= 2) == (5, True)
        found += [line.promise for line in answer.evidence]
        after = answer.next
        if after is None:
            break
    assert found == promises[::-1]
    with pytest.raises(BadQuestionError):
        await village.trust(page=Page("x", 2))


async def test_conduct_stands_beside_it(village: Village) -> None:
    anna, ben, cara = village.anna, village.ben, village.cara
    favours = [
        (await village.desk.give(favour.RecordFavour(giver=giver, receiver=receiver, what="a cake"))).id
        for giver, receiver in ((ben, anna), (cara, anna), (ben, anna), (anna, ben))
    ]
    await village.desk.give(favour.AcknowledgeFavour(by=anna), favours[0])
    await village.desk.give(favour.DisputeFavour(by=anna, reason="it fell"), favours[1])
    await village.desk.give(favour.RetractFavour(), favours[2])
    for hours in (1, 5, 30):
        made = c.MakePromise(promisor=ben, promisee=anna, what="a shelf")
        stream = (await village.desk.give(made)).id
        await village.desk.give(c.ReportDelivery(by=ben), stream)
        village.clock.go_on(hours=hours)
        await village.desk.give(c.RejectDelivery(by=anna), stream)
    conduct = (await village.trust()).conduct
    assert (conduct.reciprocity.given, conduct.reciprocity.taken) == (1, 1)
    assert conduct.reciprocity.value == 0
    assert (conduct.acknowledgement.count, conduct.acknowledgement.of, conduct.acknowledgement.rate) == (1, 2, 0.5)
    assert (conduct.disputes.count, conduct.disputes.of) == (1, 6)
    assert (conduct.answer_time.answers, conduct.answer_time.median_s) == (3, 5 * 3600)
    with_cara = (await village.trust(seen_by=cara)).conduct
    assert (with_cara.disputes.count, with_cara.disputes.of, with_cara.reciprocity.taken) == (1, 1, 0)
    asked = Asked(occurred=START)
    assert (await village.trust(asked=asked)).conduct.answer_time.answers == 0


async def test_what_is_disputed_is_no_evidence_until_it_is_settled(village: Village) -> None:
    by_both, by_assessor, as_before = [await village.kept(village.ben) for _ in range(3)]
    (line,) = [line for line in (await village.trust()).evidence if line.promise == by_both]
    assert line.contest == f"/v1/ledgers/{LEDGER}/promises/{by_both}/dispute"
    for stream in (by_both, by_assessor, as_before):
        await village.desk.give(c.DisputePromise(by=village.ben, reason="it fell apart"), stream)
    answer = await village.trust()
    assert (answer.r, answer.evidence, answer.conduct.disputes.count) == (0, (), 3)

    await village.desk.give(c.SettlePromise(by=village.ben, outcome="broken"), by_both)
    agreed = await village.desk.give(c.SettlePromise(by=village.anna, outcome="broken"), by_both)
    judged = await village.desk.give(c.SettlePromise(by=village.dora, outcome="partly_kept", fraction=0.5), by_assessor)
    await village.desk.give(c.WithdrawPromiseDispute(by=village.ben), as_before)
    lines = {line.promise: line for line in (await village.trust()).evidence}
    assert [(lines[one].outcome, lines[one].said_by) for one in (by_both, by_assessor, as_before)] == [
        ("broken", village.ben),
        ("partly_kept", village.dora),
        ("kept", village.ben),
    ]
    assert [lines[one].said_in for one in (by_both, by_assessor)] == [agreed.position, judged.position]
    assert lines[as_before].said_in < agreed.position
    by_dora = (await village.trust(seen_by=village.dora)).evidence
    assert [line.promise for line in by_dora] == [by_assessor]


async def test_merged_parties_are_one_and_their_own_word_is_no_evidence(village: Village) -> None:
    also_dora, also_anna = await village.desk.register("Dora D.", "Anna A.")
    settled, judged = await village.kept(village.ben), await village.promised(village.ben)
    await village.desk.give(MergeParty(into=village.dora), also_dora)
    await village.desk.give(c.DisputePromise(by=village.ben, reason="it fell apart"), settled)
    await village.desk.give(c.SettlePromise(by=also_dora, outcome="broken"), settled)
    await village.desk.give(c.AssessPromise(by=village.dora, outcome="kept"), judged)
    between = await village.kept(also_anna)
    assert len((await village.trust()).evidence) == 3
    assert len((await village.trust(seen_by=also_dora)).evidence) == 2

    await village.desk.give(MergeParty(into=village.anna), also_anna)
    assert between not in {line.promise for line in (await village.trust()).evidence}
    before = await village.trust()
    merged = await village.desk.give(MergeParty(into=village.anna), village.dora)
    assert (await village.trust()).evidence == ()
    assert (await village.trust(asked=Asked(position=merged.position - 1))).evidence == before.evidence


async def test_on_one_topic(village: Village) -> None:
    for topic in ("joinery", "joinery", "gardening", None):
        made = c.MakePromise(promisor=village.anna, promisee=village.ben, what="a shelf", topic=topic)
        stream = (await village.desk.give(made)).id
        await village.desk.give(c.ReportDelivery(by=village.anna), stream)
        await village.desk.give(c.AcceptDelivery(by=village.ben), stream)
    assert [line.topic for line in (await village.trust(topic="joinery")).evidence] == ["joinery"] * 2
    assert [(await village.trust(topic=topic)).r for topic in (None, "gardening", "sql")] == [4, 1, 0]


async def test_what_was_handed_over_is_evidence_for_who_had_it_at_the_end(village: Village) -> None:
    stream = await village.promised(village.ben)
    await village.desk.give(c.DelegatePromise(by=village.anna, to=village.cara), stream)
    await village.desk.give(c.ConsentToHandover(by=village.cara), stream)
    before = (await village.desk.give(c.ReportDelivery(by=village.cara), stream)).position
    await village.desk.give(c.AcceptDelivery(by=village.ben), stream)
    assert (await village.trust()).evidence == ()
    async with open_snapshot(village.service, LEDGER) as snapshot:
        assert (await read_trust(snapshot, village.cara)).r == 1
        assert (await read_trust(snapshot, village.cara, asked=Asked(position=before))).r == 0


async def test_requests_that_were_improper_and_how_soon_those_are_answered(village: Village) -> None:
    anna, ben, cara = village.anna, village.ben, village.cara
    declined: tuple[tuple[UUID, Declined], ...] = ((ben, "improper"), (ben, "no_capacity"), (cara, "improper"))
    for promisor, reason in declined:
        asked_for = c.RequestPromise(by=anna, promisor=promisor, promisee=anna, what="look away")
        stream = (await village.desk.give(asked_for)).id
        await village.desk.give(c.DeclinePromise(by=promisor, reason=reason), stream)
    offered = c.OfferPromise(by=ben, promisor=ben, promisee=anna, what="an envelope")
    stream = (await village.desk.give(offered)).id
    village.clock.go_on(hours=7)
    await village.desk.give(c.DeclinePromise(by=anna, reason="improper"), stream)
    conduct = (await village.trust()).conduct
    assert (conduct.improper_asks, conduct.answer_time.answers, conduct.answer_time.median_s) == (2, 1, 7 * 3600)
    assert (await village.trust(seen_by=ben)).conduct.improper_asks == 1
    assert (await village.trust(asked=Asked(position=5))).conduct.improper_asks == 0
