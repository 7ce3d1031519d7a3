"""Webhooks over HTTP, for administrators: they are told of the whole log, whoever's own matter it is."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter
from msgspec import Meta, Struct

from services.http.guards import requires
from services.http.reads.base import answer_bad_question, page_after
from services.reading.choice import PATTERNS_LIMIT
from services.reading.pages import Page
from services.reading.question import BadQuestionError
from services.service import Service
from services.webhooks import endpoints
from services.webhooks.addresses import URL_LENGTH
from services.webhooks.deliveries import DeliveryPage, OpenState, list_deliveries, replay
from services.webhooks.endpoints import DisabledFor, Standing, Wish
from services.webhooks.message import Payload
from services.webhooks.signing import Signing, write_public_key, write_secret

Url = Annotated[
    str, Meta(min_length=1, max_length=URL_LENGTH, description="Where to send to: `https://`, and a public address.")
]
Topics = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...],
    Meta(
        min_length=1,
        max_length=PATTERNS_LIMIT,
        description="As `favour.recorded`, `favour.*` or `*`: all.",
    ),
]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]
WebhookId = Annotated[UUID, PathParameter(name="webhook_id")]
StateChoice = Annotated[
    OpenState | None,
    QueryParameter(
        name="state", description="Only what is still to arrive, or was given up.", examples=[Example(value="dead")]
    ),
]


class NewWebhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint to be told of the ledger's events."""

    url: Url
    topics: Topics | None = None
    payload: Payload = "thin"
    """Ids and places only, or the event's canonical form too."""
    signing: Signing = "hmac"
    after: Position | None = None
    """The position after which to begin; the ledger's present one, if left out."""


class WebhookChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be otherwise; what is left out, or null, stays. Topics of `*` are all."""

    url: Url | None = None
    topics: Topics | None = None
    payload: Payload | None = None
    enabled: bool | None = None
    """Where it is enabled again it is told of all that it missed."""


class Rotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the secret is to be replaced."""

    overlap_hours: Annotated[int, Meta(ge=0, le=24 * 30)] = 24
    """For how long the secret before signs beside the new one."""


class Replay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events to send again: those from a position up to another, or to where the endpoint is now."""

    first: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    last: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None


class ReplayBegun(Struct, frozen=True):
    """They will be sent, and stand among the deliveries."""

    first: int
    last: int


class WebhookView(Struct, frozen=True, kw_only=True):
    """An endpoint, without its secret."""

    id: UUID
    url: str
    topics: tuple[str, ...] | None
    payload: Payload
    signing: Signing
    public_keys: tuple[str, ...] | None
    """With ed25519: the keys that signatures are checked with at the moment, the newest first."""
    created_at: datetime
    enabled: bool
    disabled_for: DisabledFor | None
    """Why it is told nothing: by request, because it answered 410 (gone), or took nothing for three days (failing)."""
    disabled_at: datetime | None
    position: int
    """Each event up to it has arrived, or is among the waiting or the dead."""
    failing_since: datetime | None
    """Since when nothing arrives."""
    waiting: int
    """Events that failed so far, or wait for such a one."""
    dead: int
    """Events that were given up after three days."""


class MadeWebhook(WebhookView, frozen=True, kw_only=True):
    """An endpoint with a new secret."""

    secret: str | None
    """With hmac: the secret, which is shown this once."""


class WebhookList(Struct, frozen=True):
    """All endpoints of the ledger, in the order in which they were made."""

    items: tuple[WebhookView, ...]


class TestAnswer(Struct, frozen=True, kw_only=True):
    """What came of a ping."""

    arrived: bool
    status: int | None
    """Of the endpoint's answer."""
    error: str | None
    """Where there was none: timeout, no_such_host, private_address, no_connection, bad_certificate."""
    latency_ms: int


def _fields(standing: Standing, now: datetime) -> dict[str, Any]:
    one = standing.endpoint
    keys = tuple(map(write_public_key, one.secrets(now))) if one.signing == "ed25519" else None
    return {
        "id": one.webhook_id,
        "enabled": one.disabled_at is None,
        "public_keys": keys,
        "waiting": standing.waiting,
        "dead": standing.dead,
        **{
            name: getattr(one, name)
            for name in (
                "url",
                "topics",
                "payload",
                "signing",
                "created_at",
                "disabled_for",
                "disabled_at",
                "position",
                "failing_since",
            )
        },
    }


def _made(standing: Standing, now: datetime) -> MadeWebhook:
    one = standing.endpoint
    secret = write_secret(one.secret) if one.signing == "hmac" else None
    return MadeWebhook(**_fields(standing, now), secret=secret)


