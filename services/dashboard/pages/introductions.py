"""Introductions: those that wait for an answer, all others, and one of them."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.dashboard.openacts import offers_of
from services.dashboard.stories import tell_history
from services.dashboard.visit import Frame, Visit, open_frame
from services.reading.as_of import now
from services.reading.history import load_histories
from services.reading.introductions import (
    IntroducerRecord,
    IntroductionView,
    list_introductions,
    read_introducer,
    read_introduction,
)
from services.reading.snapshot import Snapshot

SHOWN = 60


@get("/introductions")
async def show_introductions(visit: NamedDependency[Visit]) -> Response[str]:
    """A party's introductions, or the ledger's: what waits for an answer first."""
    visit.require("read")
    party = visit.subject()
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        found, record, _ = await snapshot.together.all(
            list_introductions(snapshot, party=party, page=visit.query.page(SHOWN), reader=visit.reader),
            _record(snapshot, party),
            frame.name(snapshot, [party]),
        )
        await _name(frame, snapshot, found.items)
    asked = [one for one in found.items if _waits_for(visit, one)]
    return frame.page(
        "introductions.html",
        party=party,
        asked=asked,
        others=[one for one in found.items if one not in asked],
        record=record,
        following=found.next,
    )


@get("/introductions/{introduction:uuid}")
async def show_introduction(introduction: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """One introduction."""
    visit.require("read")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        answer, histories = await snapshot.together.all(
            read_introduction(snapshot, introduction, reader=visit.reader),
            load_histories(snapshot, [introduction], now(snapshot)),
        )
        view, history = answer.introduction, histories[introduction]
        offers = await offers_of(visit, snapshot, history, introduction)
        told = await tell_history(visit, snapshot, frame, history)
        await _name(frame, snapshot, [view])
        await frame.name(snapshot, [offer.by for offer in offers])
    return frame.page("introduction.html", view=view, told=told, offers_now=offers)


async def _record(snapshot: Snapshot, party: UUID | None) -> IntroducerRecord | None:
    return None if party is None else await read_introducer(snapshot, party)


def _waits_for(visit: Visit, view: IntroductionView) -> bool:
    """Whether it waits for the answer of one that the key acts for."""
    mine = [one for one in (view.first, view.second) if visit.key.parties is not None and one in visit.key.parties]
    return view.status == "proposed" and bool(mine) and not any(answer.party in mine for answer in view.answers)


async def _name(frame: Frame, snapshot: Snapshot, views: tuple[IntroductionView, ...] | list[IntroductionView]) -> None:
    await frame.name(snapshot, [one for view in views for one in (view.introducer, view.first, view.second)])
