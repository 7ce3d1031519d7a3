"""Opening a ledger: its head and its key, then its first event by the clerk like any other."""

import re

from domain.event import Who
from domain.ledger import LEDGER_STREAM, OpenLedger
from domain.policy import Policy
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.ledger.keyring import Keyring, new_key
from services.ledger.order import Order, Receipt
from services.service import Service

LEDGER_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


async def open_ledger(
    service: Service, ledger_id: str, *, title: str | None = None, policy: Policy | None = None
) -> Receipt:
    """Open a ledger under an id that stands in every address: lower-case letters, digits and hyphens, 40 at most.

    The id is not for words about people: it is never sealed. Raises ``Refusal`` where the id is not fit or taken.
    """
    if LEDGER_ID.fullmatch(ledger_id) is None:
        raise Refusal("bad_ledger_id", "A ledger's id has 1 to 40 lower-case letters, digits and inner hyphens.")
    async with service.pool.acquire() as connection, connection.transaction():
        await connection.execute(load_sql("services/ledger/sql/new_head.sql"), ledger_id)
        wrapped = service.master_key.wrap(ledger_id, LEDGER_STREAM, new_key())
        await connection.execute(load_sql("services/ledger/sql/new_ledger_key.sql"), ledger_id, wrapped)
    command = OpenLedger(title=title, policy=policy or Policy())
    order = Order(ledger_id=ledger_id, command=command, who=Who("admin", "opening"), stream=LEDGER_STREAM)
    return await service.clerk.submit(order)


async def load_keyring(service: Service, ledger_id: str) -> Keyring:
    """The ledger's keyring, with no party's key on it yet. Raises ``Refusal`` where there is no such ledger."""
    rows = await service.pool.fetch(load_sql("services/ledger/sql/heads.sql"), [ledger_id])
    if not rows:
        raise Refusal("ledger_not_found", f"There is no ledger {ledger_id!r}; 'requite open' opens one.")
    return Keyring(ledger_id, service.master_key.unwrap(ledger_id, LEDGER_STREAM, rows[0]["wrapped"]))
