"""Settings: the ledger's policy, and its access keys. For administrators; others read what holds."""

from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Policy
from domain.refusal import Refusal
from services.access.doorkeeper import Doorkeeper
from services.access.keys import Label, Scope, create_key, list_keys, revoke_key, who_acts
from services.dashboard.errors import PageError
from services.dashboard.language import translate as _
from services.dashboard.names import Names
from services.dashboard.sessions import require_own_form
from services.dashboard.visit import Visit, open_frame
from services.http.commands import submit
from services.ledger.order import Order
from services.text import in_words

KEYS_SHOWN = 200
NUMBERS = (
    *("grace_days", "window_days", "half_life_days", "quantity_limit", "open_promises_limit"),
    "words_kept_days",
)
CADENCE = ("close", "good", "loose")
LIMITS = ("one", "year")


@get("/settings")
async def show_settings(visit: NamedDependency[Visit]) -> Response[str]:
    """What holds in this ledger, and who has keys to it."""
    return await _settings(visit)


async def _settings(visit: Visit, *, status_code: int = 200, **context: Any) -> Response[str]:  # noqa: ANN401 - as templates take it
    admin = visit.allows("admin")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        keys = await list_keys(snapshot.together, snapshot.ledger_id, after="", limit=KEYS_SHOWN) if admin else []
        await frame.name(snapshot, [one for key in keys for one in key.parties or ()])
        policy = snapshot.policy
    given = {"token_made": None, "problem": None, "policy": policy, **context}
    keys = sorted(keys, key=lambda key: (not key.holds_at(snapshot.now), -key.created_at.timestamp()))
    return frame.page("settings.html", status_code=status_code, keys=keys, scopes=get_args(Scope), admin=admin, **given)


@post("/settings/policy", status_code=303)
async def change_policy(request: Request[Any, Any, Any], visit: NamedDependency[Visit]) -> Response[Any]:
    """Have another policy hold from now on."""
    visit.require("admin")
    fields = {name: str(value).strip() for name, value in (await request.form()).items()}
    require_own_form(request, fields)
    try:
        policy = msgspec.convert(_policy(fields), Policy, strict=False)
    except msgspec.ValidationError as error:
        text = in_words(str(error)).replace("`", "").replace("$.", "")
        return await _settings(visit, status_code=422, problem=_("Nothing was changed: %(what)s.", what=text))
    order = Order(
        ledger_id=visit.key.ledger_id,
        command=ChangePolicy(policy=policy),
        who=who_acts(visit.key, None),
        stream=LEDGER_STREAM,
    )
    try:
        receipt = await submit(visit.service, order)
    except Refusal as refusal:
        problem = _("Nothing was changed: %(what)s", what=refusal.message)
        return await _settings(visit, status_code=422, problem=problem, policy=policy)
    return Redirect(f"/settings?done={receipt.position}", status_code=303)


def _policy(fields: dict[str, str]) -> dict[str, Any]:
    policy: dict[str, Any] = {"units": fields.get("units", "").replace(",", " ").split()}
    policy |= {name: fields[name] for name in NUMBERS if fields.get(name)}
    if fields.get("base_rate"):
        policy["base_rate"] = fields["base_rate"].replace(",", ".")
    cadence = {name: fields[f"cadence_{name}"] for name in CADENCE if fields.get(f"cadence_{name}")}
    gifts = {name: fields[f"gifts_{name}"] for name in LIMITS if fields.get(f"gifts_{name}")}
    if cadence:
        policy["cadence"] = cadence
    if gifts:
        policy["gifts"] = {"unit": fields.get("gifts_unit") or next(iter(policy["units"]), ""), **gifts}
    return policy


@post("/settings/keys", status_code=200)
async def make_key(
    request: Request[Any, Any, Any], visit: NamedDependency[Visit], names: NamedDependency[Names]
) -> Response[Any]:
    """Make an access key; its token is on the page that comes back, and nowhere else."""
    visit.require("admin")
    form = await request.form()
    fields = {name: str(value).strip() for name, value in form.items()}
    require_own_form(request, fields)
    scopes = tuple(scope for scope in get_args(Scope) if fields.get(f"scope_{scope}"))
    service, ledger = visit.service, visit.key.ledger_id
    try:
        expires = _expires(service.clock(), fields.get("days", ""))
        label = msgspec.convert(fields.get("label"), Label)
        party = fields.get("party", "")
        parties = [await names.only(visit.looks, party)] if party else None
        token, _key = await create_key(
            service.ledgers, ledger, label, scopes, parties, expires_at=expires, clock=service.clock
        )
    except msgspec.ValidationError:
        return await _settings(visit, status_code=422, problem=_("Say what the key is for, in 100 letters at most."))
    except Refusal as refusal:
        return await _settings(visit, status_code=422, problem=refusal.message)
    return await _settings(visit, token_made=token)


def _expires(now: datetime, days: str) -> datetime | None:
    """When a key ends; never, where that is left open. Raises ``Refusal``: what cannot be read is no wish for ever."""
    if not days:
        return None
    if not (days.isdecimal() and len(days) < 5):
        raise Refusal("days_out_of_range", _("A key ends after 1 to 9999 days; leave the days out if it is to last."))
    return now + timedelta(days=int(days))


@post("/settings/keys/revoke", status_code=303)
async def end_key(
    request: Request[Any, Any, Any], visit: NamedDependency[Visit], doorkeeper: NamedDependency[Doorkeeper]
) -> Redirect:
    """End an access key."""
    visit.require("admin")
    fields = {name: str(value) for name, value in (await request.form()).items()}
    require_own_form(request, fields)
    key_id = fields.get("key", "")
    service, ledger = visit.service, visit.key.ledger_id
    ended = await revoke_key(service.ledgers, ledger, key_id, clock=service.clock) if key_id.isalnum() else None
    if ended is None:
        raise PageError(404, _("There is no such key"), _("Go back and load the page again."))
    doorkeeper.forget(ledger, key_id)
    return Redirect("/settings", status_code=303)
