"""Capacity: what a party has open, beside its own record at such a load, for whoever is about to promise more.

- *open*: promised or reported as delivered, and not ended or retracted; the clock ends none. The same are counted
  where the policy limits them.
- *load* of a promise: how many others of its promisor were open when it was made. One that was taken over counts from
  when it was made; those of the same moment stand in the order of their ids.
- *such a load*: from half as many as are open now, rounded up, to twice as many.
- *record*: of the promises that the promisee or the assessor said the end of, or that were reneged on, how many were
  kept on time. One that was released, is disputed or waits for an answer says nothing.

The interval is Wilson's score interval, 95 %: it holds for few trials too. It is advice: nothing is refused by it.
"""

from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.trust import wilson
from services.reading.as_of import NOW, Asked, AsOfAnswer, resolve, said
from services.reading.parties import require_parties
from services.reading.snapshot import Snapshot, sql
from services.reading.standing import PromiseFilter, ask
from services.reading.trust import Interval


class KeptOnTime(Struct, frozen=True, kw_only=True):
    """How a party's promises ended."""

    kept_on_time: int
    of: int
    """How many ended so that it says something."""
    interval: Interval
    """Where the share of those kept on time lies: Wilson's score interval, 95 %."""
    median_days: float | None
    """Between being made and delivered, of those that were kept whole or in part; null where there is none."""


class Capacity(AsOfAnswer, frozen=True, kw_only=True):
    """What a party has open, and how it did under such a load before."""

    party: UUID
    open: int
    """How many promises it has open; in the answer to a promise, how many beside that one."""
    reported: int
    """Of these, those that wait for an answer to their delivery."""
    overdue: int
    """Of these, those past their date and the ledger's grace, and not reported."""
    limit: int | None
    """How many the ledger's policy allows to be open at a time."""
    alike_from: int
    """Such a load begins with so many open beside a promise when it is made …"""
    alike_to: int
    """… and ends with so many."""
    at_such_load: KeptOnTime
    ever: KeptOnTime


async def read_capacity(snapshot: Snapshot, party: UUID, asked: Asked = NOW, *, beside: UUID | None = None) -> Capacity:
    """A party's capacity as of a moment, ``beside`` one promise of its. Raises ``Refusal`` for a party unknown here."""
    as_of = await resolve(snapshot, asked)
    question = await ask(snapshot, as_of, PromiseFilter(promisor=party))
    _, (row,) = await snapshot.together.all(require_parties(snapshot, party), question.fetch("capacity", beside))
    return Capacity(
        **said(as_of),
        party=question.aliases.root(party),
        open=row["open"],
        reported=row["reported"],
        overdue=row["overdue"],
        limit=question.policy.open_promises_limit,
        alike_from=row["alike_from"],
        alike_to=row["alike_to"],
        at_such_load=_kept_on_time(row, "alike"),
        ever=_kept_on_time(row, "ever"),
    )


async def read_advice(snapshot: Snapshot, promise: UUID) -> Capacity:
    """The capacity of a promise's promisor beside that promise, which has to be there."""
    promisor = await snapshot.fetchval(sql("promisor"), snapshot.ledger_id, promise)
    return await read_capacity(snapshot, promisor, beside=promise)


def _kept_on_time(row: asyncpg.Record, which: str) -> KeptOnTime:
    kept, of = row[f"{which}_on_time"], row[f"{which}_of"]
    low, high = wilson(kept, of)
    return KeptOnTime(kept_on_time=kept, of=of, interval=Interval(low=low, high=high), median_days=row[f"{which}_days"])
