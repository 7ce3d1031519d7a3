"""Read models that are plain sums of typed columns: the database adds them up, where rebuilding folds the others here.

The rows are the fold's own, to the byte, and merged by the same SQL; tests hold the two equal.
"""

from collections.abc import Sequence

import asyncpg

from projections.projection import Projection
from services.database.pool import load_sql
from services.ledger.append import merges

SLICE = 10_000_000
"""How many positions one statement adds up. It may read the whole table for them, and takes some seconds."""
CREATE = "CREATE TEMPORARY TABLE summed AS\n"
ROWS = "(SELECT (s.folded).* FROM summed AS s)"
EVENTS = "SELECT coalesce(sum(s.events), 0)::bigint FROM summed AS s"
DROP = "DROP TABLE IF EXISTS pg_temp.summed"


class Summing:
    """The sums of a ledger's log so far, in tables of their own."""

    def __init__(
        self, connection: asyncpg.Connection, ledger_id: str, projections: Sequence[Projection], prefix: str
    ) -> None:
        self._connection = connection
        self._ledger_id = ledger_id
        self._summed = [(projection, projection.sums) for projection in projections if projection.sums is not None]
        self._prefix = prefix
        self.position = 0
        self.events = dict.fromkeys((projection.name for projection, _ in self._summed), 0)
        """By read model: how many events were added up."""

    async def reach(self, last: int) -> bool:
        """Add the next slice of the log, at most up to a position; answers whether there is more before it."""
        until = min(self.position + SLICE, last)
        for projection, sums in self._summed:
            # Into a table of its own first: processes add up side by side for that, but not for what merges rows.
            await self._connection.execute(DROP)
            text = CREATE + load_sql(sums.path)
            await self._connection.execute(text, self._ledger_id, self.position, until, *sums.arguments)
            ((_, merge),) = merges(projection.name, lambda _: ROWS, self._prefix)
            await self._connection.execute(merge)
            self.events[projection.name] += await self._connection.fetchval(EVENTS)
            await self._connection.execute(DROP)
        self.position = until
        return until < last
