"""Paths through the network to who knows about something, by way of those who agreed to be found.

Whoever hands on an introduction has to have agreed (``party.set_findable``); the two ends need not: the one asks, the
other said itself what it knows about. Consent and knowledge are asked of the ledger as it is now, so that what was
taken back leads nowhere; ties are those of the network's figures.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from uuid import UUID

from msgspec import Struct

from services.network.figures import Figures
from services.network.networks import Networks
from services.reading.as_of import Answer
from services.reading.directory import knowers_of
from services.reading.network import Neighbour, figures_with
from services.reading.snapshot import Look, sql
from services.reading.words import read_names

STEPS = 4
"""How many ties a path has at most."""
LOOKED_AT = 20_000
"""How many parties a search looks at, at most."""
PATHS = 5
"""How many paths are answered at most."""

Willing = Callable[[Sequence[UUID]], Awaitable[Collection[UUID]]]
"""Which of some parties agreed to be found."""


class Path(Struct, frozen=True, kw_only=True):
    """A way to someone who knows."""

    introducers: tuple[Neighbour, ...]
    """From the one asked first to the one who knows the last; none where there is a tie already."""
    knower: Neighbour


class PathsAnswer(Answer, frozen=True, kw_only=True):
    """The shortest ways from a party to those who know; none where nobody is found within four ties."""

    party: UUID
    paths: tuple[Path, ...]


async def read_paths(look: Look, networks: Networks, party: UUID, knows: str, at_least: int = 0) -> PathsAnswer:
    """The shortest ways from a party to those who know about something.

    Raises ``Refusal`` where the ledger does not know the party, ``BadQuestionError`` where ``knows`` says nothing.
    """
    figures, number = await figures_with(look, networks, party, at_least)
    async with look() as snapshot:
        sought = {place for one in await knowers_of(snapshot, knows) if (place := figures.number(one)) is not None}

        async def willing(parties: Sequence[UUID]) -> Collection[UUID]:
            rows = await snapshot.fetch(sql("willing"), snapshot.ledger_id, list(parties))
            return {row["party_id"] for row in rows}

        ways = await shortest_ways(figures, number, sought, willing)
        names = await read_names(snapshot, {one for way in ways for one in way})
    neighbours = {one: Neighbour(id=one, name=name) for one, name in names.items()}
    return PathsAnswer(
        position=figures.position,
        party=party,
        paths=tuple(
            Path(introducers=tuple(neighbours[one] for one in way[:-1]), knower=neighbours[way[-1]]) for way in ways
        ),
    )


async def shortest_ways(figures: Figures, start: int, sought: set[int], willing: Willing) -> list[list[UUID]]:
    """The shortest ways from a party to those sought: each the go-betweens, and whom they lead to."""
    came_from = {start: start}
    frontier = [start]
    for _ in range(STEPS if sought - {start} else 0):
        reached: list[int] = []
        for one in frontier:
            for other in figures.ties(one):
                if other not in came_from and len(came_from) < LOOKED_AT:
                    came_from[other] = one
                    reached.append(other)
        found = [other for other in reached if other in sought]
        if found or not reached:
            return [_way(figures, came_from, other) for other in found[:PATHS]]
        agreed = await willing([figures.party(other) for other in reached])
        frontier = [other for other in reached if figures.party(other) in agreed]
    return []


def _way(figures: Figures, came_from: dict[int, int], end: int) -> list[UUID]:
    steps = []
    while came_from[end] != end:
        steps.append(figures.party(end))
        end = came_from[end]
    return steps[::-1]
