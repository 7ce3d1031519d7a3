"""How a call goes over HTTP, and comes back: by threads that wait, or by tasks."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from services.client.attempts import Attempts, Retries
from services.client.problems import NoAnswerError, read_problem

T = TypeVar("T")
TIMEOUT = httpx.Timeout(10.0, read=40.0)
"""The service answers a write within 30 seconds, if only to say that it is still under way."""
AGENT = "requite-client"


class Call(Struct, frozen=True, kw_only=True):
    """One operation with what it is given."""

    method: str
    path: str
    query: Mapping[str, object] = {}
    body: object = msgspec.UNSET
    """What becomes JSON; bytes and text go as they are."""
    media_type: str = "application/json"
    takes_key: bool = False
    """Whether the operation can be given an idempotency key."""
    idempotency_key: str | None = None
    if_match: int | str | None = None
    """The version that the stream has to have, or what an ``ETag`` said of it."""
    accept: str = "application/json"


class Exchange:
    """A call on its way: its request, the same at every try, and what its answer means."""

    def __init__(self, call: Call, retries: Retries) -> None:
        self.key = (call.idempotency_key or str(uuid.uuid4())) if call.takes_key else None
        repeatable = self.key is not None or call.method in {"DELETE", "GET", "PUT"}
        self.attempts = Attempts(retries, repeatable=repeatable)
        headers = {"Accept": f"{call.accept}, application/problem+json"}
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        if call.if_match is not None:
            headers["If-Match"] = f'"v{call.if_match}"' if isinstance(call.if_match, int) else call.if_match
        content: bytes | None = None
        if call.body is not msgspec.UNSET:
            headers["Content-Type"] = call.media_type
            content = _content(call.body)
        self.request: dict[str, Any] = {
            "method": call.method,
            "url": call.path,
            "params": {name: _query(value) for name, value in call.query.items() if value is not None},
            "headers": headers,
            "content": content,
        }

    def read(self, response: httpx.Response, answer: type[T]) -> T:
        """The answer in its type. Raises ``ProblemError`` for a problem, ``NoAnswerError`` for what makes no sense."""
        if not response.is_success:
            request_id = response.headers.get("X-Request-Id")
            raise read_problem(response.content, response.status_code, request_id=request_id, idempotency_key=self.key)
        if answer is str:
            return msgspec.convert(response.text, answer)
        if answer is bytes:
            return msgspec.convert(response.content, answer)
        try:
            return msgspec.json.decode(response.content or b"null", type=answer)
        except msgspec.DecodeError as error:
            raise NoAnswerError(f"The answer cannot be read: {error}", self.key) from error

    def lost(self, error: httpx.TransportError) -> NoAnswerError:
        """What to raise where the last try failed on the way."""
        return NoAnswerError(f"The service does not answer: {type(error).__name__}: {error}", self.key)


class Transport:
    """Sends calls and waits for their answers."""

    def __init__(self, http: httpx.Client, retries: Retries) -> None:
        self._http = http
        self._retries = retries

    def send(self, call: Call, answer: type[T]) -> T:
        """Make a call. Raises what ``services.client.problems`` holds."""
        exchange = Exchange(call, self._retries)
        while True:
            response: httpx.Response | None = None
            lost: httpx.TransportError | None = None
            try:
                response = self._http.request(**exchange.request)
            except httpx.TransportError as error:
                lost = error
            pause_s = exchange.attempts.pause_s(response)
            if pause_s is not None:
                time.sleep(pause_s)
            elif response is not None:
                return exchange.read(response, answer)
            elif lost is not None:
                raise exchange.lost(lost) from lost

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsyncTransport:
    """The same, awaited."""

    def __init__(self, http: httpx.AsyncClient, retries: Retries) -> None:
        self._http = http
        self._retries = retries

    async def send(self, call: Call, answer: type[T]) -> T:
        """Make a call. Raises what ``services.client.problems`` holds."""
        exchange = Exchange(call, self._retries)
        while True:
            response: httpx.Response | None = None
            lost: httpx.TransportError | None = None
            try:
                response = await self._http.request(**exchange.request)
            except httpx.TransportError as error:
                lost = error
            pause_s = exchange.attempts.pause_s(response)
            if pause_s is not None:
                await asyncio.sleep(pause_s)
            elif response is not None:
                return exchange.read(response, answer)
            elif lost is not None:
                raise exchange.lost(lost) from lost

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def http_options(address: str, key: str, timeout: httpx.Timeout | float) -> dict[str, Any]:
    """What both kinds of httpx clients are made with."""
    headers = {"Authorization": f"Bearer {key}", "User-Agent": AGENT}
    return {"base_url": address, "headers": headers, "timeout": timeout, "follow_redirects": False}


def given(**fields: object) -> dict[str, object]:
    """The fields of a body that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def segment(text: str) -> str:
    """A part of a path, whatever is in it."""
    return quote(text, safe="")


def _content(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else msgspec.json.encode(body)


def _query(value: object) -> str | list[str]:
    """A value as a query holds it: a list stands there once for each of what is in it."""
    return [_text(one) for one in value] if isinstance(value, list | tuple) else _text(value)


def _text(value: object) -> str:
    """A value as a path holds it."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case UUID() | int() | float() | str():
            return str(value)
        case _:
            raise TypeError(f"A parameter cannot be a {type(value).__name__}.")
