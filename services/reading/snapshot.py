"""One view of the database for one question: whatever is read through it holds for the same position."""

import functools
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.ledger import LEDGER_STREAM, LedgerOpened, PolicyChanged
from domain.policy import Policy
from domain.refusal import Refusal
from services.database.ledgers import LedgerPool
from services.database.pool import load_sql
from services.database.together import Together
from services.ledger.keyring import Keyring, MasterKey
from services.ledger.mapper import decode
from services.reading.question import BadQuestionError
from services.service import Service


class Snapshot(Struct, frozen=True):
    """A ledger as of one position, on a connection whose transaction sees nothing later.

    Readings may be done side by side: ``await snapshot.together.all(one, another)``.
    """

    connection: asyncpg.Connection
    ledger_id: str
    position: int
    """Of the last event that is in it."""
    recorded_at: datetime
    """When that was recorded."""
    now: datetime
    """The moment that questions about now mean: the clock's, or ``recorded_at`` where the clock lags behind it."""
    policy: Policy
    """The one in force."""
    opened: bytes
    """The event that began it, which holds its title."""
    keyring: Keyring
    master_key: MasterKey
    merges: tuple[tuple[UUID, UUID, datetime], ...]
    """Which parties are merged into which now, and since when."""
    has_merges: bool
    """Whether parties were ever merged in it."""
    together: Together

    async def fetch(self, text: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of a statement, written for the parameters that are given: see ``fitted``."""
        fits = fitted(text, tuple(argument is not None for argument in arguments))
        return await self.together.fetch(fits, *arguments)

    async def fetchval(self, text: str, *arguments: object) -> Any:  # noqa: ANN401 - of any type
        """The first value of the first row; ``None`` where there is none."""
        rows = await self.fetch(text, *arguments)
        return rows[0][0] if rows else None


Look = Callable[[], AbstractAsyncContextManager[Snapshot]]
"""Opens a snapshot of one ledger, anew each time."""


@asynccontextmanager
async def open_snapshot(
    service: Service, ledger_id: str, *, statement_s: float | None = None, at_least: int | None = None
) -> AsyncIterator[Snapshot]:
    """Look at a ledger as it is now, for as long as the block takes. Raises ``Refusal`` where there is none.

    Where the answer has to hold for ``at_least`` a position only, a read replica that has got there may be looked at.
    Raises ``BadQuestionError`` where the ledger has not got there itself.

    A statement that takes longer than ``statement_s`` is called off: ``asyncpg.QueryCanceledError``.
    """
    async with AsyncExitStack() as stack:
        opening = functools.partial(_open, service, ledger_id=ledger_id, statement_s=statement_s)
        snapshot = None
        if at_least is not None:
            snapshot = await service.replicas.open(stack, opening, functools.partial(_holds, at_least=at_least))
        if snapshot is None:
            snapshot = await stack.enter_async_context(opening(service.ledgers))
        if snapshot is None:
            raise no_such_ledger()
        if at_least is not None and snapshot.position < at_least:
            raise BadQuestionError("at_least", f"This ledger's positions are 1 to {snapshot.position}.")
        yield snapshot


def no_such_ledger() -> Refusal:
    """What a question about a ledger that is not there is answered with."""
    return Refusal("ledger_not_found", "There is no such ledger.")


def _holds(snapshot: Snapshot | None, at_least: int) -> bool:
    return snapshot is not None and snapshot.position >= at_least


@asynccontextmanager
async def _open(
    service: Service, pool: LedgerPool, *, ledger_id: str, statement_s: float | None
) -> AsyncIterator[Snapshot | None]:
    """A snapshot on a connection of this pool; ``None`` where its server has no such ledger."""
    async with pool.look(ledger_id, statement_s) as connection:
        row = await connection.fetchrow(sql("snapshot"), ledger_id, LEDGER_STREAM)
        yield None if row is None else _snapshot(service, pool, connection, ledger_id, row)


def _snapshot(
    service: Service, pool: LedgerPool, connection: asyncpg.Connection, ledger_id: str, row: asyncpg.Record
) -> Snapshot:
    return Snapshot(
        connection,
        ledger_id,
        row["position"],
        row["recorded_at"],
        max(service.clock(), row["recorded_at"]),
        policy_of(row["policy"]),
        row["opened"],
        Keyring(ledger_id, service.master_key.unwrap(ledger_id, LEDGER_STREAM, row["wrapped"])),
        service.master_key,
        tuple(row["merges"]),
        row["has_merges"],
        Together(connection, pool),
    )


OPTIONAL = re.compile(r"\((?P<test>\$(?P<number>\d+)::\w+(\[\])? IS NULL) OR (?P<condition>.+)\)$", re.MULTILINE)
"""A condition on a parameter that may be left out. It ends its line."""


@functools.cache
def fitted(text: str, given: tuple[bool, ...]) -> str:
    """A statement for the parameters that are given: ``($2::uuid IS NULL OR x > $2)`` becomes ``(x > $2)``.

    The planner then sees what there is to look for, whether it plans for these values or for all.
    """

    def fit(match: re.Match[str]) -> str:
        return f"({match['condition']})" if given[int(match["number"]) - 1] else match["test"]

    return OPTIONAL.sub(fit, text)


@functools.lru_cache(maxsize=1_000)
def policy_of(state: bytes) -> Policy:
    """The policy that an event of the ledger's own stream put in force."""
    event = decode(state).event
    assert isinstance(event, LedgerOpened | PolicyChanged)
    return event.policy


def sql(name: str) -> str:
    """The text of one of the read side's statements."""
    return load_sql(f"services/reading/sql/{name}.sql")
