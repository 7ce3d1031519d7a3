"""Made against delivered: how the promises that were made stand, as one bar with its parts."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from services.dashboard.language import mark
from services.dashboard.language import translate as _
from services.reading.audit_figures import Totals

KINDS = (
    ("kept_on_time", mark("Kept on time"), "good"),
    ("kept_late", mark("Kept late"), "late"),
    ("partly_kept", mark("Partly kept"), "fair"),
    ("broken", mark("Broken"), "bad"),
    ("reneged", mark("Taken back"), "bad"),
    ("released", mark("Released"), "plain"),
    ("disputed", mark("Disputed"), "fair"),
    ("unconfirmed", mark("Unconfirmed"), "plain"),
    ("reported", mark("Awaiting an answer"), "open"),
    ("in_progress", mark("In progress"), "open"),
    ("not_started", mark("Not started"), "open"),
)
"""What was made is counted in just one of these: its standing, what it is called, and how it is shown."""


class Part(Struct, frozen=True, kw_only=True):
    """How many promises stand so."""

    standing: str
    name: str
    tone: str
    count: int


def parts_of(totals: Totals) -> list[Part]:
    """The parts of what was made, those of which there are any."""
    return [
        Part(standing=standing, name=_(name), tone=tone, count=getattr(totals, standing))
        for standing, name, tone in KINDS
        if getattr(totals, standing)
    ]


def funnel(parts: Sequence[Part]) -> Markup:
    """One bar of all parts; the numbers stand beside it as text."""
    whole = sum(part.count for part in parts) or 1
    marks, place = Markup(), 0.0
    for part in parts:
        width = 1000 * part.count / whole
        marks += Markup('<rect class="c-{}" x="{:.1f}" width="{:.1f}" y="0" height="20"/>').format(
            part.tone, place, max(1.0, width - 2)
        )
        place += width
    return Markup(
        '<svg class="c-funnel" viewBox="0 0 1000 20" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        "{}</svg>"
    ).format(marks)
