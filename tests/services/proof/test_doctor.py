"""The doctor: a ledger in order is found in order, and a hundred ways to tamper with one are found with their place."""

import random

import pytest

from services.proof.builder import build_whole
from services.proof.cosigned import keep_cosignatures
from services.proof.doctor import Examination, examine
from services.proof.log import Connection, read_checkpoint
from services.proof.note import Note
from services.service import Service
from tests.services.conftest import LEDGER, WITNESS, as_owner, owner_of

pytestmark = pytest.mark.anyio
TABLES = ("event", "balance", "promise", "log_tile", "log_head", "ledger_head")


async def names_something(service: Service, where: str) -> None:
    found = await examine(service, LEDGER)
    assert any(finding.where.startswith(where) for finding in found.findings), (where, found.findings)


async def test_a_ledger_in_order(told: Service) -> None:
    reached: list[tuple[int, int]] = []
    found = await examine(told, LEDGER, lambda done, last: reached.append((done, last)))
    assert found == Examination(ledger=LEDGER, size=reached[-1][1], in_tree=found.size, findings=())


CHANGES = {
    "UPDATE event SET state = set_byte(state, 59, get_byte(state, 59) # 1) WHERE position = 5": "position 5",
    "UPDATE event SET quantity = quantity + 1 WHERE position = 7": "position 7",
    "UPDATE event SET giver = receiver WHERE position = 9": "position 9",
    "UPDATE event SET recorded_at = recorded_at - interval '1 day' WHERE position = 4": "position 4",
    "DELETE FROM event WHERE position = 6": "position 6",
    "DELETE FROM event WHERE position = (SELECT max(position) FROM event)": "the head",
    "UPDATE event SET state = (SELECT state FROM event WHERE position = 8) WHERE position = 5": "position 5",
    "INSERT INTO event SELECT ledger_id, position + 1, gen_random_uuid(), version, topic, giver, receiver, third, unit,"
    " quantity, count, disputed, occurred_at, recorded_at, state FROM event"
    " WHERE position = (SELECT max(position) FROM event)": "position",
    "UPDATE ledger_head SET position = position + 3": "the head",
    "UPDATE log_head SET size = size + 40": "the tree",
    "UPDATE log_head SET root = sha256('x')": "the tree",
    "DELETE FROM log_tile": "position 1",
    "UPDATE balance SET quantity = quantity + 1": "table balance",
    "DELETE FROM balance WHERE kind = 'promise'": "table balance",
    "INSERT INTO balance SELECT ledger_id, receiver, giver, 'mile', kind, 1, 1, 0, 0, last_at FROM balance LIMIT 1": (
        "table balance"
    ),
    "UPDATE promise SET status = 'kept'": "table promise",
    "DELETE FROM promise": "table promise",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_a_superuser_changed_is_named(told: Service, change: str) -> None:
    await as_owner(told, change)
    await names_something(told, CHANGES[change])


async def test_a_hundred_tamperings_are_a_hundred_found(told: Service) -> None:
    """Bytes, columns and rows at random, each taken back before the next."""
    chance = random.Random(4)
    async with owner_of(told) as connection:
        size = await connection.fetchval("SELECT max(position) FROM event")
        for table in TABLES:
            await connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
        for number in range(100):
            where = await tamper(connection, chance, size)
            found = await examine(told, LEDGER)
            assert any(finding.where.startswith(where) for finding in found.findings), (number, where, found.findings)
            for table in TABLES:
                await connection.execute(f"DELETE FROM {table}")
                await connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
    assert (await examine(told, LEDGER)).findings == ()


async def tamper(connection: Connection, chance: random.Random, size: int) -> str:
    """Change something at random; answers where that is."""
    position = chance.randint(1, size)
    match chance.randrange(5):
        case 0 | 1:
            state = bytearray(await connection.fetchval("SELECT state FROM event WHERE position = $1", position))
            place = chance.randrange(len(state))
            state[place] ^= 1 << chance.randrange(7)
            await connection.execute("UPDATE event SET state = $2 WHERE position = $1", position, bytes(state))
        case 2:
            column = chance.choice(["quantity", "count", "disputed", "version"])
            await connection.execute(f"UPDATE event SET {column} = {column} + 77 WHERE position = $1", position)
        case 3:
            table = chance.choice(["balance", "promise"])
            await connection.execute(
                f"UPDATE {table} SET quantity = quantity + 1"
                f" WHERE ctid = (SELECT ctid FROM {table} ORDER BY random() LIMIT 1)"
            )
            return f"table {table}"
        case _:
            other = position % size + 1
            await connection.execute(
                "UPDATE event AS e SET state = o.state FROM event AS o"
                " WHERE e.ledger_id = o.ledger_id AND (e.position, o.position) IN (($1::bigint, $2::bigint), ($2, $1))",
                position,
                other,
            )
            return f"position {min(position, other)}"
    return f"position {position}"


async def test_a_past_that_was_written_anew_is_not_what_a_witness_signed(told: Service) -> None:
    """Even where everything fits: the bytes, the hashes, the read models."""
    async with told.pool.acquire() as connection:
        note = await read_checkpoint(connection, told.notary, LEDGER)
        sent = Note(note.text, (WITNESS.sign(note.text, 1),))
        await keep_cosignatures(connection, told.notary, LEDGER, str(sent))
    size = (await examine(told, LEDGER)).size
    assert (await examine(told, LEDGER)).findings == ()
    await as_owner(told, "UPDATE event SET state = state || ' ' WHERE position = 2")
    for table in ("log_tile", "log_head"):
        await told.pool.execute(f"DELETE FROM {table}")
    await build_whole(told.pool, LEDGER)
    (found,) = (await examine(told, LEDGER)).findings
    assert (found.where, found.what) == (f"the old checkpoint of {size}", "what was there then was changed since")
    await told.pool.execute(
        "UPDATE log_cosignature SET signature = set_byte(signature, 70, get_byte(signature, 70) # 1)"
    )  # vouches for nothing
    assert (await examine(told, LEDGER)).findings == ()
