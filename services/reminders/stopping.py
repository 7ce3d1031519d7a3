"""The link by which a party stops its mails with one click (RFC 8058), without signing in.

Nothing is stored of it: it is sealed with a key that follows from the master key, and holds for one setting. Once the
party has its mails sent elsewhere, or set them up anew, an older link does nothing.
"""

import base64
import hmac
from uuid import UUID

from domain.event import Who
from domain.party import ClearReminders
from services.database.pool import load_sql
from services.ledger.keyring import MasterKey
from services.ledger.order import Order
from services.service import Service

SEAL_BYTES = 18


def seal(master_key: MasterKey, ledger_id: str, party: UUID, version: int) -> str:
    """What tells a link that the service wrote; ``version`` is that of the event that set the reminders."""
    text = f"{ledger_id}\0{party}\0{version}".encode()
    digest = hmac.digest(master_key.derive("reminders that are stopped"), text, "sha256")
    return base64.urlsafe_b64encode(digest[:SEAL_BYTES]).decode()


def stop_path(master_key: MasterKey, ledger_id: str, party: UUID, version: int) -> str:
    """The link's path."""
    return f"/reminders/stop/{ledger_id}/{party}/{version}/{seal(master_key, ledger_id, party, version)}"


def is_sealed(master_key: MasterKey, ledger_id: str, party: UUID, version: int, given: str) -> bool:
    """Whether the service wrote such a link; takes as long whatever the answer."""
    return hmac.compare_digest(seal(master_key, ledger_id, party, version).encode(), given.encode())


async def stop(service: Service, ledger_id: str, party: UUID, version: int) -> None:
    """Clear the reminders that a version of a party set. Does nothing where they are others by now, or none."""
    current = await service.ledgers.fetchval(load_sql("services/reminders/sql/reminded_in.sql"), ledger_id, party)
    if current == version:
        who = Who("party", "stop-link", party)
        await service.clerk.submit(Order(ledger_id=ledger_id, command=ClearReminders(by=party), who=who, stream=party))
