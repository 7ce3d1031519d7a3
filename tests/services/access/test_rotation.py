"""Rotating keys: two secrets for a while, what ends when, and when each was last used."""

import asyncio
from datetime import timedelta

import pytest

from domain.favour.commands import RecordFavour
from domain.refusal import Refusal
from services.access import doorkeeper as module
from services.access.doorkeeper import REMEMBERED_S, Doorkeeper
from services.access.keys import AccessKey, create_key, find_key, list_keys, revoke_key
from services.access.rotation import OVERLAP, SECRETS_LIMIT, end_secret, rotate_key
from services.service import Service
from tests.services.access.clock import Clock
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


async def rotate(service: Service, key: AccessKey, clock: Clock, overlap: timedelta = OVERLAP) -> tuple[str, AccessKey]:
    rotated = await rotate_key(service.pool, LEDGER, key.key_id, overlap, clock=clock)
    assert rotated is not None
    clock.advance(seconds=REMEMBERED_S)
    return rotated


async def test_both_secrets_open_until_the_overlap_ends(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    old, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    assert await doorkeeper.authenticate(LEDGER, old) is not None
    new, rotated = await rotate(service, key, clock)
    assert new.startswith(f"rq_{key.key_id}_")
    first, second = rotated.secrets
    assert (first.number, second.number) == (1, 2)
    assert (first.ends_at, second.ends_at) == (key.created_at + timedelta(hours=24), None)
    assert (await list_keys(service.pool, LEDGER))[-1] == rotated
    for token in (old, new):
        assert await doorkeeper.authenticate(LEDGER, token) == rotated
    clock.now = key.created_at + timedelta(hours=24)
    assert await doorkeeper.authenticate(LEDGER, old) is None
    assert await doorkeeper.authenticate(LEDGER, new) is not None


async def test_no_overlap_ends_the_old_one_at_once(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    old, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    new, _ = await rotate(service, key, clock, timedelta(0))
    assert await doorkeeper.authenticate(LEDGER, old) is None
    assert await doorkeeper.authenticate(LEDGER, new) is not None


async def test_a_former_secret_is_ended_early(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    old, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    new, _ = await rotate(service, key, clock)
    ended = await end_secret(service.pool, LEDGER, key.key_id, 1, clock=clock)
    assert ended is not None
    assert ended.secrets[0].ends_at == clock()
    doorkeeper.forget(LEDGER, key.key_id)
    assert await doorkeeper.authenticate(LEDGER, old) is None
    assert await doorkeeper.authenticate(LEDGER, new) is not None
    clock.advance(minutes=1)
    assert await end_secret(service.pool, LEDGER, key.key_id, 1, clock=clock) == ended
    with pytest.raises(Refusal, match="secret_is_current"):
        await end_secret(service.pool, LEDGER, key.key_id, 2, clock=clock)
    with pytest.raises(Refusal, match="secret_not_found"):
        await end_secret(service.pool, LEDGER, key.key_id, 3, clock=clock)
    assert await end_secret(service.pool, LEDGER, "nosuchkey", 1, clock=clock) is None


async def test_rotating_again_ends_nothing_later_than_before(service: Service, clock: Clock) -> None:
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    await rotate(service, key, clock, timedelta(hours=1))
    _, rotated = await rotate(service, key, clock, timedelta(hours=2))
    ends = [one.ends_at for one in rotated.secrets]
    assert ends == [key.created_at + timedelta(hours=1), clock() + timedelta(hours=2) - timedelta(seconds=1), None]
    clock.advance(hours=3)
    _, later = await rotate(service, key, clock, timedelta(0))
    assert [one.number for one in later.secrets] == [3, 4]  # what has ended is cleared


async def test_a_key_has_so_many_secrets(service: Service, clock: Clock) -> None:
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    for _ in range(SECRETS_LIMIT - 1):
        await rotate(service, key, clock)
    with pytest.raises(Refusal, match="too_many_secrets"):
        await rotate(service, key, clock)
    await end_secret(service.pool, LEDGER, key.key_id, 1, clock=clock)
    await rotate(service, key, clock)


async def test_rotations_at_once_follow_each_other(service: Service, clock: Clock) -> None:
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    rotations = (rotate_key(service.pool, LEDGER, key.key_id, clock=clock) for _ in range(3))
    assert None not in await asyncio.gather(*rotations)
    stored = await find_key(service.pool, LEDGER, key.key_id)
    assert stored is not None
    assert [one.number for one in stored.key.secrets] == [1, 2, 3, 4]


async def test_what_has_ended_is_not_rotated(service: Service, clock: Clock) -> None:
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    await revoke_key(service.pool, LEDGER, key.key_id, clock=clock)
    with pytest.raises(Refusal, match="key_is_over"):
        await rotate(service, key, clock)
    assert await rotate_key(service.pool, LEDGER, "nosuchkey", clock=clock) is None


async def test_an_idempotency_key_outlives_a_rotation(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    _, key = await create_key(service.pool, LEDGER, "phone", ["record"], clock=clock)
    favour = RecordFavour(giver=anna, receiver=ben)
    receipts = [await desk.give(favour, access_key=key.key_id, idempotency_key="1")]
    _, rotated = await rotate(service, key, clock)
    receipts.append(await desk.give(favour, access_key=rotated.key_id, idempotency_key="1"))
    assert receipts[0] == receipts[1]


async def test_uses_are_written_once_a_minute(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    token, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    other, unused = await create_key(service.pool, LEDGER, "tablet", ["read"], clock=clock)
    assert await doorkeeper.authenticate(LEDGER, f"{other[:-3]}AAA") is None
    first = clock()
    await use(doorkeeper, token)
    assert await last_uses(service, key) == [first]
    clock.advance(seconds=59)
    await use(doorkeeper, token)
    assert await last_uses(service, key) == [first]
    clock.advance(seconds=1)
    await use(doorkeeper, token)
    assert await last_uses(service, key) == [clock()]
    assert await last_uses(service, unused) == [None]


async def test_each_secret_has_its_own_last_use(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    old, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    await use(doorkeeper, old)
    first = clock()
    new, _ = await rotate(service, key, clock)
    clock.advance(minutes=5)
    await use(doorkeeper, new)
    assert await last_uses(service, key) == [first, clock()]
    stored = await find_key(service.pool, LEDGER, key.key_id)
    assert stored is not None
    assert stored.key.last_used_at == clock()


async def test_uses_are_noted_on_the_way_and_at_the_end(
    service: Service, doorkeeper: Doorkeeper, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NOTE_PAUSE_S", 0.01)
    token, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    async with doorkeeper.noting():
        await doorkeeper.authenticate(LEDGER, token)
        for _ in range(1_000):
            if await last_uses(service, key) == [clock()]:
                break
            await asyncio.sleep(0.01)
        assert await last_uses(service, key) == [clock()]
        monkeypatch.setattr(module, "NOTE_PAUSE_S", 60)
        clock.advance(minutes=2)
        await doorkeeper.authenticate(LEDGER, token)
    assert await last_uses(service, key) == [clock()]


async def test_a_database_that_is_away_ends_no_noting(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    token, _ = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    async with doorkeeper.noting():
        await doorkeeper.authenticate(LEDGER, token)
        await service.pool.close()


async def use(doorkeeper: Doorkeeper, token: str) -> None:
    """Open the door, and have it noted."""
    assert await doorkeeper.authenticate(LEDGER, token) is not None
    await doorkeeper.write_uses()


async def last_uses(service: Service, key: AccessKey) -> list[object]:
    """When each of a key's secrets was last used."""
    stored = await find_key(service.pool, LEDGER, key.key_id)
    assert stored is not None
    return [one.last_used_at for one in stored.key.secrets]
