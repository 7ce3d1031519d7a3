"""What may be done with a stream now, and as whom: the acts that a page offers.

Promises go by the domain's own table. For the other kinds the page offers what makes sense as the stream stands; the
domain decides all the same when it is done.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from domain.command import Act, Facts
from domain.event import Who
from domain.favour.state import Favour
from domain.introduction.state import Introduction
from domain.promise.state import Promise
from domain.promise.table import open_acts
from services.access.keys import who_acts
from services.dashboard.forms.words import said
from services.dashboard.visit import Visit
from services.reading.aliases import read_aliases
from services.reading.as_of import now
from services.reading.history import Past, fold
from services.reading.snapshot import Snapshot


class Offer(Struct, frozen=True, kw_only=True):
    """An act that may be done now."""

    act: str
    title: str
    by: UUID | None
    """As whom; ``None``: as the keeper of the book."""
    grave: bool


LATE = (
    "promise.reword",
    "promise.retract",
    "promise.reinstate",
    "favour.retract",
    "favour.reinstate",
    "introduction.retract",
    "introduction.reinstate",
)
"""Corrections: offered last, as the keeper."""


async def offers_of(visit: Visit, snapshot: Snapshot, history: Sequence[Past], stream: UUID) -> list[Offer]:
    """What the one who looks may do with a stream now."""
    if not visit.allows("record"):
        return []
    state = fold(history, object)
    if not isinstance(state, Promise | Favour | Introduction):
        return []
    aliases = await read_aliases(snapshot, now(snapshot))
    facts = Facts(policy=snapshot.policy, registered={}, merges=aliases.merges)
    offers: dict[str, Offer] = {}
    for by in _actors(visit, _sides(state)):
        act = Act(stream, who_acts(visit.key, by), snapshot.now, snapshot.now, aliases.merges)
        match state:
            case Promise():
                open_now: Iterable[str] = open_acts(state, facts, act)
            case Favour():
                open_now = _of_favour(state, act)
            case Introduction():
                open_now = _of_introduction(state, act, visit)
        for name in open_now:
            words = said(name)
            offers.setdefault(name, Offer(act=name, title=words.title, by=by, grave=words.grave))
    return sorted(offers.values(), key=lambda offer: offer.act in LATE)


def _sides(state: Promise | Favour | Introduction) -> tuple[UUID | None, ...]:
    """Whoever has a part in it."""
    if not isinstance(state, Promise):
        return state.parties
    newcomer = None if state.handover is None else state.handover[1]
    return (state.promisor, state.promisee, state.assessor, newcomer)


def _actors(visit: Visit, sides: Iterable[UUID | None]) -> list[UUID | None]:
    """As whom the one who looks may act: its own parties, or anyone on behalf of whom the book is kept."""
    involved = list(dict.fromkeys(side for side in sides if side is not None))
    if visit.key.parties is None:
        return [*involved, None]
    return [side for side in involved if side in visit.key.parties] or [visit.key.parties[0]]


def _is_author(recorded_by: Who, act: Act) -> bool:
    return act.who.capacity == "admin" or recorded_by.key == act.who.key or act.is_by(recorded_by.by)


def _of_favour(favour: Favour, act: Act) -> Iterable[str]:
    receiver, party = act.is_by(favour.receiver), act.is_by(favour.receiver) or act.is_by(favour.giver)
    if favour.retracted_by is not None:
        if _is_author(favour.retracted_by, act):
            yield "favour.reinstate"
        return
    if favour.status == "disputed":
        if party:
            yield "favour.settle"
            yield "favour.withdraw_dispute"
    else:
        if receiver and not favour.acknowledged:
            yield "favour.acknowledge"
        if receiver and not favour.thanked:
            yield "favour.thank"
        if party:
            yield "favour.dispute"
    if _is_author(favour.recorded_by, act):
        yield "favour.retract"


def _of_introduction(introduction: Introduction, act: Act, visit: Visit) -> Iterable[str]:
    if introduction.retracted_by is not None:
        if _is_author(introduction.retracted_by, act):
            yield "introduction.reinstate"
        return
    introduced = act.is_by(introduction.first) or act.is_by(introduction.second)
    if introduction.status == "proposed" and introduced:
        # Who has answered is a matter of those who may see the answer; to others both acts are offered.
        if not any(act.is_by(party) and visit.is_own(party) for party, _yes in introduction.answers):
            yield "introduction.consent"
            yield "introduction.decline"
    elif introduction.status == "consented" and act.is_by(introduction.introducer):
        yield "introduction.make"
    elif introduction.status == "made" and introduced:
        yield "introduction.record_outcome"
    if _is_author(introduction.proposed_by, act):
        yield "introduction.retract"
