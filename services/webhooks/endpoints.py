"""Endpoints: where a ledger's events are sent, which of them, in which form, and how they are signed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

import asyncpg
import httpx
import uuid_utils.compat as uuid_utils
from msgspec import Struct
from msgspec.structs import replace

from domain.refusal import Refusal
from services.database.pool import load_sql
from services.ledger.keyring import MasterKey
from services.reading.choice import topics_of
from services.reading.snapshot import fitted
from services.service import Service
from services.webhooks.addresses import check_host, parse_url
from services.webhooks.message import Payload, write_ping
from services.webhooks.sender import Outcome, opened, send
from services.webhooks.signing import Signing, new_secret, sign

DisabledFor = Literal["request", "gone", "failing"]
"""Why an endpoint gets nothing: someone asked for that, it answered 410, or it took nothing for three days."""
PLAIN_COLUMNS = (
    "payload",
    "signing",
    "old_ends_at",
    "created_at",
    "disabled_at",
    "disabled_for",
    "position",
    "failures",
    "failing_since",
    "next_at",
)
LIMIT = 100
"""Endpoints of one ledger."""


class Endpoint(Struct, frozen=True, kw_only=True):
    """An endpoint with its secrets, as it stands."""

    ledger_id: str
    webhook_id: UUID
    url: str
    topics: tuple[str, ...] | None
    payload: Payload
    signing: Signing
    secret: bytes
    old_secret: bytes | None
    old_ends_at: datetime | None
    """When the secret before this one ends."""
    created_at: datetime
    disabled_at: datetime | None
    disabled_for: DisabledFor | None
    position: int
    """Each event up to it has arrived, is not wanted, or has failed so far."""
    failures: int
    """Rounds since anything arrived."""
    failing_since: datetime | None
    next_at: datetime
    """When the log is gone on with."""

    @property
    def chosen(self) -> frozenset[str] | None:
        """The topics that it wants; ``None`` for all."""
        return topics_of(self.topics)

    def secrets(self, moment: datetime) -> list[bytes]:
        """The secrets that sign at a moment."""
        if self.old_secret is None or self.old_ends_at is None or moment >= self.old_ends_at:
            return [self.secret]
        return [self.secret, self.old_secret]

    def headers(self, identifier: str, moment: datetime, body: bytes) -> dict[str, str]:
        """The headers of Standard Webhooks for a body that is sent at this moment."""
        return {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": sign(self.signing, self.secrets(moment), identifier, moment, body),
        }


class Standing(Struct, frozen=True):
    """An endpoint, and how much is under way to it."""

    endpoint: Endpoint
    waiting: int
    """Events that failed so far, or wait for such a one."""
    dead: int
    """Events that were given up."""


class Wish(Struct, frozen=True, kw_only=True):
    """What an endpoint is to be told, and where."""

    url: str
    topics: tuple[str, ...] | None = None
    payload: Payload = "thin"


async def add(
    service: Service, ledger_id: str, wish: Wish, *, signing: Signing = "hmac", after: int | None = None
) -> Standing:
    """Make an endpoint, which is told of what comes ``after`` a position: the ledger's present one unless given.

    Raises ``Refusal`` where the URL is not fit or the ledger has too many, ``BadQuestionError`` for unknown topics.
    """
    await _check(service, wish)
    webhook_id = uuid_utils.uuid7()
    made = await service.ledgers.fetchval(
        sql("insert"),
        ledger_id,
        webhook_id,
        service.master_key.wrap(ledger_id, webhook_id, wish.url.encode()),
        wish.topics,
        wish.payload,
        signing,
        service.master_key.wrap(ledger_id, webhook_id, new_secret()),
        service.clock(),
        after,
        LIMIT,
    )
    if made is None:
        raise Refusal("too_many_webhooks", f"This ledger has {LIMIT} webhooks; remove one first.")
    service.bell.ring()
    return await find(service, ledger_id, webhook_id)


async def find(service: Service, ledger_id: str, webhook_id: UUID) -> Standing:
    """An endpoint. Raises ``Refusal`` where there is none."""
    found = await _read(service, ledger_id, webhook_id)
    if not found:
        raise _no_such()
    return found[0]


async def list_all(service: Service, ledger_id: str) -> list[Standing]:
    """A ledger's endpoints, in the order in which they were made."""
    return await _read(service, ledger_id)


