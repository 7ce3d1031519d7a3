"""What a webhook is told of an event: ids and places only (thin), or the event's canonical form too (full).

A message has the same id whenever and however often it is sent, so that a receiver knows it again.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from services.ledger.mapper import decode

Payload = Literal["thin", "full"]
PING = "ping"

_encode = msgspec.json.Encoder().encode


class EventData(Struct, frozen=True, kw_only=True):
    """Which event it was."""

    ledger: str
    position: int
    stream: UUID
    version: int
    parties: tuple[UUID, ...]
    event: msgspec.Raw | UnsetType = UNSET
    """The canonical bytes, which are JSON; what people wrote is sealed in them."""


class Message(Struct, frozen=True, kw_only=True):
    """The body of a request."""

    type: str
    """The event's topic."""
    timestamp: datetime
    """When it was recorded."""
    data: EventData | dict[str, Any]


def message_id(webhook_id: UUID, position: int) -> str:
    """The header ``webhook-id`` of an event's message."""
    return f"{webhook_id}_{position}"


def write_event(position: int, state: bytes, payload: Payload) -> bytes:
    """The body that tells of an event."""
    recorded = decode(state)
    data = EventData(
        ledger=recorded.ledger_id,
        position=position,
        stream=recorded.originator_id,
        version=recorded.originator_version,
        parties=recorded.event.parties,
        event=msgspec.Raw(state) if payload == "full" else UNSET,
    )
    return _encode(Message(type=recorded.event.TOPIC, timestamp=recorded.recorded_at, data=data))


def write_ping(ledger_id: str, moment: datetime) -> bytes:
    """The body of a test, which tells of no event."""
    return _encode(Message(type=PING, timestamp=moment, data={"ledger": ledger_id}))
