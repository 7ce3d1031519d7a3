"""Connections that see the ledgers they name, and no others: PostgreSQL's row-level security holds them to it.

See docs/decisions/row-level-security.md.
"""

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import asyncpg

from services.database.pool import Prepare, create_pool

Named = str | Collection[str]
"""One ledger, or several."""

NAME = "SELECT set_config('requite.ledgers', $1, false)"
LOOK = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    "SELECT set_config('requite.ledgers', '{ledger}', true), set_config('statement_timeout', '{limit_ms}', true)"
)
"""Begin to look at a ledger: both settings are forgotten with the transaction. Sent at once, so without parameters."""
PLAIN = re.compile(r"[a-z0-9-]*")
"""What a ledger's id is made of."""


class LedgerConnection(asyncpg.Connection):
    """A connection of a pool that forgets what it named when it goes back, and asks nothing where it named nothing."""

    _is_named = False

    async def name(self, ledgers: Named) -> None:
        """See these ledgers from now on."""
        self._is_named = True
        await name_ledgers(self, ledgers)

    def get_reset_query(self) -> str:
        """What asyncpg has it do on its way back into the pool."""
        was_named, self._is_named = self._is_named, False
        return super().get_reset_query() if was_named else ""


async def name_ledgers(connection: asyncpg.Connection, ledgers: Named) -> None:
    """Have a connection see these ledgers from now on. Not within a transaction: it would take it back if it fails."""
    await connection.execute(NAME, _text(ledgers))


class Reads(Protocol):
    """What can be asked for rows."""

    async def fetch(self, query: str, /, *arguments: Any) -> list[asyncpg.Record]:  # noqa: ANN401 - whatever the statement takes
        """The rows of a statement."""
        ...


class Naming:
    """A connection that serves batch after batch, and names a batch's ledgers once something is asked of them."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._meant: Collection[str] = ()
        self._named: Collection[str] = ()

    def mean(self, ledgers: Collection[str]) -> None:
        """Have what is asked from now on be asked of these ledgers."""
        self._meant = ledgers

    async def name(self) -> None:
        """Name the ledgers that are meant, unless the last ones named were the same."""
        if self._meant != self._named:
            self._named = ()  # should it break off here, nobody knows
            await name_ledgers(self._connection, self._meant)
            self._named = self._meant

    async def fetch(self, query: str, /, *arguments: Any) -> list[asyncpg.Record]:  # noqa: ANN401 - whatever the statement takes
        """The rows of a statement."""
        await self.name()
        return await self._connection.fetch(query, *arguments)


def _text(ledgers: Named) -> str:
    """What ``requite.ledgers`` is to be. No ledger's id has a comma in it: what has is none."""
    ids = [ledgers] if isinstance(ledgers, str) else ledgers
    return ",".join(one for one in ids if "," not in one)


class LedgerPool:
    """A pool whose connections see what was named when they were taken out. Going back, they forget it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """``pool``: one of ``LedgerConnection``."""
        self._pool = pool

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, max_size: int, *, plans_once: bool = True, prepare: Prepare | None = None
    ) -> AsyncIterator["LedgerPool"]:
        """A pool of up to so many connections, for as long as the block takes; the first is made when it is needed.

        ``plans_once``: statements are planned once a connection, and not for the values of each time.
        """
        async with await create_pool(
            url,
            max_size,
            role="requite_service",
            connection_class=LedgerConnection,
            for_reads=plans_once,
            prepare=prepare,
        ) as pool:
            yield cls(pool)

    @asynccontextmanager
    async def acquire(self, ledgers: Named) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees these ledgers."""
        async with self._pool.acquire() as proxy:
            connection = cast("LedgerConnection", proxy)  # it passes every call on
            await connection.name(ledgers)
            yield connection

    @asynccontextmanager
    async def look(self, ledger_id: str, statement_s: float | None = None) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees one ledger as it is now, and cannot write.

        A statement that takes longer than ``statement_s`` is called off: ``asyncpg.QueryCanceledError``.
        """
        ledger = ledger_id if PLAIN.fullmatch(ledger_id) else ""
        limit_ms = 0 if statement_s is None else round(statement_s * 1000)
        async with self._pool.acquire() as proxy:
            connection = cast("asyncpg.Connection", proxy)
            await connection.execute(LOOK.format(ledger=ledger, limit_ms=limit_ms))
            try:
                yield connection
            except BaseException:
                if not connection.is_closed():
                    await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")

    async def fetch(self, text: str, ledgers: Named, *arguments: Any) -> list[asyncpg.Record]:  # noqa: ANN401 - whatever the statement takes
        """The rows of a statement whose first parameter is what it names."""
        async with self.acquire(ledgers) as connection:
            return await connection.fetch(text, ledgers, *arguments)

    async def fetchrow(self, text: str, ledgers: Named, *arguments: Any) -> asyncpg.Record | None:  # noqa: ANN401 - the same
        """Its first row."""
        async with self.acquire(ledgers) as connection:
            return await connection.fetchrow(text, ledgers, *arguments)

    async def fetchval(self, text: str, ledgers: Named, *arguments: Any) -> Any:  # noqa: ANN401 - the same
        """The first value of its first row."""
        async with self.acquire(ledgers) as connection:
            return await connection.fetchval(text, ledgers, *arguments)

    async def execute(self, text: str, ledgers: Named, *arguments: Any) -> str:  # noqa: ANN401 - the same
        """Its status."""
        async with self.acquire(ledgers) as connection:
            return await connection.execute(text, ledgers, *arguments)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many connections are idle, how many there are, and how many there may be."""
        return self._pool.get_idle_size(), self._pool.get_size(), self._pool.get_max_size()

    async def close(self) -> None:
        """Wait for the connections that are out, and close them all."""
        await self._pool.close()
