"""The networks that this process keeps: the latest figures of each ledger, refreshed behind the questions.

A question gets the figures that are there, at once, and its answer says of which position they are. Where there are
none yet, or it asks for a later position, it waits. One refresh runs at a time, and after each its ledger rests for
``REST`` times as long as that took, so that a busy ledger costs a share of one processor, not all of it.
"""

import asyncio
import os
import sys
import time
from collections import OrderedDict

import msgspec
import structlog

from services.logging import describe
from services.network.figures import Errand, Figures, TooLarge

KEPT = 16
"""Ledgers of which figures are kept, those asked for last; the largest take some 20 MB each."""
TIME_LIMIT_S = 60.0
"""For one refresh, start to end."""
WAIT_S = 20.0
"""How long a question waits at most."""
REST = 4.0
REST_AFTER_FAILURE_S = 30.0
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The sparse products use one thread anyway; the libraries would set aside memory for one a processor."""

log = structlog.get_logger()


class NotReadyError(Exception):
    """The figures aren't there yet; they may be in some seconds."""


class TooLargeError(Exception):
    """The network is larger than is looked at."""


class Networks:
    """Figures by ledger. One in a process is enough."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept: OrderedDict[str, Figures | TooLarge] = OrderedDict()
        self._rests_until_s: dict[str, float] = {}  # a number a ledger: never cleared
        self._running: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(1)

    async def figures(self, ledger_id: str, head: int, at_least: int = 0) -> Figures:
        """The figures of a ledger whose last position is ``head``, as of ``at_least`` or later.

        Raises ``NotReadyError``, ``TooLargeError``.
        """
        kept = self._kept.get(ledger_id)
        if not isinstance(kept, Figures) or kept.position < head:
            refresh = self._refresh(ledger_id)
            if kept is None or (isinstance(kept, Figures) and kept.position < at_least):
                kept = await self._wait(ledger_id, refresh, at_least)
        if isinstance(kept, TooLarge):
            raise TooLargeError
        self._kept.move_to_end(ledger_id)
        return kept

    async def stop(self) -> None:
        """End what is under way."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _wait(self, ledger_id: str, refresh: asyncio.Task[None], at_least: int) -> Figures | TooLarge:
        """What is kept once it is as late as was asked for. A refresh may have begun before, or fail: then the next."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    await asyncio.shield(refresh)
                    kept = self._kept.get(ledger_id)
                    if isinstance(kept, TooLarge) or (kept is not None and kept.position >= at_least):
                        return kept
                    refresh = self._refresh(ledger_id)
        except TimeoutError:
            raise NotReadyError from None

    def _refresh(self, ledger_id: str) -> asyncio.Task[None]:
        """The refresh that is under way, or a new one."""
        running = self._running.get(ledger_id)
        if running is None:
            running = self._running[ledger_id] = asyncio.create_task(self._run(ledger_id))
            running.add_done_callback(lambda _: self._running.pop(ledger_id))
        return running

    async def _run(self, ledger_id: str) -> None:
        await asyncio.sleep(self._rests_until_s.get(ledger_id, 0.0) - time.monotonic())
        async with self._turn:
            began_s = time.monotonic()
            try:
                self._keep(ledger_id, await compute_elsewhere(Errand(self._url, ledger_id)))
                rest_s = REST * (time.monotonic() - began_s)
            except (OSError, TimeoutError, msgspec.DecodeError) as error:
                log.warning("network.refresh_failed", ledger=ledger_id, **describe(error))
                rest_s = REST_AFTER_FAILURE_S
            self._rests_until_s[ledger_id] = time.monotonic() + rest_s

    def _keep(self, ledger_id: str, found: Figures | TooLarge) -> None:
        self._kept[ledger_id] = found
        self._kept.move_to_end(ledger_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


async def compute_elsewhere(errand: Errand) -> Figures | TooLarge:
    """Have a process of its own do an errand.

    Raises ``TimeoutError`` after ``TIME_LIMIT_S``, ``ChildProcessError`` where the process failed.
    """
    command = (sys.executable, "-m", "services.network.refresh")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
    )
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            answer, _ = await process.communicate(msgspec.json.encode(errand))
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise ChildProcessError(f"the refresh ended with {process.returncode}")
    return msgspec.msgpack.decode(answer, type=Figures | TooLarge)
