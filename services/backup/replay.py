"""Erasing again: a database that was brought back from before an erasure knows nothing of it, a list does."""

from collections.abc import Iterable
from uuid import UUID

import structlog

from domain.event import Who
from domain.party import EraseParty
from services.database.pool import load_sql
from services.ledger.erasures import Erasure
from services.ledger.order import Order
from services.service import Service

RESTORING = Who("admin", "restore")
"""By whom erasures are said to be done again."""

log = structlog.get_logger()


async def erase_again(service: Service, erasures: Iterable[Erasure]) -> int:
    """Erase those on a list who are not erased in this database; answers how many parties that were.

    Whom the list names and this database does not know is passed over: registered later, or of another one.
    """
    listed = {(one.ledger, one.party) for one in erasures}
    if not listed:
        return 0
    rows = await service.pool.fetch(
        load_sql("services/backup/sql/still_keyed.sql"), *map(list, zip(*listed, strict=True))
    )
    erased = 0
    for ledger, party in rows:
        order = Order(ledger_id=ledger, command=EraseParty(), who=RESTORING, stream=UUID(int=party.int))
        receipt = await service.clerk.submit(order)
        erased += bool(receipt.events)  # none where it was another id of one before
    if erased:
        log.warning("parties.erased_again", parties=erased)
    return erased
