"""Events as a page lists them: told in a sentence, with links to the parties and to the event itself."""

from collections.abc import Sequence
from uuid import UUID

from markupsafe import Markup, escape
from msgspec import Struct

from domain.catalogue import STREAM_TYPE_OF
from services.dashboard.telling import Told, tell, tell_as
from services.dashboard.visit import Frame, Visit
from services.ledger.mapper import decode
from services.reading.events import fetch_events
from services.reading.history import Past
from services.reading.pages import Page
from services.reading.snapshot import Snapshot
from services.reading.timeline import WHOLE as WHOLE_TIMELINE
from services.reading.timeline import Stretch, read_pair_timeline, read_party_timeline
from services.reading.words import open_all

PAGES = {"promise": "promises", "favour": "favours", "introduction": "introductions", "party": "people"}
"""Kinds of streams that have a page of their own."""


class Story(Struct, frozen=True, kw_only=True):
    """An event as it is listed."""

    told: Told
    kind: str
    link: str | None
    """The page of what it is about."""


def link_to(party: UUID, frame: Frame) -> Markup:
    """A party by name, as a link to its page; only its name where it was erased."""
    if frame.names.get(party) is None:
        return Markup("<span class=gone>{}</span>").format(frame.called(party))
    return Markup(f'<a href="/people/{party}">{escape(frame.called(party))}</a>')  # noqa: S704 - escaped


async def tell_timeline(
    visit: Visit, snapshot: Snapshot, frame: Frame, sides: Sequence[UUID], page: Page, stretch: Stretch = WHOLE_TIMELINE
) -> tuple[tuple[Story, ...], str | None]:
    """What happened to one party, or between two, the latest first; and where the next page begins."""
    if len(sides) == 1:
        timeline = await read_party_timeline(snapshot, sides[0], stretch, page, visit.reader)
    else:
        timeline = await read_pair_timeline(snapshot, sides[0], sides[1], stretch, page, visit.reader)
    await frame.name(snapshot, {*sides, *(one for entry in timeline.items for one in entry.parties)})
    stories = []
    for entry in timeline.items:
        names = [link_to(one, frame) for one in entry.parties]
        told = tell_as(entry.position, entry.topic, entry.occurred_at, (names, entry.words, entry.posting))
        stories.append(Story(told=told, kind=entry.kind, link=page_of(entry.kind, entry.stream)))
    return tuple(stories), timeline.next


async def tell_history(visit: Visit, snapshot: Snapshot, frame: Frame, history: Sequence[Past]) -> tuple[Told, ...]:
    """One stream's events, the latest first, without what is another party's own matter."""
    shown = [past for past in history if visit.reader.shows(past.recorded.event)]
    await frame.name(snapshot, {one for past in shown for one in past.recorded.event.parties})
    return tuple(
        tell(
            past.position,
            past.recorded.event,
            [link_to(one, frame) for one in past.recorded.event.parties],
            past.words,
        )
        for past in reversed(shown)
    )


async def tell_events(visit: Visit, snapshot: Snapshot, frame: Frame, after: int, limit: int) -> tuple[Story, ...]:
    """A stretch of the log, the newest first. What is withheld from the key is left out."""
    rows, _end = await fetch_events(snapshot, after, limit)
    return await tell_logged(visit, snapshot, frame, list(reversed(rows)))


async def tell_logged(
    visit: Visit, snapshot: Snapshot, frame: Frame, rows: Sequence[tuple[int, bytes]]
) -> tuple[Story, ...]:
    """Events by their positions as they are stored. What is withheld from the key is left out."""
    decoded = [(position, decode(state)) for position, state in rows]
    events = [one for one in decoded if visit.reader.may_see(one[1].event)]
    words, _ = await snapshot.together.all(
        open_all(snapshot, [recorded for _, recorded in events]),
        frame.name(snapshot, {party for _, recorded in events for party in recorded.event.parties}),
    )
    stories = []
    for (position, recorded), said in zip(events, words, strict=True):
        event, kind = recorded.event, STREAM_TYPE_OF[type(recorded.event)].name
        told = tell(position, event, [link_to(party, frame) for party in event.parties], said or {})
        stories.append(Story(told=told, kind=kind, link=page_of(kind, recorded.originator_id)))
    return tuple(stories)


def page_of(kind: str, stream: UUID) -> str | None:
    """The address of a stream's own page, where it has one."""
    folder = PAGES.get(kind)
    return None if folder is None else f"/{folder}/{stream}"
