"""Parties: the persons and organisations that give, take and promise."""

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
    Reference,
    already_exists,
    not_found,
    require_in_order,
)
from domain.event import Event
from domain.refusal import Refusal

Name = Annotated[str, Meta(min_length=1, max_length=200, description="What the party is called.")]
Kind = Literal["person", "organisation"]


class PartyEvent(Event, frozen=True, kw_only=True):
    """Base of a party's events."""

    party: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The party alone."""
        return (self.party,)


def _registered_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew persons only."""
    return {**fields, "kind": "person"}


class PartyRegistered(PartyEvent, frozen=True, kw_only=True):
    """A party became known to the ledger."""

    TOPIC: ClassVar[str] = "party.registered"
    VERSION: ClassVar[int] = 2
    WORDS: ClassVar[tuple[str, ...]] = ("name", "note", "references")
    UPCASTS: ClassVar = {1: _registered_1_to_2}

    kind: Kind
    name: str | None = None
    note: str | None = None
    references: tuple[Reference, ...] | None = None


class PartyReferenced(PartyEvent, frozen=True, kw_only=True):
    """A partner's system was said to know this party under an id of its own."""

    TOPIC: ClassVar[str] = "party.referenced"
    WORDS: ClassVar[tuple[str, ...]] = ("references",)

    references: tuple[Reference, ...] | None = None


class PartyRenamed(PartyEvent, frozen=True, kw_only=True):
    """A party goes by another name."""

    TOPIC: ClassVar[str] = "party.renamed"
    WORDS: ClassVar[tuple[str, ...]] = ("name",)

    name: str | None = None


AnyPartyEvent = PartyRegistered | PartyReferenced | PartyRenamed

References = Annotated[tuple[Reference, ...], Meta(max_length=20)]


class RegisterParty(Command, frozen=True, kw_only=True):
    """Make a party known to the ledger."""

    ACT: ClassVar[str] = "party.register"
    CREATES: ClassVar[bool] = True

    name: Name
    kind: Kind = "person"
    note: Note | None = None
    references: References = ()

    def needs_references(self) -> tuple[Reference, ...]:
        """Every reference has to be free."""
        return self.references


class AddReference(Command, frozen=True, kw_only=True):
    """Say under which id a partner's system knows the party."""

    ACT: ClassVar[str] = "party.add_reference"

    reference: Reference

    def needs_references(self) -> tuple[Reference, ...]:
        """The reference has to be free, or this party's already."""
        return (self.reference,)


class RenameParty(Command, frozen=True, kw_only=True):
    """Call the party by another name."""

    ACT: ClassVar[str] = "party.rename"

    name: Name


PartyCommand = RegisterParty | AddReference | RenameParty


class Party(Struct, frozen=True):
    """What decisions need to know of a party."""

    party: UUID
    kind: Kind
    registered_at: datetime
    latest: datetime
    version: int = 1
    named_in: int = 1
    """The version whose event holds the name."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The party alone."""
        return (self.party,)


initial = None


def decide(command: PartyCommand, party: Party | None, facts: Facts, act: Act) -> tuple[AnyPartyEvent, ...]:
    """What a command about a party leads to."""
    if isinstance(command, RegisterParty):
        return _register(command, party, facts, act)
    if party is None:
        raise not_found("party")
    if act.who.capacity == "party" and not act.is_by(act.stream):
        raise Refusal("wrong_party", "A party names and references itself only; a recorder may do so for all.")
    require_in_order(party.latest, act)
    match command:
        case AddReference(reference=reference):
            owner = facts.owners.get(reference)
            if owner == act.stream:
                return ()
            _require_free(owner)
            return (
                PartyReferenced(occurred_at=act.occurred_at, who=act.who, party=act.stream, references=(reference,)),
            )
        case RenameParty(name=name):
            return (PartyRenamed(occurred_at=act.occurred_at, who=act.who, party=act.stream, name=name),)
        case _:
            assert_never(command)


def _register(command: RegisterParty, party: Party | None, facts: Facts, act: Act) -> tuple[AnyPartyEvent, ...]:
    if party is not None:
        raise already_exists("party")
    if len(set(command.references)) < len(command.references):
        raise Refusal("reference_twice", "The same reference is given twice; give each once.")
    for reference in command.references:
        _require_free(facts.owners.get(reference))
    return (
        PartyRegistered(
            occurred_at=act.occurred_at,
            who=act.who,
            party=act.stream,
            kind=command.kind,
            name=command.name,
            note=command.note,
            references=command.references or None,
        ),
    )


def _require_free(owner: UUID | None) -> None:
    if owner is not None:
        raise Refusal(
            "reference_taken",
            f"Party {owner} already has one of these references; a reference names one party.",
        )


def evolve(party: Party | None, event: AnyPartyEvent) -> Party:
    """The party after an event."""
    match event:
        case PartyRegistered():
            return Party(event.party, event.kind, registered_at=event.occurred_at, latest=event.occurred_at)
        case PartyReferenced():
            assert party is not None
            return replace(party, latest=event.occurred_at, version=party.version + 1)
        case PartyRenamed():
            assert party is not None
            version = party.version + 1
            return replace(party, latest=event.occurred_at, version=version, named_in=version)
        case _:
            assert_never(event)
