"""Aliases: reads count all ids of a party, and nothing between two of them.

Rows stay keyed by the id that was told of. ``read_aliases`` gives the merges in force at a moment, once per question,
and a statement takes them as parameters, so that it finds what it looks for by its indexes and runs in one place of a
database spread by ledger. The rule for every statement about parties:

- a filter by party takes all its ids, ``giver = ANY ($2::uuid[])``, from ``Aliases.ids``;
- what groups or shows parties maps them, ``root_of(b.giver, $5, $6)``, with ``Aliases.merged`` and ``Aliases.roots``;
- what is between two ids of one party is left out: ``root_of(b.giver, $5, $6) <> root_of(b.receiver, $5, $6)``, or, for
  the rows of one party, ``b.receiver <> ALL ($2)``.

Sums and groups name a party by its root. An item (a favour, a promise, an event) is shown as it was told, with the ids
of then. An item asked for by its own id is shown whoever its parties turned out to be.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.merges import Merges
from services.reading.as_of import AsOf
from services.reading.snapshot import Snapshot, sql


class Aliases(Struct, frozen=True):
    """Which parties were one at a moment."""

    merges: Merges
    merged: tuple[UUID, ...] = ()
    """The merged parties in order, as ``root_of`` needs them."""
    roots: tuple[UUID, ...] = ()
    """In the same order: the parties that stand for them."""

    def root(self, party: UUID) -> UUID:
        """The party that stands for this one."""
        return self.merges.root(party)

    def ids(self, party: UUID) -> tuple[UUID, ...]:
        """All ids of a party, the root's first."""
        return self.merges.set_of(party)


NONE = Aliases(Merges())


async def read_aliases(snapshot: Snapshot, as_of: AsOf) -> Aliases:
    """The merges in force at a moment. Of now, and without a merge in the ledger, this asks nothing."""
    if not snapshot.has_merges or (as_of.live and not snapshot.merges):
        return NONE
    merges = Merges()
    if as_of.live:
        noted: Iterable[Iterable[Any]] = snapshot.merges
    else:
        noted = await snapshot.fetch(sql("aliases"), snapshot.ledger_id, as_of.position, as_of.occurred)
    for party, into, occurred_at in noted:
        merges.note(party, into, occurred_at)
    merged = tuple(sorted(merges.into))
    return Aliases(merges, merged, tuple(map(merges.root, merged)))
