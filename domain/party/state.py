"""What a party's events add up to."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.event import Who
from domain.party.events import (
    AnyPartyEvent,
    Kind,
    PartyErased,
    PartyFindableSet,
    PartyInterestsListed,
    PartyJoined,
    PartyKnowledgeListed,
    PartyLeft,
    PartyMerged,
    PartyReferenced,
    PartyRegistered,
    PartyRemindersCleared,
    PartyRemindersSet,
    PartyRenamed,
    PartyUnmerged,
)


class Party(Struct, frozen=True):
    """What decisions and the directory need to know of a party."""

    party: UUID
    kind: Kind
    registered_at: datetime
    latest: datetime
    registered_by: Who
    version: int = 1
    named_in: int = 1
    """The version whose event holds the name."""
    interests_in: int | None = None
    """The version whose event lists the interests."""
    knowledge_in: int | None = None
    """The version whose event lists what it knows about."""
    findable: bool = False
    """Whether it agreed to be found as someone who introduces others."""
    reminded_in: int | None = None
    """The version whose event says where it is reminded by mail."""
    organisations: tuple[UUID, ...] = ()
    """Those that it is a member of."""
    merged_into: UUID | None = None

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The party alone."""
        return (self.party,)


initial = None


def evolve(party: Party | None, event: AnyPartyEvent) -> Party:
    """The party after an event."""
    if isinstance(event, PartyRegistered):
        return Party(event.party, event.kind, event.occurred_at, event.occurred_at, event.who)
    assert party is not None
    version = party.version + 1
    party = replace(party, latest=event.occurred_at, version=version)
    match event:
        case PartyReferenced():
            return party
        case PartyErased() | PartyRemindersCleared():
            return replace(party, reminded_in=None)
        case PartyRemindersSet():
            return replace(party, reminded_in=version)
        case PartyRenamed():
            return replace(party, named_in=version)
        case PartyInterestsListed():
            return replace(party, interests_in=version)
        case PartyKnowledgeListed():
            return replace(party, knowledge_in=version)
        case PartyFindableSet(findable=findable):
            return replace(party, findable=findable)
        case PartyJoined(organisation=organisation):
            return replace(party, organisations=(*party.organisations, organisation))
        case PartyLeft(organisation=organisation):
            return replace(party, organisations=tuple(one for one in party.organisations if one != organisation))
        case PartyMerged(into=into):
            return replace(party, merged_into=into)
        case PartyUnmerged():
            return replace(party, merged_into=None)
        case _:
            assert_never(event)
