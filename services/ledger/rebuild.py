"""Read models built anew from a ledger's log, beside the live tables, then compared and mended.

The fold and the merging SQL are the clerk's own; what is a plain sum the database adds up. Writers go on while the log
is read; for the last events, the comparison and the replacing of what differs, the ledger's head is locked: they wait,
other ledgers do not. Rows that are right are not touched, so a ledger in order is only read.
"""

from collections.abc import Callable, Iterable, Sequence

import asyncpg
from msgspec import Struct

from projections.catalogue import PROJECTIONS
from projections.projection import Entry, Projection
from services.database.pool import load_sql
from services.ledger.append import merges
from services.ledger.replay import Replay
from services.ledger.summing import Summing

BATCH = 5_000
SHADOW = "rebuilt_"
STAGED = "staged_"
"""Where a batch's rows go by COPY, to be merged from there: they are sent once, whatever tables they lead to."""

Progress = Callable[[int, int], None]
"""Told the position that was reached, and the ledger's last one."""


class UnknownLedgerError(LookupError):
    """There is no ledger of this id."""


class UnknownReadModelError(LookupError):
    """There is no read model of this name."""


class Report(Struct, frozen=True):
    """What rebuilding found out about one read model of one ledger; what differed is mended."""

    ledger: str
    read_model: str
    events: int
    """How many were folded."""
    rows: int
    """How many there are now."""
    live_only: int
    """Rows that should not have been there."""
    shadow_only: int
    """Rows that were missing."""
    different: int
    """Rows that said something else."""

    @property
    def differing(self) -> int:
        """How many rows were wrong."""
        return self.live_only + self.shadow_only + self.different


