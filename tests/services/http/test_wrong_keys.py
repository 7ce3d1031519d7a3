"""Every route with every wrong key: no answer, and nothing changed.

The routes are the application's own, so one that is added is tried too, whether or not OpenAPI tells of it.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple, get_args

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from services.access.keys import Scope, create_key, revoke_key
from services.access.rotation import end_secret, rotate_key
from services.dashboard import DASHBOARD
from services.http.examples import ANNA, BODIES, PARAMETERS
from services.http.guards import Requires
from services.http.openapi import operations
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders
from tests.services.http.story import body

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

OPEN_TO_ALL = ("/health/", "/metrics", "/schema", "/calendar/", "/reminders/stop/")
"""Some have a door of their own: see test_metrics, and tests/services/reminders for those whose address is a secret."""
PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
BY_TYPE = {"uuid": ANNA, "str": "abc", "int": "1", "path": "0/000.p/1"}


class Route(NamedTuple):
    """One operation, ready to be sent."""

    method: str
    path: str
    template: str
    body: str | None
    scope: Scope | None
    """``None``: any key of the ledger will do, as it asks for nothing but itself."""


def keyed(app: Litestar) -> list[Route]:
    """Every operation under a ledger, with the scope that its guards ask for: there is none without."""
    described = {(path, method): found for path, method, found in operations(app.openapi_schema)}
    routes = []
    for route in (one for one in app.routes if isinstance(one, HTTPRoute) and one.path.startswith("/v1/")):
        path = PARAMETER.sub(lambda found: LEDGER if found[1] == "ledger" else _example(*found.groups()), route.path)
        for handler in route.route_handlers:
            methods = handler.http_methods - {"OPTIONS"}  # which only tells the methods there are
            if not methods:
                continue
            (scope,) = _scopes(handler.resolve_guards())
            for method in sorted(methods):
                found = described.get((route.path_format, method))
                example = None if found is None else body(found)
                text = None if example is None else json.dumps(example)
                routes.append(Route(method, path, route.path, text, scope))
    return routes


def _example(name: str, kind: str) -> str:
    return str(PARAMETERS.get(name, BY_TYPE[kind]))


def _scopes(guards: Any) -> Iterator[Scope | None]:
    for guard in guards:
        assert isinstance(guard, Requires), guard
        yield guard.scope


async def send(client: Client, route: Route, headers: httpx.Headers | Headers) -> httpx.Response:
    """Send an operation's example; with a key that fits, it would be carried out."""
    content_type = {} if route.body is None else {"Content-Type": "application/json"}
    sent = httpx.Headers({**content_type, **headers}, encoding="latin-1")
    return await client.request(route.method, route.path, headers=sent, content=route.body)


