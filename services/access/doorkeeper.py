"""The doorkeeper: tells whose token it is, remembers the answer for about a second, and when each secret last opened.

So a key that was revoked by another process opens the door for a second more, and a busy key costs one look-up a
second. Expiry needs no look-up and is exact. Only keys that exist are remembered, at most ``REMEMBERED`` of them.

Uses are written apart from the requests, each secret's at most once a minute; what a process that dies had not written
is lost.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from services.access.keys import AccessKey, Database, Stored, find_key
from services.access.tokens import parse_token
from services.database.pool import load_sql
from services.ledger.opening import LEDGER_ID

REMEMBERED_S = 1.0
REMEMBERED = 10_000
NOTE_EVERY = timedelta(minutes=1)
NOTE_PAUSE_S = 15.0

Place = tuple[str, str, int]
"""A secret: its ledger, its key, its number."""

log = structlog.get_logger()


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
        self._finding: dict[tuple[str, str], tuple[asyncio.Task[Stored | None], float]] = {}
        """The look-ups under way: who comes meanwhile waits for the same one."""
        self._used: dict[Place, datetime] = {}
        """Uses that are not written yet."""

    async def authenticate(self, ledger_id: str, token: str) -> AccessKey | None:
        """The key of this ledger that the token opens; ``None`` where there is none, or it holds no longer.

        The answer does not tell whether there is such a ledger.
        """
        parsed = parse_token(token)
        if parsed is None or LEDGER_ID.fullmatch(ledger_id) is None:
            return None
        key_id, secret = parsed
        stored = await self._find(ledger_id, key_id)
        if stored is None:
            return None
        now = self._clock()
        opened = stored.opened_by(secret, now)
        if opened is None or not stored.key.holds_at(now):
            return None
        if opened.last_used_at is None or opened.last_used_at <= now - NOTE_EVERY:
            self._used[ledger_id, key_id, opened.number] = now
        return stored.key

    async def find(self, ledger_id: str, key_id: str) -> AccessKey | None:
        """The key of this id, for who signed in with it; ``None`` where there is none, or it holds no longer."""
        stored = await self._find(ledger_id, key_id)
        return stored.key if stored is not None and stored.key.holds_at(self._clock()) else None

    def forget(self, ledger_id: str, key_id: str) -> None:
        """Look this key up anew next time: it was changed."""
        self._known.pop((ledger_id, key_id), None)
        self._finding.pop((ledger_id, key_id), None)

    @asynccontextmanager
    async def noting(self) -> AsyncIterator[None]:
        """Have uses written every now and then for as long as the block takes, and once more at its end."""
        task = asyncio.create_task(self._note_on_and_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self._note()

    async def write_uses(self) -> None:
        """Write when secrets last opened, as far as it is not written yet."""
        used, self._used = self._used, {}
        if used:
            columns = zip(*[(*place, at) for place, at in used.items()], strict=True)
            await self._database.execute(load_sql("services/access/sql/note_uses.sql"), *map(list, columns))

    async def _note_on_and_on(self) -> None:
        while True:
            await asyncio.sleep(NOTE_PAUSE_S)
            await self._note()

    async def _note(self) -> None:
        try:
            await self.write_uses()
        except Exception as error:  # noqa: BLE001 - it is worth no more than a line in the log
            log.warning("access.use_not_noted", error=type(error).__name__)

    async def _find(self, ledger_id: str, key_id: str) -> Stored | None:
        place = (ledger_id, key_id)
        known = self._known.get(place)
        if known is not None and self._seconds() < known[1]:
            return known[0]
        finding = self._finding.get(place)
        if finding is None or self._seconds() >= finding[1]:
            until = self._seconds() + REMEMBERED_S  # from before the look-up, so that it is never older than it seems
            finding = (asyncio.create_task(self._look_up(place, until)), until)
            self._finding[place] = finding
        return await asyncio.shield(finding[0])  # whoever began it may go, and the others still wait

    async def _look_up(self, place: tuple[str, str], until: float) -> Stored | None:
        """Look a key up and remember it, unless it is to be forgotten meanwhile."""
        try:
            stored = await find_key(self._database, *place)
        finally:
            finding = self._finding.get(place)
            if current := finding is not None and finding[0] is asyncio.current_task():
                del self._finding[place]
        if not current:
            return stored
        if stored is None:
            self._known.pop(place, None)
            return None
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[place] = (stored, until)
        return stored
