"""The log: events with filters, and one event with its bytes, its hash and the proof that it is in the log."""

import hashlib
from typing import NamedTuple

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.catalogue import STREAM_TYPE_OF, STREAM_TYPES
from domain.refusal import Refusal
from services.dashboard.errors import PageError
from services.dashboard.language import translate as _
from services.dashboard.stories import Story, link_to, page_of, tell_timeline
from services.dashboard.telling import tell
from services.dashboard.visit import Frame, Visit, open_frame
from services.database.pool import load_sql
from services.ledger.mapper import decode
from services.proof.log import prove_inclusion, read_checkpoint, read_head
from services.proof.tree import HASH_BYTES
from services.reading.events import read_event
from services.reading.pages import Page, a_number, cut, read_cursor
from services.reading.snapshot import Snapshot
from services.reading.timeline import Stretch
from services.reading.words import open_all

SHOWN = 40
KINDS = tuple(kind.name for kind in STREAM_TYPES)
NODE = b"\x01"
"""What a hash of two hashes begins with (RFC 6962)."""


class Step(NamedTuple):
    """One step from an event's hash up to the root."""

    left: str
    right: str
    result: str


class Proof(NamedTuple):
    """What shows that an event is in the log."""

    leaf: str
    size: int
    root: str
    steps: list[Step]
    checkpoint: str


@get("/log")
async def show_log(visit: NamedDependency[Visit]) -> Response[str]:
    """Events, the newest first: all for who may audit, else those of one party."""
    party, kind = visit.query.party("party"), visit.query.one_of("kind", KINDS)
    if party is None and not visit.allows("audit"):
        party = visit.me
    visit.require("audit" if party is None or visit.allows("audit") else "read")
    async with visit.look() as snapshot:
        frame = await open_frame(visit, snapshot)
        page = visit.query.page(SHOWN)
        if party is None:
            stories, following = await _events(visit, snapshot, frame, kind, page)
        else:
            stretch = Stretch(until=visit.query.asked(snapshot.now))
            stories, following = await tell_timeline(visit, snapshot, frame, [party], page, stretch)
            stories = tuple(story for story in stories if kind in {None, story.kind})
        head = await read_head(snapshot.connection, snapshot.ledger_id)
        await frame.name(snapshot, [party])
    return frame.page(
        "log.html", stories_shown=stories, following=following, kinds=KINDS, kind=kind, party=party, tree=head
    )


async def _events(
    visit: Visit, snapshot: Snapshot, frame: Frame, kind: str | None, page: Page
) -> tuple[tuple[Story, ...], str | None]:
    (place,) = read_cursor(page.after, a_number) if page.after else (None,)
    asked = visit.query.asked(snapshot.now)
    topics = None if kind is None else f"{kind}."
    rows = await snapshot.fetch(
        load_sql("services/dashboard/sql/log.sql"),
        snapshot.ledger_id,
        place,
        topics,
        asked.recorded or asked.occurred,
        page.limit + 1,
    )
    found, last = cut([(row["position"], decode(row["state"])) for row in rows], page.limit)
    shown = [one for one in found if visit.reader.may_see(one[1].event)]
    words = await open_all(snapshot, [recorded for _position, recorded in shown])
    await frame.name(snapshot, {one for _position, recorded in shown for one in recorded.event.parties})
    stories = []
    for (position, recorded), said in zip(shown, words, strict=True):
        event, name = recorded.event, STREAM_TYPE_OF[type(recorded.event)].name
        told = tell(position, event, [link_to(one, frame) for one in event.parties], said)
        stories.append(Story(told=told, kind=name, link=page_of(name, recorded.originator_id)))
    return tuple(stories), None if last is None else str(last[0])


@get("/log/{position:int}")
async def show_event(position: FromPath[int], visit: NamedDependency[Visit]) -> Response[str]:
    """One event: what it says, its bytes, and how to check that it is in the log."""
    visit.require("read")
    async with visit.look() as snapshot:
        frame = await open_frame(visit, snapshot)
        logged = (await read_event(snapshot, position, words=True, reader=visit.reader)).event
        if logged.event is None:
            raise PageError(403, _("Not yours to see"), _("This event is another party's own matter."))
        recorded = decode(bytes(logged.event))
        event, kind = recorded.event, STREAM_TYPE_OF[type(recorded.event)].name
        if not visit.reader.shows(event):
            raise PageError(403, _("Not yours to see"), _("This event is another party's own matter."))
        await frame.name(snapshot, event.parties)
        told = tell(position, event, [link_to(one, frame) for one in event.parties], logged.words or {})
        proof = await _prove(visit, snapshot, position)
    return frame.page(
        "event.html",
        told=told,
        recorded=recorded,
        link=page_of(kind, recorded.originator_id),
        bytes=msgspec.json.format(bytes(logged.event), indent=2).decode(),
        length=len(bytes(logged.event)),
        proof=proof,
        ledger=snapshot.ledger_id,
    )


async def _prove(visit: Visit, snapshot: Snapshot, position: int) -> Proof | None:
    """The proof, once the tree has got that far."""
    try:
        found = await prove_inclusion(snapshot.connection, snapshot.ledger_id, position)
    except Refusal:
        return None
    checkpoint = await read_checkpoint(snapshot.connection, visit.service.notary, snapshot.ledger_id)
    return Proof(
        found.leaf.hex(),
        found.size,
        found.root.hex(),
        climb(found.leaf, position - 1, found.size, found.hashes),
        str(checkpoint),
    )


def climb(leaf: bytes, index: int, size: int, hashes: tuple[bytes, ...]) -> list[Step]:
    """Each step from a leaf to the root of a tree (RFC 9162, 2.1.3.2): which two hashes are hashed together."""
    steps: list[Step] = []
    number, last, running = index, size - 1, leaf
    for beside in hashes:
        assert len(beside) == HASH_BYTES
        is_right = bool(number & 1) or number == last
        left, right = (beside, running) if is_right else (running, beside)
        running = hashlib.sha256(NODE + left + right).digest()
        steps.append(Step(left.hex(), right.hex(), running.hex()))
        if is_right:
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        number >>= 1
        last >>= 1
    return steps
