"""Lost connections: what has a key is recorded once, of the rest nobody knows, and the clerk lives on."""

import asyncio
import functools
from uuid import uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from domain.event import Who
from domain.favour.commands import AcknowledgeFavour, RecordFavour
from services.database.pool import connect
from services.ledger.append import Batch, append
from services.ledger.order import Order
from services.service import open_service
from tests.services.clerk.desks import KEY, check_head, codes, hold, log, together
from tests.services.conftest import LEDGER, MASTER_KEY, Desk, as_owner

pytestmark = pytest.mark.anyio


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
        monkeypatch.setattr("services.ledger.lane.append", append)
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    chosen = uuid4()
    favour = RecordFavour(giver=anna, receiver=ben)
    monkeypatch.setattr("services.ledger.lane.append", lose_the_answer)
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
    await as_owner(desk.service, "SELECT pg_terminate_backend($1, 5000)", pid)
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
