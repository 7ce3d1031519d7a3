"""What changed in the audit of promises between two moments of one clock, and which events did it.

A promise moved where it stands otherwise, is newly overdue or behind or no longer so, or is in the audit at one of the
moments only. Where no event stands beside it, time did it (it came overdue, or nobody answered), or the policy, or a
merge of parties. How the promises stood is counted for both moments by the definitions of the audit.
"""

import re
from collections.abc import Sequence
from uuid import UUID

import asyncpg
from msgspec import Struct

from services.ledger.mapper import decode
from services.reading.as_of import NOW, Answer, Asked, AsOf, AsOfAnswer, Clock, parse_asked, resolve, said
from services.reading.audit import figures_at
from services.reading.audit_figures import Measures, Totals
from services.reading.audit_links import EventLink, Links
from services.reading.pages import FIRST, SEPARATOR, Page, cut, read_cursor, write_cursor
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql
from services.reading.standing import EVERYTHING, PromiseFilter, Question, Standing, ask, standing_text
from services.reading.words import open_all, read_names, word

PLACE = re.compile(r"\$(\d+)")


class AuditAt(AsOfAnswer, frozen=True, kw_only=True):
    """The audit's figures at one of the moments; on the first page only."""

    totals: Totals | None
    measures: Measures | None


class Stood(Struct, frozen=True, kw_only=True):
    """How a promise stands at a moment."""

    standing: Standing
    overdue: bool
    behind: bool


class ChangeEvent(EventLink, frozen=True, kw_only=True):
    """An event that came in between."""

    topic: str


class ChangedLine(Struct, frozen=True, kw_only=True):
    """A promise that stands otherwise at the later moment."""

    id: UUID
    promisor: UUID
    promisor_name: str | None
    promisee: UUID
    promisee_name: str | None
    what: str | None
    before: Stood | None
    """Null where it was not in the audit at the earlier moment."""
    after: Stood | None
    """Null where it is not in the audit at the later moment."""
    history: str
    """The address of all that was said about it until the later moment."""
    events: tuple[ChangeEvent, ...]
    """What came in between, by position; none where time did it, the policy, or a merge of parties."""


class AuditChanges(Answer, frozen=True, kw_only=True):
    """What changed between two moments."""

    earlier: AuditAt
    later: AuditAt
    moved: int
    """How many lines there are on all pages."""
    lines: tuple[ChangedLine, ...]
    """By id."""
    next: str | None


async def read_changes(
    snapshot: Snapshot,
    earlier: Asked,
    later: Asked = NOW,
    clock: Clock = "recorded",
    chosen: PromiseFilter = EVERYTHING,
    page: Page = FIRST,
) -> AuditChanges:
    """A page of what changed among the chosen promises, both moments being asked for on the same clock.

    Raises ``BadQuestionError`` where one of them cannot be asked for, or the earlier one is the later.
    """
    place = None
    if page.after is not None:
        pins = page.after.split(SEPARATOR)
        if len(pins) != 3:
            read_cursor(page.after, str, str, UUID)  # which says what is wrong
        earlier, later = (parse_asked(pin, clock, "after") for pin in pins[:2])
        (place,) = read_cursor(pins[2], UUID)
    first, second = await _resolve(snapshot, earlier, "from"), await _resolve(snapshot, later, "to", clock)
    if first.position > second.position or first.moment > second.moment:
        raise BadQuestionError("from", "The moment to compare with lies after the other; turn 'from' and 'to' around.")
    before, after = await ask(snapshot, first, chosen), await ask(snapshot, second, chosen)
    rows = await _fetch(before, after, place, page.limit + 1)
    shown, last = cut(rows, page.limit)
    is_first = page.after is None
    return AuditChanges(
        position=second.position,
        earlier=await _at(before, with_figures=is_first),
        later=await _at(after, with_figures=is_first),
        moved=rows[0]["moved"] if rows else 0,
        lines=await _lines(after, shown),
        next=None if last is None else write_cursor(first.pin, second.pin, last["promise_id"]),
    )


async def _resolve(snapshot: Snapshot, asked: Asked, parameter: str, clock: Clock = "recorded") -> AsOf:
    """The moment. Now, on the clock of what occurred, leaves out what is said to occur later."""
    if asked == NOW and clock == "occurred":
        asked = Asked(occurred=snapshot.now)
    try:
        return await resolve(snapshot, asked)
    except BadQuestionError as wrong:
        raise BadQuestionError(parameter, wrong.message) from None


async def _fetch(before: Question, after: Question, place: UUID | None, limit: int) -> list[asyncpg.Record]:
    first, second = before.arguments(), after.arguments()
    later = PLACE.sub(lambda found: f"${int(found[1]) + len(first)}", standing_text(after))
    text = sql("promise_changes").replace("{earlier}", standing_text(before)).replace("{later}", later)
    return await before.snapshot.fetch(text, *first, *second, place, limit)


async def _at(question: Question, *, with_figures: bool) -> AuditAt:
    totals, measures = await figures_at(question) if with_figures else (None, None)
    return AuditAt(**said(question.as_of), totals=totals, measures=measures)


async def _lines(question: Question, rows: Sequence[asyncpg.Record]) -> tuple[ChangedLine, ...]:
    snapshot = question.snapshot
    links = Links(snapshot.ledger_id, question.as_of, question.chosen)
    names = await read_names(snapshot, {row[side] for row in rows for side in ("promisor", "promisee")})
    words = await open_all(snapshot, [decode(row["state"]) for row in rows])
    return tuple(
        ChangedLine(
            id=row["promise_id"],
            promisor=row["promisor"],
            promisor_name=names.get(row["promisor"]),
            promisee=row["promisee"],
            promisee_name=names.get(row["promisee"]),
            what=word(opened, "what"),
            before=_stood(row, "before"),
            after=_stood(row, "after"),
            history=links.history(row["promise_id"]),
            events=tuple(
                ChangeEvent(topic=topic, **links.addresses(position))
                for position, topic in zip(row["positions"], row["topics"], strict=True)
            ),
        )
        for row, opened in zip(rows, words, strict=True)
    )


def _stood(row: asyncpg.Record, when: str) -> Stood | None:
    standing = row[f"standing_{when}"]
    if standing is None:
        return None
    return Stood(standing=standing, overdue=row[f"overdue_{when}"], behind=row[f"behind_{when}"])
