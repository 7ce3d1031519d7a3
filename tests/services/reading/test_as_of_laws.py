"""Whatever moment is asked about, on whichever clock: the answer is what the events until then add up to."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from services.reading.as_of import NOW, Asked
from services.reading.attention import list_ties, read_attention
from services.reading.audit import PromiseAudit, read_audit
from services.reading.balance import (
    PartyBalance,
    Relationship,
    list_relationships,
    read_party_balance,
    read_relationship,
)
from services.reading.gifts import list_gifts
from services.reading.introductions import read_introducer
from services.reading.pages import Page
from services.reading.snapshot import Snapshot, open_snapshot
from services.reading.timeline import Stretch, read_pair_timeline, read_party_timeline
from services.reading.trust import TrustAnswer, read_trust
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading import oracle
from tests.services.reading.conftest import POLICY, Clock
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio


async def all_relationships(
    snapshot: Snapshot, asked: Asked = NOW, party: UUID | None = None, limit: int = 3
) -> list[Relationship]:
    found: list[Relationship] = []
    after = None
    while True:
        page = await list_relationships(snapshot, party, asked, Page(after, limit))
        found += page.items
        after = page.next
        if after is None:
            return found


async def whole_audit(snapshot: Snapshot, asked: Asked = NOW) -> PromiseAudit:
    return await read_audit(snapshot, asked=asked, page=Page(limit=200))


async def all_ties(snapshot: Snapshot, parties: list[UUID], asked: Asked = NOW) -> list[Any]:
    """What wants each party's attention, its record as an introducer, its timelines, and the gift register."""
    found: list[Any] = [(await list_gifts(snapshot, asked=asked, page=Page(limit=200))).items]
    for n, party in enumerate(parties):
        attention = await read_attention(snapshot, party, asked)
        record = await read_introducer(snapshot, party, asked)
        timeline = await read_party_timeline(snapshot, party, Stretch(until=asked), Page(limit=200))
        between = await read_pair_timeline(snapshot, party, parties[n - 1], Stretch(until=asked), Page(limit=200))
        found += [
            attention.reach_out,
            attention.waiting,
            attention.promises,
            (await list_ties(snapshot, party, asked)).items,
        ]
        found += [(record.proposed, record.waiting, record.declined, record.made), timeline.items, between.items]
    return found


class Seen:
    """What the live tables said at one time."""

    def __init__(self, snapshot: Snapshot, relationships: list[Relationship], audit: PromiseAudit) -> None:
        self.position, self.moment = snapshot.position, snapshot.now
        self.relationships = relationships
        self.audit = audit
        self.parties: list[PartyBalance] = []
        self.trust: list[TrustAnswer] = []
        self.ties: list[Any] = []


async def look(service: Service, parties: list[UUID]) -> Seen:
    async with open_snapshot(service, LEDGER) as snapshot:
        seen = Seen(snapshot, await all_relationships(snapshot), await whole_audit(snapshot))
        seen.parties = [await read_party_balance(snapshot, party) for party in parties]
        seen.trust = [await read_trust(snapshot, party) for party in parties]
        seen.ties = await all_ties(snapshot, parties)
    return seen


@pytest.fixture(params=range(2))
async def told(request: pytest.FixtureRequest, desk: Desk, clock: Clock, service: Service) -> tuple[Story, list[Seen]]:
    """A story of some hundred events, and what was to be seen at eight times on the way; the second with merges."""
    story = Story(desk, clock, request.param, merges=request.param == 1)
    await story.begin(6 if story.kinds > 19 else 4)
    seen = []
    for _ in range(8):
        await story.go_on(40)
        seen.append(await look(service, story.parties))
        clock.go_on(seconds=1)
    return story, seen


async def test_on_the_recorded_clock_the_past_reads_as_it_read_then(
    told: tuple[Story, list[Seen]], service: Service
) -> None:
    story, seen = told
    async with open_snapshot(service, LEDGER) as snapshot:
        for then in seen:
            asked = Asked(recorded=then.moment)
            assert await all_relationships(snapshot, asked) == then.relationships
            audit = await whole_audit(snapshot, asked)
            assert audit.totals == then.audit.totals
            assert audit.lines == then.audit.lines
            assert (audit.position, audit.moment) == (then.position, then.moment)
            for party, balance in zip(story.parties, then.parties, strict=True):
                found = await read_party_balance(snapshot, party, asked)
                assert (found.units, found.relationships) == (balance.units, balance.relationships)
                assert found.position == then.position
            assert [await read_trust(snapshot, party, asked=asked) for party in story.parties] == then.trust
            assert await all_ties(snapshot, story.parties, asked) == then.ties
    assert any(reach_out for then in seen for reach_out in then.ties[1::7])


async def test_a_position_is_the_moment_at_which_it_was_recorded(
    told: tuple[Story, list[Seen]], service: Service
) -> None:
    _, seen = told
    log = await oracle.load_log(service, LEDGER)
    async with open_snapshot(service, LEDGER) as snapshot:
        for then in seen:
            by_position = await whole_audit(snapshot, Asked(position=then.position))
            recorded_at = log[then.position - 1].recorded_at
            assert by_position.moment == recorded_at
            assert by_position == await whole_audit(snapshot, Asked(recorded=recorded_at))
            assert await all_relationships(snapshot, Asked(position=then.position)) == then.relationships


