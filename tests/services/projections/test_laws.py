"""Read models: inline == rebuilt == folded in memory, to the byte, whatever the history and however it was batched."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.event import Who
from domain.policy import GiftLimits, Policy
from domain.promise.commands import MakePromise
from domain.refusal import Refusal
from projections.catalogue import PROJECTIONS
from projections.projection import Entry, Rows
from services.database.pool import connect
from services.ledger.opening import open_ledger
from services.ledger.order import Order, Receipt
from services.ledger.rebuild import rebuild
from services.ledger.replay import Replay
from services.service import Service, open_service
from tests.services.conftest import MASTER_KEY
from tests.services.projections.histories import Step, histories
from tests.services.projections.tables import TABLES, fold_in_memory, read_log, read_tables, without_bytes

pytestmark = pytest.mark.anyio


async def check_laws(connection: asyncpg.Connection, ledger_id: str) -> None:
    """Σ given = Σ received = Σ postings; an introduction's posting holds for either of the introduced."""
    columns = ("quantity", "count", "disputed")
    given = await connection.fetch(
        "SELECT unit, sum(quantity), sum(count), sum(disputed) FROM"
        " (SELECT giver, unit, sum(quantity) AS quantity, sum(count) AS count, sum(disputed) AS disputed"
        "  FROM balance WHERE ledger_id = $1 GROUP BY giver, unit) AS g GROUP BY unit ORDER BY unit",
        ledger_id,
    )
    received = await connection.fetch(
        "SELECT unit, sum(quantity), sum(count), sum(disputed) FROM"
        " (SELECT receiver, unit, sum(quantity) AS quantity, sum(count) AS count, sum(disputed) AS disputed"
        "  FROM balance WHERE ledger_id = $1 GROUP BY receiver, unit) AS r GROUP BY unit ORDER BY unit",
        ledger_id,
    )
    sums = ", ".join(f"sum({column} * CASE WHEN third IS NULL THEN 1 ELSE 2 END)" for column in columns)
    postings = await connection.fetch(
        f"SELECT unit, {sums} FROM event WHERE ledger_id = $1 AND unit IS NOT NULL GROUP BY unit ORDER BY unit",
        ledger_id,
    )
    assert [tuple(row) for row in given] == [tuple(row) for row in received] == [tuple(row) for row in postings]


POLICY = Policy(units=("favour", "minute"), gifts=GiftLimits(unit="favour", one=10**8, year=10**9))


class Bench:
    """Two clerks and a connection on one database, kept for all examples of a test: each gets a ledger of its own."""

    def __init__(self, url: str, clerks: Sequence[Service], connection: asyncpg.Connection) -> None:
        self.url = url
        self.clerks = clerks
        self.connection = connection

    async def play(self, ledger_id: str, history: Sequence[Step]) -> int:
        """Give the commands, batch by batch; answers how many events they led to."""
        await open_ledger(self.clerks[0], ledger_id, policy=POLICY)
        recorded = 0
        batch: list[Step] = []
        for step in history:
            batch.append(step)
            if step.ends_batch:
                recorded += await self._give(ledger_id, batch)
                batch = []
        return recorded + await self._give(ledger_id, batch)

    async def _give(self, ledger_id: str, batch: Sequence[Step]) -> int:
        outcomes = await asyncio.gather(*(self._order(ledger_id, step) for step in batch), return_exceptions=True)
        assert all(isinstance(outcome, Receipt | Refusal) for outcome in outcomes), outcomes
        return sum(len(outcome.events) for outcome in outcomes if isinstance(outcome, Receipt))

    async def _order(self, ledger_id: str, step: Step) -> Receipt:
        clerk = self.clerks[step.clerk]
        command = step.command
        if step.age_hours is not None:
            command = replace(command, occurred_at=clerk.clock() - timedelta(hours=step.age_hours))
            if isinstance(command, MakePromise):
                command = replace(command, due=command.occurred_at)
        who = Who(step.capacity, "test", command.by)
        return await clerk.clerk.submit(Order(ledger_id=ledger_id, command=command, who=who, stream=step.stream))


@asynccontextmanager
async def open_bench(url: str) -> AsyncIterator[Bench]:
    async with open_service(url, MASTER_KEY) as first, open_service(url, MASTER_KEY) as second:
        connection = await connect(url)
        try:
            yield Bench(url, (first, second), connection)
        finally:
            await connection.close()


def test_inline_is_rebuilt_is_folded_in_memory(database_url: str) -> None:
    with asyncio.Runner() as runner:
        bench_context = open_bench(database_url)
        bench = runner.run(bench_context.__aenter__())

        @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
        @given(history=histories(), batch=st.integers(1, 7), states_kept=st.integers(0, 3))
        def check(history: list[Step], batch: int, states_kept: int) -> None:
            runner.run(compare(bench, history, batch, states_kept))

        try:
            check()
        finally:
            runner.run(bench_context.__aexit__(None, None, None))


async def compare(bench: Bench, history: Sequence[Step], batch: int, states_kept: int) -> None:
    ledger_id = f"ledger-{uuid4().hex[:12]}"
    events = await bench.play(ledger_id, history)
    inline = await read_tables(bench.connection, ledger_id)
    log = await read_log(bench.connection, ledger_id)
    assert [entry.position for entry in log] == list(range(1, events + 2))
    assert without_bytes(inline) == fold_in_memory(log)
    await check_laws(bench.connection, ledger_id)
    await check_replay(bench.connection, ledger_id, log, batch, states_kept)

    reports = await rebuild(bench.connection, ledger_id, batch=batch)
    assert {report.differing for report in reports} == {0}
    for table in TABLES:
        await bench.connection.execute(f"DELETE FROM {table} WHERE ledger_id = $1", ledger_id)
    reports = await rebuild(bench.connection, ledger_id, batch=batch)
    assert await read_tables(bench.connection, ledger_id) == inline
    rows = {projection.name: projection.tables for projection in PROJECTIONS}
    for report in reports:
        count = sum(len(inline[table]) for table in rows[report.read_model])
        assert (report.rows, report.shadow_only, report.live_only, report.different) == (count, count, 0, 0)


async def check_replay(
    connection: asyncpg.Connection, ledger_id: str, log: Sequence[Entry], batch: int, states_kept: int
) -> None:
    """Streams that were let go and read again lead to the same rows."""
    replay = Replay(connection, ledger_id, states_kept=states_kept)
    transitions: Rows = {}
    for start in range(0, len(log), batch):
        transitions.update((await replay.fold(log[start : start + batch])).get("promises", {}))
    rows = sorted((tuple(row) for row in transitions.values()), key=lambda row: row[:3])
    assert rows == fold_in_memory(log)["promise_transition"]
