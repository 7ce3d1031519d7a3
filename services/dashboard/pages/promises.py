"""Promises: what was made against what was delivered, as of any moment; as files and to print; and one promise."""

from typing import Any, Literal
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.command import not_found
from services.dashboard.addresses import at_home
from services.dashboard.asking import WANTED, Asking, read_asking
from services.dashboard.audit_page import read_page
from services.dashboard.charts.funnel import parts_of
from services.dashboard.charts.lanes import lane, scale_of
from services.dashboard.charts.reliability import reliability
from services.dashboard.charts.rows import histogram_of, steps_of
from services.dashboard.errors import PageError
from services.dashboard.language import translate as _
from services.dashboard.names import Names
from services.dashboard.openacts import offers_of
from services.dashboard.render import page as render_page
from services.dashboard.stories import tell_history
from services.dashboard.visit import Visit, ledger_title, open_frame
from services.http.reads.audit_files import as_csv, as_xlsx
from services.reading.as_of import NOW, now, policy_at, resolve
from services.reading.audit import PromiseAudit, read_audit
from services.reading.calibration import read_calibration
from services.reading.history import load_histories
from services.reading.promise_lines import PromiseLine, read_lines
from services.reading.promises import list_promises
from services.reading.standing import EVERYTHING, Question

LINES_SHOWN = 20
Form = Literal["csv", "xlsx", "print"]
FORMS: tuple[Form, ...] = ("csv", "xlsx", "print")


@get("/promises")
async def show_promises(visit: NamedDependency[Visit], names: NamedDependency[Names]) -> Response[str]:
    """Made against delivered: totals for who may audit, and the promises behind them."""
    visit.require("read")
    asking = await read_asking(visit, names)
    lines: tuple[PromiseLine, ...]
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        asked = visit.query.asked(snapshot.now)
        page = visit.query.page(LINES_SHOWN)
        naming = frame.name(snapshot, asking.parties)
        audit: PromiseAudit | None = None
        if _may_audit(visit, asking):
            audit, _named = await snapshot.together.all(read_audit(snapshot, asking.chosen, asked, page), naming)
            assert audit is not None
            lines, following, moment, position = audit.lines or (), audit.next, audit.moment, audit.position
        else:
            listed, _named = await snapshot.together.all(list_promises(snapshot, asking.chosen, page, asked), naming)
            lines, following, moment, position = listed.items, listed.next, listed.moment, listed.position
        units = snapshot.policy.units
    frame.name_sides(lines)
    return frame.page(
        "promises.html",
        lines=lines,
        following=following,
        asking=asking,
        party=asking.party,
        moment=moment,
        reached=position,
        past=asked != NOW,
        wanted=WANTED,
        units=units,
        lane=lane,
        scale=scale_of(lines, moment),
        **_figures(audit),
    )


def _figures(audit: PromiseAudit | None) -> dict[str, Any]:
    """What the page shows of an audit: nothing of it, where there is none."""
    if audit is None or audit.totals is None or audit.measures is None:
        return {"totals": None, "files": audit is not None}
    return {
        "totals": audit.totals,
        "files": True,
        "parts": parts_of(audit.totals),
        "steps": steps_of(audit.totals, audit.measures),
        "lateness": histogram_of(audit.measures.lateness_s),
        "notice_given": histogram_of(audit.measures.notice_s),
        "on_time": audit.measures.on_time,
        "at_home": at_home,
    }


def _may_audit(visit: Visit, asking: Asking) -> bool:
    """Whether figures are shown: to who may audit, and to a party of its own promises."""
    chosen = asking.chosen
    own = set(visit.key.parties or ()) & {chosen.promisor, chosen.promisee, chosen.party}
    return bool(own) or visit.allows("audit")


@get("/promises/as/{form:str}")
async def take_promises(
    form: FromPath[str], visit: NamedDependency[Visit], names: NamedDependency[Names]
) -> Response[Any]:
    """The same as a file, or as a page to print."""
    visit.require("read")
    asking = await read_asking(visit, names)
    if not _may_audit(visit, asking):
        visit.require("audit")
    asked = visit.query.asked(visit.service.clock())
    match form:
        case "csv":
            return await as_csv(visit.looks, asking.chosen, asked, None)
        case "xlsx":
            return await as_xlsx(visit.looks, asking.chosen, asked, None)
        case "print":
            audit = await read_page(visit.looks, asking.chosen, asked, None)
            async with visit.look() as snapshot:
                title = ledger_title(snapshot)
            back = visit.address().replace("/as/print", "", 1)
            return render_page("audit.html", audit=audit, css=None, at=at_home, back=back, title=title)
        case _:
            raise PageError(404, _("There is no such form"), _("There are CSV, XLSX and a page to print."))


@get("/promises/calibration")
async def show_calibration(visit: NamedDependency[Visit]) -> Response[str]:
    """How often promises were kept of whose makers that was thought so and so likely."""
    visit.require("audit")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        asked = visit.query.asked(snapshot.now)
        found, _named = await snapshot.together.all(read_calibration(snapshot, asked), frame.name(snapshot))
    return frame.page("calibration.html", found=found, diagram=reliability(found.parts))


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
