"""An opinion: its three masses, and where the true figure lies."""

from markupsafe import Markup

from services.reading.trust import Beliefs, Interval

WIDTH = 1000.0


def masses_bar(opinion: Beliefs) -> Markup:
    """Belief, disbelief and uncertainty: they fill the bar between them."""
    marks, place = Markup(), 0.0
    for tone, mass in (("good", opinion.belief), ("bad", opinion.disbelief), ("unknown", opinion.uncertainty)):
        width = WIDTH * mass
        if width > 0.5:
            marks += Markup('<rect class="c-{}" x="{:.1f}" width="{:.1f}" y="0" height="20"/>').format(
                tone, place, max(0.5, width - 2)
            )
        place += width
    return Markup(
        '<svg class="c-funnel" viewBox="0 0 1000 20" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        "{}</svg>"
    ).format(marks)


def interval_bar(expected: float, interval: Interval) -> Markup:
    """The interval as a band on a scale from 0 to 1, and a tick where the expected figure lies."""
    low, high = WIDTH * interval.low, WIDTH * interval.high
    return Markup(
        '<svg class="c-interval" viewBox="0 0 1000 24" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        '<rect class="c-track" x="0" width="1000" y="9" height="6"/>'
        '<rect class="c-band" x="{:.1f}" width="{:.1f}" y="6" height="12"/>'
        '<rect class="c-net" x="{:.1f}" width="6" y="0" height="24"/></svg>'
    ).format(low, max(2.0, high - low), min(WIDTH - 6, max(0.0, WIDTH * expected - 3)))
