"""Memberships: who belongs to which organisation, one row per joining and leaving: any moment can be asked about."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.party import PartyJoined, PartyLeft
from projections.projection import Entry, Projection, Rows


class MembershipRow(NamedTuple):
    """Whether a party is a member of an organisation from an event on."""

    ledger_id: str
    party_id: UUID
    organisation_id: UUID
    position: int
    occurred_at: datetime
    member: bool


def fold(rows: Rows, entry: Entry, _state: object) -> None:
    """Add the row that an entry led to."""
    assert entry.giver is not None
    assert entry.receiver is not None
    rows[entry.ledger_id, entry.giver, entry.receiver, entry.position] = MembershipRow(
        ledger_id=entry.ledger_id,
        party_id=entry.giver,
        organisation_id=entry.receiver,
        position=entry.position,
        occurred_at=entry.occurred_at,
        member=entry.topic == PartyJoined.TOPIC,
    )


MEMBERSHIPS = Projection(
    name="memberships",
    fold=fold,
    topics=frozenset({PartyJoined.TOPIC, PartyLeft.TOPIC}),
    reads_state=False,
    row_type="membership_row",
    tables=("membership",),
    path="projections/memberships.sql",
)
