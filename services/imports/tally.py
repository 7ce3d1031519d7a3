"""What became of an import's entries: counts, and the places of those that were refused or left out."""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from services.imports.people import Somebody
from services.imports.plan import Aside, Kind, Thing

LISTED = 1_000
"""How many entries are listed one by one; the counts are of all."""


class Refused(Struct, frozen=True):
    """An entry that was not recorded: its place in the file, which rule refused it, and in words why."""

    place: int
    code: str
    detail: str


class Kept(Struct, frozen=True):
    """Something that an undoing left, and the code of why."""

    kind: Kind
    id: UUID
    code: str


class Tally(Struct):
    """What became of a run, or would: by kind what was recorded now, and what had been before."""

    things: int = 0
    """To record, as the file has it."""
    done: int = 0
    """Of those: how many were gone through."""
    recorded: dict[str, int] = {}
    recorded_before: int = 0
    left_out: dict[str, int] = {}
    """By reason: entries in which there is nothing to record."""
    refused: dict[str, int] = {}
    """By code: entries that are not recorded."""
    refusals: list[Refused] = []
    """The first of them."""
    undone: dict[str, int] = {}
    kept: list[Kept] = []
    """The first of those that an undoing left as they are."""
    kept_count: int = 0

    def set_aside(self, aside: Iterable[Aside]) -> None:
        """Count the entries of which nothing is recorded."""
        for one in aside:
            if one.is_refused:
                self.refuse(one.place, one.code, one.detail)
            else:
                count(self.left_out, one.detail)

    def refuse(self, place: int, code: str, detail: str) -> None:
        """Count an entry that is not recorded, and list it as long as there is room."""
        count(self.refused, code)
        if len(self.refusals) < LISTED:
            self.refusals.append(Refused(place, code, detail))

    def keep(self, kept: Kept) -> None:
        """Count something that an undoing left."""
        self.kept_count += 1
        if len(self.kept) < LISTED:
            self.kept.append(kept)


def count(counts: dict[str, int], name: str) -> None:
    """One more of this name."""
    counts[name] = counts.get(name, 0) + 1


class PersonMatch(Struct, frozen=True, omit_defaults=True):
    """Who somebody in the file is to the ledger."""

    place: int
    name: str
    how: Literal["new", "reference", "name"]
    """``new``: to be registered; ``reference``: known by one; ``name``: taken for the party of the same name."""
    party: UUID | None = None
    source: str | None = None
    """Of the reference by which they are known."""
    suggestions: tuple[UUID, ...] = ()
    """Parties of the same name, whom they may be."""


class Preview(Struct, frozen=True, kw_only=True):
    """What an import would record, refuse and leave out, and who matches whom; nothing was recorded."""

    format: str
    people: int
    matches: tuple[PersonMatch, ...]
    """The first of them."""
    recorded: dict[str, int]
    """By kind: what would be recorded."""
    recorded_before: int
    left_out: dict[str, int]
    refused: dict[str, int]
    refusals: tuple[Refused, ...]
    """The first of them."""


def match_of(somebody: Somebody, new: set[int]) -> PersonMatch:
    """How somebody was matched; ``new`` are the numbers of those to be registered."""
    is_new = somebody.number in new
    return PersonMatch(
        somebody.place,
        somebody.person.name,
        "new" if is_new else "name" if somebody.matched_by == "name" else "reference",
        None if is_new else somebody.party,
        None if is_new or somebody.matched_by == "name" else somebody.matched_by,
        somebody.suggestions if is_new else (),
    )


def preview_of(kind: str, everybody: Sequence[Somebody], things: Sequence[Thing], tally: Tally) -> Preview:
    """The preview that a tally of a rehearsal gives."""
    new = {thing.number for thing in things if thing.kind == "party"}
    return Preview(
        format=kind,
        people=len(everybody),
        matches=tuple(match_of(one, new) for one in everybody[:LISTED]),
        recorded=tally.recorded,
        recorded_before=tally.recorded_before,
        left_out=tally.left_out,
        refused=tally.refused,
        refusals=tuple(tally.refusals),
    )
