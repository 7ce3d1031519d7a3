"""Four server processes on one database, any of which takes any request: one hot ledger that all of them write to."""

import asyncio
import base64
import itertools
import pathlib
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import psycopg

from tests.services.conftest import MASTER_KEY
from tests.serving import Serving, requite_here

PROCESSES = 4
CALLERS = 24
"""Each with a connection of its own: whoever accepts it takes its requests."""
EACH = 12
REPEATED_EVERY = 4
"""So many of a caller's commands go by, then another caller's connection sends one too, at once, under the same key."""


def test_four_processes_write_to_one_ledger(database_url: str, tmp_path: pathlib.Path) -> None:
    variables = {
        "DATABASE_URL": database_url,
        "REQUITE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "REQUITE_WORKERS": str(PROCESSES),
        "REQUITE_RATE_LIMIT": "off",
    }
    opened = requite_here(tmp_path, "open", "village", "--title", "The village", "--unit", "favour", **variables)
    assert opened.returncode == 0, opened.stderr
    headers = {"Authorization": f"Bearer {opened.stdout.strip()}"}
    with Serving(tmp_path, "--port", "0", **variables) as server:
        told, seconds = asyncio.run(_hammer(server.address, headers))
        assert f"requite_workers {PROCESSES}.0" in httpx.get(f"{server.address}/metrics", timeout=60).text
        assert server.interrupt() == 0
    _check_log(database_url, told)
    print(f"{len(told) / seconds:.0f} commands a second by {PROCESSES} processes on one ledger")  # noqa: T201 - the figure


async def _hammer(address: str, headers: dict[str, str]) -> tuple[dict[str, Any], float]:
    """Have callers record favours; what each command was told, by its key, and how long all of it took."""
    async with AsyncExitStack() as stack:
        opened = [
            httpx.AsyncClient(base_url=f"{address}/v1/ledgers/village", headers=headers, timeout=60)
            for _ in range(CALLERS)
        ]
        clients = [await stack.enter_async_context(client) for client in opened]
        answers = [await clients[0].post("/parties", json={"name": name}) for name in ("Anna", "Ben")]
        anna, ben = (answer.raise_for_status().json()["id"] for answer in answers)
        told: dict[str, Any] = {}

        async def record(client: httpx.AsyncClient, key: str) -> Any:
            favour = {"giver": anna, "receiver": ben, "quantity": 1}
            answer = await client.post("/favours", json=favour, headers={"Idempotency-Key": key})
            assert answer.status_code in {200, 201}, answer.text
            return answer.json()

        async def call(caller: int) -> None:
            for number in range(EACH):
                key = f"{caller}-{number}"
                by = [caller, (caller + 1) % CALLERS] if number % REPEATED_EVERY == 0 else [caller]
                first, *others = await asyncio.gather(*(record(clients[one], key) for one in by))
                assert all(other == first for other in others), "one command, one answer"
                told[key] = first

        started = time.perf_counter()
        await asyncio.gather(*(call(caller) for caller in range(CALLERS)))
        return told, time.perf_counter() - started


def _check_log(database_url: str, told: dict[str, Any]) -> None:
    """Positions without a gap, every command in the log once and where its answer said, and the balance of them all."""
    with psycopg.connect(database_url) as connection:
        log = connection.execute(
            "SELECT position, stream_id::text, version, topic, recorded_at FROM event ORDER BY position"
        ).fetchall()
        heads = connection.execute("SELECT position FROM ledger_head").fetchall()
        balances = connection.execute("SELECT quantity, count FROM balance").fetchall()
    positions = [position for position, *_ in log]
    assert positions == list(range(1, len(log) + 1))
    assert heads == [(len(log),)]
    assert all(before[-1] <= after[-1] for before, after in itertools.pairwise(log)), "recorded_at goes back"
    favours = {position: stream for position, stream, _, topic, _ in log if topic == "favour.recorded"}
    assert favours == {answer["position"]: answer["id"] for answer in told.values()}
    assert len(set(favours.values())) == len(favours) == CALLERS * EACH
    assert balances == [(CALLERS * EACH, CALLERS * EACH)]
