"""Sends the digests: a worker that reminds every party once a day.

Several processes may run it: a row of the ledger says who has claimed a party's digest of a day, and until when. Who
claims sends, and then notes that the day is done. Where a process dies in between, or the server does not answer, the
claim runs out after ``LEASE`` and another attempt is made, ``ATTEMPTS`` in all. So a mail comes once, unless a process
died, or the connection broke, after the server took it and before that was noted: then once more for each time that
happened, twice more at most, under the same Message-ID.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

import aiosmtplib
import structlog

from services.database.pool import load_sql
from services.reading.snapshot import open_snapshot
from services.reminders.digest import write_digest
from services.reminders.mail import MailServer, write_message
from services.reminders.stopping import stop_path
from services.service import Service

PAUSE_S = 60.0
HOUR = 6
"""In UTC: a day's digests are sent from then on."""
LEASE = timedelta(minutes=15)
"""Longer than a batch takes, however slow the server."""
AT_ONCE = 20
LETTER_S = 40.0
"""How long one mail may take."""
ATTEMPTS = 3
PERMANENT = 500
"""An answer of a mail server from here on means: never."""

log = structlog.get_logger()


@asynccontextmanager
async def reminding(service: Service, server: MailServer | None) -> AsyncIterator[None]:
    """Have parties reminded for as long as the block takes; without a mail server nobody is."""
    if server is None:
        yield
        return
    task = asyncio.create_task(_remind(service, server))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _remind(service: Service, server: MailServer) -> None:
    while True:
        try:
            claimed = await send_due(service, server)
        except Exception as error:  # noqa: BLE001 - it has to live on; the next round tries again
            log.error("reminders.not_sent", error=type(error).__name__)  # noqa: TRY400 - a traceback says no more
            claimed = 0
        if not claimed:
            await asyncio.sleep(PAUSE_S)


async def send_due(service: Service, server: MailServer) -> int:
    """Send a batch of each ledger's digests that are due; answers how many were claimed."""
    if service.clock().hour < HOUR:
        return 0
    claimed = 0
    for row in await service.pool.fetch(_sql("reminded_ledgers")):
        now = service.clock()
        ledger, until = row["ledger_id"], now + LEASE
        rows = await service.pool.fetch(_sql("claim"), ledger, now.date(), now, until, AT_ONCE, ATTEMPTS)
        claimed += len(rows)
        await _send(service, server, ledger, [UUID(int=one["party_id"].int) for one in rows], until)
    return claimed


async def _send(service: Service, server: MailServer, ledger: str, parties: list[UUID], until: datetime) -> None:
    """Send the digests that were claimed. What the server does not take now is left for another attempt."""
    for party in parties:
        try:
            await _send_one(service, server, ledger, party)
        except (aiosmtplib.SMTPException, OSError) as error:
            code = _code(error)
            refused = code is not None and code >= PERMANENT
            # What the server said may hold the address, so only its number is logged.
            log.warning("reminder.not_sent", ledger=ledger, error=type(error).__name__, code=code, again=not refused)
            if not refused:
                continue  # the claim runs out
        await service.pool.execute(_sql("settle"), ledger, party, until, None)


def _code(error: Exception) -> int | None:
    """What the server answered to this letter, if it did."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return error.recipients[0].code
    return error.code if isinstance(error, aiosmtplib.SMTPDataError) else None


async def _send_one(service: Service, server: MailServer, ledger: str, party: UUID) -> None:
    def stop_link(version: int) -> str:
        return server.address + stop_path(service.master_key, ledger, party, version)

    async with open_snapshot(service, ledger) as snapshot:
        day = service.clock().date()
        letter = await write_digest(snapshot, party, day, name=service.notary.name, stop_link=stop_link)
    if letter is None:
        return
    async with asyncio.timeout(LETTER_S), server.connect() as connection:
        await connection.send_message(write_message(letter, server, service.clock()))
    log.info("reminder.sent", ledger=ledger)


def _sql(name: str) -> str:
    return load_sql(f"services/reminders/sql/{name}.sql")
