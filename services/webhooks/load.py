"""What one round takes to an endpoint: what is to be tried again, what is to be told again, and what is new."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import Struct

from services.reading.snapshot import fitted
from services.webhooks.endpoints import Endpoint, sql
from services.webhooks.sender import CONNECTIONS

BATCH = 100
SPAN = 10_000
"""How many positions a round looks through for wanted topics."""
ROOM = 200
"""How many events may wait for an endpoint beside the log: with more it gets nothing new until some have arrived."""


Source = Literal["kept", "replay", "log"]
"""Where an event comes from: its own row, since it failed before; a range that is sent again; or the log."""


class Parcel(Struct, frozen=True, kw_only=True):
    """An event for an endpoint."""

    position: int
    stream: UUID
    state: bytes
    tries: int = 0
    first_at: datetime | None = None
    """When it was tried first."""
    source: Source


class Replay(Struct, frozen=True):
    """A range that is sent again: where it goes on, how far this round goes, and how far it is to go."""

    replay_id: UUID
    after: int
    position: int
    until: int

    @property
    def span(self) -> tuple[int, int]:
        """Where this round begins and ends in it."""
        return self.after, self.position


class Load(Struct, frozen=True, kw_only=True):
    """The parcels of one round."""

    parcels: tuple[Parcel, ...]
    behind: tuple[Parcel, ...]
    """Not to be tried: an earlier event of their stream has not arrived."""
    after: int
    """Up to where the log was told before."""
    position: int
    """Up to where it is told with this round."""
    replay: Replay | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.parcels and self.replay is None and self.position <= self.after


async def gather(connection: "PoolConnectionProxy[asyncpg.Record]", endpoint: Endpoint, now: datetime) -> Load:
    """What there is to do for an endpoint."""
    place = (endpoint.ledger_id, endpoint.webhook_id)
    due = [
        Parcel(
            position=row["position"],
            stream=_uuid(row["stream_id"]),
            state=row["state"],
            tries=row["tries"],
            first_at=row["first_at"],
            source="kept",
        )
        for row in await connection.fetch(sql("due"), *place, now, BATCH)
    ]
    waiting = {_uuid(row["stream_id"]): row["events"] for row in await connection.fetch(sql("waiting"), *place)}
    fresh: list[Parcel] = []
    position, replay = endpoint.position, None
    if endpoint.next_at <= now:
        room = min(CONNECTIONS if endpoint.failures else BATCH, ROOM - sum(waiting.values()))
        if room > 0:
            replay, fresh = await _replayed(connection, endpoint, room)
        if room > len(fresh):
            head = await connection.fetchval(sql("head"), endpoint.ledger_id)
            new, position = await _events(connection, endpoint, (position, head), room - len(fresh), "log")
            fresh += new
    return Load(
        parcels=(*due, *(parcel for parcel in fresh if parcel.stream not in waiting)),
        behind=tuple(parcel for parcel in fresh if parcel.stream in waiting),
        after=endpoint.position,
        position=position,
        replay=replay,
    )


async def _replayed(
    connection: "PoolConnectionProxy[asyncpg.Record]", endpoint: Endpoint, limit: int
) -> tuple[Replay | None, list[Parcel]]:
    row = await connection.fetchrow(sql("replay"), endpoint.ledger_id, endpoint.webhook_id)
    if row is None:
        return None, []
    after, until = row["position"], row["until"]
    parcels, position = await _events(connection, endpoint, (after, until), limit, "replay")
    return Replay(_uuid(row["replay_id"]), after, position, until), parcels


async def _events(
    connection: "PoolConnectionProxy[asyncpg.Record]",
    endpoint: Endpoint,
    span: tuple[int, int],
    limit: int,
    source: Source,
) -> tuple[list[Parcel], int]:
    """The next events of a span that the endpoint wants, and the position up to which these are all."""
    after, until = span
    upto = max(after, min(after + SPAN, until))
    topics = None if endpoint.chosen is None else list(endpoint.chosen)
    text = fitted(sql("next_events"), (True, True, True, True, topics is not None))
    rows = await connection.fetch(text, endpoint.ledger_id, after, upto, limit, topics)
    parcels = [
        Parcel(position=row["position"], stream=_uuid(row["stream_id"]), state=row["state"], source=source)
        for row in rows
    ]
    return parcels, parcels[-1].position if len(parcels) == limit else upto


def _uuid(found: UUID) -> UUID:
    """Asyncpg's own kind of UUID equals and hashes like ours, but msgspec writes only ours."""
    return UUID(int=found.int)
