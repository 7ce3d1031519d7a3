"""Directory: which parties the ledger knows. Words stay sealed in the events; a row says which events hold them."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.catalogue import PARTY
from domain.party import Party
from projections.projection import Entry, Projection, Rows


class PartyRow(NamedTuple):
    """A party and where its words are to be found: by the versions of its events."""

    ledger_id: str
    party_id: UUID
    kind: str
    registered_at: datetime
    position: int
    named_in: int
    interests_in: int | None
    knowledge_in: int | None
    findable: bool
    reminded_in: int | None


def fold(rows: Rows, entry: Entry, state: Party) -> None:
    """Set the party's row."""
    rows[entry.ledger_id, entry.stream_id] = PartyRow(
        ledger_id=entry.ledger_id,
        party_id=entry.stream_id,
        kind=state.kind,
        registered_at=state.registered_at,
        position=entry.position,
        named_in=state.named_in,
        interests_in=state.interests_in,
        knowledge_in=state.knowledge_in,
        findable=state.findable,
        reminded_in=state.reminded_in,
    )


DIRECTORY = Projection(
    name="directory",
    fold=fold,
    topics=frozenset(event.TOPIC for event in PARTY.events),
    reads_state=True,
    row_type="party_row",
    tables=("party",),
    path="projections/directory.sql",
)
