"""The courier: takes a ledger's events to its webhooks, for as long as a process lives.

Several processes may run one. Who takes up an endpoint has it on a lease, which it renews as long as it is at it; what
was done without the lease counts for nothing, so that an event is sent twice at worst, and never lost. Each endpoint
has a task of its own: one that hangs delays nobody.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import structlog

from services.feeds.bell import rung
from services.logging import describe
from services.service import Service
from services.webhooks.endpoints import Endpoint, from_row, sql
from services.webhooks.load import ROOM, gather
from services.webhooks.round import deliver, settle
from services.webhooks.sender import opened

PAUSE_S = 0.5
BREATH_S = 0.01
ENDPOINTS_AT_ONCE = 100
LEASE = timedelta(seconds=10)
RENEW_S = 3.0
KEPT = timedelta(days=30)
"""How long it is known what was tried."""
RELEASE_WITHIN_S = 2.0

Place = tuple[str, UUID]

log = structlog.get_logger()


@asynccontextmanager
async def delivering(service: Service) -> AsyncIterator[None]:
    """Have the webhooks of all ledgers told for as long as the block takes."""
    task = asyncio.create_task(Courier(service).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Courier:
    """Finds endpoints for which there is something to do, and does it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lease = uuid4()
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._is_blind = False
        """Whether the last look failed, which is logged once."""

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            with self._service.bell.listening() as woken:
                while True:
                    await self._try_take_up()
                    await asyncio.sleep(BREATH_S)
                    await rung(woken, PAUSE_S)
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _try_take_up(self) -> None:
        try:
            await self._take_up()
            self._is_blind = False
        except Exception as error:  # noqa: BLE001 - it has to live on; the next look tries again
            if not self._is_blind:
                log.warning("webhooks.not_looked", error=type(error).__name__)
            self._is_blind = True

    async def _take_up(self) -> None:
        free = ENDPOINTS_AT_ONCE - len(self._tasks)
        if not free:
            return
        pool, now = self._service.pool, self._service.clock()
        for row in await pool.fetch(sql("candidates"), now, ROOM, free):
            place = (row["ledger_id"], UUID(int=row["webhook_id"].int))
            if place not in self._tasks and await pool.fetchval(sql("claim"), *place, self._lease, LEASE):
                self._tasks[place] = asyncio.create_task(self._serve(place))

    async def _serve(self, place: Place) -> None:
        """Do all that there is to do for an endpoint, as long as the lease holds."""
        keeping = asyncio.create_task(self._keep(place))
        try:
            async with opened() as client:
                url = None
                while (endpoint := await self._renew(place)) is not None:
                    url = url or endpoint.url
                    if endpoint.url != url or not await self._round(client, endpoint):
                        break  # the client's connections are for one host only
        except asyncio.CancelledError:
            await self._release(place)
            raise
        except Exception as error:  # noqa: BLE001 - the others have to be told
            # Until the lease ends by itself: what went wrong would go wrong again at once.
            log.error("webhooks.not_delivered", ledger=place[0], webhook=str(place[1]), **describe(error))  # noqa: TRY400 - a traceback may quote what is secret
        else:
            await self._release(place)
        finally:
            keeping.cancel()
            del self._tasks[place]

    async def _round(self, client: httpx.AsyncClient, endpoint: Endpoint) -> bool:
        """One round; answers whether there may be more to do."""
        service = self._service
        async with service.pool.acquire() as connection:
            load = await gather(connection, endpoint, service.clock())
        if load.is_empty:
            return False
        report = await deliver(service, client, endpoint, load)
        async with service.pool.acquire() as connection:
            return await settle(connection, endpoint, self._lease, load, report, service.clock())

    async def _keep(self, place: Place) -> None:
        """Renew the lease while requests are under way."""
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(Exception):  # where it cannot be renewed, what is done counts for nothing
                await self._renew(place)

    async def _renew(self, place: Place) -> Endpoint | None:
        """The endpoint as it stands; ``None`` where the lease is lost, or it is to be told nothing."""
        row = await self._service.pool.fetchrow(sql("renew"), *place, self._lease, LEASE)
        return None if row is None else from_row(row, self._service.master_key)

    async def _release(self, place: Place) -> None:
        """Leave an endpoint to whoever comes next; where that fails the lease ends by itself."""
        with suppress(Exception):
            async with asyncio.timeout(RELEASE_WITHIN_S):
                await self._service.pool.execute(sql("prune"), *place, self._service.clock() - KEPT)
                await self._service.pool.execute(sql("release"), *place, self._lease)
