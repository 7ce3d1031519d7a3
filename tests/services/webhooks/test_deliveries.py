"""Delivering: everything arrives, in the order of its stream, whatever the endpoints and the processes do meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from domain.favour.commands import DisputeFavour, RecordFavour, ThankFavour
from domain.party import RegisterParty
from services.reading.pages import Page
from services.service import Service, open_service
from services.webhooks import courier as couriers
from services.webhooks import round as rounds
from services.webhooks import sender
from services.webhooks.courier import delivering
from services.webhooks.deliveries import Delivery, list_deliveries, replay
from services.webhooks.endpoints import Endpoint, Standing, Wish, add, disable, enable, find
from services.webhooks.load import gather
from tests.services.conftest import LEDGER, MASTER_KEY, Desk, as_owner
from tests.services.http.conftest import head
from tests.services.webhooks.clock import Clock
from tests.services.webhooks.receiver import HANGS, Received, Receiver

pytestmark = pytest.mark.anyio

Told = Callable[..., Awaitable[Endpoint]]


@pytest.fixture
def told(service: Service, receiver: Receiver) -> Told:
    """Makes an endpoint at the receiver."""

    async def make(url: str | None = None, after: int | None = 0, **wish: Any) -> Endpoint:
        return (await add(service, LEDGER, Wish(url=url or receiver.url, **wish), after=after)).endpoint

    return make


async def standing(service: Service, endpoint: Endpoint) -> Standing:
    return await find(service, LEDGER, endpoint.webhook_id)


async def until(service: Service, endpoint: Endpoint, fits: Callable[[Standing], bool]) -> Standing:
    """Wait until an endpoint stands so."""
    async with asyncio.timeout(30):
        while not fits(found := await standing(service, endpoint)):  # noqa: ASYNC110 - it is the database that knows
            await asyncio.sleep(0.02)
    return found


async def deliveries(service: Service, endpoint: Endpoint) -> list[Delivery]:
    return list((await list_deliveries(service, LEDGER, endpoint.webhook_id)).items)


def in_order(received: list[Received]) -> bool:
    """Whether each stream's events came in order."""
    last: dict[str, int] = {}
    for one in received:
        if one.position <= last.get(one.message["data"]["stream"], 0):
            return False
        last[one.message["data"]["stream"]] = one.position
    return True


@pytest.mark.usefixtures("courier")
async def test_all_of_the_log_arrives_and_then_what_is_recorded(
    told: Told, receiver: Receiver, desk: Desk, service: Service
) -> None:
    await desk.register("Anna", "Ben")
    endpoint = await told()
    await receiver.until(3)
    await desk.register("Cara")
    taken = await receiver.until(4)
    assert sorted(one.position for one in taken) == [1, 2, 3, 4]
    assert taken[-1].id == f"{endpoint.webhook_id}_4"
    assert (await until(service, endpoint, lambda one: one.endpoint.position == 4)).waiting == 0
    found = await deliveries(service, endpoint)
    assert [(one.position, one.state, len(one.attempts)) for one in found] == [
        (position, "arrived", 1) for position in (4, 3, 2, 1)
    ]
    assert found[0].attempts[0].status == 204


@pytest.mark.usefixtures("courier")
async def test_an_endpoint_begins_with_what_comes_next_and_is_told_what_it_asked_for(
    told: Told, receiver: Receiver, desk: Desk
) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await told(after=None, topics=("favour.*",))
    made = await desk.give(RecordFavour(giver=anna, receiver=ben, what="Bread"))
    await desk.register("Cara")
    await desk.give(ThankFavour(by=ben, note="Good bread"), made.id)
    taken = await receiver.until(2)
    assert [one.message["type"] for one in taken] == ["favour.recorded", "favour.thanked"]
    assert taken[0].message["data"] == {
        "ledger": LEDGER,
        "position": 4,
        "stream": str(made.id),
        "version": 1,
        "parties": [str(anna), str(ben)],
    }


@pytest.mark.usefixtures("courier")
async def test_a_full_message_holds_the_canonical_event(told: Told, receiver: Receiver, service: Service) -> None:
    await told(payload="full")
    (one,) = await receiver.until(1)
    state = await service.pool.fetchval("SELECT state FROM event WHERE position = 1")
    assert state in one.body
    assert one.message["data"]["event"]["recorded_at"] == one.message["timestamp"]


