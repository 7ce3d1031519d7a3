"""Promises as lines: each as it stands at a moment, with its words and the events behind it.

``services/reading/standing.py`` defines what is said of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.promise.state import Status
from services.ledger.mapper import decode
from services.reading.standing import Question, Standing
from services.reading.words import open_all, read_names, word


class PromiseLine(Struct, frozen=True, kw_only=True):
    """A promise as it stands at a moment, with the events behind that. Times of length are in seconds."""

    id: UUID
    promisor: UUID
    promisor_name: str | None
    promisee: UUID
    promisee_name: str | None
    assessor: UUID | None
    what: str | None
    """Null where a party was erased."""
    status: Status
    """What was said last; ``standing`` adds what follows from the clock."""
    standing: Standing
    overdue: bool
    behind: bool
    unit: str
    quantity: int
    """What was promised, in the unit's smallest division."""
    fraction: float | None
    """The share that was delivered, where it is partly kept."""
    delivered: int
    """The quantity that was kept."""
    topic: str | None
    begun_at: datetime
    """When it was asked for, offered or made."""
    made_at: datetime | None
    """Since when it is a promise."""
    due: datetime | None
    """The date that was named; where one was only asked for, the end of the window in which an answer is waited for."""
    delivered_at: datetime | None
    ended_at: datetime | None
    lateness_s: int | None
    notice_s: int | None
    notice_share: float | None
    """The notice as a share of the time there was, 0 to 1."""
    declined: str | None
    """Why it was declined."""
    terms_changed: int
    """How often new terms were agreed to."""
    terms_from: UUID | None
    """Who proposed the new terms that wait for an answer."""
    newcomer: UUID | None
    """Whom a handover that waits for an answer is for."""
    delegated_from: UUID | None
    """The promisor before this one."""
    assigned_from: UUID | None
    """The promisee before this one."""
    positions: tuple[int, ...]
    """Of the events behind it, in order."""


async def read_lines(
    question: Question, *, promise: UUID | None = None, after: UUID | None = None, limit: int
) -> list[PromiseLine]:
    """Promises by id, words opened: those chosen, or the one named."""
    return await _show(question, await question.fetch("promise_lines", promise, after, limit))


async def fetch_dated(question: Question, until: datetime, limit: int) -> list[asyncpg.Record]:
    """Those chosen that are due until a moment, by their dates, for ``show_dated``."""
    return await question.fetch("promises_dated", until, limit)


async def show_dated(
    question: Question, rows: Sequence[asyncpg.Record], *, worded: Sequence[asyncpg.Record] | None = None
) -> list[PromiseLine]:
    """The same with their words, or with those of some, but without names and the positions of their events."""
    spoken = rows if worded is None else worded
    words = await open_all(question.snapshot, [decode(row["state"]) for row in spoken])
    what = {row["promise_id"]: word(said, "what") for row, said in zip(spoken, words, strict=True)}
    return [_line(row, {}, what.get(row["promise_id"])) for row in rows]


async def read_dated(question: Question, until: datetime, limit: int) -> list[PromiseLine]:
    """Both."""
    return await show_dated(question, await fetch_dated(question, until, limit))


async def _show(question: Question, rows: Sequence[asyncpg.Record]) -> list[PromiseLine]:
    snapshot = question.snapshot
    names, words = await snapshot.together.all(
        read_names(snapshot, {row[side] for row in rows for side in ("promisor", "promisee")}),
        open_all(snapshot, [decode(row["state"]) for row in rows]),
    )
    return [_line(row, names, word(said, "what")) for row, said in zip(rows, words, strict=True)]


def _line(row: asyncpg.Record, names: Mapping[UUID, str | None], what: str | None) -> PromiseLine:
    return PromiseLine(
        id=row["promise_id"],
        promisor=row["promisor"],
        promisor_name=names.get(row["promisor"]),
        promisee=row["promisee"],
        promisee_name=names.get(row["promisee"]),
        assessor=row["assessor"],
        what=what,
        status=row["status"],
        standing=row["standing"],
        overdue=row["overdue"],
        behind=row["coming_late"],
        unit=row["unit"],
        quantity=row["quantity"],
        fraction=row["fraction"],
        delivered=row["delivered"],
        topic=row["topic"],
        begun_at=row["begun_at"],
        made_at=row["made_at"],
        due=row["due_by"],
        delivered_at=row["delivered_at"],
        ended_at=row["ended_at"],
        lateness_s=row["lateness_s"],
        notice_s=row["notice_s"],
        notice_share=row["notice_share"],
        declined=row["declined"],
        terms_changed=row["terms_changed"],
        terms_from=row["terms_from"],
        newcomer=row["newcomer"],
        delegated_from=row["delegated_from"],
        assigned_from=row["assigned_from"],
        positions=tuple(row["positions"]),
    )
