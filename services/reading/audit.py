"""The promise audit: what was made against what was delivered, as of any moment on either clock.

``services/reading/audit_figures.py`` defines the figures. The pages of one audit are of one
moment: the cursor carries it along. Only the first page has the totals.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from services.reading.as_of import NOW, Asked, AsOf, AsOfAnswer, resolve, said, write_moment
from services.reading.audit_figures import QUANTILES, Measures, Totals, measures_of, totals_of
from services.reading.audit_links import NONE, AuditLine, Links
from services.reading.pages import FIRST, SEPARATOR, Page, a_number, cut, read_cursor, write_cursor
from services.reading.promise_lines import read_lines
from services.reading.question import BadQuestionError
from services.reading.snapshot import Look, Snapshot
from services.reading.standing import EVERYTHING, MADE, NO_ORGANISATION, PromiseFilter, Question, ask
from services.reading.words import read_names

GroupBy = Literal["promisor", "promisee", "pair", "organisation", "month", "quarter", "year"]
BY: tuple[GroupBy, ...] = get_args(GroupBy)
PERIODS = frozenset({"month", "quarter", "year"})
NO_TIME = "now"  # in a cursor: not on the occurred clock
BATCH = 1_000
"""How many lines a walk through all of them reads at a time."""


class Group(Struct, frozen=True, kw_only=True):
    """The totals of one promisor, promisee, pair, organisation or period.

    A promise is its promisor's organisation's when it was made: of several, of each of them; of none, ``none``'s. Its
    period is the one in which it was made; where it never was, in which it was asked for or offered.
    """

    key: str
    parties: tuple[UUID, ...] = ()
    """The promisor, promisee or organisation, or the two of a pair, whoever of them promised."""
    names: tuple[str | None, ...] = ()
    period: str | None = None
    """The month (2024-05), quarter (2024-Q2) or year (2024), in UTC, in which they were made."""
    lines: str | None
    """The address of all of its lines."""
    totals: Totals
    measures: Measures


class PromiseAudit(AsOfAnswer, frozen=True, kw_only=True):
    """Made against delivered."""

    totals: Totals | None
    """Of all that was chosen, each promise once; on the first page only, as are the next two."""
    measures: Measures | None
    in_several: int | None
    """By organisation: how many of those made count in more than one group. The groups' sum has them more than once."""
    groups: tuple[Group, ...] | None
    """The page, where it is grouped."""
    lines: tuple[AuditLine, ...] | None
    """The page, where it is not grouped: by id."""
    next: str | None


async def read_audit(
    snapshot: Snapshot,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    page: Page = FIRST,
    *,
    by: GroupBy | None = None,
) -> PromiseAudit:
    """A page of the audit. Raises ``BadQuestionError`` where moment, filters or cursor make no sense."""
    as_of, place = await _moment(snapshot, asked, page.after)
    question = await ask(snapshot, as_of, chosen)
    links = Links(snapshot.ledger_id, as_of, chosen)
    totals = measures = in_several = lines = groups = None
    by_organisation = by == "organisation"
    figures = _figures(question, by_organisation=by_organisation) if page.after is None else _nothing()
    if by is None:
        rows, (lines, next_page) = await snapshot.together.all(figures, _lines(question, links, place, page.limit))
    else:
        rows, (groups, next_page) = await snapshot.together.all(
            figures, _groups(question, links, by, place, page.limit)
        )
    if page.after is None:
        totals, measures = totals_of(rows, links), measures_of(rows, links)
        if by_organisation:
            in_several = sum(row["several"] for row in rows if row["standing"] in MADE)
    return PromiseAudit(
        **said(as_of),
        totals=totals,
        measures=measures,
        in_several=in_several,
        groups=groups,
        lines=lines,
        next=next_page,
    )


async def read_totals(question: Question) -> Totals:
    """The totals of all promises that a question is about."""
    links = Links(question.snapshot.ledger_id, question.as_of, question.chosen)
    return totals_of(await question.fetch("promise_counts"), links)


