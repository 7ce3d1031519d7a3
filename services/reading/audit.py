"""The promise audit: what was made against what was delivered, as of any moment on either clock.

``services/reading/standing.py`` defines how a promise stands. The totals part what was made, and not retracted, into
``made`` = ``open`` + ``kept`` + ``partly_kept`` + ``broken`` + ``reneged`` + ``released`` + ``disputed`` +
``unconfirmed``; within them ``open`` = ``not_started`` + ``in_progress`` + ``reported`` and ``kept`` = ``kept_on_time``
+ ``kept_late``. What was never made is counted apart: ``requested``, ``offered``, ``countered``, ``lapsed``,
``declined`` and ``withdrawn``. ``overdue`` and ``behind`` are parts of ``open``, and may overlap. ``retracted`` ones
are counted apart and in nothing else. Quantities are per unit, of what was made and is not retracted, in the unit's
smallest division.

The pages of one audit are of one moment: the cursor carries it along. Only the first page has the totals.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from services.reading.as_of import NOW, Asked, AsOf, AsOfAnswer, resolve, said
from services.reading.pages import FIRST, SEPARATOR, Page, a_number, cut, read_cursor, write_cursor
from services.reading.question import BadQuestionError
from services.reading.snapshot import Look, Snapshot
from services.reading.standing import (
    EVERYTHING,
    KEPT,
    NOT_MADE,
    OPEN,
    PromiseFilter,
    PromiseLine,
    Question,
    Standing,
    ask,
    read_lines,
)
from services.reading.words import read_names

GroupBy = Literal["promisor", "promisee", "pair", "organisation", "month", "year"]
NO_ORGANISATION = "none"
"""The key of the group of those who were members of no organisation."""
PERIODS = frozenset({"month", "year"})
NO_TIME = "now"  # in a cursor: not on the occurred clock
BATCH = 1_000
"""How many lines a walk through all of them reads at a time."""


class Quantities(Struct, frozen=True, kw_only=True):
    """What was promised and delivered in one unit."""

    unit: str
    promised: int
    delivered: int


class Totals(Struct, frozen=True, kw_only=True):
    """How many promises stand how."""

    made: int
    open: int
    not_started: int
    in_progress: int
    reported: int
    overdue: int
    behind: int
    kept: int
    kept_on_time: int
    kept_late: int
    partly_kept: int
    broken: int
    reneged: int
    released: int
    disputed: int
    unconfirmed: int
    retracted: int
    requested: int
    offered: int
    countered: int
    lapsed: int
    declined: int
    withdrawn: int
    quantities: tuple[Quantities, ...]


class Group(Struct, frozen=True, kw_only=True):
    """The totals of one promisor, promisee, pair, organisation or period.

    A promise is its promisor's organisation's when it was made: of several, of each of them; of none, ``none``'s.
    """

    key: str
    parties: tuple[UUID, ...] = ()
    """The promisor, promisee or organisation, or the two of a pair, whoever of them promised."""
    names: tuple[str | None, ...] = ()
    period: str | None = None
    """The month (2024-05) or year (2024), in UTC, in which they were made."""
    totals: Totals


class PromiseAudit(AsOfAnswer, frozen=True, kw_only=True):
    """Made against delivered."""

    totals: Totals | None
    """Of all that was chosen; on the first page only."""
    groups: tuple[Group, ...] | None
    """The page, where it is grouped."""
    lines: tuple[PromiseLine, ...] | None
    """The page, where it is not grouped: by id."""
    next: str | None


async def read_audit(
    snapshot: Snapshot,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    page: Page = FIRST,
    *,
    group_by: GroupBy | None = None,
) -> PromiseAudit:
    """A page of the audit. Raises ``BadQuestionError`` where moment, filters or cursor make no sense."""
    as_of, place = await _moment(snapshot, asked, page.after)
    question = await ask(snapshot, as_of, chosen)
    totals = None if page.after else await read_totals(question)
    lines = groups = None
    if group_by is None:
        lines, next_page = await _lines(question, place, page.limit)
    else:
        groups, next_page = await _groups(question, group_by, place, page.limit)
    return PromiseAudit(**said(as_of), totals=totals, groups=groups, lines=lines, next=next_page)


async def read_totals(question: Question) -> Totals:
    """The totals of all promises that a question is about."""
    return _totals(await question.fetch("promise_counts"))


async def walk_audit(
    look: Look,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    *,
    group_by: GroupBy | None = None,
) -> AsyncIterator[PromiseAudit]:
    """All pages of an audit. Each has a short transaction of its own: whoever reads slowly keeps no connection."""
    after = None
    while True:
        async with look() as snapshot:
            page = await read_audit(snapshot, chosen, asked, Page(after, BATCH), group_by=group_by)
        yield page
        after = page.next
        if after is None:
            return


async def _moment(snapshot: Snapshot, asked: Asked, after: str | None) -> tuple[AsOf, str | None]:
    """The moment asked about, or the one that a cursor carries along, and the place in the page's own list."""
    if after is None:
        return await resolve(snapshot, asked), None
    *parts, place = after.split(SEPARATOR, 3)
    position, moment, occurred = read_cursor(SEPARATOR.join(parts), a_number, _a_time, _a_time_or_none)
    if not 1 <= position <= snapshot.position:
        raise BadQuestionError("after", "This ledger does not reach that far; take it from 'next' of a page.")
    if max(moment, occurred or moment) > snapshot.now:
        raise BadQuestionError("after", "Its moment lies in the future; take it from 'next' of a page.")
    return AsOf(position, moment, occurred), place


