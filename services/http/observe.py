"""What every response carries, and the line that every request leaves in the log."""

import asyncio
import logging
import re
import time
from collections.abc import Mapping, MutableMapping
from functools import cache
from types import MappingProxyType
from typing import Any, cast

import structlog
import uuid_utils
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from services.access.keys import AccessKey
from services.operations.metrics import PROBLEMS, REQUEST_SECONDS, REQUESTS, under_way
from services.operations.tracing import UNTRACED, Trace
from services.service import Service

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
"""Set where a handler did not set its own."""
HSTS = (b"strict-transport-security", b"max-age=63072000")
"""Two years, and of this name alone: what else its domain serves is not ours to say."""
PROBLEM = "requite.problem"
"""Where the scope keeps the code of the problem that was answered."""
ANSWER_HEADERS = "requite.headers"
"""Where the scope keeps headers for whatever is answered."""
NONE: Mapping[str, str] = MappingProxyType({})
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Those that are counted by name: a client can send any word."""
UNSEEN = ("/health/", "/metrics")
"""Routes that machines ask all the time."""

log = structlog.get_logger()


def observed(app: ASGIApp) -> ASGIApp:
    """Give every response of an application a request id and security headers, and log every request.

    The log has the route's template, never the address: that may hold what a person typed.
    """

    async def observe(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        started = time.perf_counter()
        state = cast("dict[str, Any]", scope)["litestar_app"].state
        service: Service | None = state.get("service")
        tracing = UNTRACED if service is None else service.tracing
        trace = tracing.begin(dict(scope["headers"]))
        request_id = _request_id(scope)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = [*HEADERS, *_of_answer(scope), (b"x-request-id", request_id.encode())]
                if _is_https(scope):
                    added.append(HSTS)
                if is_draining(state) and scope["http_version"].startswith("1"):
                    added.append((b"connection", b"close"))
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in added if one[0] not in present)]
            await send(message)

        under_way.count += 1
        outside = structlog.contextvars.bind_contextvars(request_id=request_id, position=None)  # a write adds its own
        try:
            await app(scope, receive, send_with_headers)
        finally:
            under_way.count -= 1
            _note(scope, trace, status, time.perf_counter() - started)
            structlog.contextvars.reset_contextvars(**outside)

    return observe


def _of_answer(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers that were noted down for whatever is answered."""
    noted: Mapping[str, str] = cast("dict[str, Any]", scope).get(ANSWER_HEADERS, NONE)
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in noted.items()]


def _is_https(scope: Scope) -> bool:
    """Whether the caller came by TLS, here or at a proxy in front. Browsers heed the header over TLS only."""
    return scope.get("scheme") == "https" or (b"x-forwarded-proto", b"https") in scope["headers"]


def _request_id(scope: Scope) -> str:
    """The caller's own, where it sent one that may go into a log, else a fresh one."""
    sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return sent if REQUEST_ID.fullmatch(sent) else str(uuid_utils.uuid7())


def is_draining(state: State) -> bool:
    """Whether this process was told that it will be stopped."""
    draining: asyncio.Event | None = state.get("draining")
    return draining is not None and draining.is_set()


def _level(route: str, status: int, problem: str | None) -> int:
    """What is an error wants a person: a process that is told to stop, and says so, does not."""
    if status >= 500 and problem != "stopping":
        return logging.ERROR
    return logging.DEBUG if status < 400 and route.startswith(UNSEEN) else logging.INFO


@cache
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Where such requests are counted and measured."""
    return REQUESTS.labels(method, route, str(status)), REQUEST_SECONDS.labels(method, route)


def _note(scope: Scope, trace: Trace, status: int, duration_s: float) -> None:
    """Count, measure and log a request."""
    found = cast("MutableMapping[str, Any]", scope)
    key: AccessKey | None = found.get("auth")
    route = found.get("path_template") or "?"
    method = found["method"] if found["method"] in METHODS else "?"  # whatever else it is, somebody typed it
    problem = found.get(PROBLEM)
    trace.end(method, route, status)
    requests, seconds = _series(method, route, status)
    requests.inc()
    seconds.observe(duration_s)
    if problem is not None:
        PROBLEMS.labels(problem).inc()
    log.log(
        _level(route, status, problem),
        "http.request",
        method=method,
        route=route,
        status=status,
        duration_ms=round(duration_s * 1000, 1),
        ledger=None if key is None else key.ledger_id,
        key=None if key is None else key.key_id,
        problem=problem,
        trace_id=trace.trace_id,
    )
