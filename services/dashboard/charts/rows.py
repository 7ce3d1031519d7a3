"""Counts one below the other, each with a bar: the steps of a funnel, the parts of a histogram."""

from markupsafe import Markup
from msgspec import Struct

from services.dashboard.addresses import at_home
from services.dashboard.audit_page import BINS
from services.dashboard.language import translate as _
from services.reading.audit_figures import Measures, Spread, Totals

DAY_S = 86_400
TONES = {
    **dict.fromkeys(("week_early", "days_early", "day_early", "weeks", "months"), "good"),
    **dict.fromkeys(("day_late", "days"), "late"),
    **dict.fromkeys(("days_late", "day"), "fair"),
    **dict.fromkeys(("weeks_late", "months_late", "none"), "bad"),
}
"""How a part of lateness or of notice is shown."""


class Row(Struct, frozen=True, kw_only=True):
    """A count, what it is of, and where its promises are."""

    name: str
    count: int
    tone: str
    href: str | None
    bar: Markup


class Histogram(Struct, frozen=True, kw_only=True):
    """How values are distributed, in words and in parts."""

    n: int
    rows: tuple[Row, ...]
    median: float | None
    """In days."""
    low: float | None
    high: float | None
    """8 of 10 lie between these two."""


def steps_of(totals: Totals, measures: Measures) -> list[Row]:
    """From made to kept on time: each step is a part of the one before."""
    due = measures.delivered
    delivered = totals.kept + totals.partly_kept
    steps = (
        (_("Made"), totals.made, "open", totals.lines["made"]),
        (_("Came due"), due.of, "open", due.of_lines),
        (_("Delivered, in whole or in part"), delivered, "late", due.lines),
        (_("Kept whole"), totals.kept, "good", totals.lines["kept"]),
        (_("Kept on time"), totals.kept_on_time, "good", totals.lines["kept_on_time"]),
    )
    return [_row(name, count, tone, href, totals.made) for name, count, tone, href in steps]


def histogram_of(spread: Spread) -> Histogram:
    """A distribution of times, in days."""
    largest = max((one.count for one in spread.bins), default=0)
    at = spread.quantiles
    return Histogram(
        n=spread.n,
        rows=tuple(_row(_(BINS[one.name]), one.count, TONES[one.name], one.lines, largest) for one in spread.bins),
        median=None if at is None else at.median / DAY_S,
        low=None if at is None else at.p10 / DAY_S,
        high=None if at is None else at.p90 / DAY_S,
    )


def _row(name: str, count: int, tone: str, lines: str | None, largest: int) -> Row:
    href = None if lines is None or not count else at_home(lines)
    return Row(name=name, count=count, tone=tone, href=href, bar=bar(count / largest if largest else 0.0, tone))


def bar(share: float, tone: str) -> Markup:
    """A bar of a share of its place; nothing is shown as nothing, anything else as something."""
    width = max(4.0, 1000 * share) if share > 0 else 0.0
    return Markup(
        '<svg class="c-row" viewBox="0 0 1000 10" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        '<rect class="c-track" width="1000" height="10"/><rect class="c-{}" width="{:.0f}" height="10"/></svg>'
    ).format(tone, width)


def days(value: float) -> str:
    """A length in days, to a tenth where it is short."""
    text = f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"
    return text.removesuffix(".0").replace("-", "\N{MINUS SIGN}")
