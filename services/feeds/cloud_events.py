"""Events as CloudEvents 1.0 (JSON): an envelope that other systems know, around what a page of the log says.

``source`` is the log's name as its checkpoints have it, and ``id`` the position: together they name the event, wherever
it is seen. ``sequence`` (the CloudEvents extension) is the position too, so long that texts sort as numbers do.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from services.ledger.mapper import decode
from services.reading.events import LoggedEvent

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
WITHHELD = "withheld"
"""The type of an event that is kept from the reader: another party's own matter."""
SEQUENCE_DIGITS = 19


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event in its envelope."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str | UnsetType = UNSET
    """The stream that it belongs to."""
    time: str | UnsetType = UNSET
    """When it was recorded."""
    sequence: str
    datacontenttype: str | UnsetType = UNSET
    data: LoggedEvent | UnsetType = UNSET
    """The event as a page of the log has it."""


def cloud_event(origin: str, logged: LoggedEvent) -> CloudEvent:
    """An event of the log that is called ``origin``, in its envelope."""
    sequence = f"{logged.position:0{SEQUENCE_DIGITS}}"
    place: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(logged.position),
        "source": f"//{origin}",
        "sequence": sequence,
    }
    if logged.event is None:
        return CloudEvent(**place, type=WITHHELD)
    recorded = decode(bytes(logged.event))
    return CloudEvent(
        **place,
        type=recorded.event.TOPIC,
        subject=str(recorded.originator_id),
        time=recorded.recorded_at.isoformat().replace("+00:00", "Z"),
        datacontenttype="application/json",
        data=logged,
    )
