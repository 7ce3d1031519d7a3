"""Introductions: who brought whom together, with whose consent, and what became of it.

Each of the two answers privately. Until both have, nobody learns from here who said what, or when: an introduction
shows only how many have answered, and its history stops at the proposal, whoever asks. (The log itself, ``events``,
does hold the answers; it is for keys with the scope ``audit``, and whoever gives one out should know that.)
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.command import not_found
from domain.introduction import Introduction, Outcome, Status
from services.reading.as_of import NOW, Answer, Asked, AsOf, AsOfAnswer, resolve, said
from services.reading.history import HistoryEntry, Past, fold, fold_known, load_histories
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.snapshot import Snapshot, sql
from services.reading.words import word


class ConsentView(Struct, frozen=True):
    """What one of the two answered."""

    party: UUID
    consented: bool


class OutcomeView(Struct, frozen=True):
    """What one of the two said became of it."""

    party: UUID
    outcome: Outcome
    led_to: tuple[UUID, ...]
    """Favours and promises that grew from it."""


class IntroductionView(Struct, frozen=True, kw_only=True):
    """An introduction as it stands."""

    id: UUID
    introducer: UUID
    first: UUID
    second: UUID
    status: Status
    answered: int
    """How many of the two have answered."""
    answers: tuple[ConsentView, ...]
    """Empty until both have answered."""
    outcomes: tuple[OutcomeView, ...]
    why: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_in: int
    """The position of the event that proposed it."""


class IntroductionAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One introduction with its history; before both have answered that is the proposal alone."""

    introduction: IntroductionView
    history: tuple[HistoryEntry, ...]


class IntroductionPage(Answer, frozen=True, kw_only=True):
    """Introductions in the order in which they were proposed."""

    items: tuple[IntroductionView, ...]
    next: str | None


async def list_introductions(snapshot: Snapshot, *, party: UUID | None = None, page: Page = FIRST) -> IntroductionPage:
    """A page of introductions: all, or those that a party is one of the three in."""
    (place,) = read_cursor(page.after, a_number) if page.after else (0,)
    name = "introductions" if party is None else "introductions_of_party"
    parties = () if party is None else (party,)
    rows = await snapshot.fetch(sql(name), snapshot.ledger_id, *parties, place, page.limit + 1)
    shown, last = cut(rows, page.limit)
    streams = [row["stream_id"] for row in shown]
    histories = await load_histories(snapshot, streams, AsOf(snapshot.position, snapshot.now))
    return IntroductionPage(
        position=snapshot.position,
        items=tuple(_view(stream, histories[stream]) for stream in streams),
        next=None if last is None else str(last["position"]),
    )


async def read_introduction(snapshot: Snapshot, introduction: UUID, asked: Asked = NOW) -> IntroductionAnswer:
    """One introduction as of a moment. Raises ``Refusal`` where there was none.

    A moment between the two answers shows what could be seen then.
    """
    as_of = await resolve(snapshot, asked)
    history = (await load_histories(snapshot, [introduction], as_of)).get(introduction)
    state = fold(history or (), Introduction)
    if history is None or state is None:
        raise not_found("introduction")
    seen = history if _both_answered(state) else history[:1]
    return IntroductionAnswer(
        **said(as_of),
        introduction=_view(introduction, history),
        history=tuple(past.as_entry() for past in seen),
    )


def _both_answered(state: Introduction) -> bool:
    return state.status != "proposed"


def _view(introduction: UUID, history: Sequence[Past]) -> IntroductionView:
    state = fold_known(history, Introduction)
    proposed = history[0].recorded
    return IntroductionView(
        id=introduction,
        introducer=state.introducer,
        first=state.first,
        second=state.second,
        status=state.status,
        answered=len(state.answers),
        answers=tuple(ConsentView(*answer) for answer in state.answers) if _both_answered(state) else (),
        outcomes=tuple(OutcomeView(*outcome) for outcome in state.outcomes),
        why=word(history[0].words, "why"),
        occurred_at=proposed.event.occurred_at,
        recorded_at=proposed.recorded_at,
        recorded_in=history[0].position,
    )
