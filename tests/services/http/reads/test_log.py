"""The tree that follows a ledger: built by one at a time, read as checkpoints, tiles and proofs over HTTP."""

import asyncio
import base64

import pytest

from services.database.pool import connect, load_sql
from services.ledger.opening import open_ledger
from services.proof import builder
from services.proof.builder import BrokenLogError, build, build_behind, build_whole, building
from services.proof.log import read_head
from services.proof.note import read_checkpoint, read_key, read_note, require_signed
from services.proof.tree import hash_leaf, is_consistent, root_of_inclusion
from services.service import Service
from tests.services.conftest import LEDGER, Desk, as_owner
from tests.services.http.conftest import Client, Headers, head

pytestmark = pytest.mark.anyio
AT = f"/v1/ledgers/{LEDGER}/log"


async def leaves(service: Service) -> list[bytes]:
    rows = await service.pool.fetch("SELECT state FROM event WHERE ledger_id = $1 ORDER BY position", LEDGER)
    return [hash_leaf(row["state"]) for row in rows]


async def root(service: Service) -> bytes:
    async with service.pool.acquire() as connection:
        return (await read_head(connection, LEDGER)).root


async def test_every_event_is_proven_by_the_signed_checkpoint(
    service: Service, desk: Desk, client: Client, recorder: Headers
) -> None:
    await desk.register(*(f"P{number}" for number in range(5)))
    await build_whole(service.pool, LEDGER)
    keys = (await client.get(f"{AT}/public-keys", headers=recorder)).json()
    note = read_note((await client.get(f"{AT}/checkpoint", headers=recorder)).text)
    checkpoint = require_signed(note, [read_key(line) for line in keys["keys"]])
    assert (checkpoint.origin, checkpoint.size) == (keys["origin"], await head(service))
    for position, leaf in enumerate(await leaves(service), start=1):
        proof = (await client.get(f"{AT}/proof/inclusion/{position}", headers=recorder)).json()
        hashes = [base64.b64decode(one) for one in proof["hashes"]]
        assert base64.b64decode(proof["leaf"]) == leaf
        assert root_of_inclusion(leaf, position - 1, checkpoint.size, hashes) == checkpoint.root
        first, index, *rest = proof["tlog_proof"].splitlines()
        assert (first, index) == ("c2sp.org/tlog-proof@v1", f"index {position - 1}")
        assert rest[: len(hashes)] == proof["hashes"]
        assert "\n".join(rest[len(hashes) + 1 :]) + "\n" == proof["checkpoint"] == str(note)


async def test_a_later_tree_goes_on_from_an_earlier_one(
    service: Service, desk: Desk, client: Client, recorder: Headers
) -> None:
    seen = []
    for number in range(4):
        await desk.register(*(f"P{number}-{n}" for n in range(number + 1)))
        await build_whole(service.pool, LEDGER)
        seen.append(read_checkpoint(read_note((await client.get(f"{AT}/checkpoint", headers=recorder)).text)))
    for first, second in ((one, other) for one in seen for other in seen if one.size <= other.size):
        answer = await client.get(f"{AT}/proof/consistency/{first.size}/{second.size}", headers=recorder)
        hashes = [base64.b64decode(one) for one in answer.json()["hashes"]]
        assert is_consistent(first.size, first.root, second.size, second.root, hashes)
    older = (await client.get(f"{AT}/proof/inclusion/1", params={"size": seen[0].size}, headers=recorder)).json()
    assert base64.b64decode(older["root"]) == seen[0].root
    assert older["checkpoint"] is None


async def test_tiles_hold_the_leaves(service: Service, desk: Desk, client: Client, recorder: Headers) -> None:
    await desk.register(*(f"P{number}" for number in range(300)))
    await build_whole(service.pool, LEDGER)
    expected = await leaves(service)
    full = await client.get(f"{AT}/tile/0/000", headers=recorder)
    assert (full.status_code, full.content) == (200, b"".join(expected[:256]))
    assert "immutable" in full.headers["cache-control"]
    rest = await client.get(f"{AT}/tile/0/001.p/{len(expected) - 256}", headers=recorder)
    assert rest.content == b"".join(expected[256:])
    assert len((await client.get(f"{AT}/tile/1/000.p/1", headers=recorder)).content) == 32
    for path in ("0/001", "0/002.p/1", "1/000", "9/000", "x", "0/1"):
        answer = await client.get(f"{AT}/tile/{path}", headers=recorder)
        assert (answer.status_code, answer.json()["code"]) == (404, "tile_not_found")


