"""Signing in by a provider: there, and back again."""

import hmac
from typing import TYPE_CHECKING, Any

import structlog
import uuid_utils.compat as uuid_utils
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect
from msgspec import convert, to_builtins

from services.access.claims import bind_identity, claims_of, find_person, hash_identity
from services.dashboard.errand import Errand, ProviderError
from services.dashboard.errors import PageError
from services.dashboard.language import translate as _
from services.dashboard.render import page
from services.dashboard.sessions import person_of, sign_in
from services.service import Service

if TYPE_CHECKING:
    from services.dashboard.provider import Provider

ERRAND = "errand"
BACK = "/sign-in/with/back"

log = structlog.get_logger()


@get("/sign-in/with")
async def go_to_provider(request: Request[Any, Any, Any]) -> Redirect:
    """Send the browser to the provider. A link and no form: what a form leads to may not leave this site."""
    provider = _provider(request)
    try:
        address, errand = await provider.send(_uri(request))
    except ProviderError as error:
        raise _failed(error) from None
    request.set_session({**request.session, ERRAND: to_builtins(errand)})
    return Redirect(address, status_code=303)


@get(BACK)
async def come_back(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[Any]:
    """Sign the person in that the provider knows; or, where one is signed in, know it by the provider from now on."""
    provider = _provider(request)
    session = dict(request.session)
    errand = session.pop(ERRAND, None)
    request.set_session(session)  # an errand is good once
    code, state = request.query_params.get("code", ""), request.query_params.get("state", "")
    if not errand or not code or not hmac.compare_digest(state.encode(), errand["state"].encode()):
        raise _failed(ProviderError("The browser came back without what it was sent with."))
    try:
        subject = await provider.redeem(_uri(request), code, convert(errand, Errand))
    except ProviderError as error:
        raise _failed(error) from None
    identity = hash_identity(service.master_key, provider.issuer, subject)
    person = await find_person(service.pool, identity)
    if person is None:
        person = person_of(request) or uuid_utils.uuid7()
        await bind_identity(service.pool, identity, person)
    claims = await claims_of(service.pool, person, clock=service.clock)
    if not claims:
        request.set_session({"person": str(person)})
        return page("unclaimed.html", provider=provider)
    sign_in(request, claims[0].key, person)
    return Redirect("/" if len(claims) == 1 else "/ledgers", status_code=303)


def _provider(request: Request[Any, Any, Any]) -> "Provider":
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise PageError(404, _("There is no provider"), _("Nobody signs in by one here; ask for a link."))
    return provider


def _uri(request: Request[Any, Any, Any]) -> str:
    return str(request.base_url).rstrip("/") + BACK


def _failed(error: ProviderError) -> PageError:
    log.warning("provider.failed", reason=str(error))
    return PageError(502, _("Signing in did not work"), _("Nothing was changed. Try again, or ask for a sign-in link."))
