"""A request's deadline: whose answer has not begun by then, the caller gets a problem, and the work is called off."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any, cast

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from services.http.limits import Limits
from services.http.observe import PROBLEM
from services.http.problems import MEDIA_TYPE, RETRY_AFTER_S, TOOK_TOO_LONG, ProblemError, describe_problem


def within(app: ASGIApp, limits: Callable[[], Limits]) -> ASGIApp:
    """Have an application answer every request in time. A file that is being sent may take longer."""

    async def hurry(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(limits().request_s) as limit:

                async def send_in_time(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        limit.reschedule(None)
                    await send(message)

                await app(scope, receive, send_in_time)
        except TimeoutError:
            if not limit.expired():
                raise
            await _answer_late(scope, send)

    return hurry


async def _answer_late(scope: Scope, send: Send) -> None:
    problem = ProblemError(*TOOK_TOO_LONG)
    described = describe_problem(problem)
    body = msgspec.json.encode(described)
    cast("MutableMapping[str, Any]", scope)[PROBLEM] = problem.code
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "retry-after": RETRY_AFTER_S}
    await send(
        {
            "type": "http.response.start",
            "status": described.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
