"""Imports and undoings that go on after the request that began them was answered, or its caller went away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from services.imports.files import Run
from services.imports.kept import TakenOverError
from services.imports.undo import Undoing

log = structlog.get_logger()


class Workbench:
    """The imports and undoings that this process is at."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, work: Run | Undoing) -> None:
        """Go on with this in the background."""
        task = asyncio.create_task(_go(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def clear(self) -> None:
        """Let go of everything: each says that it was interrupted, and goes on when it is asked for again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _go(work: Run | Undoing) -> None:
    try:
        await work.go()
    except TakenOverError:
        log.info("import.taken_over", ledger=work.claim.ledger_id)
    except Exception as error:  # noqa: BLE001 - nobody waits for it; how it stands says that it was interrupted
        log.error("import.failed", ledger=work.claim.ledger_id, error=type(error).__name__)  # noqa: TRY400 - a traceback may quote what people typed


@asynccontextmanager
async def working(workbench: Workbench) -> AsyncIterator[None]:
    """Have the workbench cleared at the end of the block."""
    try:
        yield
    finally:
        await workbench.clear()