@pytest.mark.usefixtures("courier")
async def test_what_does_not_arrive_is_tried_again_and_only_its_stream_waits(
    told: Told, receiver: Receiver, desk: Desk, service: Service, clock: Clock
) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    bad = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="Bread"))).id
    good = (await desk.give(RecordFavour(giver=ben, receiver=anna, what="Milk"))).id
    receiver.answer = lambda one: 500 if one.message["data"]["stream"] == str(bad) else 204
    endpoint = await told()
    for favour, by in ((bad, ben), (good, anna)):
        await desk.give(ThankFavour(by=by), favour)
    await receiver.until(5)
    await desk.give(DisputeFavour(by=ben, reason="Stale"), bad)
    await until(service, endpoint, lambda one: one.waiting == 3)
    assert [one.position for one in receiver.taken] == [1, 2, 3, 5, 7]
    states = {
        one.position: (one.state, len(one.attempts), one.next_at is None) for one in await deliveries(service, endpoint)
    }
    assert states[4] == ("waiting", 1, False)
    assert states[6] == ("waiting", 0, True)
    assert states[8] == ("waiting", 0, True)
    receiver.answer = lambda _: 204
    clock.put_forward(minutes=2)
    await receiver.until(8)
    assert in_order(receiver.taken)
    assert [one.position for one in receiver.taken][-3:] == [4, 6, 8]
    assert (await until(service, endpoint, lambda one: one.waiting == 0)).endpoint.failing_since is None


@pytest.mark.usefixtures("courier")
async def test_an_endpoint_that_is_down_gets_all_of_it_when_it_comes_back(
    told: Told, receiver: Receiver, desk: Desk, service: Service, clock: Clock
) -> None:
    receiver.answer = lambda _: 503
    endpoint = await told()
    await asyncio.gather(*(desk.give(RegisterParty(name=f"Party {n}")) for n in range(300)))
    await until(service, endpoint, lambda one: one.endpoint.failures >= 1)
    for _ in range(3):
        failures = (await standing(service, endpoint)).endpoint.failures
        clock.put_forward(minutes=30)
        await until(service, endpoint, lambda one, failures=failures: one.endpoint.failures > failures)  # type: ignore[misc]
    there = await standing(service, endpoint)
    assert 0 < there.waiting <= 40  # the rest waits in the log
    assert there.endpoint.position < 301
    receiver.answer = lambda _: 204
    clock.put_forward(hours=2)
    await receiver.until(301)
    assert sorted(one.position for one in receiver.taken) == list(range(1, 302))
    await until(service, endpoint, lambda one: one.waiting == 0)


@pytest.mark.usefixtures("courier")
async def test_after_three_days_one_event_is_given_up_and_its_stream_goes_on(
    told: Told, receiver: Receiver, desk: Desk, service: Service, clock: Clock
) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="Bread"))).id
    receiver.answer = lambda one: 500 if one.position == 4 else 204
    endpoint = await told()
    await desk.give(ThankFavour(by=ben), favour)
    await until(service, endpoint, lambda one: one.waiting == 2)
    clock.put_forward(days=3, hours=1)
    await desk.register("Cara")
    there = await until(service, endpoint, lambda one: one.dead == 1 and one.waiting == 0)
    assert there.endpoint.disabled_at is None
    assert sorted(one.position for one in receiver.taken) == [1, 2, 3, 5, 6]
    dead = await list_deliveries(service, LEDGER, endpoint.webhook_id, state="dead")
    assert [(one.position, one.state) for one in dead.items] == [(4, "dead")]
    receiver.answer = lambda _: 204
    assert await replay(service, LEDGER, endpoint.webhook_id, 4, 4) == 4
    await receiver.until(6)
    assert receiver.taken[-1].position == 4
    await until(service, endpoint, lambda one: one.dead == 0)


