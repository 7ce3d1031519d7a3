"""Batches: orders that wait together are decided in their order, and harm each other in nothing.

Orders that are given together (``asyncio.gather``) wait together, so a lane takes them as one batch.
"""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from domain.catalogue import FAVOUR, STREAM_TYPE_OF
from domain.command import Act, Facts, Reference
from domain.event import Event
from domain.favour.commands import AcknowledgeFavour, FavourCommand, RecordFavour
from domain.favour.state import Favour
from domain.party import AddReference, RegisterParty, RenameParty
from domain.promise.commands import MakePromise
from services.ledger.append import Batch, append
from services.ledger.opening import open_ledger
from services.ledger.order import Receipt
from tests.services.clerk.desks import KEY, Spy, check_head, codes, fetch, together
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


async def test_a_favour_is_recorded_at_the_next_position(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    receipt = await desk.give(RecordFavour(giver=anna, receiver=ben, what="watered the plants"))
    assert (receipt.ledger, receipt.version, receipt.position) == (LEDGER, 1, 4)
    assert [event.topic for event in receipt.events] == ["favour.recorded"]


async def test_what_waits_together_is_one_commit(desk: Desk, spy: Spy) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    spy.events.clear()
    receipts = await asyncio.gather(*(desk.give(RecordFavour(giver=anna, receiver=ben)) for _ in range(100)))
    assert spy.events == [100]
    assert [receipt.position for receipt in receipts] == list(range(4, 104))


async def test_a_refused_order_among_accepted_ones_harms_nobody(desk: Desk, spy: Spy) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    spy.events.clear()
    outcomes = await together(
        desk.give(RecordFavour(giver=anna, receiver=ben)),
        desk.give(RecordFavour(giver=anna, receiver=anna)),
        desk.give(RecordFavour(giver=anna, receiver=uuid4())),
        desk.give(RecordFavour(giver=ben, receiver=anna, quantity=2)),
        desk.give(RecordFavour(giver=ben, receiver=anna, unit="smile")),
        desk.give(RenameParty(name="Bernd"), ben),
    )
    assert codes(outcomes) == [
        "favour.recorded",
        "same_party",
        "unknown_party",
        "favour.recorded",
        "unknown_unit",
        "party.renamed",
    ]
    assert spy.events == [3]
    await check_head(desk)


async def test_orders_of_other_ledgers_in_the_batch_are_apart(desk: Desk) -> None:
    elsewhere = [Desk(desk.service, f"village-{n}") for n in range(4)]
    for place in elsewhere:
        await open_ledger(desk.service, place.ledger_id)
    nowhere = Desk(desk.service, "nowhere")
    outcomes = await together(*(place.give(RegisterParty(name="Anna")) for place in (*elsewhere, nowhere, desk)))
    assert codes(outcomes) == [*["party.registered"] * 4, "ledger_not_found", "party.registered"]
    keyed = await together(nowhere.give(RegisterParty(name="Anna"), idempotency_key=KEY))
    assert codes(keyed) == ["ledger_not_found"]
    for place in (*elsewhere, desk):
        await check_head(place)


async def test_a_batch_mate_whose_rule_breaks_harms_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(command: FavourCommand, favour: Favour | None, facts: Facts, act: Act) -> tuple[Event, ...]:
        if isinstance(command, RecordFavour) and command.quantity == 13:
            raise ZeroDivisionError
        return FAVOUR.decide(command, favour, facts, act)

    anna, ben = await desk.register("Anna", "Ben")
    monkeypatch.setitem(STREAM_TYPE_OF, RecordFavour, replace(FAVOUR, decide=decide))
    outcomes = await together(
        *(desk.give(RecordFavour(giver=anna, receiver=ben, quantity=quantity)) for quantity in (1, 13, 2)),
        desk.give(RegisterParty(name="Carla")),
    )
    assert codes(outcomes) == ["favour.recorded", "ZeroDivisionError", "favour.recorded", "party.registered"]
    assert (await desk.give(RecordFavour(giver=ben, receiver=anna))).position == 7
    await check_head(desk)
    assert await fetch(desk, "SELECT quantity, count FROM balance WHERE giver = $1", anna) == [(3, 2)]


async def test_a_batch_mate_that_the_database_refuses_harms_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that lets through what a constraint does not: quantity beyond the column."""

    def decide(command: RecordFavour, favour: None, facts: Facts, act: Act) -> tuple[Event, ...]:
        (event,) = FAVOUR.decide(command, favour, facts, act)
        assert event.posting is not None
        return (replace(event, posting=replace(event.posting, quantity=command.quantity << 62)),)

    anna, ben = await desk.register("Anna", "Ben")
    monkeypatch.setitem(STREAM_TYPE_OF, RecordFavour, replace(FAVOUR, decide=decide))
    outcomes = await together(
        desk.give(RegisterParty(name="Carla")),
        desk.give(RecordFavour(giver=anna, receiver=ben, quantity=4)),
        desk.give(RegisterParty(name="Dora")),
    )
    assert codes(outcomes) == ["party.registered", "DataError", "party.registered"]
    await check_head(desk)


async def test_an_id_is_taken_once_within_a_batch_and_between_clerks(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    chosen = uuid4()
    favour = RecordFavour(giver=anna, receiver=ben)
    outcomes = await together(
        *(place.give(favour, chosen) for place in (desk, other, desk, other)),
        *(place.give(RegisterParty(name="Carla")) for place in (desk, other)),
        *(place.give(MakePromise(promisor=anna, promisee=ben, what="x"), chosen) for place in (desk, other)),
    )
    assert sorted(codes(outcomes)) == sorted(
        ["favour.recorded", *["favour_exists"] * 3, *["party.registered"] * 2, *["id_taken"] * 2]
    )
    await check_head(desk)


async def test_a_reference_is_given_once_within_a_batch_and_between_clerks(desk: Desk, other: Desk) -> None:
    (anna,) = await desk.register("Anna")
    crm = Reference("crm", "17")
    outcomes = await together(
        desk.give(RegisterParty(name="Ben", references=(crm,))),
        desk.give(RegisterParty(name="Ben", references=(crm,))),
        other.give(RegisterParty(name="Ben", references=(crm,))),
        other.give(RegisterParty(name="Carla")),
        other.give(AddReference(reference=crm), anna),
    )
    assert sorted(codes(outcomes)) == sorted(["party.registered"] * 2 + ["reference_taken"] * 3)
    await check_head(desk)


async def test_later_orders_of_a_batch_see_what_earlier_ones_did(desk: Desk) -> None:
    anna, ben, chosen = uuid4(), uuid4(), uuid4()
    outcomes = await together(
        desk.give(RegisterParty(name="Anna"), anna),
        desk.give(RegisterParty(name="Ben"), ben),
        desk.give(RecordFavour(giver=anna, receiver=ben), chosen),
        desk.give(AcknowledgeFavour(by=ben, value=5), chosen),
        desk.give(AcknowledgeFavour(by=ben, value=5), chosen),
    )
    assert codes(outcomes) == [*["party.registered"] * 2, "favour.recorded", "favour.acknowledged", ""]
    assert await fetch(desk, "SELECT version FROM event WHERE stream_id = $1 ORDER BY 1", chosen) == [(1,), (2,)]


@pytest.mark.parametrize("key", [None, KEY])
async def test_orders_of_a_batch_do_not_see_what_later_ones_did(desk: Desk, key: str | None) -> None:
    """So that what comes of a sequence does not hang on how it is cut into batches."""
    (anna,) = await desk.register("Anna")
    ben = uuid4()
    outcomes = await together(
        desk.give(RecordFavour(giver=anna, receiver=ben), idempotency_key=key),
        desk.give(RegisterParty(name="Ben"), ben),
        desk.give(RecordFavour(giver=anna, receiver=ben)),
    )
    assert codes(outcomes) == ["unknown_party", "party.registered", "favour.recorded"]


async def test_a_refused_order_with_a_key_goes_the_quick_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import refuses many lines: that may not cost all the others their facts."""
    (anna,) = await desk.register("Anna")

    async def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("services.ledger.lane.Lane._locked", fail)
    assert codes(
        await together(
            desk.give(RecordFavour(giver=anna, receiver=anna), idempotency_key=KEY),
            desk.give(RenameParty(name="Ann"), anna, idempotency_key=f"{KEY}-2"),
        )
    ) == ["same_party", "party.renamed"]


async def test_a_value_that_does_not_fit_is_its_own_orders_fault(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncpg's error for it is of the class of a closed connection, yet nothing is to be connected anew."""
    anna, ben = await desk.register("Anna", "Ben")

    async def picky(connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
        if any(entry.quantity == 13 for entry in batch.entries):
            raise asyncpg.DataError("value out of range")
        return await append(connection, batch)

    monkeypatch.setattr("services.ledger.lane.append", picky)
    outcomes = await together(
        desk.give(RecordFavour(giver=anna, receiver=ben, quantity=13), idempotency_key=KEY),
        desk.give(RecordFavour(giver=anna, receiver=ben)),
    )
    assert isinstance(outcomes[0], asyncpg.DataError)
    assert isinstance(outcomes[1], Receipt)
    await check_head(desk)


async def test_a_balance_beyond_counting_is_refused(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben))
    await desk.service.pool.execute("UPDATE balance SET quantity = 9223372036854775807")
    outcomes = await together(*(desk.give(RecordFavour(giver=anna, receiver=ben)) for _ in range(2)))
    assert codes(outcomes) == ["balance_out_of_range"] * 2