async def test_on_the_occurred_clock_it_is_the_fold_of_what_occurred_until_then(
    told: tuple[Story, list[Seen]], service: Service
) -> None:
    story, seen = told
    log = await oracle.load_log(service, LEDGER)
    async with open_snapshot(service, LEDGER) as snapshot:
        for moment in {then.moment for then in seen} | {entry.occurred_at for entry in log[::9]}:
            entries = oracle.until(log, occurred=moment)
            await check(snapshot, story, Asked(occurred=moment), entries, moment)


async def test_both_clocks_together_tell_what_was_true_as_far_as_it_was_known(
    told: tuple[Story, list[Seen]], service: Service
) -> None:
    story, seen = told
    log = await oracle.load_log(service, LEDGER)
    async with open_snapshot(service, LEDGER) as snapshot:
        for known, true in zip(seen[3:], seen, strict=False):
            entries = oracle.until(log, position=known.position, occurred=true.moment)
            for asked in (
                Asked(position=known.position, occurred=true.moment),
                Asked(recorded=known.moment, occurred=true.moment),
            ):
                await check(snapshot, story, asked, entries, true.moment)


async def check(snapshot: Snapshot, story: Story, asked: Asked, entries: list[Any], moment: datetime) -> None:
    expected, one = oracle.sides(entries), oracle.merges(entries)
    relationships = await all_relationships(snapshot, asked)
    assert oracle.without_zeros(oracle.sides_of(relationships)) == oracle.without_zeros(expected)
    audit = await whole_audit(snapshot, asked)
    assert audit.totals is not None
    oracle.check_totals(audit.totals, oracle.totals(entries, moment, oracle.policy(entries, POLICY)))
    for each in story.parties:
        balance = await read_party_balance(snapshot, each, asked)
        party = one.root(each)
        assert balance.party == party
        for unit in balance.units:
            oracle.check_sums(unit)
            given = [side for (giver, _, its, _), side in expected.items() if (giver, its) == (party, unit.unit)]
            received = [side for (_, to, its, _), side in expected.items() if (to, its) == (party, unit.unit)]
            assert [unit.given.quantity, unit.given.count, unit.given.disputed] == [sum(c) for c in columns(given)]
            assert [unit.received.quantity, unit.received.count, unit.received.disputed] == [
                sum(c) for c in columns(received)
            ]
        trust = await read_trust(snapshot, party, asked=asked)
        assert (trust.r, trust.s) == pytest.approx(oracle.trust(entries, party, moment, oracle.policy(entries, POLICY)))
        others = {pair for key in expected for pair in ((key[0], key[1]), (key[1], key[0])) if pair[0] == party}
        assert balance.relationships == len(others)


def columns(sides: list[Any]) -> list[list[int]]:
    return [[side[n] for side in sides] for n in range(3)]


async def test_one_relationship_equals_its_line_of_the_list_and_reads_from_either_side(
    told: tuple[Story, list[Seen]], service: Service
) -> None:
    story, seen = told
    log = await oracle.load_log(service, LEDGER)
    async with open_snapshot(service, LEDGER) as snapshot:
        for asked, entries in (
            (NOW, log),
            (Asked(recorded=seen[4].moment), oracle.until(log, position=seen[4].position)),
            (Asked(occurred=seen[4].moment), oracle.until(log, occurred=seen[4].moment)),
        ):
            merges = oracle.merges(entries)
            listed = {(r.a, r.b): r for r in await all_relationships(snapshot, asked)}
            for a in story.parties:
                for b in story.parties:
                    if merges.same(a, b):
                        continue
                    one = (await read_relationship(snapshot, a, b, asked)).relationship
                    back = (await read_relationship(snapshot, b, a, asked)).relationship
                    assert [unit.unit for unit in one.units] == ["favour", "minute"]
                    assert [(u.given, u.received, u.net) for u in one.units] == [
                        (u.received, u.given, -u.net) for u in back.units
                    ]
                    if (a, b) in listed:
                        assert tuple(unit for unit in one.units if unit.kinds) == tuple(
                            sorted(listed[a, b].units, key=lambda unit: unit.unit)
                        )


async def test_what_is_given_is_received(told: tuple[Story, list[Seen]], service: Service) -> None:
    story, _ = told
    merges = oracle.merges(await oracle.load_log(service, LEDGER))
    parties = {merges.root(party) for party in story.parties}
    async with open_snapshot(service, LEDGER) as snapshot:
        balances = [await read_party_balance(snapshot, party) for party in parties]
        relationships = await all_relationships(snapshot)
    for n, unit in enumerate(("favour", "minute")):
        given = sum(balance.units[n].given.quantity for balance in balances)
        assert given == sum(balance.units[n].received.quantity for balance in balances)
        assert given == sum(
            line.given.quantity + line.received.quantity
            for relationship in relationships
            for line in relationship.units
            if line.unit == unit
        )
