"""Contacts: who met whom, and everything that was said about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.command import not_found
from domain.contact import Channel, Contact, ContactRecorded
from domain.event import Who
from services.reading.as_of import NOW, Answer, Asked, AsOf, AsOfAnswer, resolve, said
from services.reading.begun import Order, list_begun
from services.reading.history import HistoryEntry, Past, fold, fold_known, load_histories
from services.reading.pages import FIRST, Page
from services.reading.snapshot import Snapshot
from services.reading.words import word

BEGUN = (ContactRecorded.TOPIC,)


class ContactView(Struct, frozen=True, kw_only=True):
    """A contact as it stands."""

    id: UUID
    initiator: UUID
    other: UUID
    channel: Channel
    felt: int | None
    """How it felt to who recorded it: 1 dreadful, 5 a joy."""
    learnt: str | None
    """As it was worded last; null where a party was erased."""
    standing: Literal["recorded", "retracted"]
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: Who
    recorded_in: int
    """The position of the event that recorded it."""


class ContactAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """One contact with its history."""

    contact: ContactView
    history: tuple[HistoryEntry, ...]


class ContactPage(Answer, frozen=True, kw_only=True):
    """Contacts in the order in which they were recorded."""

    items: tuple[ContactView, ...]
    """A page may hold fewer than were asked for, even none: only ``next`` tells whether more follow."""
    next: str | None


async def list_contacts(
    snapshot: Snapshot,
    *,
    party: UUID | None = None,
    other: UUID | None = None,
    order: Order = "oldest",
    page: Page = FIRST,
) -> ContactPage:
    """A page of contacts: all, or those of a party, or those between two."""
    shown, last = await list_begun(snapshot, BEGUN, party, other, order, page)
    histories = await load_histories(snapshot, shown, AsOf(snapshot.position, snapshot.now))
    return ContactPage(
        position=snapshot.position,
        items=tuple(_view(stream, histories[stream]) for stream in shown),
        next=None if last is None else str(last),
    )


async def read_contact(snapshot: Snapshot, contact: UUID, asked: Asked = NOW) -> ContactAnswer:
    """One contact as of a moment. Raises ``Refusal`` where there was none."""
    as_of = await resolve(snapshot, asked)
    history = (await load_histories(snapshot, [contact], as_of)).get(contact)
    if history is None or fold(history, Contact) is None:
        raise not_found("contact")
    return ContactAnswer(
        **said(as_of), contact=_view(contact, history), history=tuple(past.as_entry() for past in history)
    )


def _view(contact: UUID, history: Sequence[Past]) -> ContactView:
    state = fold_known(history, Contact)
    recorded = history[0].recorded
    worded = [past for past in history if past.words is None or "learnt" in past.words]
    return ContactView(
        id=contact,
        initiator=state.initiator,
        other=state.other,
        channel=state.channel,
        felt=state.felt,
        learnt=word(worded[-1].words, "learnt") if worded else None,
        standing=state.status,
        occurred_at=recorded.event.occurred_at,
        recorded_at=recorded.recorded_at,
        recorded_by=state.recorded_by,
        recorded_in=history[0].position,
    )
