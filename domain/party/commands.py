"""What may be asked to be said of parties."""

from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from domain.command import Command, Note, Reference
from domain.party.events import Kind

Name = Annotated[str, Meta(min_length=1, max_length=200, description="What the party is called.")]
References = Annotated[tuple[Reference, ...], Meta(max_length=20)]
Subject = Annotated[str, Meta(min_length=1, max_length=100)]
Subjects = Annotated[tuple[Subject, ...], Meta(max_length=50, description="All of them; an empty list takes all back.")]
"""Subjects as people call them: "bee-keeping", "public procurement"."""

MailAddress = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
        description="Where the party gets its mail: anna@village.example.",
    ),
]
"""What browsers take for a mail address (HTML, 4.10.5.1.5); no line breaks, and nothing that a header would read."""


class RegisterParty(Command, frozen=True, kw_only=True):
    """Make a party known to the ledger. For a recorder's or an administrator's key."""

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
    """Say under which id a partner's system knows the party. For a recorder's or an administrator's key."""

    ACT: ClassVar[str] = "party.add_reference"

    reference: Reference

    def needs_references(self) -> tuple[Reference, ...]:
        """The reference has to be free, or this party's already."""
        return (self.reference,)


class RenameParty(Command, frozen=True, kw_only=True):
    """Call the party by another name. For the party itself, or a recorder."""

    ACT: ClassVar[str] = "party.rename"

    name: Name


class ListInterests(Command, frozen=True, kw_only=True):
    """List what the party is interested in, in place of what was listed before. For itself, or a recorder."""

    ACT: ClassVar[str] = "party.list_interests"

    interests: Subjects


class ListKnowledge(Command, frozen=True, kw_only=True):
    """List what the party can be asked about, in place of what was listed before. For itself, or a recorder."""

    ACT: ClassVar[str] = "party.list_knowledge"

    knows_about: Subjects


class SetFindable(Command, frozen=True, kw_only=True):
    """Say whether the party agrees to be found as someone who introduces others. Nobody is found unless it agreed."""

    ACT: ClassVar[str] = "party.set_findable"

    findable: bool


class SetReminders(Command, frozen=True, kw_only=True):
    """Have the party reminded by mail, once a day, of what waits for it. For itself, or a recorder."""

    ACT: ClassVar[str] = "party.set_reminders"

    mail: MailAddress


class ClearReminders(Command, frozen=True, kw_only=True):
    """Have the party reminded by mail no longer. For itself, or a recorder."""

    ACT: ClassVar[str] = "party.clear_reminders"


class JoinOrganisation(Command, frozen=True, kw_only=True):
    """Say that the party became a member of an organisation. For itself, or a recorder."""

    ACT: ClassVar[str] = "party.join"

    organisation: UUID

    def needs_streams(self) -> tuple[UUID, ...]:
        """It has to be an organisation."""
        return (self.organisation,)


class LeaveOrganisation(Command, frozen=True, kw_only=True):
    """Say that the party is no member of an organisation any more. For either, or a recorder."""

    ACT: ClassVar[str] = "party.leave"

    organisation: UUID


class MergeParty(Command, frozen=True, kw_only=True):
    """Say that the party is another one, recorded twice: that one stands for both. For a recorder or an administrator.

    What was recorded of either counts for both, and what was recorded between them counts nowhere.
    """

    ACT: ClassVar[str] = "party.merge"

    into: UUID

    def needs_streams(self) -> tuple[UUID, ...]:
        """It has to be a party of the same kind."""
        return (self.into,)


class UnmergeParty(Command, frozen=True, kw_only=True):
    """Take a merge back: all is as it would be without it. For a recorder's or an administrator's key."""

    ACT: ClassVar[str] = "party.unmerge"


class EraseParty(Command, frozen=True, kw_only=True):
    """Forget a party for good. For an administrator's key, or the party's own.

    All that was ever written about it becomes unreadable, under every id that it was merged with, and nobody can take
    that back. What was given and promised stays, and so do the others' balances. Keys that act for it end.
    """

    ACT: ClassVar[str] = "party.erase"
    IS_LOCKED: ClassVar[bool] = True


class RetractParty(Command, frozen=True, kw_only=True):
    """Say that the party had been registered in error. For who registered it, or an administrator.

    Only where nothing else stands to its name: everything said of it since then, and every favour, promise, contact …
    that names it, has to be retracted before. It is erased, since nothing is left to keep it for.
    """

    ACT: ClassVar[str] = "party.retract"
    IS_LOCKED: ClassVar[bool] = True

    def needs_standing(self) -> bool:
        """Nothing else may stand to its name."""
        return True


PartyCommand = (
    RegisterParty
    | AddReference
    | RenameParty
    | ListInterests
    | ListKnowledge
    | SetFindable
    | SetReminders
    | ClearReminders
    | JoinOrganisation
    | LeaveOrganisation
    | MergeParty
    | UnmergeParty
    | EraseParty
    | RetractParty
)
