"""What is said of parties."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from domain.command import Reference
from domain.event import Event

Kind = Literal["person", "organisation"]


class PartyEvent(Event, frozen=True, kw_only=True):
    """Base of a party's events."""

    LASTING: ClassVar[bool] = True

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


class PartyInterestsListed(PartyEvent, frozen=True, kw_only=True):
    """What the party is interested in, all of it: what is not listed any more is no interest from here on."""

    TOPIC: ClassVar[str] = "party.interests_listed"
    WORDS: ClassVar[tuple[str, ...]] = ("interests",)

    interests: tuple[str, ...] | None = None


class PartyKnowledgeListed(PartyEvent, frozen=True, kw_only=True):
    """What the party knows about and can be asked for, all of it."""

    TOPIC: ClassVar[str] = "party.knowledge_listed"
    WORDS: ClassVar[tuple[str, ...]] = ("knows_about",)

    knows_about: tuple[str, ...] | None = None


class PartyFindableSet(PartyEvent, frozen=True, kw_only=True):
    """The party agreed to be found as someone who introduces others, or agrees no longer."""

    TOPIC: ClassVar[str] = "party.findable_set"

    findable: bool


class PartyRemindersSet(PartyEvent, frozen=True, kw_only=True):
    """The party is reminded by mail, once a day, of what waits for it."""

    TOPIC: ClassVar[str] = "party.reminders_set"
    WORDS: ClassVar[tuple[str, ...]] = ("mail",)
    LASTING: ClassVar[bool] = True

    mail: str | None = None
    """The address."""

    @property
    def private_to(self) -> UUID:
        """Where a party gets its mail is its own matter."""
        return self.party


class PartyRemindersCleared(PartyEvent, frozen=True, kw_only=True):
    """The party is reminded by mail no longer."""

    TOPIC: ClassVar[str] = "party.reminders_cleared"

    @property
    def private_to(self) -> UUID:
        """The same."""
        return self.party


class MembershipEvent(PartyEvent, frozen=True, kw_only=True):
    """Base of the events about a party and an organisation."""

    organisation: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The member, then the organisation."""
        return (self.party, self.organisation)


class PartyJoined(MembershipEvent, frozen=True, kw_only=True):
    """The party is a member of the organisation from here on."""

    TOPIC: ClassVar[str] = "party.joined"


class PartyLeft(MembershipEvent, frozen=True, kw_only=True):
    """The party is no member of the organisation any more."""

    TOPIC: ClassVar[str] = "party.left"


class MergeEvent(PartyEvent, frozen=True, kw_only=True):
    """Base of the events about a party and the one that it turned out to be."""

    into: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The merged party, then the one that it was merged into."""
        return (self.party, self.into)


class PartyMerged(MergeEvent, frozen=True, kw_only=True):
    """The party turned out to be another one: what was recorded of it counts for that one, and nothing between them."""

    TOPIC: ClassVar[str] = "party.merged"


class PartyUnmerged(MergeEvent, frozen=True, kw_only=True):
    """The merge was an error: all is as it would be without it."""

    TOPIC: ClassVar[str] = "party.unmerged"


class PartyErased(PartyEvent, frozen=True, kw_only=True):
    """The party is forgotten: the keys of all that was written about it are destroyed, under all its ids."""

    TOPIC: ClassVar[str] = "party.erased"

    others: tuple[UUID, ...] = ()
    """Its other ids, where parties had been merged."""


AnyPartyEvent = (
    PartyRegistered
    | PartyReferenced
    | PartyRenamed
    | PartyInterestsListed
    | PartyKnowledgeListed
    | PartyFindableSet
    | PartyRemindersSet
    | PartyRemindersCleared
    | PartyJoined
    | PartyLeft
    | PartyMerged
    | PartyUnmerged
    | PartyErased
)
