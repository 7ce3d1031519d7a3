"""Timelines: all that happened between two parties, or to one, the latest first.

What is one party's own matter (``Event.private_to``) is in it only for that party's keys and an administrator's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.catalogue import STREAM_TYPE_OF
from domain.event import Posting, Who
from services.ledger.mapper import decode
from services.reading.aliases import read_aliases
from services.reading.as_of import NOW, Asked, AsOf, AsOfAnswer, resolve, said
from services.reading.history import Past
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.parties import require_parties
from services.reading.question import BadQuestionError
from services.reading.reader import ADMINISTRATOR, Reader
from services.reading.snapshot import Snapshot, sql
from services.reading.words import open_all


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """One event."""

    position: int
    kind: str
    """The kind of stream: ``favour``, ``introduction``, ``promise``, ``contact``, ``party`` …"""
    stream: UUID
    version: int
    """Its place in the stream."""
    topic: str
    parties: tuple[UUID, ...]
    """Giver, receiver and third, or as the kind calls them."""
    occurred_at: datetime
    recorded_at: datetime
    who: Who
    posting: Posting | None
    """What it added to the balance, in the unit's smallest division."""
    facts: dict[str, Any]
    """What else it says, by field; words are in ``words``."""
    words: dict[str, Any] | None
    """What people wrote, by field; null where a key is gone, so that nobody can read it any more."""


class Timeline(AsOfAnswer, frozen=True, kw_only=True):
    """Events, the latest recorded first."""

    items: tuple[TimelineEntry, ...]
    """A page may hold fewer than were asked for: only ``next`` tells whether more follow."""
    next: str | None


class Stretch(Struct, frozen=True, kw_only=True):
    """The part of a timeline that is asked for."""

    until: Asked = NOW
    """As of this moment."""
    since: Asked | None = None
    """What was recorded after this position, or time of recording; all, if left out."""


WHOLE = Stretch()


async def read_party_timeline(
    snapshot: Snapshot,
    party: UUID,
    stretch: Stretch = WHOLE,
    page: Page = FIRST,
    reader: Reader = ADMINISTRATOR,
) -> Timeline:
    """All that happened to a party, or a stretch of it. Raises ``Refusal`` where the ledger does not know it."""
    ends = await _ends(snapshot, stretch)
    ids = (await read_aliases(snapshot, ends[0])).ids(party)
    _, timeline = await snapshot.together.all(
        require_parties(snapshot, party), _read(snapshot, "timeline_of_party", (ids,), ends, page, reader)
    )
    return timeline


async def read_pair_timeline(
    snapshot: Snapshot,
    a: UUID,
    b: UUID,
    stretch: Stretch = WHOLE,
    page: Page = FIRST,
    reader: Reader = ADMINISTRATOR,
) -> Timeline:
    """All that happened between two parties, or a stretch of it.

    Raises ``Refusal`` where the ledger does not know one of them.
    """
    if a == b:
        raise BadQuestionError("b", "A relationship is between two different parties.")
    ends = await _ends(snapshot, stretch)
    merges = (await read_aliases(snapshot, ends[0])).merges
    ids = (merges.set_of(a), merges.set_of(b))
    _, timeline = await snapshot.together.all(
        require_parties(snapshot, a, b), _read(snapshot, "timeline_of_pair", ids, ends, page, reader)
    )
    return timeline


async def _ends(snapshot: Snapshot, stretch: Stretch) -> tuple[AsOf, int | None]:
    """The moment that a stretch reaches to, and the position after which it begins."""
    since = None if stretch.since is None else await resolve(snapshot, stretch.since, "since")
    return await resolve(snapshot, stretch.until), None if since is None else since.position


async def _read(
    snapshot: Snapshot,
    name: str,
    ids: tuple[Sequence[UUID], ...],
    ends: tuple[AsOf, int | None],
    page: Page,
    reader: Reader,
) -> Timeline:
    as_of, after = ends
    (place,) = read_cursor(page.after, a_number) if page.after else (None,)
    rows = await snapshot.fetch(
        sql(name), snapshot.ledger_id, as_of.position, as_of.occurred, place, page.limit + 1, after, *ids
    )
    found, last = cut(rows, page.limit)
    events = [(row["position"], decode(row["state"])) for row in found]
    shown = [one for one in events if reader.shows(one[1].event)]
    words = await open_all(snapshot, [event for _, event in shown])
    return Timeline(
        **said(as_of),
        items=tuple(_entry(Past(*one, said)) for one, said in zip(shown, words, strict=True)),
        next=None if last is None else str(last["position"]),
    )


def _entry(past: Past) -> TimelineEntry:
    entry, recorded = past.as_entry(), past.recorded
    return TimelineEntry(
        position=entry.position,
        kind=STREAM_TYPE_OF[type(recorded.event)].name,
        stream=recorded.originator_id,
        version=entry.version,
        topic=entry.topic,
        parties=recorded.event.parties,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        who=entry.who,
        posting=entry.posting,
        facts=entry.facts,
        words=entry.words,
    )