@pytest.mark.usefixtures("courier")
async def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_and_loses_nothing(
    told: Told, receiver: Receiver, service: Service, clock: Clock
) -> None:
    receiver.answer = lambda _: 500
    endpoint = await told()
    await until(service, endpoint, lambda one: one.endpoint.failing_since is not None)
    clock.put_forward(days=3, hours=1)
    there = await until(service, endpoint, lambda one: one.endpoint.disabled_at is not None)
    assert (there.endpoint.disabled_for, there.waiting, there.dead) == ("failing", 1, 0)
    receiver.answer = lambda _: 204
    await enable(service, LEDGER, endpoint.webhook_id)
    assert (await receiver.until(1))[0].position == 1


@pytest.mark.usefixtures("courier")
async def test_410_disables_an_endpoint_until_it_is_enabled_again(
    told: Told, receiver: Receiver, desk: Desk, service: Service
) -> None:
    receiver.answer = lambda _: 410
    endpoint = await told()
    there = await until(service, endpoint, lambda one: one.endpoint.disabled_at is not None)
    assert (there.endpoint.disabled_for, there.waiting) == ("gone", 1)
    tried = len(receiver.received)
    await desk.register("Anna")
    await asyncio.sleep(0.7)
    assert len(receiver.received) == tried
    receiver.answer = lambda _: 204
    await enable(service, LEDGER, endpoint.webhook_id)
    assert sorted(one.position for one in await receiver.until(2)) == [1, 2]


@pytest.mark.usefixtures("courier")
async def test_one_that_is_disabled_by_request_goes_on_where_it_was_left(
    told: Told, receiver: Receiver, desk: Desk, service: Service
) -> None:
    endpoint = await told()
    await receiver.until(1)
    await disable(service, LEDGER, endpoint.webhook_id)
    await desk.register("Anna", "Ben")
    await asyncio.sleep(0.7)
    assert len(receiver.received) == 1
    await enable(service, LEDGER, endpoint.webhook_id)
    assert [one.position for one in await receiver.until(3)] == [1, 2, 3]


