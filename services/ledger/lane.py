"""A lane of the clerk: decides and appends what waits for it, batch by batch.

A lane's books are nobody else's; while it commits, its next batch gathers. The quick way trusts the books and has the
append check the heads; where a head has moved, or a key or place was taken, the orders go the sure way: lock the heads,
load, look for their keys, decide, append. If that fails for the batch, it is taken apart, so that only the guilty order
fails.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
import structlog

from domain.refusal import Refusal
from services.database.ledgers import Naming
from services.ledger.append import append, erase
from services.ledger.book import Shelf
from services.ledger.decision import Decider, decide_on
from services.ledger.erasures import Erasure, ErasureList
from services.ledger.facts import load_facts
from services.ledger.job import Bundle, Job, Outcome, answer
from services.ledger.keyring import MasterKey
from services.ledger.order import NotTakenError, OutcomeUnknownError, Receipt
from services.ledger.repeated import find_known, find_repeated
from services.ledger.watch import Watch

BATCH_LIMIT = 512
TRIES = 5
"""How often orders with a key are tried while one connection after the other breaks."""
RECONNECT_S = 0.1
RECONNECT_MAX_S = 5.0
CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # it broke in the middle of what asyncpg was doing
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,
)

OUT_OF_RANGE = ("balance_out_of_range", "The balance would be larger than this ledger can count.")
NOT_RECORDED = ("batch_not_recorded", "Another command of this batch was refused, so nothing of it is recorded.")

log = structlog.get_logger()


class _NoneRecordedError(Exception):
    """A job of an atomic bundle was refused: what was decided is not to be written."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        super().__init__()
        self.outcomes = list(outcomes)


def _may_be_repeated(job: Job, outcome: Outcome | None) -> bool:
    """Whether a refusal may only mean that the order was recorded before, which its key has to tell."""
    return job.order.idempotency_key is not None and isinstance(outcome, Refusal)


def _keys(jobs: Sequence[Job]) -> set[tuple[str, str, str]]:
    """Under which keys jobs may be repeated."""
    orders = [job.order for job in jobs]
    return {(one.ledger_id, one.who.key, one.idempotency_key) for one in orders if one.idempotency_key is not None}


def _undone(outcomes: Sequence[Outcome], repeated: Sequence[Outcome | None]) -> list[Outcome]:
    """Outcomes where nothing is written after all: only receipts of an earlier time hold."""
    return [
        Refusal(*NOT_RECORDED) if earlier is None and isinstance(outcome, Receipt) else outcome
        for outcome, earlier in zip(outcomes, repeated, strict=True)
    ]


