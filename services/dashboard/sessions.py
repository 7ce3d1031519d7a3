"""Who is signed in: a cookie, sealed by Litestar's own client-side sessions, that names a ledger and an access key.

The key is looked up at every request: where it was revoked or has expired, the session has ended too. The sealing key
is derived from the master key, so all workers share it, and nothing has to be stored.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import SerializationException
from litestar.middleware import ASGIMiddleware
from litestar.middleware.session.base import SessionMiddleware
from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig
from litestar.types import ASGIApp, Receive, Scope, Send

from services.access.keys import AccessKey, find_key
from services.service import Service

COOKIE = "requite_session"
LIFE_S = 12 * 60 * 60
"""Since the last page that was looked at."""
OPENING_ERRORS = (SerializationException, ValueError, LookupError, TypeError)
"""What a cookie that is not ours may raise."""


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
        """Hand on to Litestar's middleware of this service's key."""
        service: Service = scope["litestar_app"].state.service
        backend = _backend(service.master_key.derive("dashboard sessions"), scope.get("scheme") == "https")
        await SessionMiddleware(next_app, backend)(scope, receive, send)


@cache
def _backend(secret: bytes, secure: bool) -> CookieSessions:  # noqa: FBT001 - a part of the cache's key
    return CookieSessions(
        CookieBackendConfig(secret=secret, key=COOKIE, max_age=LIFE_S, httponly=True, secure=secure, samesite="lax")
    )


def sign_in(request: Request[Any, Any, Any], key: AccessKey) -> None:
    """Begin a session of this key."""
    request.set_session({"ledger": key.ledger_id, "key": key.key_id})


async def provide_visitor(request: Request[Any, Any, Any]) -> AccessKey | None:
    """The key that this browser signed in with, as long as it holds; ``None`` where nobody is signed in."""
    service: Service = request.app.state.service
    session: Mapping[str, Any] = request.session
    ledger, key_id = session.get("ledger"), session.get("key")
    stored = await find_key(service.pool, ledger, key_id) if ledger and key_id else None
    if stored is None or not stored.key.holds_at(service.clock()):
        request.clear_session()
        return None
    request.scope["auth"] = stored.key  # for the log
    return stored.key
