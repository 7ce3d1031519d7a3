"""Parties that were registered in error: forgotten as long as nothing else stands to their name."""

import asyncio

import pytest

from domain.command import Reference
from domain.contact import RecordContact, RetractContact
from domain.favour.commands import RecordFavour, RetractFavour
from domain.introduction.commands import (
    ConsentToIntroduction,
    MakeIntroduction,
    ProposeIntroduction,
    RecordOutcome,
    RetractIntroduction,
)
from domain.party import JoinOrganisation, RegisterParty, RetractParty
from domain.promise.commands import MakePromise, RetractPromise
from domain.refusal import Refusal
from domain.tie import DeclareTie
from services.ledger.order import Order, Receipt
from services.reading.introductions import read_introducer
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.examples import who
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio
CRM = Reference("crm", "4711")


async def refused(desk: Desk, party: object) -> str | None:
    """The code with which the party's retraction is refused; ``None`` where it is not."""
    try:
        await desk.give(RetractParty(), party)  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code
    return None


async def test_its_key_and_its_references_go(service: Service, desk: Desk) -> None:
    one = (await desk.give(RegisterParty(name="Anna", references=(CRM,)))).id
    receipt = await desk.give(RetractParty(), one)
    assert [event.topic for event in receipt.events] == ["party.erased"]
    assert await service.pool.fetchval("SELECT count(*) FROM data_key WHERE subject_id = $1", one) == 0
    assert (await desk.give(RetractParty(), one)).events == ()
    assert (await desk.give(RegisterParty(name="Anna", references=(CRM,)))).id != one


async def test_whoever_anything_stands_of_stays(desk: Desk) -> None:
    anna, ben, cara, dora, erik = await desk.register("Anna", "Ben", "Cara", "Dora", "Erik")
    club = (await desk.give(RegisterParty(name="Club", kind="organisation"))).id
    favour = (await desk.give(RecordFavour(giver=anna, receiver=ben))).id
    promise = (await desk.give(MakePromise(promisor=anna, promisee=ben, assessor=cara, what="x"))).id
    contact = (await desk.give(RecordContact(initiator=anna, other=dora, channel="call"))).id
    await desk.give(DeclareTie(by=anna, party=anna, other=erik, closeness="good"))
    await desk.give(JoinOrganisation(organisation=club), anna)
    parties = (anna, ben, cara, dora, erik, club)
    assert [await refused(desk, party) for party in parties] == ["party_is_involved"] * 6
    await desk.give(RetractFavour(), favour)
    await desk.give(RetractPromise(), promise)
    await desk.give(RetractContact(), contact)
    involved = "party_is_involved"
    assert [await refused(desk, party) for party in parties] == [involved, None, None, None, involved, involved]


async def test_what_the_same_batch_records_counts(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    acts = who(None, "recorder", "test")
    orders = [
        Order(ledger_id=LEDGER, command=RecordFavour(giver=anna, receiver=ben), who=acts),
        Order(ledger_id=LEDGER, command=RetractParty(), who=acts, stream=anna),
    ]
    favour, retraction = await service.clerk.submit_all(orders)
    assert isinstance(favour, Receipt)
    assert isinstance(retraction, Refusal)


async def test_no_favour_slips_in_between(desk: Desk) -> None:
    parties = await desk.register(*(f"P{number}" for number in range(20)))
    (ben,) = await desk.register("Ben")
    outcomes = await asyncio.gather(
        *(desk.give(RetractParty(), party) for party in parties),
        *(desk.give(RecordFavour(giver=party, receiver=ben)) for party in parties),
        return_exceptions=True,
    )
    for retraction, favour in zip(outcomes[:20], outcomes[20:], strict=True):
        assert isinstance(retraction, Refusal) != isinstance(favour, Refusal)


async def test_an_introduction_that_is_retracted_counts_nowhere(service: Service, desk: Desk) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    proposal = ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben)
    one = (await desk.give(proposal)).id
    for by in (anna, ben):
        await desk.give(ConsentToIntroduction(by=by), one)
    await desk.give(MakeIntroduction(by=cara), one)
    await desk.give(RecordOutcome(by=anna, outcome="met"), one)
    await desk.give(RetractIntroduction(), one)
    rows = await service.pool.fetch("SELECT quantity, count FROM balance")
    assert [tuple(row) for row in rows] == [(0, 0), (0, 0)]
    async with open_snapshot(service, LEDGER) as snapshot:
        record = await read_introducer(snapshot, cara)
    assert (record.proposed, record.made, record.met) == (0, 0, 0)
    assert [await refused(desk, party) for party in (anna, ben, cara)] == [None] * 3
