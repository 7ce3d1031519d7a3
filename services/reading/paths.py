"""Paths through a network to someone who is looked for, by way of those who agreed to be found.

Whoever hands on an introduction has to have agreed; the two ends need not: the one asks, the other said itself what it
knows about. Consent is asked of the database as it is now, never of figures that were computed before.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from services.network.figures import Figures

STEPS = 4
"""How many ties a path has at most."""
LOOKED_AT = 20_000
"""How many parties a search looks at, at most."""
PATHS = 5
"""How many paths are answered at most."""


class Stance(NamedTuple):
    """Which of some parties are looked for, and which agreed to be found."""

    sought: set[UUID]
    willing: set[UUID]


async def shortest_paths(
    figures: Figures, start: int, stance_of: Callable[[Sequence[UUID]], Awaitable[Stance]]
) -> list[list[UUID]]:
    """The shortest ways from a party to those sought, without it: each the go-betweens and whom they lead to."""
    came_from = {start: start}
    frontier = [start]
    for _ in range(STEPS):
        reached: list[int] = []
        for one in frontier:
            for other in figures.ties(one):
                if other not in came_from and len(came_from) < LOOKED_AT:
                    came_from[other] = one
                    reached.append(other)
        if not reached:
            break
        ids = {other: figures.party(other) for other in reached}
        stance = await stance_of(list(ids.values()))
        found = [other for other in reached if ids[other] in stance.sought]
        if found:
            return [_way(figures, came_from, start, other) for other in found[:PATHS]]
        frontier = [other for other in reached if ids[other] in stance.willing]
    return []


def _way(figures: Figures, came_from: dict[int, int], start: int, end: int) -> list[UUID]:
    steps = []
    while end != start:
        steps.append(figures.party(end))
        end = came_from[end]
    return steps[::-1]
