"""Merges: which parties turned out to be one and the same.

A merge says of one party that it is another, the one it is merged into. Parties that hang together so are one *alias
set*; its *root* stands for all of them. Events keep the ids they were recorded under; whatever compares parties, or
counts for one, goes by their roots.
"""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

NEVER = datetime.min.replace(tzinfo=UTC)


class Merges(Struct):
    """The merges in force in a ledger."""

    into: dict[UUID, UUID] = {}
    """By merged party: the one that it was merged into, which may be merged itself. Never a ring."""
    latest: datetime = NEVER
    """When parties were last merged or parted. Merges of a ledger occur in the order in which they are recorded."""

    def root(self, party: UUID) -> UUID:
        """The party that stands for this one: itself, where it is not merged."""
        while (into := self.into.get(party)) is not None:
            party = into
        return party

    def same(self, a: UUID | None, b: UUID | None) -> bool:
        """Whether both are there, and are one and the same."""
        if a is None or b is None:
            return False
        return a == b or (bool(self.into) and self.root(a) == self.root(b))

    def set_of(self, party: UUID) -> tuple[UUID, ...]:
        """All ids of one party, the root's first."""
        root = self.root(party)
        return (root, *(merged for merged in self.into if self.root(merged) == root))

    def note(self, party: UUID, into: UUID | None, occurred_at: datetime) -> None:
        """Take note that a party was merged into another, or that its merge was taken back (``into`` is ``None``)."""
        if into is None:
            del self.into[party]
        else:
            self.into[party] = into
        self.latest = occurred_at