async def walk_audit(
    look: Look,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    *,
    by: GroupBy | None = None,
) -> AsyncIterator[PromiseAudit]:
    """All pages of an audit. Each has a short transaction of its own: whoever reads slowly keeps no connection."""
    after = None
    while True:
        async with look() as snapshot:
            page = await read_audit(snapshot, chosen, asked, Page(after, BATCH), by=by)
        yield page
        after = page.next
        if after is None:
            return


async def figures_at(question: Question) -> tuple[Totals, Measures]:
    """The figures of all that a question chooses."""
    links = Links(question.snapshot.ledger_id, question.as_of, question.chosen)
    rows = await _figures(question)
    return totals_of(rows, links), measures_of(rows, links)


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
    occurred = NO_TIME if as_of.occurred is None else write_moment(as_of.occurred)
    return write_cursor(as_of.position, write_moment(as_of.moment), occurred, place)


def _a_time(text: str) -> datetime:
    """The time in a cursor. Raises ``ValueError``."""
    if not text.endswith("Z"):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _a_time_or_none(text: str) -> datetime | None:
    return None if text == NO_TIME else _a_time(text)


async def _figures(question: Question, *, by_organisation: bool = False) -> list[asyncpg.Record]:
    """Of all that is chosen; how many are in several organisations as well, where it goes by them."""
    return await question.fetch("promise_figures", QUANTILES, by_organisation=by_organisation)


async def _nothing() -> list[asyncpg.Record]:
    return []


async def _lines(
    question: Question, links: Links, place: str | None, limit: int
) -> tuple[tuple[AuditLine, ...], str | None]:
    (after,) = read_cursor(place, UUID) if place else (None,)
    shown, last = cut(await read_lines(question, after=after, limit=limit + 1), limit)
    return tuple(map(links.line, shown)), None if last is None else _cursor(question.as_of, last.id)


async def _groups(
    question: Question, links: Links, by: GroupBy, place: str | None, limit: int
) -> tuple[tuple[Group, ...], str | None]:
    by_key: dict[str, list[asyncpg.Record]] = {}
    by_organisation = by == "organisation"
    for row in await question.fetch("promise_totals", by, place, limit + 1, QUANTILES, by_organisation=by_organisation):
        by_key.setdefault(row["key"], []).append(row)
    shown, last = cut(list(by_key), limit)
    parties = {} if by in PERIODS else {key: _parties(key) for key in shown}
    names = await read_names(question.snapshot, {party for group in parties.values() for party in group})
    groups = []
    for key in shown:
        inside = links.within(**_chosen_by(by, key))
        group = Group(
            key=key,
            parties=parties.get(key, ()),
            names=tuple(names.get(party) for party in parties.get(key, ())),
            period=None if key in parties else key,
            lines=inside.to(),
            totals=totals_of(by_key[key], inside),
            measures=measures_of(by_key[key], inside),
        )
        groups.append(group)
    return tuple(groups), None if last is None else _cursor(question.as_of, last)


def _parties(key: str) -> tuple[UUID, ...]:
    return () if key == NONE else tuple(map(UUID, key.split(SEPARATOR)))


def _chosen_by(by: GroupBy, key: str) -> dict[str, Any]:
    """The filters that choose what a group holds."""
    if by in PERIODS:
        start, end = _period(key)
        return {"made_from": start, "made_to": end}
    parties = _parties(key)
    if by == "pair":
        return {"party": parties[0], "other": parties[1]}
    return {by: parties[0] if parties else NO_ORGANISATION}


def _period(key: str) -> tuple[datetime, datetime]:
    """From when until before when a period lasts."""
    year, part = int(key[:4]), key[5:]
    months, first = (12, 1) if not part else (3, int(part[1]) * 3 - 2) if part[0] == "Q" else (1, int(part))
    years, month = divmod(first - 1 + months, 12)
    return datetime(year, first, 1, tzinfo=UTC), datetime(year + years, month + 1, 1, tzinfo=UTC)
