"""The clerk: batches, refusals, repeats, moved heads, lost connections.

Orders that are given together (``asyncio.gather``) wait together, so a lane takes them as one batch.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import anyio
import asyncpg
import pytest
from msgspec.structs import replace

from domain.catalogue import FAVOUR, STREAM_TYPE_OF
from domain.command import Act, Command, Facts, Reference
from domain.event import Event, Who
from domain.favour import (
    AcknowledgeFavour,
    DisputeFavour,
    Favour,
    FavourCommand,
    RecordFavour,
    ReinstateFavour,
    RetractFavour,
)
from domain.introduction import ProposeIntroduction
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import AddReference, RegisterParty, RenameParty
from domain.policy import Policy
from domain.promise.commands import (
    AcceptDelivery,
    AgreeToPromise,
    MakePromise,
    OfferPromise,
    ReleasePromise,
    ReportDelivery,
    ReportProgress,
    RequestPromise,
    RewordPromise,
)
from domain.refusal import Refusal
from services.database.pool import connect
from services.ledger.append import Batch, append
from services.ledger.opening import open_ledger
from services.ledger.order import IdempotencyMismatchError, NotTakenError, Order, Receipt
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

pytestmark = pytest.mark.anyio

KEY = "5f0c7e9a"


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Spy:
    """Counts the appends, and how many events each was asked to write."""

    def __init__(self, append: Callable[[asyncpg.Connection, Batch], Awaitable[frozenset[str]]]) -> None:
        self._append = append
        self.events: list[int] = []

    async def __call__(self, connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
        self.events.append(len(batch.entries))
        return await self._append(connection, batch)


class Hold:
    """Keeps the ledger's head locked until released, as a writer does that has not committed yet."""

    def __init__(self, holder: asyncpg.Connection, observer: asyncpg.Connection) -> None:
        self._holder = holder
        self._observer = observer
        self._transaction = holder.transaction()

    async def lock(self) -> None:
        await self._transaction.start()
        await self._holder.execute("SELECT FROM ledger_head WHERE ledger_id = $1 FOR UPDATE", LEDGER)

    async def release(self) -> None:
        await self._transaction.rollback()

    async def waiting(self, count: int = 1) -> list[int]:
        """The backends that wait for the head, once there are so many."""
        sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        with anyio.fail_after(30):
            while True:
                pids = [row["pid"] for row in await self._observer.fetch(sql)]
                if len(pids) >= count:
                    return pids
                await asyncio.sleep(0.01)

    async def kill_waiting(self) -> None:
        for pid in await self.waiting():
            await self._observer.execute("SELECT pg_terminate_backend($1, 5000)", pid)


@asynccontextmanager
async def hold(service: Service) -> AsyncIterator[Hold]:
    holder, observer = await connect(service.url), await connect(service.url)
    held = Hold(holder, observer)
    await held.lock()
    try:
        yield held
    finally:
        await holder.close()
        await observer.close()


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    spy = Spy(append)
    monkeypatch.setattr("services.ledger.clerk.append", spy)
    return spy


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def timed(database_url: str, clock: Clock) -> AsyncIterator[Desk]:
    """A desk whose service goes by ``clock``."""
    async with open_service(database_url, MASTER_KEY, clock) as service:
        await open_ledger(service, LEDGER)
        yield Desk(service)


@pytest.fixture
async def other(desk: Desk) -> AsyncIterator[Desk]:
    """A desk at another clerk of the same database, as another process has it."""
    async with open_service(desk.service.url, MASTER_KEY) as service:
        yield Desk(service)


async def fetch(desk: Desk, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await desk.service.pool.fetch(sql, *arguments)]


async def log(desk: Desk) -> list[tuple[int, str]]:
    return await fetch(desk, "SELECT position, topic FROM event WHERE ledger_id = $1 ORDER BY position", desk.ledger_id)


async def check_head(desk: Desk) -> None:
    """Positions are 1, 2, 3 … up to the head's."""
    ((position,),) = await fetch(desk, "SELECT position FROM ledger_head WHERE ledger_id = $1", desk.ledger_id)
    assert [at for at, _ in await log(desk)] == list(range(1, position + 1))


async def together(*orders: Awaitable[Receipt]) -> list[Receipt | BaseException]:
    return await asyncio.gather(*orders, return_exceptions=True)


