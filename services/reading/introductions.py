"""Introductions: who brought whom together, with whose consent, and what became of it.

Each of the two answers privately. An introduction shows how many have answered; what a party said is shown to keys that
act for that party, and to an administrator's. Once both have answered its status says whether both said yes, and
no more: who declined is never shown to the other side, nor to the introducer.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.command import not_found
from domain.introduction.events import Outcome
from domain.introduction.state import Introduction, Status
from services.reading.aliases import read_aliases
from services.reading.as_of import NOW, Answer, Asked, AsOfAnswer, now, resolve, said
from services.reading.history import HistoryEntry, Past, fold, fold_known, load_histories, open_histories
from services.reading.pages import FIRST, Page, cut, read_cursor
from services.reading.parties import require_parties
from services.reading.reader import ADMINISTRATOR, Reader
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
    """Those that may be shown to who asks: its own parties', or to an administrator both."""
    outcomes: tuple[OutcomeView, ...]
    why: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_in: int
    """The position of the event that proposed it."""


class IntroductionAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One introduction with its history, in which others' answers are left out."""

    introduction: IntroductionView
    history: tuple[HistoryEntry, ...]


class IntroductionPage(Answer, frozen=True, kw_only=True):
    """Introductions by id."""

    items: tuple[IntroductionView, ...]
    next: str | None


class IntroducerRecord(AsOfAnswer, frozen=True, kw_only=True):
    """What a party did as an introducer: of how many introductions something can be said."""

    party: UUID
    proposed: int
    waiting: int
    """Not answered by both yet."""
    declined: int
    consented: int
    """Both said yes, and it is not made yet."""
    made: int
    met: int
    """Of those made: either of the two said that they met. The same below; one introduction may be in several."""
    useful: int
    led_to: int
    came_to_nothing: int
    grown: int
    """How many favours and promises were named that grew from them."""


async def read_introducer(snapshot: Snapshot, party: UUID, asked: Asked = NOW) -> IntroducerRecord:
    """A party's record as an introducer as of a moment. Raises ``Refusal`` where the ledger does not know it."""
    as_of = await resolve(snapshot, asked)
    aliases = await read_aliases(snapshot, as_of)
    _, (row,) = await snapshot.together.all(
        require_parties(snapshot, party),
        snapshot.fetch(sql("introducer"), snapshot.ledger_id, aliases.ids(party), as_of.position, as_of.occurred),
    )
    return IntroducerRecord(**said(as_of), party=aliases.root(party), **row)


async def list_introductions(
    snapshot: Snapshot, *, party: UUID | None = None, page: Page = FIRST, reader: Reader = ADMINISTRATOR
) -> IntroductionPage:
    """A page of introductions: all, or those that a party is one of the three in."""
    (place,) = read_cursor(page.after, UUID) if page.after else (None,)
    if party is None:
        rows = await snapshot.fetch(sql("introductions"), snapshot.ledger_id, place, page.limit + 1)
    else:
        ids = (await read_aliases(snapshot, now(snapshot))).ids(party)
        rows = await snapshot.fetch(sql("introductions_of_party"), snapshot.ledger_id, ids, place, page.limit + 1)
    streams, last = cut(list(dict.fromkeys(row["stream_id"] for row in rows)), page.limit)
    histories = await open_histories(snapshot, rows)
    return IntroductionPage(
        position=snapshot.position,
        items=tuple(_view(stream, histories[stream], reader) for stream in streams),
        next=None if last is None else str(last),
    )


async def read_introduction(
    snapshot: Snapshot, introduction: UUID, asked: Asked = NOW, reader: Reader = ADMINISTRATOR
) -> IntroductionAnswer:
    """One introduction as of a moment. Raises ``Refusal`` where there was none."""
    as_of = await resolve(snapshot, asked)
    history = (await load_histories(snapshot, [introduction], as_of)).get(introduction)
    state = fold(history or (), Introduction)
    if history is None or state is None:
        raise not_found("introduction")
    seen = [past for past in history if reader.shows(past.recorded.event)]
    return IntroductionAnswer(
        **said(as_of),
        introduction=_view(introduction, history, reader),
        history=tuple(past.as_entry() for past in seen),
    )


def _view(introduction: UUID, history: Sequence[Past], reader: Reader) -> IntroductionView:
    state = fold_known(history, Introduction)
    proposed = history[0].recorded
    return IntroductionView(
        id=introduction,
        introducer=state.introducer,
        first=state.first,
        second=state.second,
        status=state.status,
        answered=len(state.answers),
        answers=tuple(ConsentView(*answer) for answer in state.answers if reader.is_own(answer[0])),
        outcomes=tuple(OutcomeView(*outcome) for outcome in state.outcomes),
        why=word(history[0].words, "why"),
        occurred_at=proposed.event.occurred_at,
        recorded_at=proposed.recorded_at,
        recorded_in=history[0].position,
    )
