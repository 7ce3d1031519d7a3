"""Sends one message to an endpoint, and tells what came of it. Nothing of the answer is kept but its status."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import version

import httpx
from msgspec import Struct

from services.webhooks.addresses import NoSuchHostError, PrivateAddressError, resolve

WITHIN_S = 15.0
CONNECT_WITHIN_S = 5.0
CONNECTIONS = 8
"""Requests to one endpoint at a time."""
DRAINED_BYTES = 64 * 1024
"""Of an answer, so that its connection can be used again."""
GONE = 410
RETRY_AFTER_MAX_S = 3_600


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of sending a message: the answer's status, or else an error of ours."""

    status: int | None = None
    error: str | None = None
    latency_ms: int
    retry_after_s: int = 0
    """How long the endpoint asked to be left alone."""

    @property
    def arrived(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and 200 <= self.status < 300


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


@asynccontextmanager
async def opened() -> AsyncIterator[httpx.AsyncClient]:
    """A client for one endpoint: connections to one address are shared by all that asks for it, whatever the name."""
    async with httpx.AsyncClient(
        verify=_certificates(),
        timeout=httpx.Timeout(WITHIN_S, connect=CONNECT_WITHIN_S),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        follow_redirects=False,
        trust_env=False,  # a proxy would connect to what it resolves itself
        headers={"User-Agent": f"requite/{version('requite')}", "Accept": "*/*", "Accept-Encoding": "identity"},
    ) as client:
        yield client


async def send(
    client: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str], body: bytes, *, allow_private: bool
) -> Outcome:
    """Send a message once. Whatever goes wrong is in the outcome."""
    began_s = time.monotonic()
    status, error, retry_after_s = None, None, 0
    try:
        async with asyncio.timeout(WITHIN_S):
            address = await resolve(url, allow_private=allow_private)
            status, retry_after_s = await _post(client, url, address, headers, body)
    except NoSuchHostError:
        error = "no_such_host"
    except PrivateAddressError:
        error = "private_address"
    except (TimeoutError, httpx.TimeoutException):
        error = "timeout"
    except httpx.HTTPError as failure:
        error = "bad_certificate" if _is_distrust(failure) else "no_connection"
    return Outcome(
        status=status,
        error=error,
        latency_ms=round((time.monotonic() - began_s) * 1000),
        retry_after_s=retry_after_s,
    )


def _is_distrust(error: BaseException | None) -> bool:
    """Whether it came of a certificate, which each layer hands on as its own error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


async def _post(
    client: httpx.AsyncClient, url: httpx.URL, address: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, int]:
    async with client.stream(
        "POST",
        url.copy_with(host=address),
        content=body,
        headers={"Host": url.netloc.decode("ascii"), "Content-Type": "application/json", **headers},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    ) as response:
        with suppress(TimeoutError, httpx.HTTPError):  # the status counts, whatever becomes of the rest
            async with asyncio.timeout(1):
                await _drain(response)
        return response.status_code, _seconds(response.headers.get("Retry-After", ""))


async def _drain(response: httpx.Response) -> None:
    taken = 0
    async for piece in response.aiter_raw():
        taken += len(piece)
        if taken > DRAINED_BYTES:
            return


def _seconds(text: str) -> int:
    return min(int(text), RETRY_AFTER_MAX_S) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
