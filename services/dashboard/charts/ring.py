"""One party's network as a ring, grouped by organisation; bridges are outlined. A list stands beside it."""

import math
from collections.abc import Sequence
from uuid import UUID

from markupsafe import Markup
from msgspec import Struct

RING_LIMIT = 28
"""How many are drawn at most; the list says how many more there are."""
RADIUS = 118.0
INITIALS = 2


class Node(Struct, frozen=True, kw_only=True):
    """One whom the party has to do with."""

    party: UUID
    name: str
    group: str
    """The organisation that it belongs to, or nothing."""
    bridge: bool


def ring(centre: str, nodes: Sequence[Node]) -> Markup:
    """The party in the middle, the others around it; each is a link."""
    marks = Markup()
    groups = list(dict.fromkeys(node.group for node in nodes))
    for place, node in enumerate(nodes):
        angle = 2 * math.pi * place / len(nodes) - math.pi / 2
        x, y = RADIUS * math.cos(angle), RADIUS * math.sin(angle)
        tone = "plain" if not node.group else f"group-{groups.index(node.group) % 5}"
        marks += Markup('<path class="c-tie{}" d="M0 0L{:.1f} {:.1f}"/>').format(
            " c-tie-bridge" if node.bridge else "", x, y
        )
        marks += Markup(
            '<a href="/people/{}" aria-label="{}"><circle class="c-node c-{}{}" cx="{:.1f}" cy="{:.1f}" r="15"/>'
            '<text class="c-initials" x="{:.1f}" y="{:.1f}">{}</text><title>{}</title></a>'
        ).format(
            node.party,
            node.name,
            tone,
            " c-bridge" if node.bridge else "",
            x,
            y,
            x,
            y + 4,
            initials(node.name),
            node.name if not node.group else f"{node.name} · {node.group}",
        )
    return Markup(
        '<svg class="c-ring" viewBox="-140 -140 280 280" role="group" aria-label="{}">{}'
        '<circle class="c-node c-centre" r="20"/><text class="c-initials c-initials-centre" y="4">{}</text></svg>'
    ).format(centre, marks, initials(centre))


def initials(name: str) -> str:
    """The first letters of a name."""
    return "".join(part[0] for part in name.split() if part[0].isalpha())[:INITIALS].upper() or "·"
