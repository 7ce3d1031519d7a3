"""Lanes: a promise from when it was made until its date, what became of it, and where now is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup
from msgspec import Struct

from services.reading.promise_lines import PromiseLine

WIDTH = 200.0
MARKS = {
    "kept_on_time": ("\N{CHECK MARK}", "good"),
    "kept_late": ("\N{CHECK MARK}", "late"),
    "partly_kept": ("\N{BLACK UP-POINTING TRIANGLE}", "fair"),
    "disputed": ("\N{BLACK UP-POINTING TRIANGLE}", "fair"),
    "broken": ("\N{MULTIPLICATION X}", "bad"),
    "reneged": ("\N{MULTIPLICATION X}", "bad"),
}
"""By standing: the mark and how it is shown. All others have a circle."""
OPEN_MARK = ("\N{WHITE CIRCLE}", "open")


class Scale(Struct, frozen=True):
    """The time that a page's lanes are drawn on."""

    first: datetime
    last: datetime
    now: datetime

    def across(self, moment: datetime) -> float:
        """Where a moment lies, from 0 to ``WIDTH``."""
        span = max(1.0, (self.last - self.first).total_seconds())
        return max(0.0, min(WIDTH, WIDTH * (moment - self.first).total_seconds() / span))


def scale_of(lines: Sequence[PromiseLine], now: datetime) -> Scale:
    """The time that all of these fit on, and now."""
    starts = [line.made_at or line.begun_at for line in lines]
    ends = [moment for line in lines for moment in (line.due, line.delivered_at, line.ended_at) if moment is not None]
    first, last = min([now, *starts]), max([now, *ends])
    margin = (last - first) / 40 + timedelta(hours=1)
    return Scale(first - margin, last + margin, now)


def lane(line: PromiseLine, scale: Scale) -> Markup:
    """One promise's lane."""
    start = scale.across(line.made_at or line.begun_at)
    settled = line.delivered_at or line.ended_at
    end = scale.across(line.due or settled or scale.now)
    tone = MARKS.get(line.standing, OPEN_MARK)[1] if not line.overdue else "bad"
    here = scale.across(settled) if settled is not None else scale.across(scale.now)
    drawn = (
        '<svg class="c-lane" viewBox="0 0 200 16" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        f'<rect class="c-track" x="{min(start, end):.1f}" width="{max(1.5, abs(end - start)):.1f}" y="6" height="4"/>'
        f'<rect class="c-{tone}" x="{min(start, here):.1f}" width="{abs(here - start):.1f}" y="6" height="4"/>'
        f'<rect class="c-now" x="{scale.across(scale.now):.1f}" width="0.8" y="0" height="16"/>'
        f'<rect class="c-{tone}" x="{max(0.0, here - 1.5):.1f}" width="3" y="2" height="12"/></svg>'
    )
    return Markup(drawn)  # noqa: S704 - figures and words of our own


def mark_of(line: PromiseLine) -> tuple[str, str]:
    """The sign of how a promise stands, and its tone."""
    sign, tone = MARKS.get(line.standing, OPEN_MARK)
    return (sign, "bad" if line.overdue else tone)
