"""A reliability diagram: foretold across, what came of it upwards, the interval of 9 in 10 as a stroke."""

from collections.abc import Sequence

from markupsafe import Markup

from services.reading.calibration import Part

SIDE = 200.0
SMALLEST, LARGEST = 3.0, 9.0


def reliability(parts: Sequence[Part]) -> Markup:
    """The diagram: on the slanting line foretold and kept are the same. The numbers stand in a table beside it."""
    most = max((part.n for part in parts), default=1)
    marks = Markup("")
    for part in parts:
        across, up = SIDE * part.foretold, SIDE * (1 - part.kept)
        size = SMALLEST + (LARGEST - SMALLEST) * (part.n / most) ** 0.5
        marks += Markup(
            '<path class="c-stroke" d="M{0:.1f} {1:.1f}V{2:.1f}"/>'
            '<circle class="c-{4}" cx="{0:.1f}" cy="{3:.1f}" r="{5:.1f}"/>'
        ).format(
            across,
            SIDE * (1 - part.kept_high),
            SIDE * (1 - part.kept_low),
            up,
            "good" if part.fits else "fair",
            size,
        )
    grid = Markup("").join(
        Markup('<path class="c-grid-line" d="M0 {0:.0f}H{1:.0f}M{0:.0f} 0V{1:.0f}"/>').format(SIDE * part / 4, SIDE)
        for part in range(5)
    )
    return Markup(
        '<svg class="c-reliability" viewBox="0 0 200 200" focusable="false" aria-hidden="true">{}'
        '<path class="c-line" d="M0 200L200 0"/>{}</svg>'
    ).format(grid, marks)
