"""What was sent to an endpoint and what came of it, and having it sent again."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from domain.refusal import Refusal
from services.reading.pages import FIRST, Page, a_number, read_cursor
from services.service import Service
from services.webhooks.endpoints import find, sql
from services.webhooks.message import message_id

OpenState = Literal["waiting", "dead"]
State = Literal["arrived", "waiting", "dead"]
REPLAYS = 20
"""How many ranges may wait to be sent again, of one endpoint."""
LAST = 2**63 - 1


class Attempt(Struct, frozen=True, kw_only=True):
    """One try: the status of the answer, or an error where there was none."""

    at: datetime
    status: int | None
    error: str | None
    latency_ms: int


class Delivery(Struct, frozen=True, kw_only=True):
    """An event on its way to an endpoint: arrived, waiting (to be tried again, or for an earlier one), or given up."""

    id: str
    """The message's ``webhook-id``."""
    position: int
    state: State
    next_at: datetime | None
    """When it is tried again; null where it arrived, was given up, or waits for an earlier event of its stream."""
    attempts: tuple[Attempt, ...]


class DeliveryPage(Struct, frozen=True):
    """Deliveries, the latest positions first."""

    items: tuple[Delivery, ...]
    next: str | None


async def list_deliveries(
    service: Service,
    ledger_id: str,
    webhook_id: UUID,
    page: Page = FIRST,
    state: OpenState | None = None,
) -> DeliveryPage:
    """What was sent in the last weeks, and all that has not arrived. Raises ``Refusal``."""
    await find(service, ledger_id, webhook_id)
    (before,) = read_cursor(page.after, a_number) if page.after else (LAST,)
    place = (ledger_id, webhook_id, before, page.limit + 1)
    if state is None:
        rows = await service.ledgers.fetch(sql("deliveries"), *place)
    else:
        rows = await service.ledgers.fetch(sql("deliveries_open"), *place, state == "dead")
    shown = rows[: page.limit]
    attempts = await _attempts(service, ledger_id, webhook_id, [row["position"] for row in shown])
    items = tuple(
        Delivery(
            id=message_id(webhook_id, row["position"]),
            position=row["position"],
            state="arrived" if not row["is_open"] else "waiting" if row["dead_at"] is None else "dead",
            next_at=row["next_at"],
            attempts=tuple(attempts.get(row["position"], ())),
        )
        for row in shown
    )
    return DeliveryPage(items, str(shown[-1]["position"]) if len(rows) > page.limit else None)


async def _attempts(
    service: Service, ledger_id: str, webhook_id: UUID, positions: list[int]
) -> dict[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = {}
    for row in await service.ledgers.fetch(sql("attempts"), ledger_id, webhook_id, positions):
        found.setdefault(row["position"], []).append(
            Attempt(at=row["attempted_at"], status=row["status"], error=row["error"], latency_ms=row["latency_ms"])
        )
    return found


async def replay(service: Service, ledger_id: str, webhook_id: UUID, first: int, last: int | None = None) -> int:
    """Have the events from a position up to another sent again, each under the id that it had; answers the last one.

    What the endpoint has not come to yet is not among them: that comes by itself. Raises ``Refusal``.
    """
    await find(service, ledger_id, webhook_id)
    if last is not None and last < first:
        raise Refusal("replay_ends_before_it_begins", "The last position lies before the first.")
    until = await service.ledgers.fetchval(
        sql("new_replay"), ledger_id, webhook_id, uuid_utils.uuid7(), first - 1, LAST if last is None else last, REPLAYS
    )
    if until is None:
        raise Refusal("too_many_replays", f"{REPLAYS} ranges wait to be sent again already; wait for them.")
    service.bell.ring()
    return int(until)
