"""What follows from all of a ledger at its position, and from nothing else: kept until the ledger moves on.

Sums over a whole ledger cost as much as it has relationships, and the first page of whoever keeps it shows them. They
are read anew once the ledger moved on, or carried on by what it moved by, where that can be told; and every ``KEPT_S``
seconds, should a read table be built anew meanwhile. No names and no words are kept, and nothing that changes with the
clock.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from services.database.ledgers import LedgerPool
from services.reading.snapshot import Snapshot

KEPT_S = 60.0
ANSWERS_KEPT = 256

Answer = TypeVar("Answer")


class Kept(NamedTuple):
    """An answer, and what it holds for."""

    position: int
    recorded_at: datetime
    until_s: float
    answer: Any


_kept: WeakKeyDictionary[LedgerPool, dict[tuple[str, str], Kept]] = WeakKeyDictionary()
"""By database, ledger and the name of what was asked."""


async def keep(
    database: LedgerPool,
    snapshot: Snapshot,
    name: str,
    read: Callable[[Snapshot], Awaitable[Answer]],
    carry: Callable[[Snapshot, Answer, int], Awaitable[Answer | None]] | None = None,
) -> Answer:
    """What ``read`` answers of a ledger as it is in the snapshot.

    ``carry`` may make it of what it was at an earlier position, or answer with ``None`` where it cannot.
    """
    known = _kept.setdefault(database, {})
    place, now_s = (snapshot.ledger_id, name), time.monotonic()
    kept = known.pop(place, None)
    if kept is None or kept.until_s < now_s or kept.position > snapshot.position:
        kept = Kept(snapshot.position, snapshot.recorded_at, now_s + KEPT_S, await read(snapshot))
    elif kept[:2] != (snapshot.position, snapshot.recorded_at):
        carried = None if carry is None else await carry(snapshot, kept.answer, kept.position)
        until_s = now_s + KEPT_S if carried is None else kept.until_s
        answer = await read(snapshot) if carried is None else carried
        kept = Kept(snapshot.position, snapshot.recorded_at, until_s, answer)
    known[place] = kept  # the one asked for last is the last to go
    while len(known) > ANSWERS_KEPT:
        del known[next(iter(known))]
    found: Answer = kept.answer
    return found
