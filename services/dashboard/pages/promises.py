"""Promises: what was made against what was delivered, as of any moment; and one promise."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from domain.command import not_found
from services.dashboard.charts.funnel import Part, parts_of
from services.dashboard.charts.lanes import lane, scale_of
from services.dashboard.openacts import offers_of
from services.dashboard.query import Query, read_date
from services.dashboard.stories import tell_history
from services.dashboard.visit import Visit, open_frame
from services.reading.as_of import NOW, now, policy_at, resolve
from services.reading.audit import PromiseAudit, read_audit
from services.reading.history import load_histories
from services.reading.promises import list_promises
from services.reading.standing import EVERYTHING, PromiseFilter, PromiseLine, Question, Standing, Wanted, read_lines

LINES_SHOWN = 40
WANTED: tuple[str, ...] = ("asked", "open", "kept", *get_args(Standing))


class Asking(Struct, frozen=True):
    """What the page's filters say."""

    chosen: PromiseFilter
    side: str
    overdue: bool


def _asking(visit: Visit) -> Asking:
    query = visit.query
    party, side = visit.subject(), query.one_of("side", ("made", "owed", "either")) or "either"
    standing: Wanted | None = query.one_of("standing", WANTED)  # type: ignore[assignment]
    return Asking(
        PromiseFilter(
            promisor=party if side == "made" else None,
            promisee=party if side == "owed" else None,
            party=party if side == "either" else None,
            other=query.party("other") if side == "either" and party is not None else None,
            standing=standing,
            overdue=True if query.text("overdue") else None,
            topic=query.text("topic", 40),
            made_from=_day(query, "made_from"),
            made_to=_day(query, "made_to"),
        ),
        side,
        bool(query.text("overdue")),
    )


def _day(query: Query, name: str) -> datetime | None:
    text = query.text(name)
    return None if text is None else read_date(text)


@get("/promises")
async def show_promises(visit: NamedDependency[Visit]) -> Response[str]:
    """Made against delivered: totals for who may audit, and the promises behind them."""
    visit.require("read")
    asking, party = _asking(visit), visit.subject()
    own = visit.key.parties is not None and party in visit.key.parties
    audits = own or visit.allows("audit")
    lines: tuple[PromiseLine, ...]
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        asked = visit.query.asked(snapshot.now)
        page = visit.query.page(LINES_SHOWN)
        naming = frame.name(snapshot, [party, asking.chosen.other])
        if audits:
            audit: PromiseAudit | None
            audit, _ = await snapshot.together.all(read_audit(snapshot, asking.chosen, asked, page), naming)
            assert audit is not None
            lines, following, moment = audit.lines or (), audit.next, audit.moment
        else:
            audit = None
            listed, _ = await snapshot.together.all(list_promises(snapshot, asking.chosen, page, asked), naming)
            lines, following, moment = listed.items, listed.next, listed.moment
    frame.name_sides(lines)
    parts: list[Part] = [] if audit is None or audit.totals is None else parts_of(audit.totals)
    return frame.page(
        "promises.html",
        lines=lines,
        following=following,
        totals=None if audit is None else audit.totals,
        parts=parts,
        asking=asking,
        party=party,
        moment=moment,
        past=asked != NOW,
        wanted=WANTED,
        lane=lane,
        scale=scale_of(lines, moment),
        may_audit=visit.allows("audit"),
    )


@get("/promises/{promise:uuid}")
async def show_promise(promise: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """One promise: its terms, what may be done with it, and all that was said."""
    visit.require("read")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        as_of = await resolve(snapshot, visit.query.asked(snapshot.now))
        question = Question(snapshot, as_of, await policy_at(snapshot, as_of), EVERYTHING)
        lines, histories = await snapshot.together.all(
            read_lines(question, promise=promise, limit=1), load_histories(snapshot, [promise], as_of)
        )
        if not lines:
            raise not_found("promise")
        history = histories[promise]
        offers = await offers_of(visit, snapshot, history, promise) if as_of == now(snapshot) else []
        told = await tell_history(visit, snapshot, frame, history)
        line = lines[0]
        sides = [line.promisor, line.promisee, line.assessor, line.newcomer, line.delegated_from, line.assigned_from]
        await frame.name(snapshot, [*sides, *(offer.by for offer in offers)])
    return frame.page(
        "promise.html", line=line, told=told, offers_now=offers, lane=lane(line, scale_of([line], as_of.moment))
    )
