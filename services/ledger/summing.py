"""Read models that are plain sums of typed columns: the database adds them up, where rebuilding folds the others here.

The rows are the fold's own, to the byte, and merged by the same SQL; tests hold the two equal.
"""

from collections.abc import Sequence

import asyncpg

from projections.projection import Projection
from services.database.pool import load_sql
from services.ledger.append import merges

SLICE = 1_000_000
"""How many positions one statement adds up: it takes about a second."""


class Summing:
    """The sums of a ledger's log so far, in tables of their own."""

    def __init__(
        self, connection: asyncpg.Connection, ledger_id: str, projections: Sequence[Projection], prefix: str
    ) -> None:
        self._connection = connection
        self._ledger_id = ledger_id
        self._statements = {
            projection.name: (_statement(projection, prefix), projection.sums.arguments)
            for projection in projections
            if projection.sums is not None
        }
        self.position = 0
        self.events = dict.fromkeys(self._statements, 0)
        """By read model: how many events were added up."""

    async def reach(self, last: int) -> bool:
        """Add the next slice of the log, at most up to a position; answers whether there is more before it."""
        until = min(self.position + SLICE, last)
        for name, (statement, arguments) in self._statements.items():
            parameters = (self._ledger_id, self.position, until, *arguments)
            self.events[name] += await self._connection.fetchval(statement, *parameters)
        self.position = until
        return until < last


def _statement(projection: Projection, prefix: str) -> str:
    assert projection.sums is not None
    ((_, merge),) = merges(projection.name, lambda _: "(SELECT (s.folded).* FROM summed AS s)", prefix)
    return load_sql("services/ledger/sql/sum.sql").format(sums=load_sql(projection.sums.path), merge=merge)
