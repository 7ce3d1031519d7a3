"""Evidence: what each promise of a party came to, who said so, and what that weighs by now.

It is what the promisee said, or the assessor; where that was disputed, what the two agreed on, or the assessor settled;
and that the promisor reneged. A promise that was handed over is evidence for whoever had it at the end.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.promise.commands import DisputePromise
from domain.promise.events import PromiseAssessed, PromiseReneged, PromiseSettled
from domain.promise.state import Status
from domain.trust import Evidence, Outcome, decay, weigh
from services.ledger.mapper import decode
from services.reading.snapshot import sql
from services.reading.standing import Question

EVIDENCE_LIMIT = 10_000
"""How many promises are looked at, at most: the latest. What is older has next to no weight left."""


class EvidenceLine(Struct, frozen=True, kw_only=True):
    """What one promise says of the party, and how much that weighs by now."""

    promise: UUID
    promisee: UUID
    topic: str | None
    said_by: UUID
    """The promisee or the assessor; the party itself where it reneged."""
    outcome: Status
    fraction: float | None
    """The share that was delivered, where it is partly kept."""
    said_at: datetime
    decay: float
    """What is left of its weight, from 1 down to 0."""
    r: float
    """What it adds to ``r`` by now."""
    s: float
    """What it adds to ``s`` by now."""
    said_in: int
    """The position of the event that said it."""
    positions: tuple[int, ...]
    """Of all events of that promise until then, in order."""
    contest: str
    """Where promisor and promisee may dispute it (POST): a disputed promise is no evidence until it is settled."""


class Item(NamedTuple):
    """One promise's outcome: its row, who said it, and what it says."""

    row: asyncpg.Record
    said_by: UUID
    evidence: Evidence


async def read_evidence(question: Question, seen_by: UUID | None) -> tuple[list[Item], bool]:
    """The evidence in the promises asked about, the latest first, and whether that is all there is."""
    same = question.aliases.merges.same
    ids = None if seen_by is None else question.aliases.ids(seen_by)
    rows = await question.fetch("trust_evidence", ids, EVIDENCE_LIMIT + 1)
    items = []
    for row in rows[:EVIDENCE_LIMIT]:
        said_by = _speaker(row, same)
        if row["topic"] != PromiseReneged.TOPIC and same(said_by, row["promisor"]):
            continue  # nobody's own word is evidence for them
        evidence = weigh(Outcome(row["status"], row["made_at"], row["ended_at"], row["due"], row["fraction"]))
        if evidence is not None and (ids is None or row["promisee"] in ids or said_by in ids):
            items.append(Item(row, said_by, evidence))
    return items, len(rows) <= EVIDENCE_LIMIT


async def show_evidence(question: Question, items: Sequence[Item]) -> tuple[EvidenceLine, ...]:
    """Items as an answer shows them, each with all its events."""
    snapshot, as_of = question.snapshot, question.as_of
    promises = [item.row["promise_id"] for item in items]
    rows = await snapshot.fetch(sql("promise_positions"), snapshot.ledger_id, promises, as_of.position, as_of.occurred)
    positions = {row["promise_id"]: tuple(row["positions"]) for row in rows}
    return tuple(_line(question, item, positions[item.row["promise_id"]]) for item in items)


def _speaker(row: asyncpg.Record, same: Callable[[UUID | None, UUID | None], bool]) -> UUID:
    """Who said how it ended. A settlement is the assessor's word, or what promisor and promisee agreed on."""
    speakers = {PromiseAssessed.TOPIC: row["assessor"], PromiseReneged.TOPIC: row["promisor"]}
    if row["topic"] == PromiseSettled.TOPIC and same(decode(row["settled"]).event.who.by, row["assessor"]):
        speakers[PromiseSettled.TOPIC] = row["assessor"]
    speaker: UUID = speakers.get(row["topic"], row["promisee"])
    return speaker


def _line(question: Question, item: Item, positions: tuple[int, ...]) -> EvidenceLine:
    row, said_by, evidence = item
    left = decay(question.as_of.moment - evidence.moment, question.policy.half_life_days)
    act = DisputePromise.ACT.partition(".")[2]
    return EvidenceLine(
        promise=row["promise_id"],
        promisee=row["promisee"],
        topic=row["subject"],
        said_by=said_by,
        outcome=row["status"],
        fraction=row["fraction"],
        said_at=evidence.moment,
        decay=left,
        r=evidence.r * left,
        s=evidence.s * left,
        said_in=row["position"],
        positions=positions,
        contest=f"/v1/ledgers/{question.snapshot.ledger_id}/promises/{row['promise_id']}/{act}",
    )
