"""One round to an endpoint: take a load there, and write down what became of it.

The events of a stream go one after the other, those of several streams beside each other. Where one does not arrive,
the later ones of its stream wait for it, and the others go on.
"""

import asyncio
import random
from collections import deque
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import structlog
from asyncpg.pool import PoolConnectionProxy
from msgspec import Struct, field

from services.service import Service
from services.webhooks.endpoints import DisabledFor, Endpoint, sql
from services.webhooks.load import Load, Parcel, Replay, Source
from services.webhooks.message import message_id, write_event
from services.webhooks.sender import CONNECTIONS, GONE, Outcome, send

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 3_600.0
GIVE_UP_AFTER = timedelta(days=3)
LOG_PAUSE_MAX_S = 60.0
"""How long an endpoint to which nothing arrives is left without anything new, at most."""
WAS_AWAY = timedelta(minutes=1)
"""An endpoint that took nothing for so long, and takes something, is given at once all that waits for it."""

log = structlog.get_logger()
_chance = random.SystemRandom()


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries in vain: 5 s, 15 s, 45 s … up to an hour, a fifth more or less by chance."""
    seconds = min(FIRST_PAUSE_S * 3.0 ** min(tries - 1, 10), LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * _chance.uniform(0.8, 1.2))


class Tried(Struct, frozen=True):
    """A try, and what came of it."""

    parcel: Parcel
    at: datetime
    outcome: Outcome


class Report(Struct):
    """What became of a load."""

    tried: list[Tried] = field(default_factory=list)
    untried: list[Parcel] = field(default_factory=list)
    in_vain: int = 0
    """Tries in a row that did not arrive."""
    is_gone: bool = False

    @property
    def has_to_stop(self) -> bool:
        """Whether there is no use in trying more."""
        return self.is_gone or self.in_vain >= CONNECTIONS


async def deliver(service: Service, client: httpx.AsyncClient, endpoint: Endpoint, load: Load) -> Report:
    """Take a load to its endpoint."""
    report = Report()
    streams: dict[UUID, list[Parcel]] = {}
    for parcel in sorted(load.parcels, key=lambda parcel: parcel.position):
        streams.setdefault(parcel.stream, []).append(parcel)
    lanes = asyncio.Semaphore(CONNECTIONS)

    async def take(left: deque[Parcel]) -> None:
        async with lanes:
            while left and not report.has_to_stop:
                if not await _try(service, client, endpoint, left.popleft(), report):
                    break
        report.untried += left

    async with asyncio.TaskGroup() as group:
        for parcels in streams.values():
            group.create_task(take(deque(parcels)))
    return report


async def _try(service: Service, client: httpx.AsyncClient, endpoint: Endpoint, parcel: Parcel, report: Report) -> bool:
    """Send a parcel once; answers whether it arrived."""
    body = write_event(parcel.position, parcel.state, endpoint.payload)
    at = service.clock()
    headers = endpoint.headers(message_id(endpoint.webhook_id, parcel.position), at, body)
    outcome = await send(client, httpx.URL(endpoint.url), headers, body, allow_private=service.allow_private_webhooks)
    report.tried.append(Tried(parcel, at, outcome))
    report.in_vain = 0 if outcome.arrived else report.in_vain + 1
    report.is_gone = report.is_gone or outcome.status == GONE
    return outcome.arrived


async def settle(
    connection: "PoolConnectionProxy[asyncpg.Record]",
    endpoint: Endpoint,
    lease: UUID,
    load: Load,
    report: Report,
    now: datetime,
) -> bool:
    """Write down what became of a load, all or nothing; answers whether the lease still held.

    Nothing waits for the disk: what a crash takes back is sent once more.
    """
    place = (endpoint.ledger_id, endpoint.webhook_id)
    async with connection.transaction():
        await connection.execute("SET LOCAL synchronous_commit = off")
        standing = _standing(endpoint, report, now)
        position = _reached(load, report, "log", load.after, load.position)
        if await connection.fetchval(sql("settle"), *place, lease, position, *standing, now) is None:
            return False
        if report.tried:
            await connection.execute(sql("keep_attempts"), *place, *_attempts(report))
        arrived = [tried.parcel.position for tried in report.tried if tried.outcome.arrived]
        if arrived:
            await connection.execute(sql("keep_arrived"), *place, arrived)
        waiting = _waiting(load, report, now, keeps_all=standing[-1] is not None)
        if waiting:
            await connection.execute(sql("keep_waiting"), *place, *map(list, zip(*waiting, strict=True)))
        streams = {parcel.stream for parcel in (*load.parcels, *load.behind)}
        if waiting or any(parcel.source == "kept" for parcel in load.parcels):
            await connection.execute(sql("line_up"), *place, list(streams), now)
        if arrived and endpoint.failing_since is not None and endpoint.failing_since <= now - WAS_AWAY:
            await connection.execute(sql("bring_forward"), *place, now)
        if load.replay is not None:
            await _move_replay(connection, place, load.replay, _reached(load, report, "replay", *load.replay.span))
    if standing[-1] is not None:
        log.warning("webhooks.disabled", ledger=place[0], webhook=str(place[1]), reason=standing[-1])
    return True


def _reached(load: Load, report: Report, source: Source, after: int, position: int) -> int:
    """Up to where the log, or a range, was told: what came last and was not tried may stay there."""
    untried = {parcel.position for parcel in report.untried if parcel.source == source}
    if not untried:
        return position
    taken = (parcel.position for parcel in (*load.parcels, *load.behind) if parcel.source == source)
    return max((one for one in taken if one not in untried), default=after)


def _standing(endpoint: Endpoint, report: Report, now: datetime) -> tuple[int, datetime | None, datetime, str | None]:
    """How many rounds were in vain, since when, when the log is gone on with, and why the endpoint is disabled."""
    reason: DisabledFor | None = "gone" if report.is_gone else None
    if not report.tried:
        return endpoint.failures, endpoint.failing_since, now, reason
    if any(tried.outcome.arrived for tried in report.tried):
        return 0, None, now, reason
    failing_since = endpoint.failing_since or now
    if reason is None and failing_since <= now - GIVE_UP_AFTER:
        reason = "failing"
    asked = timedelta(seconds=max(tried.outcome.retry_after_s for tried in report.tried))
    pause = min(pause_after(endpoint.failures + 1), timedelta(seconds=LOG_PAUSE_MAX_S))
    return endpoint.failures + 1, failing_since, now + max(pause, asked), reason


def _attempts(report: Report) -> tuple[list[Any], ...]:
    """The columns of what was tried."""
    return (
        [tried.parcel.position for tried in report.tried],
        [tried.at for tried in report.tried],
        [tried.outcome.status for tried in report.tried],
        [tried.outcome.error for tried in report.tried],
        [tried.outcome.latency_ms for tried in report.tried],
    )


def _waiting(load: Load, report: Report, now: datetime, *, keeps_all: bool) -> list[tuple[Any, ...]]:
    """The rows of what did not arrive, and of what waits; those that wait for others are lined up afterwards.

    An endpoint that is disabled ``keeps_all``: nothing is given up that it may take when it is back.
    """
    reached = {
        "log": _reached(load, report, "log", load.after, load.position),
        "replay": 0 if load.replay is None else _reached(load, report, "replay", *load.replay.span),
        "kept": 0,  # it has its row
    }
    new = [one for one in (*report.untried, *load.behind) if one.position <= reached[one.source]]
    later = now + pause_after(1)
    rows: dict[int, tuple[Any, ...]] = {one.position: (one.position, one.stream, 0, None, later, None) for one in new}
    for tried in report.tried:
        if tried.outcome.arrived:
            continue
        parcel, tries = tried.parcel, tried.parcel.tries + 1
        first_at = parcel.first_at or tried.at
        given_up = not keeps_all and first_at <= now - GIVE_UP_AFTER
        pause = max(pause_after(tries), timedelta(seconds=tried.outcome.retry_after_s))
        times = (first_at, None if given_up else now + pause, now if given_up else None)
        rows[parcel.position] = (parcel.position, parcel.stream, tries, *times)
    return list(rows.values())


async def _move_replay(
    connection: "PoolConnectionProxy[asyncpg.Record]", place: tuple[str, UUID], replay: Replay, reached: int
) -> None:
    if reached >= replay.until:
        await connection.execute(sql("end_replay"), *place, replay.replay_id)
    else:
        await connection.execute(sql("move_replay"), *place, replay.replay_id, reached)