@pytest.mark.usefixtures("courier")
async def test_one_that_hangs_delays_nobody(
    told: Told, receiver: Receiver, desk: Desk, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WITHIN_S", 1.0)
    async with Receiver(lambda _: HANGS) as hanging:
        hung = await told(hanging.url)
        await told()
        await desk.register("Anna")
        async with asyncio.timeout(0.9):
            await receiver.until(2)
        await until(service, hung, lambda one: one.waiting > 0)
        found = await deliveries(service, hung)
        assert found[-1].attempts[0].error == "timeout"
        assert found[-1].attempts[0].latency_ms >= 1000


@pytest.mark.usefixtures("courier")
async def test_what_asks_for_a_pause_gets_it(told: Told, receiver: Receiver, service: Service) -> None:
    receiver.answer, receiver.reply = lambda _: 429, b"Retry-After: 1200\r\n"
    endpoint = await told()
    await until(service, endpoint, lambda one: one.waiting == 1)
    (one,) = await deliveries(service, endpoint)
    assert one.next_at is not None
    assert (one.next_at - one.attempts[0].at).total_seconds() >= 1190


@pytest.mark.usefixtures("courier")
async def test_a_redirection_is_not_followed(told: Told, receiver: Receiver, service: Service) -> None:
    async with Receiver() as other:
        receiver.answer, receiver.reply = lambda _: 307, f"Location: {other.url}\r\n".encode()
        endpoint = await told()
        await until(service, endpoint, lambda one: one.waiting == 1)
        assert not other.received


@pytest.mark.usefixtures("courier")
async def test_a_range_is_sent_again_under_the_same_ids(
    told: Told, receiver: Receiver, desk: Desk, service: Service
) -> None:
    await desk.register(*(f"Party {n}" for n in range(250)))
    endpoint = await told()
    await receiver.until(251)
    await until(service, endpoint, lambda one: one.endpoint.position == 251)
    assert await replay(service, LEDGER, endpoint.webhook_id, 2) == 251
    taken = await receiver.until(501)
    assert sorted(one.id for one in taken[251:]) == sorted(one.id for one in taken[:251] if one.position > 1)
    async with asyncio.timeout(10):
        while await service.pool.fetchval("SELECT count(*) FROM webhook_replay"):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
    page = await list_deliveries(service, LEDGER, endpoint.webhook_id, Page(limit=2))
    assert [(one.position, len(one.attempts)) for one in page.items] == [(251, 2), (250, 2)]
    following = await list_deliveries(service, LEDGER, endpoint.webhook_id, Page(page.next, 2))
    assert [one.position for one in following.items] == [249, 248]


@pytest.mark.usefixtures("courier")
async def test_what_waits_may_be_sent_again_too(
    told: Told, receiver: Receiver, desk: Desk, service: Service, clock: Clock
) -> None:
    await desk.register("Anna", "Ben")
    receiver.answer = lambda one: 500 if one.position == 2 else 204
    endpoint = await told()
    await until(service, endpoint, lambda one: one.waiting == 1 and one.endpoint.position == 3)
    clock.put_forward(minutes=1)
    await replay(service, LEDGER, endpoint.webhook_id, 1)
    await receiver.until(4)
    await until(service, endpoint, lambda one: one.waiting == 1)
    receiver.answer = lambda _: 204
    clock.put_forward(minutes=1)
    assert {one.position for one in (await receiver.until(5))[-3:]} == {1, 2, 3}
    await until(service, endpoint, lambda one: one.waiting == 0)


async def test_what_cannot_be_told_leaves_the_others_their_turn(
    told: Told, receiver: Receiver, service: Service, desk: Desk
) -> None:
    await told(after=1)
    good = await told(after=2)
    await desk.register("Anna", "Ben")
    await as_owner(service, "UPDATE event SET state = '{}' WHERE position = 2")
    with capture_logs() as logged:
        async with delivering(service):
            await receiver.until(1)
            await asyncio.sleep(1.5)
    assert [one.position for one in receiver.taken] == [3]
    assert receiver.taken[0].id.startswith(str(good.webhook_id))
    assert [line["event"] for line in logged].count("webhooks.not_delivered") == 1


async def test_several_couriers_deliver_each_event_once_and_in_order_while_they_come_and_go(
    told: Told, receiver: Receiver, desk: Desk, service: Service, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "LEASE", couriers.LEASE / 20)
    anna, ben = await desk.register("Anna", "Ben")
    favours = [(await desk.give(RecordFavour(giver=anna, receiver=ben, what="Bread"))).id for _ in range(10)]
    endpoint = await told()

    async def write() -> None:
        for n in range(200):
            await desk.give(ThankFavour(by=ben, note=str(n)), favours[n % 10])

    async def come_and_go() -> None:
        for _ in range(4):
            async with AsyncExitStack() as stack:
                for _ in range(2):
                    other = await stack.enter_async_context(
                        open_service(database_url, MASTER_KEY, allow_private_webhooks=True)
                    )
                    await stack.enter_async_context(delivering(other))
                await asyncio.sleep(0.3)

    await asyncio.gather(write(), come_and_go())
    async with delivering(service):
        there = await head(service)
        await until(service, endpoint, lambda one: one.endpoint.position == there and one.waiting == 0)
    first: dict[str, Received] = {}
    for one in receiver.taken:
        first.setdefault(one.id, one)
    assert sorted(one.position for one in first.values()) == list(range(1, there + 1))
    assert in_order(list(first.values()))


async def test_what_is_done_without_the_lease_counts_for_nothing(
    told: Told, receiver: Receiver, service: Service
) -> None:
    receiver.answer = lambda _: 500
    endpoint = await told()
    async with service.pool.acquire() as connection, sender.opened() as client:
        load = await gather(connection, endpoint, service.clock())
        report = await rounds.deliver(service, client, endpoint, load)
        assert len(report.tried) == 1
        assert not await rounds.settle(connection, endpoint, uuid4(), load, report, service.clock())
    assert await deliveries(service, endpoint) == []
    assert (await standing(service, endpoint)).endpoint.position == 0


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [rounds.pause_after(tries).total_seconds() for tries in range(1, 30)]
    assert 4 <= pauses[0] <= 6
    assert 12 <= pauses[1] <= 18
    assert max(pauses) <= 1.2 * rounds.LONGEST_PAUSE_S
