"""Both ways over time: what was given rises above the line, what was received falls below it; neither is netted."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HALF = 600.0, 60.0


class Step(NamedTuple):
    """What had been given and received once something occurred."""

    at: datetime
    given: int
    received: int


def both_ways(steps: Sequence[Step], until: datetime) -> Markup:
    """Two step areas on one axis of time, and the net as a line."""
    first = steps[0].at
    span = max(1.0, (until - first).total_seconds())
    largest = max(1, *(max(step.given, step.received) for step in steps))

    def across(moment: datetime) -> float:
        return WIDTH * (moment - first).total_seconds() / span

    points = [(across(step.at), step) for step in steps]
    ends = [place for place, _step in points[1:]] + [WIDTH]
    given = _area([(start, end, -HALF * step.given / largest) for (start, step), end in zip(points, ends, strict=True)])
    received = _area(
        [(start, end, HALF * step.received / largest) for (start, step), end in zip(points, ends, strict=True)]
    )
    net = _line(
        [
            (start, end, HALF * (step.received - step.given) / largest)
            for (start, step), end in zip(points, ends, strict=True)
        ]
    )
    return Markup(
        '<svg class="c-steps" viewBox="0 -64 600 128" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        '<path class="c-given" d="{}"/><path class="c-received" d="{}"/>'
        '<path class="c-line" d="{}"/><path class="c-axis-line" d="M0 0H600"/></svg>'
    ).format(given, received, net)


def _area(runs: Sequence[tuple[float, float, float]]) -> str:
    return f"M{runs[0][0]:.1f} 0" + "".join(f"V{height:.1f}H{end:.1f}" for _start, end, height in runs) + "V0Z"


def _line(runs: Sequence[tuple[float, float, float]]) -> str:
    start, end, height = runs[0]
    rest = "".join(f"V{level:.1f}H{stop:.1f}" for _begin, stop, level in runs[1:])
    return f"M{start:.1f} {height:.1f}H{end:.1f}{rest}"