def _cursor(as_of: AsOf, place: object) -> str:
    return write_cursor(as_of.position, _time(as_of.moment), _time(as_of.occurred), place)


def _time(moment: datetime | None) -> str:
    """A time without a plus sign, which an address would turn into a space."""
    return NO_TIME if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _a_time(text: str) -> datetime:
    """The time in a cursor. Raises ``ValueError``."""
    if not text.endswith("Z"):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _a_time_or_none(text: str) -> datetime | None:
    return None if text == NO_TIME else _a_time(text)


async def _lines(question: Question, place: str | None, limit: int) -> tuple[tuple[PromiseLine, ...], str | None]:
    (after,) = read_cursor(place, UUID) if place else (None,)
    shown, last = cut(await read_lines(question, after=after, limit=limit + 1), limit)
    return tuple(shown), None if last is None else _cursor(question.as_of, last.id)


async def _groups(
    question: Question, group_by: GroupBy, place: str | None, limit: int
) -> tuple[tuple[Group, ...], str | None]:
    by_key: dict[str, list[asyncpg.Record]] = {}
    by_organisation = group_by == "organisation"
    for row in await question.fetch("promise_totals", group_by, place, limit + 1, by_organisation=by_organisation):
        by_key.setdefault(row["key"], []).append(row)
    shown, last = cut(list(by_key), limit)
    parties = {} if group_by in PERIODS else {key: _parties(key) for key in shown}
    names = await read_names(question.snapshot, {party for group in parties.values() for party in group})
    groups = tuple(
        Group(
            key=key,
            parties=parties.get(key, ()),
            names=tuple(names.get(party) for party in parties.get(key, ())),
            period=None if key in parties else key,
            totals=_totals(by_key[key]),
        )
        for key in shown
    )
    return groups, None if last is None else _cursor(question.as_of, last)


def _parties(key: str) -> tuple[UUID, ...]:
    return () if key == NO_ORGANISATION else tuple(map(UUID, key.split(SEPARATOR)))


def _totals(rows: Iterable[asyncpg.Record]) -> Totals:
    """The totals of a group's rows, one for each unit and standing."""
    counts: dict[Standing, int] = dict.fromkeys(get_args(Standing), 0)
    overdue = behind = 0
    uncounted = {*NOT_MADE, "retracted"}
    quantities: dict[str, tuple[int, int]] = {}
    for row in rows:
        counts[row["standing"]] += row["promises"]
        overdue += row["overdue"]
        behind += row["behind"]
        if row["standing"] not in uncounted:
            promised, delivered = quantities.get(row["unit"], (0, 0))
            quantities[row["unit"]] = (promised + row["promised"], delivered + row["delivered"])
    return Totals(
        made=sum(counts[standing] for standing in counts if standing not in uncounted),
        open=sum(counts[standing] for standing in OPEN),
        kept=sum(counts[standing] for standing in KEPT),
        overdue=overdue,
        behind=behind,
        quantities=tuple(
            Quantities(unit=unit, promised=promised, delivered=delivered)
            for unit, (promised, delivered) in quantities.items()
        ),
        **counts,
    )
