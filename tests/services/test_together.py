"""Readings side by side: one statement for what several ask for at once, each answered as it would be alone."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from services.database.pool import connect
from services.database.together import Together, combine

SOME = UUID(int=7)
TYPED = """-- What is given, and values of every type that is read. $1 a text  $2 an id
WITH one AS (SELECT $1::text AS name, $2::uuid AS id)
SELECT o.name, o.id, n.n, 1.5::float8 AS share, timestamptz '2024-06-01 12:00Z' AS at, bytea '\\x0102' AS bytes,
    ARRAY[1, n.n]::bigint[] AS positions, ARRAY[o.id] AS ids, NULL::text AS nothing, true AS yes,
    date '2024-06-01' AS day
FROM one AS o, generate_series(1, 2) AS n (n)
ORDER BY n.n DESC  -- ends in a comment"""
NUMBER = "SELECT $1::bigint AS number"


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own."""
    opened = await connect(database_url)
    try:
        yield opened
    finally:
        await opened.close()


async def test_rows_are_what_each_would_be_alone(connection: asyncpg.Connection, asked: list[str]) -> None:
    together = Together(connection, connection)
    alone = await connection.fetch(TYPED, "village", SOME)
    asked.clear()
    rows, (number,), none, again = await together.all(
        together.fetch(TYPED, "village", SOME),
        together.fetch(NUMBER, 2**40),
        together.fetch("SELECT 1 AS one WHERE false"),
        together.fetch(TYPED, "village", SOME),
    )
    assert len(asked) == 1
    assert [dict(row) for row in rows] == [dict(row) for row in alone] == [dict(row) for row in again]
    assert [tuple(row) for row in rows] == [tuple(row) for row in alone]
    assert (rows[0]["n"], rows[0][2], len(rows[0])) == (2, 2, 11)
    assert (number["number"], none) == (2**40, [])
    assert asked[0].count("WITH one AS") == 1, "what is asked for twice is asked once"
    assert asked[0].count("$1") == 2, "a ledger's id is one parameter, the first"


async def test_readings_in_steps_and_those_they_begin_go_along(
    connection: asyncpg.Connection, asked: list[str]
) -> None:
    together = Together(connection, connection)

    async def steps(count: int, start: int) -> int:
        for _ in range(count):
            start = 1 + await together.fetchval(NUMBER, start)
        return start

    async def nested(start: int) -> tuple[int, ...]:
        first = await steps(1, start)
        both = await together.all(steps(1, first), steps(2, first))
        return (*both, await steps(1, both[0]))

    async def elsewhere() -> int:
        await asyncio.sleep(0.01)
        return await steps(1, 50)

    assert await together.all(steps(2, 0), nested(10), steps(0, 5), elsewhere()) == (2, (12, 13, 13), 5, 51)
    assert len(asked) == 4, "as many as the longest reading has steps"
    assert await together.all() == ()
    assert await together.fetchrow("SELECT 1 WHERE false") is None
    assert await together.fetchval("SELECT 1 WHERE false") is None


async def test_the_first_failure_is_raised_when_all_are_done(connection: asyncpg.Connection) -> None:
    together = Together(connection, connection)
    done = []

    async def fails(error: Exception, after: int) -> None:
        for number in range(after):
            await together.fetch(NUMBER, number)
        raise error

    async def goes_on() -> None:
        for number in range(3):
            (row,) = await together.fetch(NUMBER, number)
            done.append(row["number"])

    with pytest.raises(KeyError):
        await together.all(fails(KeyError(), 2), goes_on(), fails(ValueError(), 1))
    assert done == [0, 1, 2]
    with pytest.raises(asyncpg.PostgresError):
        await together.all(together.fetch("SELECT 1 / 0"), together.fetch(NUMBER, 1))
    with pytest.raises(asyncpg.PostgresError):
        await together.all(together.fetch("SELECT nothing"), together.fetch(NUMBER, 1))
    assert (await together.all(together.fetchval(NUMBER, 8), together.fetchval(NUMBER, 9))) == (8, 9)


async def test_whoever_is_called_off_leaves_the_connection_free(connection: asyncpg.Connection) -> None:
    together = Together(connection, connection)
    for slow in (together.fetch("SELECT pg_sleep(30)"), asyncio.sleep(30)):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(together.all(slow, together.fetch(NUMBER, 1)), 0.3)
        assert await together.all(together.fetchval(NUMBER, 8), together.fetchval(NUMBER, 9)) == (8, 9)


def test_parameters_move_along() -> None:
    text = combine((("a $1 $2", 2), ("b $1 $12", 12), ("c $1", 1)), (True, True, False), frozenset({"uuid[]"}))
    assert [line for line in text.splitlines() if line[0] in "abc"] == ["a $1 $2", "b $1 $13", "c $14"]
    assert text.endswith("NULL::uuid[]")
