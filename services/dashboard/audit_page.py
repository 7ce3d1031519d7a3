"""What the printable page of an audit shows: figures, each with the address of its lines, and groups or lines."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from services.dashboard.language import mark
from services.dashboard.language import translate as _
from services.dashboard.render import number, units
from services.reading.as_of import Asked
from services.reading.audit import Group, GroupBy, PromiseAudit, walk_audit
from services.reading.audit_csv import sum_said
from services.reading.audit_figures import Measures, Quantiles, Totals
from services.reading.audit_links import AuditLine
from services.reading.snapshot import Look
from services.reading.standing import PromiseFilter

BINS = {
    "week_early": mark("7 days early or more"),
    "days_early": mark("1 to 7 days early"),
    "day_early": mark("up to 1 day early"),
    "day_late": mark("up to 1 day late"),
    "days_late": mark("1 to 7 days late"),
    "weeks_late": mark("7 to 30 days late"),
    "months_late": mark("more than 30 days late"),
    "none": mark("none"),
    "day": mark("up to 1 day"),
    "days": mark("1 to 7 days"),
    "weeks": mark("7 to 30 days"),
    "months": mark("more than 30 days"),
    "quarter": mark("up to a quarter"),
    "half": mark("up to a half"),
    "three_quarters": mark("up to three quarters"),
    "whole": mark("more than that"),
}
"""The parts of distributions, as they are called."""
ROWS = 2_000
"""On one page; more is told of, and for a file of another kind."""
DAY_S = 86_400
TREE = (
    ("made", 0),
    ("open", 1),
    ("not_started", 2),
    ("in_progress", 2),
    ("reported", 2),
    ("kept", 1),
    ("kept_on_time", 2),
    ("kept_late", 2),
    ("partly_kept", 1),
    ("broken", 1),
    ("reneged", 1),
    ("released", 1),
    ("disputed", 1),
    ("unconfirmed", 1),
    ("overdue", 0),
    ("behind", 0),
    ("retracted", 0),
    ("requested", 0),
    ("offered", 0),
    ("countered", 0),
    ("lapsed", 0),
    ("declined", 0),
    ("withdrawn", 0),
)
"""The counts in the order in which they are shown, and how deep."""
COLUMNS = ("made", "open", "overdue", "kept_on_time", "kept_late", "partly_kept", "broken", "reneged", "unconfirmed")
"""Those of groups."""


class Figure(Struct, frozen=True, kw_only=True):
    """A figure as it is printed."""

    name: str
    value: str
    href: str | None
    depth: int = 0
    of: int | None = None


class AuditPage(Struct, frozen=True, kw_only=True):
    """All that the page shows."""

    position: int
    moment: datetime
    occurred: bool
    by: GroupBy | None
    counts: tuple[Figure, ...]
    measures: tuple[Figure, ...]
    columns: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Figure, ...]], ...]
    lines: tuple[AuditLine, ...]
    said: str
    """What the sum of the groups says of itself."""
    more: bool
    """Whether not all groups or lines are on the page."""


async def read_page(look: Look, chosen: PromiseFilter, asked: Asked, by: GroupBy | None) -> AuditPage:
    """Read it, all at one moment. Raises ``BadQuestionError``."""
    first: PromiseAudit | None = None
    groups: list[Group] = []
    lines: list[AuditLine] = []
    more = False
    async for answer in walk_audit(look, chosen, asked, by=by):
        first = first or answer
        groups += answer.groups or ()
        lines += answer.lines or ()
        if len(groups) + len(lines) >= ROWS:
            more = answer.next is not None or len(groups) + len(lines) > ROWS
            break
    assert first is not None
    assert first.totals is not None
    assert first.measures is not None
    return AuditPage(
        position=first.position,
        moment=first.moment,
        occurred=first.occurred is not None,
        by=by,
        counts=tuple(_counts(first.totals)),
        measures=tuple(_measures(first.measures)),
        columns=tuple(_(name.replace("_", " ")) for name in COLUMNS),
        groups=tuple((_name(group), _row(group.totals)) for group in groups[:ROWS]),
        lines=tuple(lines[:ROWS]),
        said=sum_said(first.in_several),
        more=more,
    )


def _name(group: Group) -> str:
    names = [name or str(party) for name, party in zip(group.names, group.parties, strict=True)]
    return group.period or _(" and ").join(names) or _("in no organisation")


def _row(totals: Totals) -> tuple[Figure, ...]:
    return tuple(Figure(name=name, value=number(getattr(totals, name)), href=totals.lines[name]) for name in COLUMNS)


def _counts(totals: Totals) -> Iterator[Figure]:
    for name, depth in TREE:
        value = number(getattr(totals, name))
        yield Figure(name=_(name.replace("_", " ")), value=value, href=totals.lines[name], depth=depth)
    for one in totals.quantities:
        value = _("%(count)s of %(of)s", count=number(one.delivered), of=number(one.promised))
        yield Figure(name=_("%(unit)s: delivered of promised", unit=units(one.unit)), value=value, href=one.lines)


def _measures(measures: Measures) -> Iterator[Figure]:
    for name, share in (
        (_("delivered on time"), measures.on_time),
        (_("delivered of what came due"), measures.delivered),
    ):
        value = "" if share.share is None else f"{share.share:.0%}"
        yield Figure(name=name, value=value, href=share.of_lines, of=share.of)
    for name, spread, unit in (
        (_("days late"), measures.lateness_s, DAY_S),
        (_("days of notice"), measures.notice_s, DAY_S),
        (_("notice as a share"), measures.notice_share, 1),
    ):
        yield Figure(
            name=_("%(what)s, median (80 %% from, to)", what=name),
            value=_middle(spread.quantiles, unit),
            href=spread.lines,
            of=spread.n,
        )
        for one in spread.bins:
            yield Figure(name=_(BINS[one.name]), value=number(one.count), href=one.lines, depth=1)


def _middle(at: Quantiles | None, unit: int) -> str:
    """Where half and where 8 of 10 lie, in units of so many seconds."""
    if at is None:
        return ""
    low, median, high = (f"{value / unit:.1f}".replace("-", "\N{MINUS SIGN}") for value in (at.p10, at.median, at.p90))
    return _("%(median)s (%(low)s to %(high)s)", median=median, low=low, high=high)
