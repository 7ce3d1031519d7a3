"""Signing in by a one-time link, signing out, and choosing a language."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from services.access.claims import person_of_key
from services.access.links import redeem_link
from services.access.whereabouts import is_from_here
from services.dashboard.errors import PageError
from services.dashboard.language import languages
from services.dashboard.language import translate as _
from services.dashboard.render import page
from services.dashboard.sessions import LANGUAGE_COOKIE, require_same_origin, sign_in
from services.ledger.opening import LEDGER_ID
from services.service import Service

YEAR_S = 365 * 24 * 60 * 60


@get("/sign-in/{ledger:str}/{token:str}")
async def ask_to_sign_in(ledger: FromPath[str], token: FromPath[str]) -> Response[str]:
    """A button. Programs that look at links before people do would use the link up, so looking does nothing."""
    del token
    if LEDGER_ID.fullmatch(ledger) is None:
        raise NotFoundException
    return page("sign_in.html", ledger=ledger)


@post("/sign-in/{ledger:str}/{token:str}", status_code=303)
async def redeem(
    ledger: FromPath[str], token: FromPath[str], request: Request[Any, Any, Any], service: NamedDependency[Service]
) -> Redirect:
    """Use the link up."""
    require_same_origin(request)
    client = None if request.client is None else request.client.host
    here = is_from_here(client, request.headers)
    key = await redeem_link(service.ledgers, ledger, token, clock=service.clock, here=here)
    if key is None:
        raise PageError(
            410,
            _("This link no longer works"),
            _(
                "A sign-in link is good once, within a quarter of an hour. Ask for a new one. One that was printed when"
                " the service started is good on its own machine alone."
            ),
        )
    sign_in(request, key, await person_of_key(service.ledgers, key))
    return Redirect("/", status_code=303)


@post("/sign-out", status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Redirect:
    """End the session."""
    require_same_origin(request)
    request.clear_session()
    return Redirect("/", status_code=303)


@post("/language", status_code=303)
async def set_language(request: Request[Any, Any, Any]) -> Redirect:
    """Read pages in another language from now on."""
    require_same_origin(request)
    fields = await request.form()
    chosen, back = str(fields.get("language", "")), str(fields.get("back", ""))
    if chosen not in languages():
        raise PageError(400, _("There is no such language"), _("Go back and choose another."))
    cookie = Cookie(LANGUAGE_COOKIE, value=chosen, max_age=YEAR_S, httponly=True, samesite="lax")
    local = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return Redirect(back if local else "/", status_code=303, cookies=[cookie])
