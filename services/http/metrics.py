"""``GET /metrics``, for Prometheus: with the token of ``REQUITE_METRICS_TOKEN``, or from this machine alone."""

import hmac
import ipaddress
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from services.http.problems import ProblemError
from services.operations.metrics import MEDIA_TYPE, exposition
from services.service import Service

PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")
"""Headers of a proxy, whose own address tells nothing of who asks."""


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """The figures of all worker processes."""
    token: str | None = request.app.state.get("metrics_token")
    if not (_is_local(request) if token is None else _has_token(request, token)):
        raise ProblemError(
            "not_for_you",
            "Metrics want the token of REQUITE_METRICS_TOKEN in the header 'Authorization: Bearer …'; where none is"
            " set, they are for this machine alone.",
        )
    return Response(await exposition(service), media_type=MEDIA_TYPE)


def _has_token(request: Request[Any, Any, Any], token: str) -> bool:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), token.encode())


def _is_local(request: Request[Any, Any, Any]) -> bool:
    if any(name in request.headers for name in PASSED_ON) or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
