"""One tie with its history: how close a party says that another is to it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.command import not_found
from domain.tie import Closeness, Tie
from services.reading.as_of import NOW, Asked, AsOfAnswer, resolve, said
from services.reading.history import HistoryEntry, fold, load_histories
from services.reading.reader import ADMINISTRATOR, Reader
from services.reading.snapshot import Snapshot


class TieView(Struct, frozen=True, kw_only=True):
    """A tie, seen from one side."""

    id: UUID
    party: UUID
    other: UUID
    closeness: Closeness | None
    """Null where it was taken back."""
    declared_at: datetime
    """When the party last said something of it."""


class TieAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One tie with its history."""

    tie: TieView
    history: tuple[HistoryEntry, ...]


async def read_tie(snapshot: Snapshot, tie: UUID, asked: Asked = NOW, reader: Reader = ADMINISTRATOR) -> TieAnswer:
    """One tie as of a moment. Raises ``Refusal`` where there was none, or it is another party's own matter."""
    as_of = await resolve(snapshot, asked)
    history = (await load_histories(snapshot, [tie], as_of)).get(tie, [])
    state = fold(history, Tie)
    if state is None or not reader.may_know(state.party):
        raise not_found("tie")
    view = TieView(id=tie, party=state.party, other=state.other, closeness=state.closeness, declared_at=state.latest)
    return TieAnswer(**said(as_of), tie=view, history=tuple(past.as_entry() for past in history))
