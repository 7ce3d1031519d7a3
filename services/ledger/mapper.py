"""Events and their canonical bytes.

An event is stored as JSON that an auditor can read, with its fields in a fixed order: ledger, stream, version, topic,
class version, when it was recorded, the event's own fields, and the sealed words. The bytes say everything that is
true of the event, and are what is hashed, exported and imported. (As msgpack the same fields take 0.77 of the size,
which is about 12 % of all that is stored of a favour, and save less than 1 % of the time that recording it takes; being
readable without our code is worth more. See docs/decisions/event-bytes.md.)
"""

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent
from msgspec import Struct
from msgspec.structs import replace

from domain.catalogue import TOPICS
from domain.event import Event
from projections.projection import Entry
from services.ledger.keyring import Keyring, day_of


class UnknownTopicError(LookupError):
    """A stored event has a topic that this version does not know; it is never guessed or imported."""


class Recorded(Struct, frozen=True):
    """An event at its place. The words of a loaded event stay in ``sealed`` until they are opened."""

    ledger_id: str
    originator_id: UUID
    originator_version: int
    recorded_at: datetime
    event: Event
    sealed: bytes | None = None


class _Written(Struct, frozen=True, omit_defaults=True, gc=False):
    ledger: str
    stream: UUID
    version: int
    topic: str
    class_version: int
    recorded_at: datetime
    event: Event
    sealed: bytes | None = None


class _Read(Struct, frozen=True, forbid_unknown_fields=True):
    ledger: str
    stream: UUID
    version: int
    topic: str
    class_version: int
    recorded_at: datetime
    event: msgspec.Raw
    sealed: bytes | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Read).decode


@cache
def _decoder(event: type[Event]) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(event)


def encode(ledger_id: str, stream: UUID, version: int, recorded_at: datetime, event: Event, keyring: Keyring) -> bytes:
    """The canonical bytes of an event at its place; the words are sealed under the keys of the event's subjects.

    What is one party's own matter is sealed even without words: the sealing's chance keeps anyone who knows the hash of
    the bytes, which proofs show, from trying out what they might say. Raises ``KeyError`` for words about somebody who
    was erased, and where the day of recording has no key yet.
    """
    words = {name: value for name in event.WORDS if (value := getattr(event, name)) is not None}
    sealed = None
    if words:
        sealed = keyring.seal(event.subjects, _day(event, recorded_at), stream, version, words)
        event = replace(event, **dict.fromkeys(words))
    elif event.private_to is not None and all(subject in keyring.keys for subject in event.subjects):
        sealed = keyring.seal(event.subjects, _day(event, recorded_at), stream, version, {})
    return _encode(_Written(ledger_id, stream, version, event.TOPIC, event.VERSION, recorded_at, event, sealed))


def decode(state: bytes) -> Recorded:
    """The event that canonical bytes hold, brought up to its class's present version; its words stay sealed.

    Raises ``UnknownTopicError``, or ``msgspec.ValidationError`` where the bytes are not an event.
    """
    try:
        read = _decode(state)
        event_class = TOPICS.get(read.topic)
        if event_class is None:
            raise UnknownTopicError(f"This version of Requite knows no event {read.topic!r}.")
        if read.class_version == event_class.VERSION:
            event = _decoder(event_class).decode(read.event)
        else:
            event = _upcast(event_class, read.class_version, msgspec.json.decode(read.event))
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.ValidationError(f"This is no event: {error}") from None
    return Recorded(read.ledger, read.stream, read.version, read.recorded_at, event, read.sealed)


def _upcast(event_class: type[Event], version: int, fields: dict[str, Any]) -> Event:
    if version > event_class.VERSION:
        raise UnknownTopicError(f"{event_class.TOPIC} has version {version}; this version of Requite is older.")
    for old in range(version, event_class.VERSION):
        if old not in event_class.UPCASTS:
            raise UnknownTopicError(f"{event_class.TOPIC} never had version {version}.")
        fields = event_class.UPCASTS[old](fields)
    return msgspec.convert(fields, event_class)


def open_words(recorded: Recorded, keyring: Keyring) -> dict[str, Any] | None:
    """The words of a loaded event by field name; ``None`` where a key is gone, empty where there are none."""
    if recorded.sealed is None:
        return {}
    event = recorded.event
    day = _day(event, recorded.recorded_at)
    return keyring.open(event.subjects, day, recorded.originator_id, recorded.originator_version, recorded.sealed)


def _day(event: Event, recorded_at: datetime) -> date | None:
    return None if event.LASTING else day_of(recorded_at)


def entry_of(position: int, recorded: Recorded, state: bytes) -> Entry:
    """The row of an event's table that its bytes lead to: what the typed columns have to say."""
    event = recorded.event
    giver, receiver, third, *_ = (*event.parties, None, None, None)
    posting = event.posting
    return Entry(
        ledger_id=recorded.ledger_id,
        position=position,
        stream_id=recorded.originator_id,
        version=recorded.originator_version,
        topic=event.TOPIC,
        giver=giver,
        receiver=receiver,
        third=third,
        unit=None if posting is None else posting.unit,
        quantity=0 if posting is None else posting.quantity,
        counted=0 if posting is None else posting.count,
        disputed=0 if posting is None else posting.disputed,
        occurred_at=event.occurred_at,
        recorded_at=recorded.recorded_at,
        state=state,
    )


class MsgspecMapper(Mapper[UUID]):
    """The ``eventsourcing`` library's mapper over the canonical bytes of one ledger."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The stored event; id and version stay in columns, everything is in the state as well."""
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.event.TOPIC,
            state=encode(
                domain_event.ledger_id,
                domain_event.originator_id,
                domain_event.originator_version,
                domain_event.recorded_at,
                domain_event.event,
                self._keyring,
            ),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The event of a stored one; its words stay sealed."""
        return decode(stored_event.state)
