"""What a reader makes of a file: people, and what happened between them, before anyone has looked into a ledger.

A reader is pure: the same bytes, told the same, give the same findings. Who the people are to the ledger, and under
which ids things are recorded, is for ``services/imports/plan.py``.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from domain.command import Reference
from domain.party import Kind

REFERENCE_LIMIT = 200
NAME_LIMIT = 200
WHAT_LIMIT = 500
NOTE_LIMIT = 4000


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read as this format. The message says why, and repeats nothing of it."""


class UnreadableEntryError(ValueError):
    """One entry cannot be read. The message says why, and repeats nothing of it but the names of its columns."""


class LeftOutError(Exception):
    """One entry is nothing to record. The message says why."""


class Person(Struct, frozen=True):
    """Someone whom a file names, by the ids under which a ledger may know them, the surest first."""

    name: str
    references: tuple[Reference, ...] = ()
    kind: Kind = "person"
    note: str | None = None
    detail: str = ""
    """What else tells apart two people of the same name without any reference: their telephone numbers, say."""

    @property
    def last_resort(self) -> Reference:
        """The reference of somebody who has no other: it follows from the name and whatever else is known."""
        return reference("address-book", f"{self.name.casefold()}\n{self.detail}", hashed=True)


class Me(Struct, frozen=True):
    """Whoever the file belongs to."""


ME = Me()
Someone = Person | Me
Roles = Mapping[str, Someone]
"""Who is who in a command, by the name of its field."""


class Step(Struct, frozen=True):
    """A command without its parties: the name of its act, its fields, and who is who in it."""

    act: str
    parties: Roles
    fields: Mapping[str, Any] = {}


class Deed(Struct, frozen=True):
    """Something to record: the command that creates a stream, and those that follow it there.

    The same identity leads to the same stream, whichever export of whichever day it is read from.
    """

    identity: tuple[str, ...]
    steps: tuple[Step, ...]


class Found(Struct, frozen=True):
    """Something that an entry holds. ``place`` is the line it begins on, or its number among the entries."""

    place: int
    what: Person | Deed


class Unreadable(Struct, frozen=True):
    """An entry that cannot be read, and why."""

    place: int
    reason: str


class LeftOut(Struct, frozen=True):
    """An entry that is nothing to record, and why."""

    place: int
    reason: str


Item = Found | Unreadable | LeftOut


class Told(Struct, frozen=True, kw_only=True):
    """What a reader is told besides the file."""

    now: datetime
    """What lies after this has not happened yet."""
    has_me: bool = False
    """Whether it is said to whom the file belongs."""
    since: datetime | None = None
    """From when on a recurring meeting's occurrences count; two years before ``now`` unless it is said."""
    currency: str | None = None
    """Of amounts whose file does not say."""


def reference(source: str, text: str, *, hashed: bool = False) -> Reference:
    """A reference; one whose id is too long stands under a hash of it."""
    text = text.replace("\0", "")
    if hashed or len(text) > REFERENCE_LIMIT:
        text = "sha256:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return Reference(source, text)


def settle(place: int, findings: Iterator[Person | Deed]) -> Iterator[Item]:
    """The findings of one entry, or why there are none: an entry is taken whole or not at all."""
    try:
        yield from [Found(place, one) for one in findings]
    except UnreadableEntryError as error:
        yield Unreadable(place, str(error))
    except LeftOutError as error:
        yield LeftOut(place, str(error))


NEEDS_ME = "say who you are (--me, or the parameter 'me'): this is between you and somebody else"
