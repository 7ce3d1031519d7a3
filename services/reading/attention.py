"""Attention: whom a party may want to reach out to, who waits for its answer, and which of its promises come due.

*Reaching out*: how close the party says that another is sets the policy's cadence; any event between the two resets the
clock, whichever of them acted. Retracted favours, contacts and promises did not happen, corrections are no encounter,
and how close one says that another is, or what one answered to an introduction, is one's own matter. A tie is due once
its cadence went by since the last event, or since it was declared where there was none.

*Waiting*: what was asked of the party and has no answer. *Promises*: its open ones that are overdue, or due soon.

All of it is derived for the moment asked about.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from asyncpg import Record
from msgspec import Struct
from msgspec.structs import replace

from domain.catalogue import TIE, TOPICS
from domain.introduction.events import IntroductionConsented, IntroductionDeclined
from domain.introduction.state import Introduction
from domain.merges import Merges
from domain.policy import Policy
from domain.tie import Closeness
from services.ledger.mapper import decode
from services.reading.aliases import read_aliases
from services.reading.as_of import NOW, Asked, AsOf, AsOfAnswer, policy_at, resolve, said
from services.reading.history import fold_known, load_histories
from services.reading.parties import require_parties
from services.reading.reader import ADMINISTRATOR, Reader
from services.reading.snapshot import Snapshot, sql
from services.reading.words import open_all, read_names, word

TIES_LIMIT = 5_000
"""How many ties of a party are looked at."""
LIST_LIMIT = 200
"""How many of each list are shown: the most pressing."""
SOON_DAYS = 7
"""How long before its due date a promise comes up."""

CORRECTIONS = ("retracted", "reinstated", "reworded")
NO_ENCOUNTER = tuple(
    topic
    for topic, event in TOPICS.items()
    if topic.endswith(CORRECTIONS) or event in (*TIE.events, IntroductionConsented, IntroductionDeclined)
)
"""Events that leave the clock of a tie as it is."""


class Reach(Struct, frozen=True, kw_only=True):
    """Someone to reach out to."""

    party: UUID
    name: str | None
    closeness: Closeness
    cadence_days: int
    declared_at: datetime
    last_at: datetime | None
    """When the last event between the two occurred."""
    due_at: datetime


class Ask(Struct, frozen=True, kw_only=True):
    """Something that waits for the party's answer."""

    kind: Literal["request", "offer", "counter", "report", "terms", "date", "handover", "dispute", "introduction"]
    """A promise was asked for, offered, countered, reported as delivered; other terms or a date for it are asked for;
    the party is to take it over; it is disputed; or an introduction wants consent."""
    stream: UUID
    """The promise's or the introduction's."""
    asked_by: UUID
    """For a promise to take over: its promisor."""
    name: str | None
    what: str | None
    """What was promised or asked for, or why the introduction was proposed; null where a party was erased."""
    since: datetime


class Due(Struct, frozen=True, kw_only=True):
    """An open promise of the party that is due."""

    promise: UUID
    promisee: UUID
    name: str | None
    what: str | None
    due: datetime
    overdue: bool
    """Its date and the ledger's grace have gone by."""


class Attention(AsOfAnswer, frozen=True, kw_only=True):
    """What wants a party's attention, the most pressing first; each list has at most 200."""

    party: UUID
    reach_out: tuple[Reach, ...]
    waiting: tuple[Ask, ...]
    promises: tuple[Due, ...]


class TieLine(Struct, frozen=True, kw_only=True):
    """How close a party says that another is to it."""

    id: UUID
    other: UUID
    name: str | None
    closeness: Closeness
    declared_at: datetime


class TieList(AsOfAnswer, frozen=True, kw_only=True):
    """A party's ties as it declared them, by the other's id; 5,000 at most."""

    party: UUID
    items: tuple[TieLine, ...]


class Point(Struct, frozen=True):
    """A party at a moment: all its ids then, and the policy in force."""

    snapshot: Snapshot
    as_of: AsOf
    policy: Policy
    merges: Merges
    ids: tuple[UUID, ...]


async def read_attention(
    snapshot: Snapshot, party: UUID, asked: Asked = NOW, reader: Reader = ADMINISTRATOR
) -> Attention:
    """What wants a party's attention at a moment. Raises ``Refusal`` where it is not the reader's, or not known."""
    point = await _point(snapshot, party, asked, reader)
    _, reach_out, waiting, promises = await snapshot.together.all(
        require_parties(snapshot, party), _reach_out(point), _waiting(point), _promises(point)
    )
    return Attention(**said(point.as_of), party=party, reach_out=reach_out, waiting=waiting, promises=promises)


async def list_ties(snapshot: Snapshot, party: UUID, asked: Asked = NOW, reader: Reader = ADMINISTRATOR) -> TieList:
    """How close a party says that others are. Raises ``Refusal`` where it is not the reader's, or not known."""
    point = await _point(snapshot, party, asked, reader)
    _, ties = await snapshot.together.all(require_parties(snapshot, party), _ties(point))
    names = await read_names(snapshot, [tie.other for tie in ties])
    return TieList(
        **said(point.as_of),
        party=party,
        items=tuple(
            TieLine(
                id=tie.id,
                other=tie.other,
                name=names.get(tie.other),
                closeness=tie.closeness,
                declared_at=tie.declared_at,
            )
            for tie in ties
        ),
    )


class Declared(Struct, frozen=True):
    """A tie that is declared at the moment asked about."""

    id: UUID
    other: UUID
    closeness: Closeness
    declared_at: datetime


async def _point(snapshot: Snapshot, party: UUID, asked: Asked, reader: Reader) -> Point:
    reader.require_own(party)
    as_of = await resolve(snapshot, asked)
    aliases, policy = await snapshot.together.all(read_aliases(snapshot, as_of), policy_at(snapshot, as_of))
    return Point(snapshot, as_of, policy, aliases.merges, aliases.merges.set_of(party))


