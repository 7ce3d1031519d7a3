"""The log: events with filters, and one event with its bytes, its hash and the proof that it is in the log."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.catalogue import STREAM_TYPE_OF, STREAM_TYPES
from domain.refusal import Refusal
from services.dashboard.errors import PageError
from services.dashboard.language import translate as _
from services.dashboard.stories import Story, link_to, page_of, tell_logged, tell_timeline
from services.dashboard.telling import tell
from services.dashboard.visit import Frame, Visit, open_frame
from services.database.pool import load_sql
from services.ledger.mapper import Recorded, decode
from services.proof.log import prove_inclusion, read_checkpoint, read_head
from services.proof.tree import HASH_BYTES
from services.reading.events import read_event
from services.reading.pages import Page, a_number, cut, read_cursor
from services.reading.snapshot import Snapshot
from services.reading.timeline import Stretch

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
        frame = open_frame(visit, snapshot)
        page = visit.query.page(SHOWN)
        if party is None:
            telling = _events(visit, snapshot, frame, kind, page)
        else:
            stretch = Stretch(until=visit.query.asked(snapshot.now))
            telling = tell_timeline(visit, snapshot, frame, [party], page, stretch)
        (stories, following), head, _named = await snapshot.together.all(
            telling, read_head(snapshot.together, snapshot.ledger_id), frame.name(snapshot, [party])
        )
        if party is not None:
            stories = tuple(story for story in stories if kind in {None, story.kind})
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
    found, last = cut([(row["position"], row["state"]) for row in rows], page.limit)
    return await tell_logged(visit, snapshot, frame, found), None if last is None else str(last[0])


@get("/log/{position:int}")
async def show_event(position: FromPath[int], visit: NamedDependency[Visit]) -> Response[str]:
    """One event: what it says, its bytes, and how to check that it is in the log."""
    visit.require("read")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        (stored, recorded, words), proof = await snapshot.together.all(
            _event(visit, snapshot, frame, position), _prove(visit, snapshot, position)
        )
        event, kind = recorded.event, STREAM_TYPE_OF[type(recorded.event)].name
        told = tell(position, event, [link_to(one, frame) for one in event.parties], words)
    return frame.page(
        "event.html",
        told=told,
        recorded=recorded,
        link=page_of(kind, recorded.originator_id),
        bytes=msgspec.json.format(stored, indent=2).decode(),
        length=len(stored),
        proof=proof,
        ledger=snapshot.ledger_id,
    )


async def _event(
    visit: Visit, snapshot: Snapshot, frame: Frame, position: int
) -> tuple[bytes, Recorded, Mapping[str, Any]]:
    """The event's bytes, itself, and its words; its parties are named."""
    logged = (await read_event(snapshot, position, words=True, reader=visit.reader)).event
    if logged.event is None:
        raise PageError(403, _("Not yours to see"), _("This event is another party's own matter."))
    recorded = decode(bytes(logged.event))
    if not visit.reader.shows(recorded.event):
        raise PageError(403, _("Not yours to see"), _("This event is another party's own matter."))
    await frame.name(snapshot, recorded.event.parties)
    return bytes(logged.event), recorded, logged.words or {}


async def _prove(visit: Visit, snapshot: Snapshot, position: int) -> Proof | None:
    """The proof, once the tree has got that far."""
    try:
        found, checkpoint = await snapshot.together.all(
            prove_inclusion(snapshot.together, snapshot.ledger_id, position),
            read_checkpoint(snapshot.together, visit.service.notary, snapshot.ledger_id),
        )
    except Refusal:
        return None
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
