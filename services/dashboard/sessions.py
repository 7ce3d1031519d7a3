"""Who is signed in: a cookie, sealed by Litestar's own client-side sessions, that names a ledger and an access key.

The key is looked up at every request: where it was revoked or has expired, the session has ended too. The sealing key
is derived from the master key, so all workers share it, and nothing has to be stored.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import SerializationException
from litestar.middleware import ASGIMiddleware
from litestar.middleware.session.base import SessionMiddleware
from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig
from litestar.types import ASGIApp, Receive, Scope, Send

from services.access.doorkeeper import Doorkeeper
from services.access.keys import AccessKey
from services.dashboard.errors import PageError
from services.dashboard.language import accepted, choose_language, speak
from services.dashboard.language import translate as _
from services.service import Service

COOKIE = "requite_session"
LANGUAGE_COOKIE = "requite_language"
LIFE_S = 12 * 60 * 60
"""Since the last page that was looked at."""
OPENING_ERRORS = (SerializationException, ValueError, LookupError, TypeError)
"""What a cookie that is not ours may raise."""
TOKEN_FIELD = "form"  # noqa: S105 - its name
"""The field of a form that shows that we sent it to this session."""


class CookieSessions(ClientSideSessionBackend):
    """Litestar's sessions; a cookie that makes no sense is none."""

    async def load_from_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, Any]:
        """The session's data, empty where there is none."""
        try:
            return await super().load_from_connection(connection)
        except OPENING_ERRORS:
            return {}


class Sessions(ASGIMiddleware):
    """Gives requests a session. The master key is known only once the service runs, hence not at the start."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Speak the reader's language, and hand on to Litestar's middleware of this service's key."""
        _speak_as_asked(ASGIConnection(scope))
        service: Service = scope["litestar_app"].state.service
        backend = _backend(service.master_key.derive("dashboard sessions"), scope.get("scheme") == "https")
        await SessionMiddleware(next_app, backend)(scope, receive, send)


def _speak_as_asked(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """The language that the reader chose, else the first that its browser asks for."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    wanted = accepted(connection.headers.get("accept-language", ""))
    speak(choose_language([chosen, *wanted] if chosen else wanted))


@cache
def _backend(secret: bytes, secure: bool) -> CookieSessions:  # noqa: FBT001 - a part of the cache's key
    return CookieSessions(
        CookieBackendConfig(secret=secret, key=COOKIE, max_age=LIFE_S, httponly=True, secure=secure, samesite="lax")
    )


def sign_in(request: Request[Any, Any, Any], key: AccessKey, person: UUID | None = None) -> None:
    """Begin a session of this key, and of this person where it is known who that is."""
    session = {"ledger": key.ledger_id, "key": key.key_id, "nonce": secrets.token_urlsafe(16)}
    request.set_session(session if person is None else session | {"person": str(person)})


def person_of(request: Request[Any, Any, Any]) -> UUID | None:
    """Who the session says is looking, across ledgers."""
    person = request.session.get("person")
    return None if person is None else UUID(person)


async def provide_visitor(request: Request[Any, Any, Any]) -> AccessKey | None:
    """The key that this browser signed in with, as long as it holds; ``None`` where nobody is signed in."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    session: Mapping[str, Any] = request.session
    ledger, key_id = session.get("ledger"), session.get("key")
    key = await doorkeeper.find(ledger, key_id) if ledger and key_id else None
    if key is None:
        if ledger:
            person = session.get("person")
            request.set_session({"person": person} if person else {})
        return None
    request.scope["auth"] = key  # for the log
    return key


def form_token(service: Service, session: Mapping[str, Any]) -> str:
    """What a form of this session carries: nobody else can know it."""
    about = "\n".join((session["ledger"], session["key"], session["nonce"]))
    return hmac.new(service.master_key.derive("dashboard forms"), about.encode(), hashlib.sha256).hexdigest()[:32]


def require_same_origin(request: Request[Any, Any, Any]) -> None:
    """Refuse a form that stands on another site: nobody else signs a browser in or out.

    Browsers say where a form stood, by Sec-Fetch-Site where the connection is safe, else by Origin.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same = site in {"same-origin", "none"}
    else:
        same = origin is None or _host_of(origin) == request.headers.get("host")
    if not same:
        raise PageError(403, _("Not from here"), _("This form was sent from another site, so nothing was done."))


def _host_of(origin: str) -> str | None:
    """Where an ``Origin`` is from; ``None`` for one that is opaque or makes no sense."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def require_own_form(request: Request[Any, Any, Any], fields: Mapping[str, str]) -> None:
    """Refuse a form that we did not send to this very session."""
    require_same_origin(request)
    expected = form_token(request.app.state.service, request.session)
    if not hmac.compare_digest(fields.get(TOKEN_FIELD, "").encode(), expected.encode()):
        raise PageError(
            403,
            _("This form is from another session"),
            _("Nothing was done. Go back, load the page again, and send it from there."),
        )