def codes(outcomes: list[Receipt | BaseException]) -> list[str]:
    """Refusals by their code, receipts by their topics."""
    return [
        outcome.code
        if isinstance(outcome, Refusal)
        else ",".join(event.topic for event in outcome.events)
        if isinstance(outcome, Receipt)
        else type(outcome).__name__
        for outcome in outcomes
    ]


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────


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

    monkeypatch.setattr("services.ledger.clerk.Lane._locked", fail)
    assert codes(
        await together(
            desk.give(RecordFavour(giver=anna, receiver=anna), idempotency_key=KEY),
            desk.give(RenameParty(name="Ann"), anna, idempotency_key=f"{KEY}-2"),
        )
    ) == ["same_party", "party.renamed"]


# ── repeats ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_same_key_again_gets_the_first_receipt(desk: Desk, other: Desk) -> None:
    """Whatever happened to the stream since, and whether or not its id was chosen."""
    anna, ben = await desk.register("Anna", "Ben")
    promise, favour = uuid4(), uuid4()
    orders: list[tuple[Command, UUID | None]] = [
        (MakePromise(by=anna, promisor=anna, promisee=ben, what="A cake"), promise),
        (ReportProgress(by=anna), promise),
        (ReportDelivery(by=anna), promise),
        (AcceptDelivery(by=ben), promise),
        (RecordFavour(giver=ben, receiver=anna), None),
        (AcceptDelivery(by=ben), promise),  # holds already, as of the favour
        (RecordFavour(giver=ben, receiver=anna), favour),
        (RetractFavour(), favour),
        (RetractFavour(), favour),  # holds already
        (ReinstateFavour(), favour),
        (RegisterParty(name="Carla", references=(Reference("crm", "1"),)), None),
        (AddReference(reference=Reference("crm", "2")), anna),
        (AddReference(reference=Reference("crm", "2")), anna),  # holds already
    ]
    firsts = [
        await desk.give(command, stream, idempotency_key=f"{KEY}-{n}") for n, (command, stream) in enumerate(orders)
    ]
    assert [len(first.events) for first in firsts] == [1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0]
    before = await log(desk)
    for place in (desk, other):
        for n, (command, stream) in enumerate(orders):
            assert await place.give(command, stream, idempotency_key=f"{KEY}-{n}") == firsts[n], command
    again = await together(
        *(desk.give(command, stream, idempotency_key=f"{KEY}-{n}") for n, (command, stream) in enumerate(orders))
    )
    assert again == firsts
    assert await log(desk) == before


