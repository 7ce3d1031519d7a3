"""Balances asked for at once: each gets the answer that a snapshot gives, whatever happens to the connection."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.favour.commands import RecordFavour
from domain.party import MergeParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from domain.refusal import Refusal
from services.ledger.opening import open_ledger
from services.reading.balance import read_relationship, read_relationship_now
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


async def tell(desk: Desk, quantity: int) -> list[UUID]:
    parties = await desk.register("Anna", "Ben", "Carla")
    anna, ben, _ = parties
    await desk.give(RecordFavour(giver=anna, receiver=ben, quantity=quantity))
    await desk.give(RecordFavour(giver=ben, receiver=anna, quantity=30))
    promise = await desk.give(MakePromise(promisor=anna, promisee=ben, what="A cake"))
    await desk.give(ReportDelivery(by=anna), promise.id)
    await desk.give(AcceptDelivery(by=ben), promise.id)
    return list(parties)


async def check(service: Service, ledger_id: str, a: UUID, b: UUID) -> None:
    answer = await read_relationship_now(service, ledger_id, a, b)
    async with open_snapshot(service, ledger_id) as snapshot:
        expected = await read_relationship(snapshot, a, b)
    assert answer is not None
    assert (answer.position, answer.relationship) == (expected.position, expected.relationship)
    assert answer.moment <= expected.moment


async def test_every_answer_is_that_of_a_snapshot(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many at once, about two ledgers, in statements of three questions at most."""
    monkeypatch.setattr("services.reading.balances_now.AT_ONCE", 3)
    await open_ledger(desk.service, "hamlet")
    asked = [
        (ledger, a, b)
        for ledger, parties in (
            (LEDGER, await tell(desk, 3)),
            ("hamlet", await tell(Desk(desk.service, "hamlet"), 5)),
        )
        for a in parties
        for b in parties
        if a != b
    ]
    await asyncio.gather(*(check(desk.service, *one) for one in asked * 3))


async def test_what_is_refused(desk: Desk) -> None:
    service, (anna, ben, _) = desk.service, await tell(desk, 1)
    with pytest.raises(Refusal, match="ledger_not_found"):
        await read_relationship_now(service, "nowhere", anna, ben)
    with pytest.raises(Refusal, match="party_not_found"):
        await read_relationship_now(service, LEDGER, anna, uuid4())
    with pytest.raises(BadQuestionError, match="these are one"):
        await read_relationship_now(service, LEDGER, anna, anna)


async def test_merges_are_left_to_a_snapshot(desk: Desk) -> None:
    anna, ben, carla = await tell(desk, 1)
    await desk.give(MergeParty(into=ben), carla)
    assert await read_relationship_now(desk.service, LEDGER, anna, ben) is None


async def test_a_lost_connection_is_made_anew(desk: Desk) -> None:
    service, (anna, ben, _) = desk.service, await tell(desk, 1)
    await asyncio.gather(*(check(service, LEDGER, anna, ben) for _ in range(20)))
    for _ in range(3):
        await service.pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%known; and, with%'"
        )
        answers = await asyncio.gather(
            *(read_relationship_now(service, LEDGER, anna, ben) for _ in range(4)), return_exceptions=True
        )
        lost = [one for one in answers if isinstance(one, BaseException)]
        assert all(isinstance(one, OSError | asyncpg.PostgresError | asyncpg.InterfaceError) for one in lost)
    await check(service, LEDGER, anna, ben)


async def test_who_waits_when_it_stops_is_told(desk: Desk) -> None:
    service, (anna, ben, _) = desk.service, await tell(desk, 1)
    waiting = [asyncio.create_task(service.balances.ask(LEDGER, anna, ben)) for _ in range(3)]
    await asyncio.sleep(0)
    await service.balances.stop()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, asyncpg.InterfaceError) for one in answers)
    await check(service, LEDGER, anna, ben)
