"""A typed client of the service's API: ``Client`` for threads, ``AsyncClient`` for tasks.

It needs httpx and msgspec, and nothing of the service. ``calls``, ``async_calls`` and ``structs`` are written from the
API's OpenAPI document by ``just client``.
"""

from services.client import structs
from services.client.attempts import NEVER, Retries
from services.client.client import AsyncClient, Client
from services.client.pages import AsyncPages, Pages
from services.client.problems import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NoAnswerError,
    NotFoundError,
    ProblemError,
    RefusedError,
    RequiteError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableError,
)

__all__ = [
    "NEVER",
    "AsyncClient",
    "AsyncPages",
    "BadRequestError",
    "Client",
    "ConflictError",
    "ForbiddenError",
    "NoAnswerError",
    "NotFoundError",
    "Pages",
    "ProblemError",
    "RefusedError",
    "RequiteError",
    "Retries",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnavailableError",
    "structs",
]
