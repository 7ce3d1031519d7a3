"""What people wrote is kept as long as the ledger's policy says; names, and what happened, stay."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.favour.commands import RecordFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import EraseParty
from domain.policy import Policy
from services.ledger import forgetting as forgetting_module
from services.ledger.forgetting import forget_old, forgetting
from services.ledger.opening import open_ledger
from services.proof.builder import build_whole
from services.proof.doctor import examine
from services.reading.events import list_events
from services.reading.favours import read_favour
from services.reading.pages import Page
from services.reading.parties import read_party
from services.reading.retention import read_retention
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk, as_owner

pytestmark = pytest.mark.anyio
BEGIN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    """A service whose clock the test moves, with the ledger ``village``, titled, that keeps words for 30 days."""
    async with open_service(database_url, MASTER_KEY, clock) as opened:
        await open_ledger(opened, LEDGER, title="The village's book", policy=Policy(words_kept_days=30))
        yield opened


async def said_in(service: Service, favour: UUID) -> str | None:
    async with open_snapshot(service, LEDGER) as snapshot:
        return (await read_favour(snapshot, favour)).favour.what


async def test_words_end_a_day_at_a_time_and_nothing_else_does(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    first = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="first", quantity=2))).id
    clock.now += timedelta(hours=3)
    second = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="second", quantity=3))).id
    clock.now = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    assert await forget_old(service.pool, clock.now) == 0
    assert await said_in(service, first) == "first"
    clock.now = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
    assert await forget_old(service.pool, clock.now) == 1
    assert (await said_in(service, first), await said_in(service, second)) == (None, "second")
    assert await forget_old(service.pool, clock.now) == 0
    async with open_snapshot(service, LEDGER) as snapshot:
        assert (await read_party(snapshot, anna)).party.name == "Anna"
        events = (await list_events(snapshot, Page(None, 100), words=True)).items
        assert events[0].words == {"title": "The village's book"}
        assert (await read_favour(snapshot, first)).favour.quantity == 2
    assert await service.pool.fetchval("SELECT sum(quantity) FROM balance") == 5
    await build_whole(service.pool, LEDGER)
    assert (await examine(service, LEDGER)).findings == ()


async def test_a_policy_without_a_limit_keeps_words_and_a_later_limit_holds_for_old_ones(
    service: Service, desk: Desk, clock: Clock
) -> None:
    async def change(**more: Any) -> None:
        await desk.give(ChangePolicy(policy=Policy(**more)), LEDGER_STREAM, capacity="admin")

    anna, ben = await desk.register("Anna", "Ben")
    await change()
    favour = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="kept"))).id
    clock.now += timedelta(days=3650)
    assert await forget_old(service.pool, clock.now) == 0
    assert await said_in(service, favour) == "kept"
    await change(words_kept_days=1)
    assert await forget_old(service.pool, clock.now) == 1
    assert await said_in(service, favour) is None


async def test_either_key_is_enough_to_forget(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    with_ben, with_cara = [
        (await desk.give(RecordFavour(giver=anna, receiver=one, what="words"))).id for one in (ben, cara)
    ]
    await desk.give(EraseParty(), ben, capacity="admin")
    assert (await said_in(service, with_ben), await said_in(service, with_cara)) == (None, "words")
    clock.now += timedelta(days=32)
    await forget_old(service.pool, clock.now)
    assert await said_in(service, with_cara) is None
    again = (await desk.give(RecordFavour(giver=anna, receiver=cara, what="new words"))).id
    assert await said_in(service, again) == "new words"


async def test_two_processes_begin_a_day_together(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    async with open_service(service.url, MASTER_KEY, clock) as other:
        desks = [desk, Desk(other)]
        for day in range(5):
            clock.now += timedelta(days=1)
            orders = [RecordFavour(giver=anna, receiver=ben, what=f"{day} {n}") for n in range(8)]
            receipts = await asyncio.gather(*(desks[n % 2].give(order) for n, order in enumerate(orders)))
            said = [await said_in(service, receipt.id) for receipt in receipts]
            assert said == [order.what for order in orders]
    assert await service.pool.fetchval("SELECT count(*) FROM day_key") == 5


async def test_many_processes_forget_each_day_once(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    for _ in range(12):
        clock.now += timedelta(days=1)
        await desk.give(RecordFavour(giver=anna, receiver=ben, what="words"))
    clock.now += timedelta(days=31)
    assert sum(await asyncio.gather(*(forget_old(service.pool, clock.now) for _ in range(6)))) == 12


async def test_the_worker_forgets_and_lives_on(
    service: Service, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting_module, "PAUSE_S", 0.02)
    anna, ben = await desk.register("Anna", "Ben")
    favour = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="words"))).id
    await as_owner(service, "ALTER TABLE day_key RENAME TO elsewhere")
    async with forgetting(service):
        await asyncio.sleep(0.1)  # its rounds fail
        await as_owner(service, "ALTER TABLE elsewhere RENAME TO day_key")
        clock.now += timedelta(days=32)
        async with asyncio.timeout(20):
            while await said_in(service, favour) is not None:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.02)


async def test_what_will_be_forgotten_is_told_before(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="words"))
    await desk.give(RecordFavour(giver=anna, receiver=ben))
    clock.now += timedelta(days=2)
    for what in ("more", "and more"):
        await desk.give(RecordFavour(giver=anna, receiver=ben, what=what))
    async with open_snapshot(service, LEDGER) as snapshot:
        told = await read_retention(snapshot)
        sooner = await read_retention(snapshot, 1)
    assert told.words_kept_days == 30
    shown = [(str(one.day), one.events, str(one.forgotten_on)) for one in told.days]
    assert shown == [("2026-03-01", 1, "2026-04-01"), ("2026-03-03", 2, "2026-04-03")]
    assert [str(one.forgotten_on) for one in sooner.days] == ["2026-03-03", "2026-03-05"]