class Lane:
    """One task, one connection, the books of the ledgers that fall to it."""

    def __init__(  # noqa: PLR0913 - what the clerk hands to each lane
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        master_key: MasterKey,
        clock: Callable[[], datetime],
        watch: Watch,
        ring: Callable[[], None],
        erasures: ErasureList | None,
        *,
        generic_plans: bool = True,
    ) -> None:
        self._generic_plans = generic_plans
        self._watch = watch
        self._connect = connect
        self._master_key = master_key
        self._clock = clock
        self._ring = ring
        self._erasures = erasures
        self._shelf = Shelf(master_key)
        self._waiting: deque[Bundle] = deque()
        self._wake = asyncio.Event()
        self._stopping = False

    async def start(self) -> None:
        """Connect and begin to work."""
        self._connection = await self._open()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish what was taken, then disconnect."""
        self._stopping = True
        self._wake.set()
        await self._task
        await self._connection.close()

    @property
    def waiting(self) -> int:
        """How many jobs are in the queue."""
        return sum(len(bundle.jobs) for bundle in self._waiting)

    def take(self, bundle: Bundle) -> None:
        """Put jobs in the queue."""
        if self._stopping:
            for job in bundle.jobs:
                answer(job, NotTakenError())
            return
        self._waiting.append(bundle)
        self._wake.set()

    def _next(self) -> Bundle:
        """What waits, as far as it goes into one commit: an atomic bundle is alone in its own, and so is a shard.

        Of two jobs with the same key the second waits for the next commit, and is then answered from the record.
        """
        first = self._waiting.popleft()
        jobs, keys = list(first.jobs), _keys(first.jobs)
        elsewhere: list[Bundle] = []
        while self._waiting and not first.atomic:
            bundle = self._waiting[0]
            if bundle.shard != first.shard:  # of other ledgers, which may as well be later
                elsewhere.append(self._waiting.popleft())
                continue
            more = _keys(bundle.jobs)
            if bundle.atomic or len(jobs) + len(bundle.jobs) > BATCH_LIMIT or not keys.isdisjoint(more):
                break
            jobs += self._waiting.popleft().jobs
            keys |= more
        self._waiting.extendleft(reversed(elsewhere))
        return Bundle(jobs, first.atomic)

    async def _run(self) -> None:
        while True:
            if not self._waiting:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            bundle = self._next()
            jobs = bundle.jobs
            started = time.perf_counter()
            try:
                outcomes = await self._serve(bundle)
            except Exception as error:  # noqa: BLE001 - the lane has to live on; the callers get the error
                log.error("clerk.batch_failed", error=type(error).__name__, orders=len(jobs))  # noqa: TRY400 - a traceback may quote what people typed
                outcomes = [error] * len(jobs)
            for job, outcome in zip(jobs, outcomes, strict=True):
                answer(job, outcome)
            self._ring()
            done = [(job.order, outcome) for job, outcome in zip(jobs, outcomes, strict=True)]
            self._watch.batch(done, time.perf_counter() - started)
            await asyncio.sleep(0)  # whom this batch answered may have its next order in the next one

    async def _serve(self, bundle: Bundle, tries: int = TRIES) -> list[Outcome]:
        """Each job's outcome, in order."""
        outcomes: list[Outcome | None] = [None] * len(bundle.jobs)
        try:
            self._reads.mean({job.order.ledger_id for job in bundle.jobs})
            if bundle.atomic:
                return await self._all_or_none(bundle.jobs)
            await self._serve_connected(bundle.jobs, outcomes)
        except CONNECTION_LOST as error:
            if not self._is_lost(error):
                raise
            rest = [n for n, outcome in enumerate(outcomes) if outcome is None]
            again = Bundle([bundle.jobs[n] for n in rest], bundle.atomic)
            for n, outcome in zip(rest, await self._serve_after_loss(again, tries - 1), strict=True):
                outcomes[n] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _is_lost(self, error: BaseException) -> bool:
        """Whether an error means that the connection is gone; an argument that does not fit is of the same class."""
        return isinstance(error, CONNECTION_LOST) and (
            not isinstance(error, asyncpg.InterfaceError) or self._connection.is_closed()
        )

    async def _serve_connected(self, jobs: Sequence[Job], outcomes: list[Outcome | None]) -> None:
        """Fill in each job's outcome; those that are known stay, should the connection break before all are."""
        if not any(job.order.likely_repeated or job.order.command.IS_LOCKED for job in jobs):
            outcomes[:] = await self._quick(jobs)
        rest = [n for n, outcome in enumerate(outcomes) if outcome is None]
        if rest:
            for n, outcome in zip(rest, await self._sure([jobs[n] for n in rest]), strict=True):
                outcomes[n] = outcome

    async def _serve_after_loss(self, bundle: Bundle, tries: int) -> list[Outcome]:
        """The connection broke: what has a key is tried again the sure way, the rest may or may not be recorded."""
        jobs = bundle.jobs
        self._shelf = Shelf(self._master_key)
        await self._reconnect()
        outcomes: list[Outcome] = [OutcomeUnknownError() for _ in jobs]
        keyed = [n for n, job in enumerate(jobs) if job.order.idempotency_key is not None]
        if bundle.atomic and len(keyed) < len(jobs):
            return outcomes
        if keyed and tries:
            again = Bundle([jobs[n] for n in keyed], bundle.atomic)
            for n, outcome in zip(keyed, await self._serve(again, tries), strict=True):
                outcomes[n] = outcome
        return outcomes

    async def _open(self) -> asyncpg.Connection:
        """A lane runs few statements, again and again: planning each time costs more than any plan could save.

        But Citus plans a statement for the machine that its values are on.
        """
        connection = await self._connect()
        self._reads = Naming(connection)
        if self._generic_plans:
            await connection.execute("SET plan_cache_mode = force_generic_plan")
        return connection

    async def _reconnect(self) -> None:
        pause_s = RECONNECT_S
        self._connection.terminate()
        while True:
            try:
                self._connection = await self._open()
            except (*CONNECTION_LOST, asyncpg.InsufficientResourcesError):  # the latter: no connection is left
                log.warning("clerk.reconnecting", pause_s=pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, RECONNECT_MAX_S)
            else:
                return

    async def _quick(self, jobs: Sequence[Job]) -> list[Outcome | None]:
        """Decide on the books and append, the heads checked on the way; ``None`` where it has to go the sure way."""
        decider = Decider(self._master_key, self._clock())
        ledger_ids = {job.order.ledger_id for job in jobs}
        try:
            await load_facts(self._reads, self._shelf, [job.order for job in jobs])
            outcomes: list[Outcome | None] = [self._decide(decider, job) for job in jobs]
            started = time.perf_counter()
            moved = await append(self._connection, decider.batch)
            self._watch.committed(time.perf_counter() - started)
        except BaseException as error:
            self._shelf.drop(ledger_ids)
            if isinstance(error, Exception) and not self._is_lost(error):
                return [None] * len(jobs)  # a key or a place was taken, or one order is at fault: the sure way tells
            raise
        self._shelf.drop(moved)
        outcomes = [
            None if job.order.ledger_id in moved else outcome for job, outcome in zip(jobs, outcomes, strict=True)
        ]
        await self._doubt(jobs, outcomes)
        return outcomes

    async def _doubt(self, jobs: Sequence[Job], outcomes: list[Outcome | None]) -> None:
        """Take back the refusals of orders whose key is known; the others hold for what was recorded before them.

        Where that cannot be asked all of them are taken back. What was recorded stays recorded.
        """
        doubtful = [n for n, job in enumerate(jobs) if _may_be_repeated(job, outcomes[n])]
        if not doubtful:
            return
        try:
            known = await find_known(self._reads, self._shelf, [jobs[n].order for n in doubtful])
        except Exception:  # noqa: BLE001 - the sure way, which comes next, meets it again and says what it is
            known = [True] * len(doubtful)
        for n, is_known in zip(doubtful, known, strict=True):
            if is_known:
                outcomes[n] = None

    async def _sure(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Lock the heads, load anew, decide, append; on failure one by one."""
        try:
            return await self._locked(jobs)
        except Exception as error:
            if self._is_lost(error):
                raise
            if isinstance(error, asyncpg.NumericValueOutOfRangeError) and len(jobs) == 1:
                return [Refusal(*OUT_OF_RANGE)]
            if len(jobs) == 1:  # whatever is wrong with one order is that order's answer
                log.error("clerk.order_failed", error=type(error).__name__, act=jobs[0].order.command.ACT)  # noqa: TRY400 - the same
                return [error]
        outcomes: list[Outcome] = []
        for job in jobs:
            outcomes += await self._sure([job])
        return outcomes

    async def _all_or_none(self, jobs: Sequence[Job]) -> list[Outcome]:
        """The sure way, but nothing is written where one is refused."""
        try:
            return await self._locked(jobs, atomic=True)
        except _NoneRecordedError as refused:
            return refused.outcomes
        except asyncpg.NumericValueOutOfRangeError:
            return [Refusal(*OUT_OF_RANGE) for _ in jobs]

    async def _locked(self, jobs: Sequence[Job], *, atomic: bool = False) -> list[Outcome]:
        now = self._clock()
        decider = Decider(self._master_key, now)
        ledger_ids = {job.order.ledger_id for job in jobs}
        try:
            await self._reads.name()  # within the transaction it would be taken back where that fails
            async with self._connection.transaction():
                await self._shelf.load_books(self._connection, ledger_ids, lock=True)
                repeated = await find_repeated(self._connection, self._shelf, [job.order for job in jobs], now)
                fresh = [job for job, outcome in zip(jobs, repeated, strict=True) if outcome is None]
                await load_facts(self._connection, self._shelf, [job.order for job in fresh])
                outcomes = [
                    self._decide(decider, job) if outcome is None else outcome
                    for job, outcome in zip(jobs, repeated, strict=True)
                ]
                if atomic and any(isinstance(outcome, BaseException) for outcome in outcomes):
                    raise _NoneRecordedError(_undone(outcomes, repeated))  # noqa: TRY301 - so ends the transaction
                started = time.perf_counter()
                await append(self._connection, decider.batch)
                if decider.batch.erased:
                    await erase(self._connection, decider.batch)
                    if self._erasures is not None:
                        await self._erasures.append([Erasure(*one, now) for one in decider.batch.erased])
            self._watch.committed(time.perf_counter() - started)
        except BaseException:
            self._shelf.drop(ledger_ids)
            raise
        self._shelf.drop({ledger_id for ledger_id, _ in decider.batch.erased})
        return outcomes

    def _decide(self, decider: Decider, job: Job) -> Outcome:
        return decide_on(self._shelf, decider, job.order, job.stream)
