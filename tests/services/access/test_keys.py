"""Access keys: what is stored, whom they let in, whom they act for; sign-in links."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.event import Who
from domain.ledger import LEDGER_STREAM
from domain.refusal import Refusal
from services.access import keys, tokens
from services.access.doorkeeper import REMEMBERED_S, Doorkeeper
from services.access.keys import AccessKey, Database, create_key, list_keys, revoke_key, who_acts
from services.access.links import LINK_LIFE, create_link, redeem_link
from services.service import Service
from tests.services.access.clock import Clock
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio

OTHER = "harbour"


async def test_a_token_opens_its_ledger_only(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    token, key = await create_key(service.pool, LEDGER, "phone", ["record", "read"], clock=clock)
    assert token.startswith(f"rq_{key.key_id}_")
    assert key.scopes == ("read", "record")
    assert await doorkeeper.authenticate(LEDGER, token) == key
    assert await doorkeeper.authenticate(OTHER, token) is None
    assert await doorkeeper.authenticate("no ledger's id\0", token) is None


async def test_a_wrong_secret_opens_nothing(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    token, _ = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    other, _ = await create_key(service.pool, LEDGER, "tablet", ["read"], clock=clock)
    mixed = "_".join([*token.split("_", 2)[:2], other.split("_", 2)[2]])
    for wrong in (mixed, token[:-1], token + "A", token.upper(), token[3:], "", "rq", "rq__", token + "\0", "rq_é_é"):
        assert await doorkeeper.authenticate(LEDGER, wrong) is None, wrong
    assert await doorkeeper.authenticate(LEDGER, token) is not None


async def test_no_secret_is_stored(service: Service, clock: Clock) -> None:
    token, _ = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    link = await create_link(service.pool, (await list_keys(service.pool, LEDGER))[0], clock=clock)
    stored = await service.pool.fetch(
        """
        SELECT k::text FROM access_key k UNION ALL SELECT s::text FROM access_secret s
        UNION ALL SELECT l::text FROM sign_in_link l
        """
    )
    for text in (token.split("_", 2)[2], link):
        secret = tokens.parse_secret(text)
        assert secret is not None
        assert len(secret) == 32
        assert all(text not in row[0] and secret.hex() not in row[0] for row in stored)


async def test_a_key_expires_at_its_moment(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    expires_at = clock() + timedelta(seconds=0.5)
    token, key = await create_key(service.pool, LEDGER, "visitor", ["read"], expires_at=expires_at, clock=clock)
    assert await doorkeeper.authenticate(LEDGER, token) == key
    clock.now = expires_at
    assert await doorkeeper.authenticate(LEDGER, token) is None


async def test_a_revoked_key_is_remembered_for_a_second(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    token, key = await create_key(service.pool, LEDGER, "lost", ["read"], clock=clock)
    assert await doorkeeper.authenticate(LEDGER, token) == key
    revoked = await revoke_key(service.pool, LEDGER, key.key_id, clock=clock)
    assert revoked is not None
    assert revoked.revoked_at == clock()
    assert await doorkeeper.authenticate(LEDGER, token) == key  # as if another process had revoked it
    clock.advance(seconds=REMEMBERED_S)
    assert await doorkeeper.authenticate(LEDGER, token) is None
    assert await revoke_key(service.pool, LEDGER, key.key_id, clock=clock) == revoked
    assert await revoke_key(service.pool, OTHER, key.key_id, clock=clock) is None


async def test_a_forgotten_key_is_looked_up_at_once(service: Service, doorkeeper: Doorkeeper, clock: Clock) -> None:
    token, key = await create_key(service.pool, LEDGER, "lost", ["read"], clock=clock)
    assert await doorkeeper.authenticate(LEDGER, token) == key
    await revoke_key(service.pool, LEDGER, key.key_id, clock=clock)
    doorkeeper.forget(LEDGER, key.key_id)
    assert await doorkeeper.authenticate(LEDGER, token) is None


async def test_what_is_remembered_is_bounded(
    service: Service, doorkeeper: Doorkeeper, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.access.doorkeeper.REMEMBERED", 3)
    for _ in range(10):
        token, key = await create_key(service.pool, LEDGER, "x", ["read"], clock=clock)
        assert await doorkeeper.authenticate(LEDGER, token) == key
        assert len(doorkeeper._known) <= 3


async def test_a_ledger_has_so_many_keys(service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ACTIVE_LIMIT", 2)
    _, first = await create_key(service.pool, LEDGER, "1", ["read"], clock=clock)
    await create_key(service.pool, LEDGER, "2", ["read"], clock=clock)
    with pytest.raises(Refusal, match="too_many_keys"):
        await create_key(service.pool, LEDGER, "3", ["read"], clock=clock)
    await revoke_key(service.pool, LEDGER, first.key_id, clock=clock)
    await create_key(service.pool, LEDGER, "3", ["read"], clock=clock)


async def test_a_key_for_parties_needs_them_registered(service: Service, desk: Desk, clock: Clock) -> None:
    (anna,) = await desk.register("Anna")
    _, key = await create_key(service.pool, LEDGER, "phone", ["record"], [anna, anna], clock=clock)
    assert key.parties == (anna,)
    assert (await list_keys(service.pool, LEDGER))[0] == key
    for nobody in (uuid4(), LEDGER_STREAM):
        with pytest.raises(Refusal, match="unknown_party"):
            await create_key(service.pool, LEDGER, "phone", ["record"], [anna, nobody], clock=clock)


async def test_a_key_that_makes_no_sense(service: Service, clock: Clock) -> None:
    for scopes, parties, code in ((["read"], [], "parties_out_of_range"), ([], None, "no_scope")):
        with pytest.raises(Refusal, match=code):
            await create_key(service.pool, LEDGER, "x", scopes, parties, clock=clock)  # type: ignore[arg-type]


def key_of(*scopes: keys.Scope, parties: tuple[UUID, ...] | None = None) -> AccessKey:
    return AccessKey(
        ledger_id=LEDGER,
        key_id="k",
        label="",
        scopes=scopes,
        parties=parties,
        created_at=datetime(2026, 5, 1, tzinfo=UTC),
    )


ANNA, BEN, CARA = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize(
    ("key", "by", "who"),
    [
        (key_of("record"), None, Who("recorder", "k")),
        (key_of("record"), ANNA, Who("recorder", "k", ANNA)),
        (key_of("record", "admin"), None, Who("admin", "k")),
        (key_of("admin"), ANNA, Who("admin", "k", ANNA)),
        (key_of("record", parties=(ANNA,)), None, Who("party", "k", ANNA)),
        (key_of("record", parties=(ANNA,)), ANNA, Who("party", "k", ANNA)),
        (key_of("record", parties=(ANNA,)), BEN, None),
        (key_of("record", parties=(ANNA, BEN)), BEN, Who("party", "k", BEN)),
        (key_of("record", parties=(ANNA, BEN)), None, None),
        (key_of("record", parties=(ANNA, BEN)), CARA, None),
    ],
)
async def test_for_whom_a_key_acts(key: AccessKey, by: UUID | None, who: Who | None) -> None:
    if who is None:
        with pytest.raises(Refusal, match="wrong_party"):
            who_acts(key, by)
    else:
        assert who_acts(key, by) == who


async def test_a_link_signs_in_once(service: Service, clock: Clock) -> None:
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    link = await create_link(service.pool, key, clock=clock)
    assert await redeem_link(service.pool, OTHER, link, clock=clock) is None
    answers = await asyncio.gather(*(redeem_link(service.pool, LEDGER, link, clock=clock) for _ in range(5)))
    assert sorted(answer is None for answer in answers) == [False, True, True, True, True]
    assert key in answers


async def test_a_link_that_leads_nowhere(service: Service, clock: Clock) -> None:
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], clock=clock)
    late = await create_link(service.pool, key, clock=clock)
    clock.advance(seconds=LINK_LIFE.total_seconds())
    assert await redeem_link(service.pool, LEDGER, late, clock=clock) is None
    ended = await create_link(service.pool, key, clock=clock)
    assert await service.pool.fetchval("SELECT count(*) FROM sign_in_link") == 1  # the late one was cleared
    await revoke_key(service.pool, LEDGER, key.key_id, clock=clock)
    assert await service.pool.fetchval("SELECT count(*) FROM sign_in_link") == 0
    for token in (ended, "", "x", "é" * 43, ended + "\0", "A" * 43):
        assert await redeem_link(service.pool, LEDGER, token, clock=clock) is None


async def test_a_link_of_an_expired_key(service: Service, clock: Clock) -> None:
    expires_at = clock() + timedelta(minutes=1)
    _, key = await create_key(service.pool, LEDGER, "phone", ["read"], expires_at=expires_at, clock=clock)
    link = await create_link(service.pool, key, clock=clock)
    clock.advance(minutes=2)
    assert await redeem_link(service.pool, LEDGER, link, clock=clock) is None


class SlowReads:
    """The pool, whose answers reach who asked once they are let through."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.asked = 0
        self.through = asyncio.Event()
        self._pool = pool

    async def fetchrow(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        self.asked += 1
        row = await self._pool.fetchrow(query, *arguments)
        await self.through.wait()
        return row


async def test_all_who_come_at_once_share_one_look_up(service: Service, clock: Clock) -> None:
    """Also where it takes longer than it is remembered for, and where whoever began it has gone."""
    token, key = await create_key(service.pool, LEDGER, "one", ["read"], clock=clock)
    database = SlowReads(service.pool)
    doorkeeper = Doorkeeper(cast("Database", database), clock, seconds=clock.seconds)
    coming = [asyncio.create_task(doorkeeper.authenticate(LEDGER, token)) for _ in range(20)]
    await asyncio.sleep(0.05)
    coming[0].cancel()
    clock.advance(seconds=REMEMBERED_S)
    later = asyncio.create_task(doorkeeper.authenticate(LEDGER, token))
    await asyncio.sleep(0.05)
    database.through.set()
    assert await asyncio.gather(*coming[1:], later) == [key] * 20
    assert database.asked == 2  # the later one takes no answer that is older than a second


async def test_a_key_forgotten_while_it_is_looked_up_is_looked_up_again(service: Service, clock: Clock) -> None:
    token, key = await create_key(service.pool, LEDGER, "one", ["read"], clock=clock)
    database = SlowReads(service.pool)
    doorkeeper = Doorkeeper(cast("Database", database), clock, seconds=clock.seconds)
    before = asyncio.create_task(doorkeeper.authenticate(LEDGER, token))
    await asyncio.sleep(0.05)
    await revoke_key(service.pool, LEDGER, key.key_id, clock=clock)
    doorkeeper.forget(LEDGER, key.key_id)
    database.through.set()
    assert await doorkeeper.authenticate(LEDGER, token) is None
    assert await before == key  # it came before
    assert await doorkeeper.authenticate(LEDGER, token) is None
