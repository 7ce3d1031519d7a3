"""Batches where Citus spreads the ledgers: each of one shard group, by a map that is given by hand."""

import asyncio
import functools
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from domain.favour.commands import RecordFavour
from domain.party import RegisterParty
from services.database.pool import connect
from services.ledger.append import Batch
from services.ledger.clerk import Clerk
from services.ledger.opening import open_ledger
from services.ledger.shards import Shards, find_shards
from services.service import Service
from tests.services.clerk.desks import check_head
from tests.services.conftest import Desk

pytestmark = pytest.mark.anyio

MAP = {"elm": 102008, "oak": 102008, "ash": 102010, "fir": 102011}
"""Which shard each ledger is in; one lane has all of them."""


class Asked:
    """Answers from the map, and counts how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, ledger_id: str) -> int:
        self.times += 1
        return MAP[ledger_id]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The ledgers of each append."""
    from services.ledger.append import append  # noqa: PLC0415 - the real one

    seen: list[set[str]] = []

    async def noting(connection: object, batch: Batch) -> frozenset[str]:
        seen.append(set(batch.heads))
        return await append(connection, batch)  # type: ignore[arg-type]

    monkeypatch.setattr("services.ledger.lane.append", noting)
    return seen


@pytest.fixture
async def sharded(service: Service) -> AsyncIterator[Service]:
    clerk = Clerk(
        functools.partial(connect, service.url, "requite_service"),
        service.master_key,
        lanes=1,
        shards=Shards(Asked()),
    )
    for ledger_id in MAP:
        await open_ledger(service, ledger_id)
    await clerk.start()
    yield replace(service, clerk=clerk)
    await clerk.stop()


async def test_a_batch_is_of_one_shard_group(sharded: Service, batches: list[set[str]]) -> None:
    desks = [Desk(sharded, ledger_id) for ledger_id in MAP]
    pairs = [await desk.register("Anna", "Ben") for desk in desks]
    batches.clear()
    orders = [
        desk.give(RecordFavour(giver=anna, receiver=ben, quantity=number))
        for number in range(1, 6)
        for desk, (anna, ben) in zip(desks, pairs, strict=True)
    ]
    receipts = await asyncio.gather(*orders)
    assert batches == [{"elm", "oak"}, {"ash"}, {"fir"}], "all that waits for a shard is one commit"
    for place, desk in enumerate(desks):
        of_one = [receipt.position for receipt in receipts[place :: len(desks)]]
        assert of_one == sorted(of_one), "a ledger's orders keep their order"
        await check_head(desk)


async def test_together_and_all_at_once(sharded: Service, batches: list[set[str]]) -> None:
    desk = Desk(sharded, "oak")
    await asyncio.gather(*(Desk(sharded, ledger_id).give(RegisterParty(name="Anna")) for ledger_id in MAP))
    assert batches == [{"elm", "oak"}, {"ash"}, {"fir"}]
    await desk.register("Ben")
    assert batches[-1] == {"oak"}


async def test_a_ledger_is_asked_about_once() -> None:
    asked = Asked()
    shards = Shards(asked)
    assert [await shards.of(ledger_id) for ledger_id in ("elm", "ash", "elm")] == [102008, 102010, 102008]
    assert asked.times == 2


async def test_one_machine_has_no_shards(service: Service) -> None:
    assert await find_shards(service.pool) is None


async def test_citus_is_found_where_the_heads_are_distributed(service: Service) -> None:
    connection = await connect(service.url)
    try:
        await connection.execute(
            """
            CREATE TABLE pg_dist_partition AS SELECT 'ledger_head'::regclass AS logicalrelid;
            GRANT SELECT ON pg_dist_partition TO requite_worker;
            CREATE FUNCTION get_shard_id_for_distribution_column(regclass, text) RETURNS bigint LANGUAGE sql
            AS $$ SELECT length($2)::bigint $$;
            """
        )
    finally:
        await connection.close()
    shards = await find_shards(service.pool)
    assert shards is not None
    assert await shards.of("juniper") == 7
