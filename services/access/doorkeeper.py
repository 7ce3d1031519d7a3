"""The doorkeeper: tells whose token it is, and remembers the answer for about a second.

So a key that was revoked by another process opens the door for a second more, and a busy key costs one look-up a
second. Expiry needs no look-up and is exact. Only keys that exist are remembered, at most ``REMEMBERED`` of them.
"""

import time
from collections.abc import Callable
from datetime import datetime

from services.access.keys import AccessKey, Database, Stored, find_key, parse_token
from services.ledger.opening import LEDGER_ID

REMEMBERED_S = 1.0
REMEMBERED = 10_000


class Doorkeeper:
    """Authenticates tokens. One in a process is enough."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._seconds = seconds
        self._known: dict[tuple[str, str], tuple[Stored, float]] = {}

    async def authenticate(self, ledger_id: str, token: str) -> AccessKey | None:
        """The key of this ledger that the token opens; ``None`` where there is none, or it holds no longer.

        The answer does not tell whether there is such a ledger.
        """
        parsed = parse_token(token)
        if parsed is None or LEDGER_ID.fullmatch(ledger_id) is None:
            return None
        key_id, secret = parsed
        stored = await self._find(ledger_id, key_id)
        if stored is None or not stored.opens_with(secret) or not stored.key.holds_at(self._clock()):
            return None
        return stored.key

    def forget(self, ledger_id: str, key_id: str) -> None:
        """Look this key up anew next time: it was changed."""
        self._known.pop((ledger_id, key_id), None)

    async def _find(self, ledger_id: str, key_id: str) -> Stored | None:
        place = (ledger_id, key_id)
        known = self._known.get(place)
        if known is not None and self._seconds() < known[1]:
            return known[0]
        until = self._seconds() + REMEMBERED_S  # from before the look-up, so that it is never older than it seems
        stored = await find_key(self._database, ledger_id, key_id)
        if stored is None:
            self._known.pop(place, None)
            return None
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[place] = (stored, until)
        return stored
