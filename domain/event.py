"""What every event has in common: when, who, which parties, and what it adds to a balance."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from msgspec import Struct

Capacity = Literal["party", "recorder", "admin"]
"""How the access key acted: as the party itself, as a recorder on its behalf, or as the ledger's administrator."""


class Who(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who acted: the party that is said to act, in which capacity, by which access key."""

    capacity: Capacity
    key: str
    by: UUID | None = None


class Posting(Struct, frozen=True, omit_defaults=True, gc=False):
    """What one event adds to what the giver gave the receiver, in the unit's smallest division; may be negative.

    ``quantity`` and ``count`` move the undisputed balance, ``disputed`` the quantity that is under dispute. A balance
    is the plain sum of the postings of its events, so every correction is a posting of its own.
    """

    unit: str
    quantity: int = 0
    count: int = 0
    disputed: int = 0


def difference(before: Posting, after: Posting) -> Posting | None:
    """The posting that leads from one standing to another of the same unit; none where nothing changes."""
    change = Posting(
        after.unit,
        after.quantity - before.quantity,
        after.count - before.count,
        after.disputed - before.disputed,
    )
    return change if change.quantity or change.count or change.disputed else None


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of all events. Subclasses set ``TOPIC`` (never a module path) and name their fields of words."""

    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1
    WORDS: ClassVar[tuple[str, ...]] = ()
    LASTING: ClassVar[bool] = False
    """Whether its words say what holds until something else is said (a name, a title), and not what happened once:
    they can be read for as long as their subjects' keys are there, however long other words are kept."""
    NOTICE: ClassVar[str | None] = None
    """What the receipt draws attention to where this happened."""
    UPCASTS: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
    """By old class version: how its fields become those of the next version."""

    occurred_at: datetime
    who: Who
    posting: Posting | None = None

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The parties, giver (promisor, introducer) first, then receivers; at most three."""
        return ()

    @property
    def subjects(self) -> tuple[UUID, ...]:
        """Whom the words are about: erasing any of them makes the words unreadable. None: about the ledger itself."""
        return self.parties

    @property
    def private_to(self) -> UUID | None:
        """The party whose own matter this is: a key that acts for others never shows it. ``None``: not private."""
        return None
