"""What the events of a log add up to."""

from collections.abc import Iterable
from uuid import UUID

from domain.catalogue import STREAM_TYPE_OF
from projections.projection import Entry
from services.ledger.mapper import decode


def fold_streams(entries: Iterable[Entry]) -> dict[UUID, object]:
    """Each stream's state after its last event."""
    states: dict[UUID, object] = {}
    for entry in entries:
        event = decode(entry.state).event
        stream_type = STREAM_TYPE_OF[type(event)]
        states[entry.stream_id] = stream_type.evolve(states.get(entry.stream_id), event)
    return states


def states_of(entries: Iterable[Entry]) -> Iterable[object]:
    """The states alone."""
    return fold_streams(entries).values()
