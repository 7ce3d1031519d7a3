"""Parties: who the ledger knows, under which names, ids and external references, and what is said of them.

A party is shown once, under the id that stands for it, with all that was said of any of its ids; a merged id, asked
for, shows what was said of that id alone, and what it was merged into.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct, convert

from domain.command import Reference, not_found
from domain.party import Kind, Party
from services.reading.aliases import Aliases, read_aliases
from services.reading.as_of import Answer, now
from services.reading.history import Past, fold_known, load_histories
from services.reading.pages import FIRST, Page, cut, read_cursor
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql
from services.reading.words import is_erased, name_in

Item = TypeVar("Item")


class PartyView(Struct, frozen=True, kw_only=True):
    """A party as it stands."""

    id: UUID
    kind: Kind
    name: str
    """What it is called; a stable pseudonym, as "erased party 7F3KQ2", where that cannot be read."""
    erased: bool
    """Whether it was erased: nothing that was written about it can be read any more."""
    note: str | None
    references: tuple[Reference, ...]
    """Under which ids partners' systems know it."""
    interests: tuple[str, ...]
    knows_about: tuple[str, ...]
    organisations: tuple[UUID, ...]
    """Those that it is a member of."""
    findable: bool
    """Whether it agreed to be found as someone who can introduce others."""
    registered_at: datetime
    aliases: tuple[UUID, ...]
    """Other ids of this party: those that were merged into it."""
    merged_into: UUID | None
    """Set where this is a merged id: the one that stands for it."""


class PartyAnswer(Answer, frozen=True, kw_only=True):
    """One party."""

    party: PartyView


class PartyPage(Answer, frozen=True, kw_only=True):
    """Parties by id."""

    items: tuple[PartyView, ...]
    """Of those of a name, a page may hold fewer than were asked for: ``next`` tells whether more follow."""
    next: str | None
    """The ``after`` of the page that follows; null on the last."""


async def list_parties(snapshot: Snapshot, page: Page = FIRST) -> PartyPage:
    """A page of parties, by id."""
    (place,) = read_cursor(page.after, UUID) if page.after else (None,)
    aliases = await read_aliases(snapshot, now(snapshot))
    rows = await snapshot.fetch(sql("parties"), snapshot.ledger_id, place, page.limit + 1, aliases.merged)
    shown, last = cut([row["party_id"] for row in rows], page.limit)
    return await show_parties(snapshot, shown, aliases, last)


async def read_party(snapshot: Snapshot, party: UUID) -> PartyAnswer:
    """One party. Raises ``Refusal`` where the ledger does not know it."""
    aliases = await read_aliases(snapshot, now(snapshot))
    ids = aliases.ids(party) if aliases.root(party) == party else (party,)
    _, histories = await snapshot.together.all(
        require_parties(snapshot, party), load_histories(snapshot, ids, now(snapshot))
    )
    view = _view(snapshot, party, [histories[one] for one in ids], aliases)
    return PartyAnswer(position=snapshot.position, party=view)


async def find_party(snapshot: Snapshot, reference: Reference) -> PartyPage:
    """The party that a partner's system knows under an id: a page of one, or of none."""
    party = await snapshot.fetchval(
        sql("party_by_reference"), snapshot.ledger_id, snapshot.keyring.hash_reference(reference)
    )
    aliases = await read_aliases(snapshot, now(snapshot))
    return await show_parties(snapshot, () if party is None else (aliases.root(party),), aliases)


async def show_parties(
    snapshot: Snapshot, parties: Sequence[UUID], aliases: Aliases, last: UUID | None = None
) -> PartyPage:
    """A page of these parties, of which more follow after ``last``."""
    items = tuple(await _views(snapshot, parties, aliases))
    return PartyPage(position=snapshot.position, items=items, next=None if last is None else str(last))


async def require_parties(snapshot: Snapshot, *parties: UUID) -> None:
    """Raise ``Refusal`` unless the ledger knows all of them."""
    known = await snapshot.fetchval(sql("parties_known"), snapshot.ledger_id, list(parties))
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


async def _views(snapshot: Snapshot, parties: Sequence[UUID], aliases: Aliases) -> list[PartyView]:
    ids = {party: aliases.ids(party) if aliases.root(party) == party else (party,) for party in parties}
    streams = [one for together in ids.values() for one in together]
    histories = await load_histories(snapshot, streams, now(snapshot))
    return [_view(snapshot, party, [histories[one] for one in ids[party]], aliases) for party in parties]


def _view(snapshot: Snapshot, party: UUID, histories: Sequence[Sequence[Past]], aliases: Aliases) -> PartyView:
    """A party by the histories of its ids, its own first."""
    states = [fold_known(history, Party) for history in histories]
    own, words = states[0], [_words(history) for history in histories]
    root = aliases.root(party)
    organisations = dict.fromkeys(aliases.root(one) for state in states for one in state.organisations)
    return PartyView(
        id=party,
        kind=own.kind,
        name=name_in(snapshot, party, {"name": words[0].name}),
        erased=is_erased(snapshot, party),
        note=words[0].note,
        references=_once(one for each in words for one in each.references),
        interests=_once(one for each in words for one in each.interests),
        knows_about=_once(one for each in words for one in each.knows_about),
        organisations=tuple(one for one in organisations if one != root),
        findable=own.findable,
        registered_at=own.registered_at,
        aliases=tuple(state.party for state in states[1:]),
        merged_into=None if root == party else root,
    )


class Words(Struct):
    """What is said of one id, as far as it can be read."""

    name: str | None = None
    note: str | None = None
    references: tuple[Reference, ...] = ()
    interests: tuple[str, ...] = ()
    knows_about: tuple[str, ...] = ()


def _words(history: Iterable[Past]) -> Words:
    """What was said last; references only ever come to it."""
    said: dict[str, object] = {}
    references: list[Reference] = []
    for past in history:
        words: Mapping[str, object] = past.words or {}
        said |= words
        references += convert(words.get("references", ()), tuple[Reference, ...])
    return convert(said | {"references": references}, Words, from_attributes=True)


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))
