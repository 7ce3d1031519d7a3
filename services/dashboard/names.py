"""Finding parties by what they are called, as one types: in memory, for names lie sealed in the events.

A ledger's opened names are kept for as long as somebody looks for one now and then, ``KEPT_S`` at most, and each
search first asks who there is: a name that was changed is opened anew, and one of an erased party is dropped.
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct, field

from domain.refusal import Refusal
from services.dashboard.language import translate as _
from services.database.pool import load_sql
from services.reading.aliases import read_aliases
from services.reading.as_of import now
from services.reading.directory import normal
from services.reading.snapshot import Look, Snapshot
from services.reading.words import read_names

KEPT_S = 300.0
LEDGERS_KEPT = 32
OPENED_AT_ONCE = 500


class Called(Struct, frozen=True):
    """A party as it is called now."""

    party: UUID
    name: str
    named_in: int
    """Version of the event that says so."""
    sought: str
    """The name as it is compared."""


class Ledger(Struct):
    """The names of one ledger, as far as they were opened."""

    until_s: float
    called: dict[UUID, Called] = field(default_factory=dict)


class Names:
    """The names that this process keeps. One in a process is enough."""

    def __init__(self) -> None:
        self._ledgers: dict[str, Ledger] = {}

    async def find(self, snapshot: Snapshot, sought: str, limit: int = 20) -> Sequence[Called]:
        """Parties with this in their names: those that begin with it first, then by name."""
        wanted = normal(sought)
        found = [one for one in (await self._known(snapshot)).values() if wanted in one.sought]
        found.sort(key=lambda one: (not one.sought.startswith(wanted), one.sought, one.party))
        return found[:limit]

    async def only(self, look: Look, text: str) -> UUID:
        """The one party that is called so, or whose name alone has this in it. Raises ``Refusal``."""
        async with look() as snapshot:
            found = await self.find(snapshot, text)
        exact = [one for one in found if one.sought == normal(text)] or found
        if len(exact) != 1:
            raise Refusal("unknown_party", _("Nobody, or more than one, is called that: give the name in full."))
        return exact[0].party

    async def listed(self, snapshot: Snapshot, sought: str | None) -> list[Called]:
        """All that fit, by name: a page is cut from it."""
        wanted = normal(sought or "")
        found = [one for one in (await self._known(snapshot)).values() if wanted in one.sought]
        return sorted(found, key=lambda one: (one.sought, one.party))

    async def _known(self, snapshot: Snapshot) -> dict[UUID, Called]:
        """The names of all parties that stand for themselves, kept up to date."""
        kept = self._ledgers.get(snapshot.ledger_id)
        if kept is None:
            if len(self._ledgers) >= LEDGERS_KEPT:
                self._ledgers.pop(min(self._ledgers, key=lambda one: self._ledgers[one].until_s))
            kept = self._ledgers[snapshot.ledger_id] = Ledger(0.0)
        kept.until_s = time.monotonic() + KEPT_S
        asyncio.get_running_loop().call_later(KEPT_S + 1, self._forget, snapshot.ledger_id)
        aliases = await read_aliases(snapshot, now(snapshot))
        rows = await snapshot.fetch(load_sql("services/dashboard/sql/named.sql"), snapshot.ledger_id, aliases.merged)
        there = {row["party_id"]: row["named_in"] for row in rows}
        for gone in kept.called.keys() - there.keys():
            del kept.called[gone]
        stale = [one for one, named_in in there.items() if (kept.called.get(one) or _NOBODY).named_in != named_in]
        for start in range(0, len(stale), OPENED_AT_ONCE):
            names = await read_names(snapshot, stale[start : start + OPENED_AT_ONCE])
            kept.called |= {
                party: Called(party, name, there[party], normal(name)) for party, name in names.items() if name
            }
            await asyncio.sleep(0)  # others get a turn between two handfuls
        return kept.called

    def _forget(self, ledger_id: str) -> None:
        kept = self._ledgers.get(ledger_id)
        if kept is not None and kept.until_s <= time.monotonic():
            del self._ledgers[ledger_id]


_NOBODY = Called(UUID(int=0), "", -1, "")