def find_read_models(names: Iterable[str] | None) -> tuple[Projection, ...]:
    """The read models of these names, or all. Raises ``UnknownReadModelError``."""
    if names is None:
        return PROJECTIONS
    known = {projection.name: projection for projection in PROJECTIONS}
    for name in (names := list(names)):
        if name not in known:
            raise UnknownReadModelError(f"There is no read model {name!r}; there are: {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names))


PASSES = 3
"""How often the log is caught up with while writers go on; each pass leaves less, and the rest is folded locked."""


async def rebuild(
    connection: asyncpg.Connection,
    ledger_id: str,
    names: Iterable[str] | None = None,
    *,
    progress: Progress = lambda _position, _last: None,
    batch: int = BATCH,
) -> tuple[Report, ...]:
    """Rebuild the read models of a ledger, all unless some are named, and mend what differed.

    The connection has to be nobody else's meanwhile: its temporary tables hold what is built. Raises
    ``UnknownLedgerError`` and ``UnknownReadModelError``.
    """
    work = Rebuild(connection, ledger_id, find_read_models(names), progress, batch)
    try:
        await work.create_shadows()
        for _ in range(PASSES):
            await work.catch_up()
        async with connection.transaction():
            await work.lock_head()
            await work.finish()
            return tuple([await work.mend(projection) for projection in work.projections])
    finally:
        if not connection.is_closed():
            await work.drop_shadows()


class Rebuild:
    """One rebuilding under way."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        ledger_id: str,
        projections: Sequence[Projection],
        progress: Progress,
        batch: int,
    ) -> None:
        self.projections = projections
        self._connection = connection
        self._ledger_id = ledger_id
        self._progress = progress
        self._batch = batch
        self._summing = Summing(connection, ledger_id, projections, SHADOW)
        folded = [projection for projection in projections if projection.sums is None]
        self._replay = Replay(connection, ledger_id, folded)
        self._folds = bool(folded)
        self._position = 0
        self._tables = [table for projection in projections for table in projection.tables]
        self._bytes_of = list(self._replay.state_topics)
        self._topics = list({*self._bytes_of, *(t for projection in folded for t in projection.topics or ())})
        self._postings = any(projection.topics is None for projection in folded)

    async def create_shadows(self) -> None:
        """Empty tables like the live ones, gone with the connection. Merging needs no index but the key's."""
        await self.drop_shadows()
        for table in self._tables:
            shadow, keys = SHADOW + table, ", ".join(await self._keys(table))
            await self._connection.execute(f"CREATE TEMPORARY TABLE {shadow} (LIKE {table}, PRIMARY KEY ({keys}))")
        for projection in self.projections:
            await self._connection.execute(
                f"CREATE TEMPORARY TABLE {STAGED}{projection.name} (LIKE {projection.row_type})"
            )

    async def drop_shadows(self) -> None:
        """Drop what was built."""
        for table in self._tables:
            await self._connection.execute(f"DROP TABLE IF EXISTS pg_temp.{SHADOW}{table}")
        for projection in self.projections:
            await self._connection.execute(f"DROP TABLE IF EXISTS pg_temp.{STAGED}{projection.name}")

    async def lock_head(self) -> None:
        """Have this ledger's writers wait until the transaction ends."""
        await self._connection.fetchrow(load_sql("services/ledger/sql/lock_head.sql"), self._ledger_id)

    async def catch_up(self) -> None:
        """Fold what is in the log now; what is written meanwhile waits for the next pass."""
        target = await self._last_position()
        await self._sum(target)
        while self._folds and self._position < target:
            await self._fold_batch()

    async def finish(self) -> None:
        """Fold the rest, with the head locked."""
        last = await self._last_position()
        await self._sum(last)
        while self._folds and await self._fold_batch():
            pass
        self._progress(last, last)

    async def _sum(self, last: int) -> None:
        """Have the database add up what is a sum, up to a position."""
        while await self._summing.reach(last):
            if not self._folds:
                self._progress(self._summing.position, last)

    async def _fold_batch(self) -> bool:
        """Fold the next page of the log into the shadows; answers whether there may be more."""
        last = await self._last_position()
        rows = await self._connection.fetch(
            load_sql("services/ledger/sql/log.sql"),
            self._ledger_id,
            self._position,
            last,
            self._topics,
            self._postings,
            self._bytes_of,
            self._batch,
        )
        entries = [Entry(*row) for row in rows]
        full = len(entries) == self._batch
        self._position = entries[-1].position if full else last
        await self._merge(entries)
        self._progress(self._position, last)
        return full

    async def mend(self, projection: Projection) -> Report:
        """Compare a read model with what was built, and replace the rows that differ."""
        counts = [await self._mend_table(table) for table in projection.tables]
        rows, live_only, shadow_only, different = (sum(column) for column in zip(*counts, strict=True))
        events = (self._summing.events | self._replay.events)[projection.name]
        return Report(self._ledger_id, projection.name, events, rows, live_only, shadow_only, different)

    async def _last_position(self) -> int:
        rows = await self._connection.fetch(load_sql("services/ledger/sql/last_position.sql"), self._ledger_id)
        if not rows:
            raise UnknownLedgerError(f"There is no ledger {self._ledger_id!r}.")
        return rows[0][0] or 0

    async def _merge(self, entries: Sequence[Entry]) -> None:
        for name, rows in (await self._replay.fold(entries)).items():
            staged = STAGED + name
            await self._connection.copy_records_to_table(staged, records=rows.values())
            for _, statement in merges(name, lambda _: staged, SHADOW):  # noqa: B023 - called at once
                await self._connection.execute(statement)
            await self._connection.execute(f"TRUNCATE {staged}")

    async def _mend_table(self, table: str) -> tuple[int, int, int, int]:
        """Rows built, and how many of them, or of the live ones, were alone or different."""
        shadow = SHADOW + table
        await self._connection.execute(f"ANALYZE {shadow}")
        same_key = " AND ".join(f"l.{key} = s.{key}" for key in await self._keys(table))
        changed = []
        for name in ("remove_live_only", "remove_different", "insert_missing"):
            sql = load_sql(f"services/ledger/sql/{name}.sql").format(live=table, shadow=shadow, same_key=same_key)
            changed.append(int((await self._connection.execute(sql, self._ledger_id)).rpartition(" ")[2]))
        live_only, different, inserted = changed
        rows = await self._connection.fetchval(load_sql("services/ledger/sql/count_rows.sql").format(table=shadow))
        return rows, live_only, inserted - different, different

    async def _keys(self, table: str) -> list[str]:
        """The columns of a table's primary key."""
        return [
            name for (name,) in await self._connection.fetch(load_sql("services/ledger/sql/primary_key.sql"), table)
        ]
