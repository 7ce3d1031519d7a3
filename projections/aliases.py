"""Aliases: which party was merged into which, one row per merge and per taking back: any moment can be asked about.

Parties that hang together by merges are one. Rows of all read models stay keyed by the party that was told of; what
reads them sums over the set (``services/reading/aliases.py``).
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.party import PartyMerged, PartyUnmerged
from projections.projection import Entry, Projection, Rows


class AliasRow(NamedTuple):
    """What a party was merged into from an event on; ``None``: into none."""

    ledger_id: str
    party_id: UUID
    position: int
    occurred_at: datetime
    into_id: UUID | None


def fold(rows: Rows, entry: Entry, _state: object) -> None:
    """Add the row that an entry led to."""
    assert entry.giver is not None
    into = entry.receiver if entry.topic == PartyMerged.TOPIC else None
    rows[entry.ledger_id, entry.giver, entry.position] = AliasRow(
        entry.ledger_id, entry.giver, entry.position, entry.occurred_at, into
    )


ALIASES = Projection(
    name="aliases",
    fold=fold,
    topics=frozenset({PartyMerged.TOPIC, PartyUnmerged.TOPIC}),
    reads_state=False,
    row_type="party_alias_row",
    tables=("party_alias",),
    path="projections/aliases.sql",
)
