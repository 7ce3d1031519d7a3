"""Giving and receiving as bars that part from a middle line, with a tick where the net lies."""

from markupsafe import Markup

HALF = 100.0


def diverging(given: int, received: int, largest: int) -> Markup:
    """What was given to the left, what was received to the right; the longest bar is ``largest``."""
    unit = HALF / largest if largest else 0.0
    left, right = _length(given * unit, given), _length(received * unit, received)
    tick = min(HALF, max(-HALF, (received - given) * unit))
    drawn = (
        '<svg class="c-bars" viewBox="-102 0 204 14" preserveAspectRatio="none" focusable="false" aria-hidden="true">'
        f'<rect class="c-given" x="{-left:.1f}" width="{left:.1f}" y="2" height="10"/>'
        f'<rect class="c-received" x="0" width="{right:.1f}" y="2" height="10"/>'
        '<rect class="c-axis" x="-0.4" width="0.8" y="0" height="14"/>'
        f'<rect class="c-net" x="{tick - 0.8:.1f}" width="1.6" y="0" height="14"/></svg>'
    )
    return Markup(drawn)  # noqa: S704 - figures


def _length(length: float, quantity: int) -> float:
    """Nothing is shown as nothing, anything else as something."""
    return max(0.8, length) if quantity > 0 else 0.0
