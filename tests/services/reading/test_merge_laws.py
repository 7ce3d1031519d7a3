"""Merging: a party counts once whatever its ids, nothing between them counts, and parting leaves all as it was."""

import re
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from domain.party import MergeParty, UnmergeParty
from services.reading.audit import BY, read_audit
from services.reading.balance import list_imbalances, list_relationships, read_party_balance, read_relationship
from services.reading.common_ground import read_common_ground
from services.reading.favours import list_favours
from services.reading.introductions import list_introductions
from services.reading.pages import Page
from services.reading.parties import list_parties
from services.reading.promises import list_promises, read_promise
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, open_snapshot
from services.reading.standing import PromiseFilter
from services.reading.trust import View, read_trust
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import Clock
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio

ALL = Page(limit=200)
PINNED_POSITION = re.compile(rb"(?<=as_of=)\d+(?=@)")
"""In the addresses of an audit."""


@pytest.fixture(params=range(2))
async def story(request: pytest.FixtureRequest, desk: Desk, clock: Clock) -> Story:
    """Some hundred events between five parties."""
    told = Story(desk, clock, request.param)
    await told.begin(5)
    await told.go_on(160)
    return told


async def read_all(snapshot: Snapshot, parties: list[UUID]) -> list[Any]:
    """What every read of the whole ledger, of each party and of each pair says, whatever its position."""
    answers: list[Any] = [
        await list_relationships(snapshot, page=ALL),
        await list_imbalances(snapshot, page=ALL),
        await list_favours(snapshot, page=ALL),
        await list_introductions(snapshot, page=ALL),
        await list_promises(snapshot, page=ALL),
        await list_parties(snapshot, ALL),
        *[await read_audit(snapshot, page=ALL, by=by) for by in BY],
    ]
    for party in parties:
        answers += [
            await read_party_balance(snapshot, party),
            await list_relationships(snapshot, party, page=ALL),
            await list_imbalances(snapshot, party, page=ALL),
            await list_favours(snapshot, party=party, page=ALL),
            await list_introductions(snapshot, party=party, page=ALL),
            await list_promises(snapshot, PromiseFilter(party=party), ALL),
            await read_trust(snapshot, party, page=ALL),
        ]
        for other in parties:
            if other != party:
                answers += [
                    await read_relationship(snapshot, party, other),
                    await list_favours(snapshot, party=party, other=other, page=ALL),
                    await read_trust(snapshot, party, View(seen_by=other), page=ALL),
                    await read_common_ground(snapshot, party, other, ALL),
                ]
    texts = [msgspec.json.encode(replace(answer, position=0)) for answer in answers]
    return [PINNED_POSITION.sub(b"", text) for text in texts]


async def test_parting_leaves_every_read_as_it_was(story: Story, desk: Desk, service: Service) -> None:
    """A chain of merges, taken back in another order than it came about."""
    one, two, three = story.parties[:3]
    async with open_snapshot(service, LEDGER) as snapshot:
        before = await read_all(snapshot, story.parties)
    await desk.give(MergeParty(into=two), one)
    await desk.give(MergeParty(into=three), two)
    async with open_snapshot(service, LEDGER) as snapshot:
        with pytest.raises(BadQuestionError):
            await read_relationship(snapshot, one, three)
        assert (await read_party_balance(snapshot, one)) == (await read_party_balance(snapshot, three))
    await desk.give(UnmergeParty(), one)
    await desk.give(UnmergeParty(), two)
    async with open_snapshot(service, LEDGER) as snapshot:
        assert await read_all(snapshot, story.parties) == before


async def test_a_merged_party_counts_once(story: Story, desk: Desk, service: Service) -> None:
    """Its totals are the sum of its relationships; what is between its ids is in none, and shown only by its own id."""
    one, two, three, *rest = story.parties
    async with open_snapshot(service, LEDGER) as snapshot:
        inside = [
            line.id
            for other in (two, three)
            for line in (await list_promises(snapshot, PromiseFilter(party=one, other=other), ALL)).items
        ]
    await desk.give(MergeParty(into=three), one)
    await desk.give(MergeParty(into=three), two)
    roots = [three, *rest]
    async with open_snapshot(service, LEDGER) as snapshot:
        given = received = 0
        for party in roots:
            balance = await read_party_balance(snapshot, party)
            relationships = (await list_relationships(snapshot, party, page=ALL)).items
            assert balance.relationships == len(relationships)
            assert {relationship.b for relationship in relationships} <= set(roots) - {party}
            for unit in balance.units:
                lines = [
                    line for relationship in relationships for line in relationship.units if line.unit == unit.unit
                ]
                assert unit.given.quantity == sum(line.given.quantity for line in lines)
                assert unit.received.quantity == sum(line.received.quantity for line in lines)
                given, received = given + unit.given.quantity, received + unit.received.quantity
        assert given == received
        pairs = {(item.a, item.b) for item in (await list_relationships(snapshot, page=ALL)).items}
        by_imbalance = {(item.a, item.b) for item in (await list_imbalances(snapshot, page=ALL)).items}
        assert by_imbalance <= pairs
        assert all(a < b and {a, b} <= set(roots) for a, b in pairs)
        small: list[tuple[UUID, UUID]] = []
        page = await list_relationships(snapshot, page=Page(limit=1))
        small += [(item.a, item.b) for item in page.items]
        while page.next is not None:
            page = await list_relationships(snapshot, page=Page(page.next, 1))
            small += [(item.a, item.b) for item in page.items]
        assert small == sorted(pairs)
        listed = {line.id for line in (await list_promises(snapshot, page=ALL)).items}
        assert listed.isdisjoint(inside)
        for promise in inside:
            assert (await read_promise(snapshot, promise)).promise.id == promise
