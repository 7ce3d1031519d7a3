"""What Prometheus is told: how much is asked and recorded, how long that takes, and what lags behind.

No label holds what a person typed, nor anything that grows without bound: there are so many acts, codes, routes and
statuses, and no more. Worker processes keep their figures in files of one folder (``PROMETHEUS_MULTIPROC_DIR``, which
``requite serve`` makes), so that any of them answers for all.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from domain.refusal import Refusal
from services.database.pool import load_sql
from services.ledger.watch import Done, Watch
from services.service import Service

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOK_EVERY_S = 0.5
LAG_WITHIN_S = 2.0
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_own = CollectorRegistry()
COMMANDS = Counter("requite_commands", "Commands that were recorded, or had been.", ["act"], registry=_own)
REFUSALS = Counter("requite_refusals", "Commands that a rule refused.", ["code"], registry=_own)
FAILURES = Counter(
    "requite_failures", "Commands that failed on our side, by the error's class.", ["error"], registry=_own
)
BATCH_ORDERS = Histogram(
    "requite_batch_orders", "Commands served together.", buckets=[2**n for n in range(10)], registry=_own
)
BATCH_SECONDS = Histogram(
    "requite_batch_seconds", "From taking a batch off the queue to its outcomes.", buckets=SECONDS, registry=_own
)
COMMIT_SECONDS = Histogram(
    "requite_commit_seconds", "For appending a batch's events durably.", buckets=SECONDS, registry=_own
)
REQUESTS = Counter("requite_requests", "Requests that were answered.", ["method", "route", "status"], registry=_own)
REQUEST_SECONDS = Histogram(
    "requite_request_seconds", "From a request to its answer.", ["method", "route"], buckets=SECONDS, registry=_own
)
PROBLEMS = Counter("requite_problems", "Problems that were answered.", ["code"], registry=_own)
UNDER_WAY = Gauge(
    "requite_requests_under_way", "Requests without an answer.", registry=_own, multiprocess_mode="livesum"
)
WAITING = Gauge("requite_orders_waiting", "Commands in the queue.", registry=_own, multiprocess_mode="livesum")
POOL = Gauge(
    "requite_pool_connections",
    "The pool's connections to the database.",
    ["state"],
    registry=_own,
    multiprocess_mode="livesum",
)
LOOP_LAG = Histogram("requite_event_loop_lag_seconds", "How late the event loop is.", buckets=SECONDS, registry=_own)
REPLICA_READS = Counter(
    "requite_replica_reads",
    "Questions that a read replica was tried for: it answered, was behind, or down.",
    ["replica", "outcome"],
    registry=_own,
)
WORKERS = Gauge("requite_workers", "Worker processes.", registry=_own, multiprocess_mode="livesum")

OF_THE_DATABASE = {
    "requite_database_up": "Whether the database answers.",
    "requite_tree_lag_events": "Events that are not in their ledger's tree as yet.",
    "requite_tree_lag_ledgers": "Ledgers whose tree is behind.",
    "requite_replica_up": "Whether a read replica answers.",
    "requite_replica_lag_bytes": "What of the primary's log a read replica has not replayed.",
}
"""What is looked up when somebody asks."""


class UnderWay:
    """How many requests have no answer as yet. It is written down when somebody looks: each time would cost more."""

    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        """Write it down."""
        UNDER_WAY.set(self.count)


under_way = UnderWay()


class CountingWatch(Watch):
    """Counts what the clerk does."""

    def batch(self, done: Sequence[Done], took_s: float) -> None:
        """Count the commands by act, the refusals by code, and how long it took."""
        BATCH_ORDERS.observe(len(done))
        BATCH_SECONDS.observe(took_s)
        for order, outcome in done:
            if isinstance(outcome, Refusal):
                REFUSALS.labels(outcome.code).inc()
            elif isinstance(outcome, BaseException):
                FAILURES.labels(type(outcome).__name__).inc()
            else:
                COMMANDS.labels(order.command.ACT).inc()

    def committed(self, took_s: float) -> None:
        """Note how long the database took."""
        COMMIT_SECONDS.observe(took_s)

    def asked_replica(self, number: int, outcome: str) -> None:
        """Count what became of it."""
        REPLICA_READS.labels(str(number), outcome).inc()


def metric_names() -> set[str]:
    """The names of all series, as queries have them."""
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    found = {family.name + ending for family in _own.collect() for ending in endings.get(family.type, ("",))}
    return found | {"requite_info", *OF_THE_DATABASE}


@asynccontextmanager
async def watching(service: Service) -> AsyncIterator[None]:
    """Look at the pool, the queue and the event loop for as long as the block takes."""
    WORKERS.set(1)
    task = asyncio.create_task(_look(service))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        WORKERS.set(0)
        if FOLDER in os.environ:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


async def _look(service: Service) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_EVERY_S
        await asyncio.sleep(LOOK_EVERY_S)
        LOOP_LAG.observe(max(0.0, loop.time() - due))
        idle, size, at_most = service.ledgers.sizes
        POOL.labels("idle").set(idle)
        POOL.labels("in_use").set(size - idle)
        POOL.labels("at_most").set(at_most)
        WAITING.set(service.clerk.waiting)
        under_way.note()


async def exposition(service: Service) -> bytes:
    """All figures of all worker processes, in Prometheus' text format."""
    under_way.note()
    registry = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_own)
    registry.register(_Now(await _of_the_database(service)))
    return generate_latest(registry)


class _Now(Collector):
    """Figures that were just looked up."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self._figures = list(figures)

    def collect(self) -> Iterable[Metric]:
        return self._figures


async def _of_the_database(service: Service) -> list[Metric]:
    """How far the trees are behind the logs; only that it is not up, where the database does not answer in time."""
    info = GaugeMetricFamily("requite_info", "Which version runs.", labels=["version"])
    info.add_metric([version("requite")], 1)
    up = _gauge("requite_database_up")
    try:
        async with asyncio.timeout(LAG_WITHIN_S):
            row = await service.pool.fetchrow(load_sql("services/operations/sql/tree_lag.sql"))
            lags = await asyncio.gather(*(replica.lag_bytes(service.pool) for replica in service.replicas.all))
    except Exception:  # noqa: BLE001 - whatever it is, the database does not answer
        up.add_metric([], 0)
        return [info, up]
    assert row is not None
    up.add_metric([], 1)
    events, ledgers = _gauge("requite_tree_lag_events"), _gauge("requite_tree_lag_ledgers")
    events.add_metric([], row["events"])
    ledgers.add_metric([], row["ledgers"])
    return [info, up, events, ledgers, *_of_replicas(lags)]


def _of_replicas(lags: Sequence[int | None]) -> list[Metric]:
    """Which of them answer, and how far these are behind."""
    answers = GaugeMetricFamily("requite_replica_up", OF_THE_DATABASE["requite_replica_up"], labels=["replica"])
    behind = GaugeMetricFamily(
        "requite_replica_lag_bytes", OF_THE_DATABASE["requite_replica_lag_bytes"], labels=["replica"]
    )
    for number, lag in enumerate(lags, 1):
        answers.add_metric([str(number)], lag is not None)
        if lag is not None:
            behind.add_metric([str(number)], lag)
    return [answers, behind]


def _gauge(name: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, OF_THE_DATABASE[name])