async def change(service: Service, ledger_id: str, webhook_id: UUID, changes: Mapping[str, Any]) -> Standing:
    """Change where an endpoint is, or what it is told. Raises what ``add`` raises."""
    before = (await find(service, ledger_id, webhook_id)).endpoint
    wish = replace(Wish(url=before.url, topics=before.topics, payload=before.payload), **changes)
    await _check(service, wish)
    sealed = service.master_key.wrap(ledger_id, webhook_id, wish.url.encode())
    await service.ledgers.execute(sql("change"), ledger_id, webhook_id, sealed, wish.topics, wish.payload)
    return await find(service, ledger_id, webhook_id)


async def enable(service: Service, ledger_id: str, webhook_id: UUID) -> None:
    """Go on telling an endpoint: from where it was left, and what failed at once. May be repeated."""
    async with service.ledgers.acquire(ledger_id) as connection, connection.transaction():
        if await connection.fetchval(sql("enable"), ledger_id, webhook_id, service.clock()) is not None:
            await connection.execute(sql("bring_forward"), ledger_id, webhook_id, service.clock())
    service.bell.ring()


async def disable(service: Service, ledger_id: str, webhook_id: UUID) -> None:
    """Tell an endpoint nothing for now. May be repeated."""
    await service.ledgers.execute(sql("disable"), ledger_id, webhook_id, service.clock())


async def remove(service: Service, ledger_id: str, webhook_id: UUID) -> None:
    """Forget an endpoint, and all that was sent to it. Raises ``Refusal`` where there is none."""
    if await service.ledgers.fetchval(sql("delete"), ledger_id, webhook_id) is None:
        raise _no_such()


async def rotate(service: Service, ledger_id: str, webhook_id: UUID, overlap: timedelta) -> Standing:
    """Give an endpoint a new secret; the one before signs beside it for a while. Raises ``Refusal``."""
    wrapped = service.master_key.wrap(ledger_id, webhook_id, new_secret())
    ends_at = service.clock() + overlap
    if await service.ledgers.fetchval(sql("rotate"), ledger_id, webhook_id, wrapped, ends_at) is None:
        raise _no_such()
    return await find(service, ledger_id, webhook_id)


async def test(service: Service, ledger_id: str, webhook_id: UUID) -> Outcome:
    """Send an endpoint a ping, now, and tell what came of it. Raises ``Refusal`` where there is none."""
    endpoint = (await find(service, ledger_id, webhook_id)).endpoint
    now = service.clock()
    body = write_ping(ledger_id, now)
    headers = endpoint.headers(f"{webhook_id}_ping_{uuid_utils.uuid7().hex}", now, body)
    async with opened() as client:
        return await send(client, httpx.URL(endpoint.url), headers, body, allow_private=service.allow_private_webhooks)


async def _check(service: Service, wish: Wish) -> None:
    topics_of(wish.topics, "topics")
    url = parse_url(wish.url, allow_private=service.allow_private_webhooks)
    await check_host(url, allow_private=service.allow_private_webhooks)


async def _read(service: Service, ledger_id: str, webhook_id: UUID | None = None) -> list[Standing]:
    rows = await service.ledgers.fetch(fitted(sql("read"), (True, webhook_id is not None)), ledger_id, webhook_id)
    return [Standing(from_row(row, service.master_key), row["waiting"], row["dead"]) for row in rows]


def from_row(row: asyncpg.Record, master_key: MasterKey) -> Endpoint:
    """The endpoint of a row of its table. Raises ``WrongMasterKeyError``."""
    ledger_id, webhook_id = row["ledger_id"], UUID(int=row["webhook_id"].int)
    unwrap = partial(master_key.unwrap, ledger_id, webhook_id)
    return Endpoint(
        ledger_id=ledger_id,
        webhook_id=webhook_id,
        url=unwrap(row["url"]).decode(),
        topics=None if row["topics"] is None else tuple(row["topics"]),
        secret=unwrap(row["secret"]),
        old_secret=None if row["old_secret"] is None else unwrap(row["old_secret"]),
        **{name: row[name] for name in PLAIN_COLUMNS},
    )


def _no_such() -> Refusal:
    return Refusal("webhook_not_found", "There is no such webhook in this ledger.")


def sql(name: str) -> str:
    """The text of one of the webhooks' statements."""
    return load_sql(f"services/webhooks/sql/{name}.sql")