async def _ties(point: Point) -> list[Declared]:
    snapshot, as_of = point.snapshot, point.as_of
    rows = await snapshot.fetch(sql("ties"), snapshot.ledger_id, point.ids, as_of.position, as_of.occurred, TIES_LIMIT)
    return [Declared(row["id"], row["other"], row["closeness"], row["occurred_at"]) for row in rows]


async def _reach_out(point: Point) -> tuple[Reach, ...]:
    cadences: dict[Closeness, int] = {
        "close": point.policy.cadence.close,
        "good": point.policy.cadence.good,
        "loose": point.policy.cadence.loose,
        "dormant": 0,
    }
    ties = {point.merges.root(tie.other): tie for tie in await _ties(point) if cadences[tie.closeness]}
    last = await _last_events(point, list(ties))
    due: list[tuple[float, UUID, Reach]] = []
    for other, tie in ties.items():
        cadence = timedelta(days=cadences[tie.closeness])
        waited = point.as_of.moment - (last.get(other) or tie.declared_at)
        if waited < cadence:
            continue
        reach = Reach(
            party=other,
            name=None,
            closeness=tie.closeness,
            cadence_days=cadence.days,
            declared_at=tie.declared_at,
            last_at=last.get(other),
            due_at=(last.get(other) or tie.declared_at) + cadence,
        )
        due.append((-waited / cadence, other, reach))
    shown = [reach for _, _, reach in sorted(due, key=lambda one: one[:2])[:LIST_LIMIT]]
    names = await read_names(point.snapshot, [reach.party for reach in shown])
    return tuple(replace(reach, name=names.get(reach.party)) for reach in shown)


async def _last_events(point: Point, others: Sequence[UUID]) -> dict[UUID, datetime]:
    """By other party, which is a set's root: when the two last had to do with each other."""
    snapshot, as_of = point.snapshot, point.as_of
    ids = [one for other in others for one in point.merges.set_of(other)]
    rows = await snapshot.fetch(
        sql("last_events"), snapshot.ledger_id, point.ids, ids, as_of.position, as_of.occurred, NO_ENCOUNTER
    )
    last: dict[UUID, datetime] = {}
    for row in rows:
        root = point.merges.root(row["other"])
        last[root] = max(last.get(root, row["last_at"]), row["last_at"])
    return last


async def _waiting(point: Point) -> tuple[Ask, ...]:
    of_promises, introductions = await point.snapshot.together.all(_asks_of_promises(point), _introductions(point))
    return tuple(sorted([*of_promises, *introductions], key=lambda ask: (ask.since, ask.stream, ask.kind))[:LIST_LIMIT])


async def _asks_of_promises(point: Point) -> list[Ask]:
    snapshot = point.snapshot
    rows = await _of_promises(point, "asks", point.ids, LIST_LIMIT)
    names, words = await snapshot.together.all(
        read_names(snapshot, {row["asked_by"] for row in rows}),
        open_all(snapshot, [decode(row["state"]) for row in rows]),
    )
    return [
        Ask(
            kind=row["kind"],
            stream=row["promise_id"],
            asked_by=row["asked_by"],
            name=names.get(row["asked_by"]),
            what=word(opened, "what"),
            since=row["occurred_at"],
        )
        for row, opened in zip(rows, words, strict=True)
    ]


async def _introductions(point: Point) -> list[Ask]:
    """Those that wait for the party's own answer."""
    snapshot, as_of = point.snapshot, point.as_of
    rows = await snapshot.fetch(
        sql("introductions_open"), snapshot.ledger_id, point.ids, as_of.position, as_of.occurred, LIST_LIMIT
    )
    histories, names = await snapshot.together.all(
        load_histories(snapshot, [row["introduction_id"] for row in rows], as_of),
        read_names(snapshot, {row["introducer"] for row in rows}),
    )
    asks = []
    for stream, history in histories.items():
        state = fold_known(history, Introduction)
        if any(answerer in point.ids for answerer, _ in state.answers):
            continue
        ask = Ask(
            kind="introduction",
            stream=stream,
            asked_by=state.introducer,
            name=names.get(state.introducer),
            what=word(history[0].words, "why"),
            since=history[0].recorded.event.occurred_at,
        )
        asks.append(ask)
    return asks


async def _promises(point: Point) -> tuple[Due, ...]:
    snapshot, as_of = point.snapshot, point.as_of
    grace = timedelta(days=point.policy.grace_days)
    ahead = as_of.moment + timedelta(days=SOON_DAYS)
    rows = await _of_promises(
        point, "promises_due", point.ids, LIST_LIMIT, ahead, timedelta(days=point.policy.window_days)
    )
    names, words = await snapshot.together.all(
        read_names(snapshot, {row["promisee"] for row in rows}),
        open_all(snapshot, [decode(row["state"]) for row in rows]),
    )
    return tuple(
        Due(
            promise=row["promise_id"],
            promisee=row["promisee"],
            name=names.get(row["promisee"]),
            what=word(opened, "what"),
            due=row["due_by"],
            overdue=as_of.moment - row["due_by"] > grace,
        )
        for row, opened in zip(rows, words, strict=True)
    )


async def _of_promises(point: Point, name: str, *arguments: object) -> list[Record]:
    """The rows of a statement about promises as they stood at the moment."""
    snapshot, as_of = point.snapshot, point.as_of
    promises = sql("promises_of_party_now" if as_of.live else "promises_of_party_at")
    return await snapshot.fetch(
        sql(name).replace("{promises}", promises), snapshot.ledger_id, as_of.position, as_of.occurred, *arguments
    )
