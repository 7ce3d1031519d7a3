"""Interleaved rounds of several contestants, their medians, and the closing line of JSON."""

import asyncio
import contextlib
import pathlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import msgspec
import psutil
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from services.database.embedded import EmbeddedServer
from services.database.migrate import migrate
from services.database.pool import connect, ensure_database

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
console = Console(width=120)


class Timing(msgspec.Struct, frozen=True):
    """What one round of one contestant gave: operations a second, and latencies in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    calls: int
    server_us: float = 0.0
    """Microseconds of the database server's CPU per operation, where it was taken."""


Run = Callable[[int, float], Awaitable[Timing]]
"""Has so many callers work for so many seconds."""


class Summary(msgspec.Struct, frozen=True):
    """The medians over a contestant's rounds, and the range of its rate."""

    rate: float
    rate_low: float
    rate_high: float
    p50_ms: float
    p99_ms: float
    server_us: float


@contextlib.contextmanager
def server(max_connections: int | None = None) -> Iterator[EmbeddedServer]:
    """An embedded PostgreSQL of the bench's own; for more connections than it allows by itself, started anew."""
    with (
        tempfile.TemporaryDirectory(prefix="requite-bench-") as folder,
        EmbeddedServer(pathlib.Path(folder)) as running,
    ):
        if max_connections is not None:
            running.stop()
            with (pathlib.Path(folder) / "postgres" / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
                settings.write(f"max_connections = {max_connections}\n")
            running.start()
        yield running


@contextlib.asynccontextmanager
async def migrated(running: EmbeddedServer, name: str) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """A migrated database and a connection to it, after making sure that commits are durable."""
    url = running.url(name)
    await ensure_database(url)
    connection = await connect(url)
    try:
        for setting, wanted in DURABLE.items():
            value = await connection.fetchval("SELECT current_setting($1)", setting)
            if value != wanted:
                raise SystemExit(f"{setting} is {value}; a bench of durable writes wants {wanted}")
        await migrate(connection)
        yield url, connection
    finally:
        await connection.close()


async def slow_down(connection: asyncpg.Connection, flush_ms: float) -> None:
    """Have every flush of the log take so much longer, for all contestants alike, as on a slower disk.

    PostgreSQL's own ``commit_delay`` does it: whoever flushes waits so long before, and serves all who come meanwhile.
    """
    await connection.execute(f"ALTER SYSTEM SET commit_delay = {round(flush_ms * 1000)}")
    await connection.execute("ALTER SYSTEM SET commit_siblings = 0")
    await connection.execute("SELECT pg_reload_conf()")


async def drive(callers: int, seconds: float, once: Callable[[int], Awaitable[object]]) -> Timing:
    """Have ``callers`` tasks call ``once`` (with their number) one call after the other for about ``seconds``."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def caller(number: int) -> None:
        started = time.perf_counter()
        while started < end:
            await once(number)
            finished = time.perf_counter()
            latencies.append(finished - started)
            started = finished

    begun = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    return timing(latencies, time.perf_counter() - begun)


def timing(latencies: list[float], elapsed_s: float) -> Timing:
    """The rate and the percentiles of calls that took ``latencies`` seconds each."""
    latencies.sort()
    return Timing(
        len(latencies) / elapsed_s,
        latencies[len(latencies) // 2] * 1e3,
        latencies[int(len(latencies) * 0.99)] * 1e3,
        len(latencies),
    )


def server_cpu(running: EmbeddedServer) -> float:
    """Seconds of CPU that the database server and all its processes have used so far."""
    address = running._address
    assert address is not None
    parent = psutil.Process(address.pid)
    own = parent.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in parent.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            total += times.user + times.system
    return total


async def weighed(running: EmbeddedServer, run: Run, callers: int, seconds: float) -> Timing:
    """Run, and take the server's CPU per operation as well."""
    before = server_cpu(running)
    taken = await run(callers, seconds)
    return replace(taken, server_us=(server_cpu(running) - before) / taken.calls * 1e6)


def summarise(timings: list[Timing]) -> Summary:
    """The medians of several rounds."""
    rates = [one.rate for one in timings]
    return Summary(
        statistics.median(rates),
        min(rates),
        max(rates),
        statistics.median(one.p50_ms for one in timings),
        statistics.median(one.p99_ms for one in timings),
        statistics.median(one.server_us for one in timings),
    )


def spread(timings: dict[int, list[Timing]], figure: str) -> float:
    """The largest of several medians of a figure, divided by the smallest."""
    medians = [statistics.median(getattr(one, figure) for one in taken) for taken in timings.values()]
    return float(max(medians) / min(medians))


def ratio(over: list[Timing], under: list[Timing], figure: str = "rate") -> float:
    """The median over the rounds of one contestant's figure divided by another's in the same round."""
    pairs = zip(over, under, strict=True)
    return float(statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in pairs))


def show(title: str, rows: dict[tuple[str, ...], Summary], keys: tuple[str, ...]) -> None:
    """Print the summaries as a table."""
    weighed = any(one.server_us for one in rows.values())
    cpu = ("server CPU µs",) if weighed else ()
    table = Table(*keys, "per second", "range", "p50 ms", "p99 ms", *cpu, title=title)
    for key, one in rows.items():
        spread = f"{one.rate_low:,.0f} to {one.rate_high:,.0f}"
        cpu = (f"{one.server_us:.0f}",) if weighed else ()
        table.add_row(*key, f"{one.rate:,.0f}", spread, f"{one.p50_ms:.2f}", f"{one.p99_ms:.2f}", *cpu)
    console.print(table)


def close(ratios: dict[str, float]) -> None:
    """Print the closing line: one JSON object of ratios by name."""
    print(msgspec.json.encode({name: round(value, 4) for name, value in ratios.items()}).decode(), flush=True)