async def everything(service: Service) -> list[Any]:
    """What every table of every ledger holds."""
    tables = await service.pool.fetch(
        """
        SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'ledger_id' ORDER BY 1
        """
    )
    assert len(tables) > 20
    return [await service.pool.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1") for (table,) in tables]


async def test_there_is_no_route_that_is_not_tried(app: Litestar) -> None:
    pages = {route.path for route in DASHBOARD.routes}  # which have sessions instead
    elsewhere = {route.path for route in app.routes if not route.path.startswith("/v1/ledgers/{ledger:str}")}
    assert {path for path in elsewhere if not path.startswith(OPEN_TO_ALL)} <= pages
    tried = {(route.method, route.template) for route in keyed(app)}
    assert len(tried) > 100
    told = {(method, path) for path, method, operation in operations(app.openapi_schema) if operation.security}
    assert told <= {(method, PARAMETER.sub(r"{\1}", path)) for method, path in tried}
    assert {operation.operation_id for _, _, operation in operations(app.openapi_schema)} >= BODIES.keys()


MALFORMED: list[tuple[str | None, str]] = [
    (None, "no_key"),
    ("Basic YTpi", "no_key"),
    ("Bearer", "no_key"),
    ("Bearer rq_", "bad_key"),
    ("Bearer rq_abc_def", "bad_key"),
    ("Bearer rq_abcdefghijklm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "bad_key"),
    ("Bearer rq_\x00_\x00", "bad_key"),
    ("Bearer " + "x" * 5000, "bad_key"),
    ("Bearer rq_ü_ü", "bad_key"),
]


async def test_no_key_no_answer(app: Litestar, client: Client, service: Service) -> None:
    before = await everything(service)
    for route in keyed(app):
        for authorization, code in MALFORMED:
            response = await send(client, route, {} if authorization is None else {"Authorization": authorization})
            assert (response.status_code, response.json()["code"]) == (401, code), route
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["www-authenticate"].startswith('Bearer realm="requite"')
    assert await everything(service) == before


async def ended_keys(service: Service) -> dict[str, str]:
    """A token of every kind that opens no more, each of an administrator's key."""
    now = service.clock
    revoked, key = await create_key(service.pool, LEDGER, "revoked", ["admin"], clock=now)
    await revoke_key(service.pool, LEDGER, key.key_id, clock=now)
    earlier = now() - timedelta(hours=1)
    expired, _ = await create_key(service.pool, LEDGER, "expired", ["admin"], expires_at=now(), clock=lambda: earlier)
    rotated, key = await create_key(service.pool, LEDGER, "rotated out", ["admin"], clock=now)
    await rotate_key(service.pool, LEDGER, key.key_id, timedelta(0), clock=now)
    ended, key = await create_key(service.pool, LEDGER, "ended early", ["admin"], clock=now)
    await rotate_key(service.pool, LEDGER, key.key_id, clock=now)
    await end_secret(service.pool, LEDGER, key.key_id, 1, clock=now)
    other, _ = await create_key(service.pool, LEDGER, "another", ["admin"], clock=now)
    mixed = f"{rotated.rpartition('_')[0]}_{other.split('_', 2)[2]}"
    return {"revoked": revoked, "expired": expired, "rotated": rotated, "ended": ended, "mixed": mixed}


async def test_a_key_at_its_end_opens_nothing(app: Litestar, client: Client, service: Service) -> None:
    tokens = await ended_keys(service)
    before = await everything(service)
    for route in keyed(app):
        for name, token in tokens.items():
            response = await send(client, route, {"Authorization": f"Bearer {token}"})
            assert (response.status_code, response.json()["code"]) == (401, "bad_key"), (name, route)
    assert await everything(service) == before


async def test_a_key_of_another_ledger_learns_nothing(
    app: Litestar, client: Client, stranger: Headers, service: Service
) -> None:
    before = await everything(service)
    for route in keyed(app):
        there = await send(client, route, stranger)
        nowhere = await send(client, route._replace(path=route.path.replace(LEDGER, "nowhere")), stranger)
        assert (there.status_code, there.json()["code"]) == (401, "bad_key"), route
        assert there.json() == nowhere.json()
    assert await everything(service) == before


async def test_every_route_asks_for_its_scope(
    app: Litestar, client: Client, headers_of: MakeHeaders, service: Service
) -> None:
    scopes: tuple[Scope, ...] = get_args(Scope)
    keys = {scope: await headers_of(scope) for scope in scopes}
    before = await everything(service)
    for route in keyed(app):
        for scope in scopes:
            if route.scope is not None and scope not in {route.scope, "admin"}:
                response = await send(client, route, keys[scope])
                assert (response.status_code, response.json()["code"]) == (403, "wrong_scope"), (scope, route)
                assert 'error="insufficient_scope"' in response.headers["www-authenticate"]
    assert await everything(service) == before
    assert [route.path for route in keyed(app) if route.scope is None] == [f"/v1/ledgers/{LEDGER}/keys/own"]
    for route in keyed(app):  # and lets the right one in
        response = await send(client, route, keys[route.scope or "read"])
        assert response.status_code != 401, route
        assert response.status_code != 403 or response.json()["code"] != "wrong_scope", route