class WebhookController(Controller):
    """The webhooks of a ledger."""

    path = "/webhooks"
    tags = ["webhooks"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("admin")]  # noqa: RUF012 - the same
    exception_handlers = {BadQuestionError: answer_bad_question}  # noqa: RUF012 - the same

    @post("/", operation_id="webhook_create", summary="Have an endpoint told of events; its secret is shown this once")
    async def create(
        self, ledger: FromPath[str], data: JSONBody[NewWebhook], service: NamedDependency[Service]
    ) -> MadeWebhook:
        """Each event is sent at least once, in the order of its stream, signed by the rules of Standard Webhooks."""
        wish = Wish(url=data.url, topics=data.topics, payload=data.payload)
        standing = await endpoints.add(service, ledger, wish, signing=data.signing, after=data.after)
        return _made(standing, service.clock())

    @get("/", operation_id="webhook_list", summary="All webhooks of the ledger")
    async def list(self, ledger: FromPath[str], service: NamedDependency[Service]) -> WebhookList:
        """List the webhooks, those that are disabled too."""
        now = service.clock()
        found = await endpoints.list_all(service, ledger)
        return WebhookList(tuple(WebhookView(**_fields(one, now)) for one in found))

    @get("/{webhook_id:uuid}", operation_id="webhook_read", summary="A webhook, and how it fares")
    async def read(
        self, ledger: FromPath[str], webhook_id: WebhookId, service: NamedDependency[Service]
    ) -> WebhookView:
        """Read a webhook."""
        return WebhookView(**_fields(await endpoints.find(service, ledger, webhook_id), service.clock()))

    @patch("/{webhook_id:uuid}", operation_id="webhook_change", summary="Change, disable or enable a webhook")
    async def change(
        self,
        ledger: FromPath[str],
        webhook_id: WebhookId,
        data: JSONBody[WebhookChange],
        service: NamedDependency[Service],
    ) -> WebhookView:
        """Change what is given. One that is enabled again goes on where it was left: nothing was lost meanwhile."""
        names = ("url", "topics", "payload")
        changes = {name: value for name in names if (value := getattr(data, name)) is not None}
        await endpoints.change(service, ledger, webhook_id, changes)
        if data.enabled is not None:
            await (endpoints.enable if data.enabled else endpoints.disable)(service, ledger, webhook_id)
        return WebhookView(**_fields(await endpoints.find(service, ledger, webhook_id), service.clock()))

    @delete("/{webhook_id:uuid}", status_code=200, operation_id="webhook_remove", summary="Remove a webhook")
    async def remove(
        self, ledger: FromPath[str], webhook_id: WebhookId, service: NamedDependency[Service]
    ) -> WebhookView:
        """Remove a webhook, its secret and its deliveries; answers what it was."""
        found = await endpoints.find(service, ledger, webhook_id)
        await endpoints.remove(service, ledger, webhook_id)
        return WebhookView(**_fields(found, service.clock()))

    @post(
        "/{webhook_id:uuid}/rotate",
        status_code=200,
        operation_id="webhook_rotate",
        summary="Replace a webhook's secret",
    )
    async def rotate(
        self,
        ledger: FromPath[str],
        webhook_id: WebhookId,
        data: JSONBody[Rotation],
        service: NamedDependency[Service],
    ) -> MadeWebhook:
        """Make a new secret, shown this once. Both sign until the overlap is over; a third ends at once."""
        overlap = timedelta(hours=data.overlap_hours)
        return _made(await endpoints.rotate(service, ledger, webhook_id, overlap), service.clock())

    @post("/{webhook_id:uuid}/test", status_code=200, operation_id="webhook_test", summary="Send a webhook a ping")
    async def test(self, ledger: FromPath[str], webhook_id: WebhookId, service: NamedDependency[Service]) -> TestAnswer:
        """Send a message of the type `ping` now, whether or not the webhook is enabled, and tell what came of it."""
        outcome = await endpoints.test(service, ledger, webhook_id)
        return TestAnswer(
            arrived=outcome.arrived, status=outcome.status, error=outcome.error, latency_ms=outcome.latency_ms
        )

    @post("/{webhook_id:uuid}/replay", status_code=200, operation_id="webhook_replay", summary="Send events again")
    async def replay(
        self, ledger: FromPath[str], webhook_id: WebhookId, data: JSONBody[Replay], service: NamedDependency[Service]
    ) -> ReplayBegun:
        """Send events again under the ids that they had: those that were given up, or that the receiver lost."""
        return ReplayBegun(data.first, await replay(service, ledger, webhook_id, data.first, data.last))

    @get(
        "/{webhook_id:uuid}/deliveries",
        operation_id="webhook_deliveries",
        summary="What was sent, and what came of it",
        dependencies={"page": page_after("12")},
    )
    async def deliveries(
        self,
        ledger: FromPath[str],
        webhook_id: WebhookId,
        page: NamedDependency[Page],
        service: NamedDependency[Service],
        only: StateChoice = None,
    ) -> DeliveryPage:
        """List deliveries, the latest first: each attempt's time, status and latency, kept for 30 days."""
        return await list_deliveries(service, ledger, webhook_id, page, only)
