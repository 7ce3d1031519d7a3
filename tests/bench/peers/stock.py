"""The recorder for PostgreSQL that the library eventsourcing comes with: psycopg, a table lock, a thread per caller."""

import asyncio
import concurrent.futures
import functools
import threading
import time
from contextlib import AsyncExitStack
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from tests.bench.harness import Run, Timing, timing


def prepare_stock(address: dict[str, str], callers: int, state: bytes, stack: AsyncExitStack) -> Run:
    """Append one event per call; ``address``: host, port, user, password, database."""
    datastore = PostgresDatastore(
        dbname=address["database"],
        host=address["host"],
        port=address["port"],
        user=address["user"],
        password=address["password"],
        pool_size=callers,
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stock")
    recorder.create_table()
    stack.callback(datastore.close)
    pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(max_workers=callers))

    def caller(seconds: float, latencies: list[float], ready: threading.Barrier) -> None:
        ready.wait()
        end = time.perf_counter() + seconds
        started = time.perf_counter()
        while started < end:
            recorder.insert_events([StoredEvent(uuid4(), 1, "favour.recorded", state)])
            finished = time.perf_counter()
            latencies.append(finished - started)
            started = finished

    async def run(callers: int, seconds: float) -> Timing:
        ready = threading.Barrier(callers)
        latencies: list[list[float]] = [[] for _ in range(callers)]
        loop = asyncio.get_running_loop()
        begun = time.perf_counter()
        await asyncio.gather(
            *(loop.run_in_executor(pool, functools.partial(caller, seconds, own, ready)) for own in latencies)
        )
        return timing([one for own in latencies for one in own], time.perf_counter() - begun)

    return run
