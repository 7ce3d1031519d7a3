"""The directory: who is called what, and who knows about what.

Names and subjects lie sealed in events, so no index can find them: they are opened in memory, for as long as a question
takes, and compared as people mean them (``normal``). A page looks at ``WINDOW`` parties at most, and may hold fewer
than were asked for, even none: its ``next`` tells whether more follow.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.reading.aliases import Aliases, read_aliases
from services.reading.as_of import Answer, now
from services.reading.pages import FIRST, Page, cut, read_cursor
from services.reading.parties import PartyPage, show_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql
from services.reading.words import Listed, read_names, read_words

WINDOW = 1_000
"""How many parties one page looks at, at most: some 0.1 s of opening words."""
SOUGHT_LENGTH = 100
"""How long what is looked for may be, in characters."""


class Telling(Struct, frozen=True):
    """Where parties' words of one kind are, and which parties to look through for them."""

    parameter: str
    parties: str
    """The statement that walks those who may have them."""
    listed: Listed
    field: str


NAMES = Telling("name", "parties", "named_in", "name")
INTERESTS = Telling("interest", "parties", "interests_in", "interests")
KNOWLEDGE = Telling("about", "knowers", "knowledge_in", "knows_about")


class Knower(Struct, frozen=True, kw_only=True):
    """A party that knows about what was asked."""

    party: UUID
    name: str | None
    subjects: tuple[str, ...]
    """Those of its subjects that fit, as it calls them."""


class KnowerPage(Answer, frozen=True, kw_only=True):
    """Who knows about something, by id."""

    items: tuple[Knower, ...]
    """A page may hold fewer than were asked for, even none: only ``next`` tells whether more follow."""
    next: str | None


async def find_by_name(snapshot: Snapshot, name: str, page: Page = FIRST) -> PartyPage:
    """A page of the parties with this in their names, or in one that they have under another id."""
    found = await _look(snapshot, name, NAMES, page)
    return await show_parties(snapshot, list(found.fitting), found.aliases, found.last)


def only_named(page: PartyPage, name: str) -> PartyPage:
    """Those of a page that have this in their names."""
    return replace(page, items=tuple(one for one in page.items if normal(name) in normal(one.name)))


async def who_knows(snapshot: Snapshot, about: str, page: Page = FIRST) -> KnowerPage:
    """A page of the parties that know about something."""
    found = await _look(snapshot, about, KNOWLEDGE, page)
    names = await read_names(snapshot, found.fitting)
    items = [Knower(party=one, name=names.get(one), subjects=subjects) for one, subjects in found.fitting.items()]
    return KnowerPage(
        position=snapshot.position, items=tuple(items), next=None if found.last is None else str(found.last)
    )


async def knowers_of(snapshot: Snapshot, about: str) -> set[UUID]:
    """Everyone who knows about something, by the ids that stand for them."""
    found: set[UUID] = set()
    after = None
    while True:
        part = await _look(snapshot, about, KNOWLEDGE, Page(after, WINDOW))
        found.update(part.fitting)
        if part.last is None:
            return found
        after = str(part.last)


def normal(text: str) -> str:
    """A text as it is compared: without regard to case, width and spaces (Unicode's NFKC and case folding)."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


class Found(Struct, frozen=True):
    """What looking through a stretch of the directory found."""

    fitting: dict[UUID, tuple[str, ...]]
    """By party: its words that fit."""
    aliases: Aliases
    last: UUID | None
    """After which party the next page begins, where there may be more."""


async def _look(snapshot: Snapshot, sought: str, telling: Telling, page: Page) -> Found:
    wanted = normal(sought)
    if not wanted:
        raise BadQuestionError(telling.parameter, "Give some letters to look for.")
    (place,) = read_cursor(page.after, UUID) if page.after else (None,)
    aliases = await read_aliases(snapshot, now(snapshot))
    known = () if telling.parties == "parties" else (list(dict.fromkeys(aliases.roots)),)
    rows = await snapshot.fetch(sql(telling.parties), snapshot.ledger_id, place, WINDOW, aliases.merged, *known)
    walked = [row["party_id"] for row in rows]
    texts = await read_texts(snapshot, walked, aliases, telling)
    fits = {party: tuple(text for text in texts[party] if wanted in normal(text)) for party in walked}
    shown, last = cut([party for party in walked if fits[party]], page.limit)
    if last is None and len(walked) == WINDOW:
        last = walked[-1]
    return Found({party: fits[party] for party in shown}, aliases, last)


async def read_texts(
    snapshot: Snapshot, parties: Iterable[UUID], aliases: Aliases, telling: Telling
) -> dict[UUID, tuple[str, ...]]:
    """The words of one kind of each party, under all of its ids, as far as they can be read."""
    ids = {party: aliases.ids(party) for party in parties}
    words = await read_words(snapshot, [one for together in ids.values() for one in together], telling.listed)
    return {
        party: tuple(dict.fromkeys(text for one in together for text in _texts(words.get(one), telling.field)))
        for party, together in ids.items()
    }


def _texts(words: Mapping[str, Any] | None, field: str) -> Iterable[str]:
    text = (words or {}).get(field, ())
    return (text,) if isinstance(text, str) else text
