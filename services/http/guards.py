"""Who is at the door: the access key of a request, and the guard that asks for a scope."""

from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any, cast

from litestar.connection import ASGIConnection, Request
from litestar.enums import ParamType
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Guard

from services.access.doorkeeper import Doorkeeper
from services.access.keys import AccessKey, Scope
from services.http.limits import Meter
from services.http.observe import ANSWER_HEADERS
from services.http.parameters import TakenParameter, parameters_of
from services.http.problems import PLAIN_NAME, FieldError, ProblemError
from services.imports.background import Workbench
from services.service import Service

UNKNOWN_LISTED = 20
REALM = 'Bearer realm="requite"'


class Requires:
    """A guard: the request's key has to belong to the ledger of its path, still hold, and have the scope, if any."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Let a request pass, or raise what is wrong with its key."""
        key = await _authenticate(connection)
        _count(connection, key)
        _admit(connection, key, self.scope)


def requires(scope: Scope | None) -> Guard:
    """The guard that asks for a scope; ``None``: for any key of the ledger."""
    return Requires(scope)


async def admit(connection: ASGIConnection[Any, Any, Any, Any], scope: Scope | None) -> AccessKey:
    """The key of a connection, as it stands now. Raises ``ProblemError`` where it does not let in with this scope."""
    key = await _authenticate(connection)
    _admit(connection, key, scope)
    return key


def _admit(connection: ASGIConnection[Any, Any, Any, Any], key: AccessKey, scope: Scope | None) -> None:
    connection.scope["auth"] = key
    if scope is not None and not key.allows(scope):
        raise wrong_scope(scope, key)


def wrong_scope(scope: Scope, key: AccessKey) -> ProblemError:
    """The key may not do what this scope is for."""
    return ProblemError(
        "wrong_scope",
        f"This access key lacks the scope '{scope}'; it has: {', '.join(key.scopes)}.",
        headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
    )


async def _authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> AccessKey:
    given = [value.decode("latin-1") for name, value in connection.scope["headers"] if name == b"authorization"]
    scheme, _, token = given[0].partition(" ") if given else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise ProblemError(
            "no_key",
            "Send an access key of this ledger in the header 'Authorization: Bearer rq_…'.",
            headers={"WWW-Authenticate": REALM},
        )
    if len(given) > 1:
        raise ProblemError("bad_request", "Send the header 'Authorization' once: a proxy may read another one.")
    doorkeeper: Doorkeeper = connection.app.state.doorkeeper
    key = await doorkeeper.authenticate(connection.path_params["ledger"], token.strip())
    if key is None:
        raise ProblemError(
            "bad_key",
            "This access key is unknown, expired or revoked, or belongs to another ledger than the one in the address.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )
    return key


def _count(connection: ASGIConnection[Any, Any, Any, Any], key: AccessKey) -> None:
    """Count a request against its key's rate. Raises ``ProblemError`` where that is used up."""
    meter: Meter | None = connection.app.state.meter
    if meter is None:
        return
    taken = meter.take((key.ledger_id, key.key_id))
    cast("MutableMapping[str, Any]", connection.scope)[ANSWER_HEADERS] = taken.headers
    if not taken.allowed:
        raise ProblemError(
            "too_many_requests",
            f"This access key may send {taken.rate.requests:,} requests in {taken.rate.seconds:,} seconds;"
            " 'Retry-After' says when the next one is taken. Many commands go into one request: see 'batch'.",
            headers={"Retry-After": str(taken.next_in_s)},
        )


async def look_over(request: Request[Any, Any, Any]) -> None:
    """Refuse an address that is not written as it is meant to be, before the handler is asked."""
    _refuse_odd_path(request)
    _refuse_repeated_headers(request)
    _refuse_odd_parameters(request)


def _refuse_odd_path(request: Request[Any, Any, Any]) -> None:
    """Refuse numbers and ids in the path that only Python reads: ``+7``, ``1_0``, digits of other scripts."""
    steps = request.scope["path"].lower().split("/")
    if any(not isinstance(value, str) and str(value) not in steps for value in request.path_params.values()):
        raise NotFoundException


def _refuse_repeated_headers(request: Request[Any, Any, Any]) -> None:
    """Refuse a header that the handler reads and that is given twice: which of the two would be meant?"""
    errors = [
        FieldError(detail="Give this header once.", parameter=name)
        for name in _header_parameters(request.route_handler)
        if len(request.headers.getall(name, [])) > 1
    ]
    if errors:
        raise ProblemError("invalid_parameter", "A header is given more than once; see 'errors'.", errors=errors)


def _refuse_odd_parameters(request: Request[Any, Any, Any]) -> None:
    """Refuse a query parameter that the handler does not have, one given twice, and one that the database cannot take.

    A filter that is silently left out would answer another question than the one that was asked.
    """
    sent = request.query_params.keys()
    if not sent:
        return
    known = _query_parameters(request.route_handler)
    unknown = [name for name in sent if name not in known]
    again = [
        name for name in sent if name in known and not known[name].many and len(request.query_params.getall(name)) > 1
    ]
    with_nul = [name for name, value in request.query_params.multi_items() if "\0" in value and name in known]
    if unknown:
        there_are = f"there are: {', '.join(sorted(known))}" if known else "this address takes none"
        raise ProblemError(
            "invalid_parameter",
            "A parameter is not known here; see 'errors'.",
            errors=[
                FieldError(
                    detail=f"There is no such parameter; {there_are}.",
                    parameter=name if PLAIN_NAME.fullmatch(name) else None,
                )
                for name in unknown[:UNKNOWN_LISTED]
            ],
        )
    if again:
        raise ProblemError(
            "invalid_parameter",
            "A parameter is given more than once; see 'errors'.",
            errors=[FieldError(detail="Give this parameter once.", parameter=name) for name in again],
        )
    if with_nul:
        raise ProblemError(
            "invalid_parameter",
            "A parameter has the character U+0000; leave it out.",
            errors=[FieldError(detail="This value has the character U+0000.", parameter=name) for name in with_nul[:1]],
        )


@cache
def _query_parameters(handler: HTTPRouteHandler) -> Mapping[str, TakenParameter]:
    return {taken.name: taken for taken in parameters_of(handler) if taken.place is ParamType.QUERY}


def provide_service(request: Request[Any, Any, Any]) -> Service:
    """The running service, for handlers that name ``service``."""
    service: Service = request.app.state.service
    return service


def provide_access_key(request: Request[Any, Any, Any]) -> AccessKey:
    """The key that a guard let in, for handlers that name ``access_key``."""
    key: AccessKey = request.auth
    return key


def provide_doorkeeper(request: Request[Any, Any, Any]) -> Doorkeeper:
    """Who knows the keys, for handlers that change them and name ``doorkeeper``."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper


def provide_workbench(request: Request[Any, Any, Any]) -> Workbench:
    """Where imports go on, for handlers that begin them and name ``workbench``."""
    workbench: Workbench = request.app.state.workbench
    return workbench


@cache
def _header_parameters(handler: HTTPRouteHandler) -> tuple[str, ...]:
    return tuple(taken.name for taken in parameters_of(handler) if taken.place is ParamType.HEADER)
