"""What the events of a log add up to."""

from uuid import UUID

from domain.catalogue import STREAM_TYPE_OF
from projections.projection import Entry
from services.ledger.mapper import decode


def add_to(states: dict[UUID, object], entry: Entry) -> object:
    """Have the state of an entry's stream follow it; answers that state."""
    event = decode(entry.state).event
    stream_type = STREAM_TYPE_OF[type(event)]
    state = states[entry.stream_id] = stream_type.evolve(states.get(entry.stream_id), event)
    return state