async def test_what_is_not_in_the_tree_is_not_proven(client: Client, recorder: Headers, people: None) -> None:
    del people
    for path in ("inclusion/99", "inclusion/1?size=99", "consistency/1/99", "consistency/2/1"):
        answer = await client.get(f"{AT}/proof/{path}", headers=recorder)
        assert (answer.status_code, answer.json()["code"]) == (404, "proof_not_found"), path


async def test_a_ledger_without_a_tree_has_an_empty_one(client: Client, recorder: Headers) -> None:
    note = read_note((await client.get(f"{AT}/checkpoint", headers=recorder)).text)
    assert read_checkpoint(note).size == 0


async def test_one_builds_at_a_time_and_any_may_die(service: Service, desk: Desk) -> None:
    await desk.register(*(f"P{number}" for number in range(20)))
    other = await connect(service.url)
    try:
        async with service.pool.acquire() as connection:
            await build(connection, LEDGER)
        await desk.register("one more")
        transaction = other.transaction()
        await transaction.start()
        assert await other.fetchval("SELECT size FROM log_head WHERE ledger_id = $1 FOR UPDATE", LEDGER)
        assert await build_behind(service.pool) == 0
        await transaction.rollback()  # as if its process had been killed
    finally:
        await other.close()
    assert await build_behind(service.pool) == 1
    grown = await root(service)
    await service.pool.execute("DELETE FROM log_tile")
    await service.pool.execute("DELETE FROM log_head")
    await build_whole(service.pool, LEDGER)
    assert await root(service) == grown


async def test_the_worker_follows_the_log(service: Service, desk: Desk) -> None:
    async with building(service):
        await desk.register("Anna", "Ben")
        async with asyncio.timeout(10):
            while await behind(service):  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.05)


async def behind(service: Service) -> bool:
    async with service.pool.acquire() as connection:
        return (await read_head(connection, LEDGER)).size < await head(service)


async def test_a_gap_or_a_lost_tile_stops_the_tree(service: Service, desk: Desk) -> None:
    await desk.register("Anna", "Ben", "Cara")
    async with service.pool.acquire() as connection:
        await build(connection, LEDGER)
        await desk.register("Dora", "Erik")
        position = await head(service)
        await as_owner(service, "DELETE FROM event WHERE ledger_id = $1 AND position = $2", LEDGER, position - 1)
        with pytest.raises(BrokenLogError, match=f"between positions {position - 1} and {position} only 1"):
            await build(connection, LEDGER)
        await connection.execute("DELETE FROM log_tile")
        with pytest.raises(BrokenLogError):
            await build(connection, LEDGER)
    assert await build_behind(service.pool) == 0


async def test_one_ledger_that_is_broken_keeps_no_other_back(service: Service, desk: Desk) -> None:
    others = ["harbour", "meadow"]
    for ledger in others:
        await open_ledger(service, ledger)
    await desk.register("Anna", "Ben")
    assert await build_behind(service.pool) == 3 + len(others)
    await desk.register("Cara", "Dora")
    for ledger in others:
        await Desk(service, ledger).register("Anna", "Ben", "Cara")
    await as_owner(service, "DELETE FROM event WHERE ledger_id = $1 AND position = 4", LEDGER)
    assert await build_behind(service.pool) == 3 * len(others)
    sizes = await service.pool.fetch("SELECT ledger_id, size FROM log_head ORDER BY ledger_id")
    assert [tuple(row) for row in sizes] == [("harbour", 4), ("meadow", 4), (LEDGER, 3)]
    assert await build_behind(service.pool) == 0


async def test_more_ledgers_than_fit_into_a_round_are_built_without_a_rest(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "LEDGERS_AT_ONCE", 2)
    monkeypatch.setattr(builder, "PAUSE_S", 3600)
    ledgers = [f"ledger-{number}" for number in range(5)]
    for ledger in ledgers:
        await open_ledger(service, ledger)
    await desk.register("Anna", "Ben")
    async with building(service), asyncio.timeout(20):
        while await service.pool.fetch(load_sql("services/proof/sql/behind.sql"), 1):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
