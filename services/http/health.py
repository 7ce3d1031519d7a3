"""Whether the process lives, and whether it can do its work. Open to all; tells nothing else."""

import asyncio
from typing import Literal

from litestar import get
from litestar.datastructures import State
from litestar.di import NamedDependency
from msgspec import Struct

from services.http.observe import is_draining
from services.http.problems import DATABASE_LOST, ProblemError
from services.service import Service

READY_WITHIN_S = 5.0


class Health(Struct, frozen=True):
    """All is well; what is not is a problem instead."""

    status: Literal["ok"]


@get("/health/live", tags=["health"], operation_id="health_live", summary="The process lives", security=[])
async def live() -> Health:
    """Answers as long as the process can answer at all."""
    return Health("ok")


@get("/health/ready", tags=["health"], operation_id="health_ready", summary="The database answers", security=[])
async def ready(state: State, service: NamedDependency[Service]) -> Health:
    """Answers ok while the database answers within some seconds, and the process is not about to stop."""
    if is_draining(state):
        raise ProblemError("stopping", "This process is about to stop; another one will answer.")
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            async with service.ledgers.acquire(()) as connection:
                await connection.fetchval("SELECT 1")
    except (*DATABASE_LOST, TimeoutError):
        raise ProblemError("database_unavailable", "The database does not answer at the moment.") from None
    return Health("ok")