async def test_repeats_are_answered_among_new_orders(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    first = await desk.give(favour, idempotency_key=KEY)
    outcomes = await together(
        desk.give(favour), desk.give(favour, idempotency_key=KEY), desk.give(favour, idempotency_key="new")
    )
    assert [outcome.position for outcome in outcomes if isinstance(outcome, Receipt)] == [5, first.position, 6]
    await check_head(desk)


@pytest.mark.parametrize("from_other", [False, True])
async def test_a_repeat_waits_for_the_first_that_is_under_way(desk: Desk, other: Desk, *, from_other: bool) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    async with hold(desk.service) as held:
        first = asyncio.create_task(desk.give(favour, idempotency_key=KEY))
        await held.waiting()
        second = asyncio.create_task((other if from_other else desk).give(favour, idempotency_key=KEY))
        await held.waiting(2 if from_other else 1)
        if not from_other:
            with pytest.raises(IdempotencyMismatchError):
                await desk.give(RecordFavour(giver=ben, receiver=anna), idempotency_key=KEY)
        assert not first.done()
        assert not second.done()
        await held.release()
        assert await second == await first
    assert (await log(desk))[-1] == (4, "favour.recorded")


async def test_a_caller_who_goes_away_takes_nothing_along(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    async with hold(desk.service) as held:
        callers = [asyncio.create_task(desk.give(favour, idempotency_key=KEY)) for _ in range(3)]
        await held.waiting()
        callers[0].cancel()
        await asyncio.sleep(0)
        late = asyncio.create_task(desk.give(favour, idempotency_key=KEY))
        await held.release()
        receipts = await asyncio.gather(*callers[1:], late)
    assert {receipt.position for receipt in receipts} == {4}
    assert callers[0].cancelled()
    await check_head(desk)


async def test_another_body_under_the_same_key_is_an_error(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour, chosen = RecordFavour(giver=anna, receiver=ben, what="tea"), uuid4()
    await desk.give(favour, chosen, idempotency_key=KEY)
    for place in (desk, other):
        for command, stream in (
            (replace(favour, what="coffee"), chosen),
            (favour, None),
            (favour, uuid4()),
            (RetractFavour(), chosen),
            (ReportProgress(), chosen),  # which its stream refuses anyway
        ):
            with pytest.raises(IdempotencyMismatchError):
                await place.give(command, stream, idempotency_key=KEY)
    assert len(await log(desk)) == 4


async def test_each_access_key_has_its_own_idempotency_keys(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    receipts = [await desk.give(favour, access_key=name, idempotency_key=KEY) for name in ("a", "b", "a")]
    assert [receipt.position for receipt in receipts] == [4, 5, 4]


async def test_a_refusal_is_not_stored(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben, unit="minute", quantity=30)
    with pytest.raises(Refusal):
        await desk.give(favour, idempotency_key=KEY)
    assert await fetch(desk, "SELECT * FROM idempotency") == []
    policy = Policy(units=("favour", "minute"))
    await desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")
    assert codes([await desk.give(favour, idempotency_key=KEY)]) == ["favour.recorded"]


async def test_a_key_is_forgotten_after_thirty_days(timed: Desk, clock: Clock) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    favour = RecordFavour(giver=anna, receiver=ben)
    first = await timed.give(favour, idempotency_key=KEY)
    clock.now += timedelta(days=30, seconds=-1)
    assert await timed.give(favour, idempotency_key=KEY) == first
    clock.now += timedelta(seconds=1)
    assert (await timed.give(RecordFavour(giver=ben, receiver=anna), idempotency_key=KEY)).position == 5
    with pytest.raises(IdempotencyMismatchError):
        await timed.give(favour, idempotency_key=KEY)


async def test_a_key_past_its_time_does_not_answer_for_what_is_refused_now(timed: Desk, clock: Clock) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    chosen = uuid4()
    favour = RecordFavour(giver=anna, receiver=ben)
    await timed.give(favour, chosen, idempotency_key=KEY)
    clock.now += timedelta(days=30)
    with pytest.raises(Refusal, match="favour_exists"):
        await timed.give(favour, chosen, idempotency_key=KEY)


@pytest.mark.parametrize("likely_repeated", [False, True])
async def test_an_imports_key_is_kept_for_ever(timed: Desk, clock: Clock, *, likely_repeated: bool) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    order = Order(
        ledger_id=LEDGER,
        command=RecordFavour(giver=anna, receiver=ben),
        who=Who("recorder", "import"),
        idempotency_key="import:9f2c:1",
        keeps_key=True,
        likely_repeated=likely_repeated,
    )
    first = await timed.service.clerk.submit(order)
    clock.now += timedelta(days=36_500)
    assert await timed.service.clerk.submit(order) == first


# ── other clerks ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_two_clerks_hammer_one_ledger(desk: Desk, other: Desk) -> None:
    anna, ben, carla = await desk.register("Anna", "Ben", "Carla")

    async def hammer(place: Desk, caller: int) -> list[Receipt]:
        receipts = []
        for n in range(10):
            receipts.append(await place.give(RecordFavour(giver=anna, receiver=ben, quantity=caller + 1)))
            promise = MakePromise(promisor=carla, promisee=ben, what="x")
            made = await place.give(promise, idempotency_key=f"{caller}-{n}")
            receipts += [made, await place.give(ReportDelivery(by=carla), made.id)]
            await asyncio.sleep(0)
        return receipts

    given = await asyncio.gather(*(hammer(place, caller) for caller in range(5) for place in (desk, other)))
    # The same idempotency keys were used at both clerks: each promise was made once, its delivery reported once.
    stored = await fetch(desk, "SELECT position, stream_id, version, topic, recorded_at FROM event ORDER BY position")
    await check_head(desk)
    by_position = {position: rest for position, *rest in stored}
    for receipt in (receipt for receipts in given for receipt in receipts):
        for event in receipt.events:
            stream, version, topic, recorded_at = by_position[event.position]
            assert (stream, topic) == (receipt.id, event.topic)
            assert (version, event.position, recorded_at) == (receipt.version, receipt.position, receipt.recorded_at)
    topics = [topic for _, _, _, topic, _ in stored]
    assert (topics.count("favour.recorded"), topics.count("promise.made"), topics.count("promise.reported")) == (
        100,
        50,
        50,
    )
    assert await fetch(desk, "SELECT quantity, count FROM balance") == [(2 * 10 * (1 + 2 + 3 + 4 + 5), 100)]


async def test_a_clerk_sees_what_another_wrote_before_it_refuses(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await other.give(RecordFavour(giver=anna, receiver=ben))  # from here on both have the ledger's book open
    (carla,) = await desk.register("Carla")
    outcome = await other.give(RecordFavour(giver=anna, receiver=carla))
    assert outcome.position == 6
    policy = Policy(units=("favour", "minute"))
    await desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")
    assert (await other.give(RecordFavour(giver=anna, receiver=carla, unit="minute"))).position == 8
    made = await other.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="A cake"))
    await desk.give(ReportDelivery(by=anna), made.id)
    assert codes([await other.give(AcceptDelivery(by=ben), made.id)]) == ["promise.accepted"]


async def test_a_clerk_sees_what_another_wrote_before_it_says_that_it_holds_already(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = await other.give(RecordFavour(giver=anna, receiver=ben))
    await other.give(RetractFavour(), favour.id)
    await desk.give(ReinstateFavour(), favour.id)
    assert codes([await other.give(RetractFavour(), favour.id)]) == ["favour.retracted"]
    holds = await desk.give(RetractFavour(), favour.id)
    assert (holds.events, holds.position, holds.version) == ((), 7, 4)


async def test_a_clerk_sees_what_another_wrote_before_it_accepts(desk: Desk, other: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = await other.give(RecordFavour(giver=anna, receiver=ben))
    await desk.give(RetractFavour(), favour.id)
    with pytest.raises(Refusal, match="favour_is_retracted"):
        await other.give(DisputeFavour(by=ben, reason="It was not so."), favour.id)


async def limit_open_promises(desk: Desk, limit: int | None) -> Receipt:
    policy = Policy(open_promises_limit=limit)
    return await desk.give(ChangePolicy(policy=policy), LEDGER_STREAM, capacity="admin")


async def test_of_sixty_four_at_two_clerks_one_gets_the_last_place(desk: Desk, other: Desk) -> None:
    """Half of them make a promise outright, half agree to one that the promisor had offered."""
    anna, ben = await desk.register("Anna", "Ben")
    await limit_open_promises(desk, 3)
    for place in (desk, other):  # from here on both have the ledger's book open, and Anna's promises counted
        await place.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="x"))
    offers = [await desk.give(OfferPromise(by=anna, promisor=anna, promisee=ben, what="x")) for _ in range(32)]
    outcomes = await together(
        *(
            place.give(AgreeToPromise(by=ben), offers[n].id)
            if n < len(offers)
            else place.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="x"))
            for n in range(64)
            for place in [(desk, other)[n % 2]]
        )
    )
    assert codes(outcomes).count("no_capacity_left") == 63
    assert await fetch(desk, "SELECT count(*) FROM promise WHERE status = 'promised'") == [(3,)]
    await check_head(desk)


async def test_a_batch_keeps_count_of_open_promises(desk: Desk, spy: Spy) -> None:
    """What is asked for and agreed to, made and ended in one batch, is decided by the count as it is then."""
    anna, ben = await desk.register("Anna", "Ben")
    await limit_open_promises(desk, 1)
    await desk.give(RequestPromise(by=ben, promisor=anna, promisee=ben, what="x"))  # opens the book
    spy.events.clear()
    asked, made = uuid4(), uuid4()
    promise = MakePromise(by=anna, promisor=anna, promisee=ben, what="x")
    outcomes = await together(
        desk.give(RequestPromise(by=ben, promisor=anna, promisee=ben, what="x"), asked),
        desk.give(AgreeToPromise(by=anna), asked),
        desk.give(promise),
        desk.give(ReleasePromise(by=ben), asked),
        desk.give(promise, made),
        desk.give(ReportDelivery(by=anna), made),
        desk.give(promise),
        desk.give(AcceptDelivery(by=ben), made),
        desk.give(promise),
    )
    assert codes(outcomes) == [
        "promise.requested",
        "promise.agreed",
        "no_capacity_left",
        "promise.released",
        "promise.made",
        "promise.reported",
        "no_capacity_left",
        "promise.accepted",
        "promise.made",
    ]
    assert spy.events == [7]


async def test_a_limit_that_is_set_in_the_batch_holds_in_it(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    promise = MakePromise(by=anna, promisor=anna, promisee=ben, what="x")
    outcomes = await together(desk.give(promise), limit_open_promises(desk, 1), desk.give(promise))
    assert codes(outcomes) == ["promise.made", "ledger.policy_changed", "no_capacity_left"]
    await limit_open_promises(desk, None)
    assert codes(await together(desk.give(promise))) == ["promise.made"]


async def test_a_value_that_does_not_fit_is_its_own_orders_fault(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncpg's error for it is of the class of a closed connection, yet nothing is to be connected anew."""
    anna, ben = await desk.register("Anna", "Ben")

    async def picky(connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
        if any(entry.quantity == 13 for entry in batch.entries):
            raise asyncpg.DataError("value out of range")
        return await append(connection, batch)

    monkeypatch.setattr("services.ledger.clerk.append", picky)
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


# ── lost connections ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("likely_repeated", [False, True], ids=["quick", "sure"])
@pytest.mark.parametrize(("keyed", "unkeyed"), [(1, 0), (0, 1), (1, 1), (3, 0), (0, 3), (3, 3)])
async def test_a_connection_killed_while_orders_wait(
    desk: Desk, keyed: int, unkeyed: int, *, likely_repeated: bool
) -> None:
    """Those with a key are recorded once; of the others nobody knows, and they are told so. The clerk lives on."""
    anna, ben = await desk.register("Anna", "Ben")
    order = Order(
        ledger_id=LEDGER,
        command=RecordFavour(giver=anna, receiver=ben),
        who=Who("recorder", "test"),
        likely_repeated=likely_repeated,
    )
    submit = desk.service.clerk.submit
    async with hold(desk.service) as held:
        waiting = [asyncio.create_task(submit(replace(order, idempotency_key=f"{KEY}-{n}"))) for n in range(keyed)]
        waiting += [asyncio.create_task(submit(order)) for _ in range(unkeyed)]
        await held.kill_waiting()
        if keyed:
            await held.waiting()
        await held.release()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert codes(outcomes) == ["favour.recorded"] * keyed + ["OutcomeUnknownError"] * unkeyed
    assert len(await log(desk)) == 3 + keyed
    assert codes([await submit(order)]) == ["favour.recorded"]
    await check_head(desk)


async def test_a_connection_killed_after_the_commit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer was lost on its way: the repeat finds what was recorded."""
    anna, ben = await desk.register("Anna", "Ben")

    async def lose_the_answer(connection: asyncpg.Connection, batch: Batch) -> frozenset[str]:
        await append(connection, batch)
        monkeypatch.setattr("services.ledger.clerk.append", append)
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    chosen = uuid4()
    favour = RecordFavour(giver=anna, receiver=ben)
    monkeypatch.setattr("services.ledger.clerk.append", lose_the_answer)
    outcomes = await together(
        desk.give(favour, chosen, idempotency_key=KEY),
        desk.give(AcknowledgeFavour(by=ben), chosen, idempotency_key=f"{KEY}-2"),
        desk.give(favour, idempotency_key=f"{KEY}-3"),
        desk.give(favour),
    )
    assert codes(outcomes) == ["favour.recorded", "favour.acknowledged", "favour.recorded", "OutcomeUnknownError"]
    assert [position for position, _ in await log(desk)] == list(range(1, 8))


async def test_an_idle_connection_that_was_killed_costs_keyed_orders_nothing(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    async with hold(desk.service) as held:
        first = asyncio.create_task(desk.give(RecordFavour(giver=anna, receiver=ben), idempotency_key=KEY))
        (pid,) = await held.waiting()
        await held.release()
        await first
    await fetch(desk, "SELECT pg_terminate_backend($1, 5000)", pid)
    second = await desk.give(RecordFavour(giver=anna, receiver=ben), idempotency_key=f"{KEY}-2")
    assert second.position == 5


async def test_a_server_that_has_no_connection_left_is_asked_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    failures: list[Exception] = [asyncpg.TooManyConnectionsError("sorry"), ConnectionRefusedError()]

    async def connect_again(url: str) -> asyncpg.Connection:
        if failures:
            raise failures.pop()
        return await connect(url)

    async with open_service(desk.service.url, MASTER_KEY) as other, hold(desk.service) as held:
        for lane in other.clerk._lanes:
            monkeypatch.setattr(lane, "_connect", functools.partial(connect_again, desk.service.url))
        favour = RecordFavour(giver=anna, receiver=ben)
        orders = [Desk(other).give(favour, idempotency_key=KEY), Desk(other).give(favour)]
        waiting = asyncio.gather(*orders, return_exceptions=True)
        await held.kill_waiting()
        await held.release()
        assert codes(await waiting) == ["favour.recorded", "OutcomeUnknownError"]
    assert failures == []


# ── the clock, the end ───────────────────────────────────────────────────────────────────────────────────────


async def test_recorded_at_never_goes_back(timed: Desk, clock: Clock) -> None:
    anna, ben = await timed.register("Anna", "Ben")
    latest = clock.now
    clock.now -= timedelta(days=1)
    receipt = await timed.give(RecordFavour(giver=anna, receiver=ben))
    assert receipt.recorded_at == latest
    async with open_service(timed.service.url, MASTER_KEY, clock) as restarted:
        assert (await Desk(restarted).give(RecordFavour(giver=anna, receiver=ben))).recorded_at == latest
    clock.now = latest + timedelta(seconds=1)
    assert (await timed.give(RecordFavour(giver=anna, receiver=ben))).recorded_at == clock.now
    moments = [moment for (moment,) in await fetch(timed, "SELECT recorded_at FROM event ORDER BY position")]
    assert moments == sorted(moments)


async def test_stopping_answers_everything_that_was_taken(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    async with open_service(desk.service.url, MASTER_KEY) as other, hold(desk.service) as held:
        favour = RecordFavour(giver=anna, receiver=ben)
        orders = [asyncio.create_task(Desk(other).give(favour)) for _ in range(700)]
        await held.waiting()
        orders += [asyncio.create_task(Desk(other).give(favour, idempotency_key=f"{n}")) for n in range(700)]
        await asyncio.sleep(0)
        stopping = asyncio.create_task(other.clerk.stop())
        await asyncio.sleep(0.01)
        with pytest.raises(NotTakenError):
            await Desk(other).give(favour)
        with pytest.raises(NotTakenError):
            await Desk(other).give(favour, idempotency_key="late")
        await held.release()
        await stopping
        assert all(order.done() for order in orders)
        receipts = [await order for order in orders]
    assert sorted(receipt.position for receipt in receipts) == list(range(4, 1404))
    assert (await desk.give(favour)).position == 1404


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_words_are_sealed_in_every_table(desk: Desk) -> None:
    planted = [f"zq{n}wörtlich" for n in range(12)]
    words = iter(planted)
    anna = (await desk.give(RegisterParty(name=next(words), note=next(words)), idempotency_key=next(words))).id
    ben, carla = await desk.register("Ben", "Carla")
    await desk.give(AddReference(reference=Reference("crm", next(words))), anna)
    await desk.give(RenameParty(name=next(words)), anna)
    await desk.give(RecordFavour(giver=anna, receiver=ben, what=next(words), note=next(words)))
    made = await desk.give(MakePromise(promisor=anna, promisee=ben, what=next(words), note=next(words)))
    await desk.give(RewordPromise(what=next(words)), made.id)
    await desk.give(ReportDelivery(by=anna, evidence=next(words)), made.id)
    await desk.give(ProposeIntroduction(by=carla, introducer=carla, first=anna, second=ben, why=next(words)))
    assert next(words, None) is None
    tables = await fetch(desk, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    stored = ""
    for (table,) in tables:
        for (row,) in await fetch(desk, f"SELECT t::text FROM {table} AS t"):
            stored += row
    assert len(tables) > 8
    assert "promise.made" in stored
    assert b"promise.made".hex() in stored
    for word in planted:
        for spelling in (word, word.removesuffix("wörtlich"), word.encode().hex(), word[:4].encode().hex()):
            assert spelling not in stored
