"""Filling the ledger ``demo``: opened, and its story told through the clerk, once."""

import asyncio
import contextlib
from datetime import datetime

from domain.ledger import LEDGER_STREAM, LedgerOpened
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.demo.story import FIRST_PARTY, LAST_FAVOUR, LEDGER, POLICY, TITLE, tell_story
from services.ledger.mapper import decode
from services.ledger.opening import open_ledger
from services.service import Service


async def fill_demo(service: Service) -> bool:
    """Record the demo community; answer whether there was anything left to record.

    A story that was cut short is taken up again: its orders follow from the moment at which the ledger was opened, and
    carry idempotency keys. Raises ``Refusal`` where somebody uses a ledger of that name for something else.
    """
    if await service.pool.fetchval(load_sql("services/demo/sql/is_told.sql"), LEDGER, LAST_FAVOUR):
        return False
    with contextlib.suppress(Refusal):  # it was opened before
        await open_ledger(service, LEDGER, title=TITLE, policy=POLICY)
    *orders, last = tell_story(await _opened_at(service))
    await asyncio.gather(*(service.clerk.submit(order) for order in orders))
    await service.clerk.submit(last)
    return True


async def _opened_at(service: Service) -> datetime:
    row = await service.pool.fetchrow(load_sql("services/demo/sql/opened.sql"), LEDGER, LEDGER_STREAM, FIRST_PARTY)
    assert row is not None
    event = decode(row["state"]).event
    assert isinstance(event, LedgerOpened)
    if not row["ours"] or event.policy != POLICY:
        raise Refusal(
            "demo_taken", f"The ledger '{LEDGER}' is in use for something else; the demo community needs it for itself."
        )
    opened_at: datetime = row["recorded_at"]
    return opened_at
