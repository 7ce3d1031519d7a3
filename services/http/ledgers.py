"""The ledger itself: what its members agreed on, and how far its log goes."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from domain.ledger import LEDGER_STREAM, LedgerOpened, PolicyChanged
from domain.policy import Policy
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.http.guards import requires
from services.ledger.keyring import Keyring
from services.ledger.mapper import decode, open_words
from services.service import Service


class LedgerView(Struct, frozen=True, kw_only=True):
    """A ledger as it stands."""

    id: str
    title: str | None
    units: tuple[str, ...]
    """The units in use; the first is the default."""
    policy: Policy
    position: int
    """Of the last event."""
    recorded_at: datetime
    """When the last event was recorded."""


@get(
    "/",
    guards=[requires("read")],
    tags=["ledger"],
    operation_id="ledger_read",
    summary="The ledger: its policy, its units, and the position of its last event",
)
async def read_ledger(ledger: FromPath[str], service: NamedDependency[Service]) -> LedgerView:
    """The ledger as of its last event."""
    row = await service.ledgers.fetchrow(load_sql("services/http/sql/ledger.sql"), ledger, LEDGER_STREAM)
    if row is None:
        raise Refusal("ledger_not_found", "There is no such ledger.")
    opened, latest = decode(row["opened"]), decode(row["latest"])
    assert isinstance(opened.event, LedgerOpened)
    assert isinstance(latest.event, LedgerOpened | PolicyChanged)
    key = service.master_key.unwrap(ledger, LEDGER_STREAM, row["wrapped"])
    words = open_words(opened, Keyring(ledger, key)) or {}
    return LedgerView(
        id=ledger,
        title=words.get("title"),
        units=latest.event.policy.units,
        policy=latest.event.policy,
        position=row["position"],
        recorded_at=row["recorded_at"],
    )
