"""Promises: as they stand now, and everything that was said about one."""

from uuid import UUID

from domain.command import not_found
from services.reading.as_of import NOW, Asked, AsOfAnswer, policy_at, resolve, said
from services.reading.history import HistoryEntry, load_histories
from services.reading.pages import FIRST, Page, cut, read_cursor
from services.reading.promise_lines import PromiseLine, read_lines
from services.reading.snapshot import Snapshot
from services.reading.standing import EVERYTHING, PromiseFilter, Question, ask


class PromiseAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One promise with its history."""

    promise: PromiseLine
    history: tuple[HistoryEntry, ...]


class PromisePage(AsOfAnswer, frozen=True, kw_only=True):
    """Promises by id."""

    items: tuple[PromiseLine, ...]
    next: str | None


async def list_promises(
    snapshot: Snapshot, chosen: PromiseFilter = EVERYTHING, page: Page = FIRST, asked: Asked = NOW
) -> PromisePage:
    """A page of promises as they stood at a moment."""
    (place,) = read_cursor(page.after, UUID) if page.after else (None,)
    as_of = await resolve(snapshot, asked)
    question = await ask(snapshot, as_of, chosen)
    lines = await read_lines(question, after=place, limit=page.limit + 1)
    shown, last = cut(lines, page.limit)
    return PromisePage(**said(as_of), items=tuple(shown), next=None if last is None else str(last.id))


async def read_promise(snapshot: Snapshot, promise: UUID, asked: Asked = NOW) -> PromiseAnswer:
    """One promise as of a moment. Raises ``Refusal`` where there was none."""
    as_of = await resolve(snapshot, asked)
    question = Question(snapshot, as_of, await policy_at(snapshot, as_of), EVERYTHING)
    lines, histories = await snapshot.together.all(
        read_lines(question, promise=promise, limit=1), load_histories(snapshot, [promise], as_of)
    )
    if not lines:
        raise not_found("promise")
    history = histories[promise]
    return PromiseAnswer(**said(as_of), promise=lines[0], history=tuple(past.as_entry() for past in history))
