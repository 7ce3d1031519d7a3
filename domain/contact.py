"""Contacts: who met whom, on whose initiative, through which channel, how it felt and what was learnt.

A contact gives nothing, so it moves no balance; it shows that a tie is alive (``projections/attention.py``).
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, assert_never
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from domain.command import (
    Act,
    Command,
    Facts,
    Note,
    already_exists,
    is_author,
    not_found,
    require_author,
    require_in_order,
)
from domain.event import Event, Who
from domain.refusal import Refusal

Channel = Literal["in_person", "call", "video", "message", "mail", "social", "other"]
"""``message``: written and short; ``mail``: a letter, on paper or not; ``social``: where others can read along."""
Felt = Annotated[int, Meta(ge=1, le=5, description="How it felt to who records it: 1 dreadful, 5 a joy.")]


class ContactEvent(Event, frozen=True, kw_only=True):
    """Base of a contact's events."""

    initiator: UUID
    other: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Who took the initiative, then the other."""
        return (self.initiator, self.other)


class ContactRecorded(ContactEvent, frozen=True, kw_only=True):
    """The two met, spoke or wrote, as the initiator wanted."""

    TOPIC: ClassVar[str] = "contact.recorded"
    WORDS: ClassVar[tuple[str, ...]] = ("learnt",)

    channel: Channel
    felt: int | None = None
    learnt: str | None = None


class ContactReworded(ContactEvent, frozen=True, kw_only=True):
    """What was learnt is said in other words; the earlier ones stay on record."""

    TOPIC: ClassVar[str] = "contact.reworded"
    WORDS: ClassVar[tuple[str, ...]] = ("learnt",)

    learnt: str | None = None


class ContactRetracted(ContactEvent, frozen=True, kw_only=True):
    """It had been recorded in error and counts no longer; it stays on record."""

    TOPIC: ClassVar[str] = "contact.retracted"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class ContactReinstated(ContactEvent, frozen=True, kw_only=True):
    """The retraction was itself an error: all is as it was before it."""

    TOPIC: ClassVar[str] = "contact.reinstated"


AnyContactEvent = ContactRecorded | ContactReworded | ContactRetracted | ContactReinstated


class RecordContact(Command, frozen=True, kw_only=True):
    """Record that two parties were in contact. Either of them or a third party may say so."""

    ACT: ClassVar[str] = "contact.record"
    CREATES: ClassVar[bool] = True

    initiator: UUID
    other: UUID
    channel: Channel
    felt: Felt | None = None
    learnt: Note | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """The two, and whoever says so."""
        return (self.initiator, self.other) if self.by is None else (self.initiator, self.other, self.by)


class RewordContact(Command, frozen=True, kw_only=True):
    """Say in other words what was learnt. For who recorded it, or an administrator."""

    ACT: ClassVar[str] = "contact.reword"

    learnt: Note


class RetractContact(Command, frozen=True, kw_only=True):
    """Say that it had been recorded in error. For who recorded it, or an administrator."""

    ACT: ClassVar[str] = "contact.retract"

    reason: Note | None = None


class ReinstateContact(Command, frozen=True, kw_only=True):
    """Take a retraction back. For who retracted, or an administrator."""

    ACT: ClassVar[str] = "contact.reinstate"


ContactCommand = RecordContact | RewordContact | RetractContact | ReinstateContact


class Contact(Struct, frozen=True):
    """What decisions need to know of a contact."""

    initiator: UUID
    other: UUID
    channel: Channel
    felt: int | None
    latest: datetime
    recorded_by: Who
    retracted_by: Who | None = None
    """Set while retracted."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Who took the initiative, then the other."""
        return (self.initiator, self.other)

    @property
    def status(self) -> Literal["recorded", "retracted"]:
        """How it stands."""
        return "recorded" if self.retracted_by is None else "retracted"


initial = None

ALLOWED: dict[str, tuple[str, ...]] = {
    "recorded": ("contact.reword", "contact.retract"),
    "retracted": ("contact.reinstate",),
}
"""Which acts a contact's status allows."""


def decide(command: ContactCommand, contact: Contact | None, facts: Facts, act: Act) -> tuple[AnyContactEvent, ...]:
    """What a command about a contact leads to."""
    if isinstance(command, RecordContact):
        if contact is not None:
            raise already_exists("contact")
        return (_record(command, facts, act),)
    if contact is None:
        raise not_found("contact")
    retracted = contact.retracted_by is not None
    if isinstance(command, RetractContact) and retracted and is_author(act, contact.recorded_by):
        return ()
    allowed = ALLOWED[contact.status]
    if command.ACT not in allowed:
        message = f"This contact is {contact.status}; now allowed: {', '.join(allowed)}."
        raise Refusal(f"contact_is_{contact.status}", message, allowed)
    facts.require_apart(contact.initiator, contact.other)
    require_in_order(contact.latest, act)
    return (_answer(command, contact, act),)


def _record(command: RecordContact, facts: Facts, act: Act) -> ContactRecorded:
    facts.require_apart(command.initiator, command.other)
    facts.require_registered(command.initiator, command.other, command.by)
    return ContactRecorded(
        occurred_at=act.occurred_at,
        who=act.who,
        initiator=command.initiator,
        other=command.other,
        channel=command.channel,
        felt=command.felt,
        learnt=command.learnt,
    )


def _answer(command: RewordContact | RetractContact | ReinstateContact, contact: Contact, act: Act) -> AnyContactEvent:
    common: dict[str, Any] = {
        "occurred_at": act.occurred_at,
        "who": act.who,
        "initiator": contact.initiator,
        "other": contact.other,
    }
    match command:
        case RewordContact():
            require_author(act, contact.recorded_by, "recorded it")
            return ContactReworded(**common, learnt=command.learnt)
        case RetractContact():
            require_author(act, contact.recorded_by, "recorded it")
            return ContactRetracted(**common, reason=command.reason)
        case ReinstateContact():
            assert contact.retracted_by is not None
            require_author(act, contact.retracted_by, "retracted it")
            return ContactReinstated(**common)
        case _:
            assert_never(command)


def evolve(contact: Contact | None, event: AnyContactEvent) -> Contact:
    """The contact after an event."""
    if isinstance(event, ContactRecorded):
        return Contact(event.initiator, event.other, event.channel, event.felt, event.occurred_at, event.who)
    assert contact is not None
    contact = replace(contact, latest=event.occurred_at)
    match event:
        case ContactReworded():
            return contact
        case ContactRetracted(who=who):
            return replace(contact, retracted_by=who)
        case ContactReinstated():
            return replace(contact, retracted_by=None)
        case _:
            assert_never(event)
