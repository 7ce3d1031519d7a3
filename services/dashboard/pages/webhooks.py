"""Webhooks, for administrators: what is told to whom, what came of it, and having it told again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.refusal import Refusal
from services.dashboard.errors import PageError
from services.dashboard.language import mark
from services.dashboard.language import translate as _
from services.dashboard.sessions import require_own_form
from services.dashboard.visit import Visit, open_frame
from services.reading.question import BadQuestionError
from services.webhooks import endpoints
from services.webhooks.deliveries import list_deliveries, replay
from services.webhooks.endpoints import Standing, Wish
from services.webhooks.signing import write_public_key, write_secret

DELIVERIES_SHOWN = 40
STATES = ("waiting", "dead")
PING = "ping"
ERRORS = {
    "timeout": mark("no answer in time"),
    "no_such_host": mark("no such host"),
    "private_address": mark("a private address"),
    "no_connection": mark("no connection"),
    "bad_certificate": mark("a certificate that does not hold"),
}


@get("/settings/webhooks")
async def show_webhooks(visit: NamedDependency[Visit]) -> Response[str]:
    """All endpoints of the ledger, and a form for one more."""
    return await _list(visit)


@post("/settings/webhooks", status_code=200)
async def make_webhook(request: Request[Any, Any, Any], visit: NamedDependency[Visit]) -> Response[str]:
    """Have an endpoint told of events from now on; its secret is on the page that comes back, and nowhere else."""
    fields = await _fields(request, visit)
    topics = tuple(fields.get("topics", "").replace(",", " ").split()) or None
    wish = Wish(
        url=fields.get("url", "")[:2000], topics=topics, payload="full" if fields.get("payload") == "full" else "thin"
    )
    signing: Any = "ed25519" if fields.get("signing") == "ed25519" else "hmac"
    try:
        standing = await endpoints.add(visit.service, visit.key.ledger_id, wish, signing=signing)
    except (Refusal, BadQuestionError) as error:
        return await _list(visit, status_code=422, problem=error.message, given=fields)
    return await _list(visit, made=standing, secret=_secret(standing))


async def _list(visit: Visit, *, status_code: int = 200, **context: Any) -> Response[str]:  # noqa: ANN401 - as templates take it
    visit.require("admin")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        await frame.name(snapshot)
    there = await endpoints.list_all(visit.service, visit.key.ledger_id)
    told = {"made": None, "secret": None, "problem": None, "given": {}, **context}
    return frame.page("webhooks.html", status_code=status_code, there=there, **told)


def _secret(standing: Standing) -> str:
    """What signatures are checked with: the secret, or the public key."""
    one = standing.endpoint
    return write_secret(one.secret) if one.signing == "hmac" else write_public_key(one.secret)


@get("/settings/webhooks/{webhook:uuid}")
async def show_webhook(webhook: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """One endpoint: how it fares, what was sent, and what came of it."""
    return await _one(visit, webhook)


async def _one(visit: Visit, webhook: UUID, *, status_code: int = 200, **context: Any) -> Response[str]:  # noqa: ANN401 - as templates take it
    visit.require("admin")
    service, ledger = visit.service, visit.key.ledger_id
    standing = await endpoints.find(service, ledger, webhook)
    state: Any = visit.query.one_of("state", STATES)
    page = visit.query.page(DELIVERIES_SHOWN)
    deliveries = await list_deliveries(service, ledger, webhook, page, state)
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        await frame.name(snapshot)
    told = {"problem": None, "outcome": None, **context}
    return frame.page(
        "webhook.html",
        status_code=status_code,
        standing=standing,
        one=standing.endpoint,
        deliveries=deliveries.items,
        following=deliveries.next,
        state=state,
        states=STATES,
        error_words=error_words,
        **told,
    )


@post("/settings/webhooks/{webhook:uuid}/{act:str}", status_code=303)
async def act_on_webhook(
    webhook: FromPath[UUID], act: FromPath[str], request: Request[Any, Any, Any], visit: NamedDependency[Visit]
) -> Response[Any]:
    """Enable, disable or remove it, send it a ping, or have events sent again."""
    fields = await _fields(request, visit)
    service, ledger = visit.service, visit.key.ledger_id
    standing = await endpoints.find(service, ledger, webhook)
    if act == PING:
        return await _one(visit, webhook, outcome=await endpoints.test(service, ledger, webhook))
    if act == "remove" and not fields.get("understood"):
        return await _one(
            visit, webhook, status_code=422, problem=_("Say that you have understood it: nothing was done.")
        )
    if act == "replay":
        return await _replay(visit, webhook, fields)
    acts: Mapping[str, Callable[..., Awaitable[None]]] = {
        "enable": endpoints.enable,
        "disable": endpoints.disable,
        "remove": endpoints.remove,
    }
    if act not in acts:
        raise PageError(404, _("There is no such act"), _("Go back and choose another."))
    await acts[act](service, ledger, standing.endpoint.webhook_id)
    return Redirect("/settings/webhooks" if act == "remove" else f"/settings/webhooks/{webhook}", status_code=303)


async def _replay(visit: Visit, webhook: UUID, fields: Mapping[str, str]) -> Response[Any]:
    first, last = fields.get("first", ""), fields.get("last", "")
    if not _is_position(first) or (last and not _is_position(last)):
        return await _one(visit, webhook, status_code=422, problem=_("Give the numbers of events, from 1 on."))
    try:
        await replay(visit.service, visit.key.ledger_id, webhook, int(first), int(last) if last else None)
    except Refusal as refusal:
        return await _one(visit, webhook, status_code=422, problem=refusal.message)
    return Redirect(f"/settings/webhooks/{webhook}", status_code=303)


def _is_position(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18 and int(text) > 0


def error_words(error: str) -> str:
    """Why there was no answer."""
    return _(ERRORS.get(error, error.replace("_", " ")))


async def _fields(request: Request[Any, Any, Any], visit: Visit) -> dict[str, str]:
    """A form of an administrator. Raises ``PageError``."""
    visit.require("admin")
    fields = {name: str(value).strip() for name, value in (await request.form()).items()}
    require_own_form(request, fields)
    return fields
