"""Balances as they are now, for many who ask at once: what waits for an answer about a ledger goes into one statement.

Two long-lived connections of their own serve them, so that a question takes no connection out of a pool, begins no
transaction, and finds its statement prepared. A statement is about one ledger, which its connection has named.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.ledger import LEDGER_STREAM
from services.database.ledgers import Naming
from services.database.pool import load_sql

LANES = 2
AT_ONCE = 500
"""How many questions go into one statement at most."""


class BalanceNow(Struct, frozen=True):
    """What was found about a pair of parties."""

    position: int
    """The ledger's last one then."""
    recorded_at: datetime
    has_merges: bool
    """Whether parties were ever merged in the ledger; then this is not the answer, since it counts one id of each."""
    policy: bytes
    """The event that put it in force."""
    known: int
    """How many of the two the ledger knows."""
    balances: Sequence[tuple[bool, str, str, int, int, int, int, datetime]]
    """Whether the first gave; unit, kind, quantity, count, disputed, how many are, and when that one last gave."""


class _Question(Struct, frozen=True):
    a: UUID
    b: UUID
    answer: asyncio.Future[BalanceNow | None]


class _Lane(Struct, frozen=True):
    connection: asyncpg.Connection
    naming: Naming


class BalancesNow:
    """Answers what pairs of parties gave each other, until it is stopped."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self._waiting: dict[str, list[_Question]] = {}
        self._ledgers: asyncio.Queue[str] = asyncio.Queue()
        """Those that have questions waiting, each once."""
        self._lanes: list[asyncio.Task[None]] = []

    async def ask(self, ledger_id: str, a: UUID, b: UUID) -> BalanceNow | None:
        """The balance of two parties; ``None`` where there is no such ledger.

        Raises what asyncpg raises, ``OSError`` or ``PostgresError``, where the database does not answer.
        """
        if not self._lanes:
            self._lanes = [asyncio.create_task(self._serve()) for _ in range(LANES)]
        question = _Question(a, b, asyncio.get_running_loop().create_future())
        self._wait(ledger_id, [question])
        return await question.answer

    async def stop(self) -> None:
        """Close the connections. Who still waits is told that the service stops."""
        lanes, self._lanes = self._lanes, []
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        for questions in self._waiting.values():
            _fail(questions, asyncpg.InterfaceError("The service stops."))
        self._waiting.clear()

    def _wait(self, ledger_id: str, questions: list[_Question]) -> None:
        if questions and ledger_id not in self._waiting:
            self._ledgers.put_nowait(ledger_id)
        self._waiting.setdefault(ledger_id, []).extend(questions)

    async def _serve(self) -> None:
        """Answer ledger after ledger, on one connection as long as it lasts."""
        lane: _Lane | None = None
        try:
            while True:
                ledger_id = await self._ledgers.get()
                questions = self._waiting.pop(ledger_id)
                if rest := questions[AT_ONCE:]:
                    self._wait(ledger_id, rest)
                lane = await self._answer(lane, ledger_id, questions[:AT_ONCE])
        finally:
            if lane is not None:
                lane.connection.terminate()

    async def _answer(self, lane: _Lane | None, ledger_id: str, questions: list[_Question]) -> _Lane | None:
        """Answer questions about a ledger; answers the lane, if it may be used again."""
        try:
            if lane is None or lane.connection.is_closed():
                connection = await self._connect()
                lane = _Lane(connection, Naming(connection))
            lane.naming.mean([ledger_id])
            pairs = [one.a for one in questions], [one.b for one in questions]
            sql = load_sql("services/reading/sql/balances_now.sql")
            rows = await lane.naming.fetch(sql, ledger_id, LEDGER_STREAM, *pairs)
        except BaseException as error:
            _fail(questions, error if isinstance(error, Exception) else asyncpg.InterfaceError("The service stops."))
            if lane is not None:
                lane.connection.terminate()
            if not isinstance(error, Exception):
                raise
            return None
        for question, found in zip(questions, _read(rows) if rows else [None] * len(questions), strict=True):
            if not question.answer.done():
                question.answer.set_result(found)
        return lane


def _read(rows: Sequence[asyncpg.Record]) -> list[BalanceNow | None]:
    policy: bytes = rows[0]["policy"]
    return [
        BalanceNow(row["position"], row["recorded_at"], row["has_merges"], policy, row["known"], row["balances"])
        for row in rows
    ]


def _fail(questions: Sequence[_Question], error: Exception) -> None:
    for question in questions:
        if not question.answer.done():
            question.answer.set_exception(error)
