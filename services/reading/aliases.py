"""Alias sets: which parties are one and the same as of a moment, so that a question about one is about all its ids."""

from uuid import UUID

from domain.merges import Merges
from services.reading.as_of import AsOf
from services.reading.snapshot import Snapshot, sql


async def read_merges(snapshot: Snapshot, as_of: AsOf) -> Merges:
    """The merges in force at a moment."""
    merges = Merges()
    rows = await snapshot.fetch(sql("merges"), snapshot.ledger_id, as_of.position, as_of.occurred)
    for row in rows:
        merges.note(row["party_id"], row["into_id"], row["occurred_at"])
    return merges


async def ids_of(snapshot: Snapshot, party: UUID, as_of: AsOf) -> tuple[UUID, ...]:
    """All ids of one party at a moment."""
    return (await read_merges(snapshot, as_of)).set_of(party)
