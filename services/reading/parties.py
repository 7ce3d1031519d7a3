"""Parties: who the ledger knows, under which names and external references."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct, convert

from domain.command import Reference, not_found
from domain.party import Kind, Party
from services.reading.as_of import Answer, AsOf
from services.reading.history import Past, fold_known, load_histories
from services.reading.pages import FIRST, Page, cut, read_cursor
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql


class PartyView(Struct, frozen=True, kw_only=True):
    """A party as it stands."""

    id: UUID
    kind: Kind
    name: str | None
    """Null where the party was erased."""
    note: str | None
    references: tuple[Reference, ...]
    """Under which ids partners' systems know it."""
    registered_at: datetime


class PartyAnswer(Answer, frozen=True, kw_only=True):
    """One party."""

    party: PartyView


class PartyPage(Answer, frozen=True, kw_only=True):
    """Parties by id."""

    items: tuple[PartyView, ...]
    next: str | None
    """The ``after`` of the page that follows; null on the last."""


async def list_parties(snapshot: Snapshot, page: Page = FIRST) -> PartyPage:
    """A page of parties, by id."""
    (place,) = read_cursor(page.after, UUID) if page.after else (None,)
    rows = await snapshot.fetch(sql("parties"), snapshot.ledger_id, place, page.limit + 1)
    shown, last = cut([row["party_id"] for row in rows], page.limit)
    views = await _views(snapshot, shown)
    return PartyPage(
        position=snapshot.position,
        items=tuple(views[party] for party in shown),
        next=None if last is None else str(last),
    )


async def read_party(snapshot: Snapshot, party: UUID) -> PartyAnswer:
    """One party. Raises ``Refusal`` where the ledger does not know it."""
    await require_parties(snapshot, party)
    return PartyAnswer(position=snapshot.position, party=(await _views(snapshot, [party]))[party])


async def find_party(snapshot: Snapshot, reference: Reference) -> PartyPage:
    """The party that a partner's system knows under an id: a page of one, or of none."""
    party = await snapshot.connection.fetchval(
        sql("party_by_reference"), snapshot.ledger_id, snapshot.keyring.hash_reference(reference)
    )
    found = () if party is None else tuple((await _views(snapshot, [party])).values())
    return PartyPage(position=snapshot.position, items=found, next=None)


async def require_parties(snapshot: Snapshot, *parties: UUID) -> None:
    """Raise ``Refusal`` unless the ledger knows all of them."""
    known = await snapshot.connection.fetchval(sql("parties_known"), snapshot.ledger_id, list(parties))
    if known < len(set(parties)):
        raise not_found("party")


def parse_reference(text: str) -> Reference:
    """The reference that ``source:id`` names. Raises ``BadQuestionError``."""
    source, colon, identifier = text.partition(":")
    try:
        if colon:
            return convert({"source": source, "id": identifier}, Reference)
    except ValueError:
        pass
    raise BadQuestionError("reference", "A reference is written 'source:id', as in crm:4711.")


async def _views(snapshot: Snapshot, parties: Sequence[UUID]) -> dict[UUID, PartyView]:
    histories = await load_histories(snapshot, parties, AsOf(snapshot.position, snapshot.now))
    return {party: _view(party, history) for party, history in histories.items()}


def _view(party: UUID, history: list[Past]) -> PartyView:
    said: dict[Literal["name", "note"], str | None] = {"name": None, "note": None}
    references: list[Reference] = []
    for past in history:
        words = past.words or {}
        said["name"] = words.get("name", said["name"])
        said["note"] = words.get("note", said["note"])
        references += convert(words.get("references", ()), tuple[Reference, ...])
    state = fold_known(history, Party)
    return PartyView(id=party, kind=state.kind, references=tuple(references), registered_at=state.registered_at, **said)
