"""The network: what a ledger's figures say, of all and of one party. ``services/network`` computes them.

An answer is as of the position that its figures are of, which may lie some seconds behind the ledger's last; who asks
for ``at_least`` a position waits for it. No connection to the database is held meanwhile.
"""

import bisect
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from services.network.figures import SUGGESTIONS, Figures, Pairs, fractions, whole_numbers
from services.network.networks import Networks
from services.reading.as_of import Answer
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor, write_cursor
from services.reading.parties import require_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Look
from services.reading.words import read_names

INTRODUCERS = 5
"""How many who could introduce are named."""
NAMED_BRIDGES = 100
"""How many of its bridges are named with a party; all are in the list of bridges."""


BridgeKind = Literal["ties", "organisations"]
"""``ties``: without them the network falls apart further; ``organisations``: their ends belong to different ones."""


class NetworkAnswer(Answer, frozen=True, kw_only=True):
    """A ledger's network as of a position."""

    recorded_at: datetime
    """Of the event at ``position``."""
    behind: int
    """How many positions the ledger has beyond that by now."""
    took_s: float
    """How long the figures took, in seconds."""
    parties: int
    ties: int
    """Pairs of parties of which one gave the other something that still counts, or that met or were introduced."""
    given: int
    """Pairs of giver and receiver."""
    reciprocity: float | None
    """The share of ``given`` that goes both ways; null where nothing was given."""
    bridges: int
    """Ties without which the network falls apart further."""
    between_organisations: int
    """Ties whose ends belong to organisations, and to none in common."""


class Neighbour(Struct, frozen=True, kw_only=True):
    """A party that another has to do with."""

    id: UUID
    name: str | None


class PartyNetwork(Answer, frozen=True, kw_only=True):
    """One party's place in the network as of a position."""

    party: UUID
    ties: int
    reciprocity: float | None
    """Of its pairs as giver or receiver, the share that goes both ways (each counted from both ends)."""
    constraint: float | None
    """Burt's constraint: how far all its ties lead to one another. Null without ties."""
    effective_size: float | None
    """How many of its ties lead where no other does: n - 2t/n. Null without ties."""
    bridge_count: int
    bridges: tuple[Neighbour, ...]
    """With whom its tie is a bridge: a hundred of them at most."""
    between_organisations: int
    """How many of its ties lead to those of other organisations."""


class Suggestion(Struct, frozen=True, kw_only=True):
    """An introduction that would serve a party."""

    id: UUID
    """To whom."""
    name: str | None
    gain: float
    """By how much it would raise the party's effective size."""
    gain_of_other: float
    """And that of the one it is introduced to."""
    in_common: int
    """How many have a tie with both."""
    introducers: tuple[Neighbour, ...]
    """Some of them."""


class SuggestedIntroductions(Answer, frozen=True, kw_only=True):
    """The best next introductions of a party, as of a position."""

    party: UUID
    suggestions: tuple[Suggestion, ...]


class Bridge(Struct, frozen=True, kw_only=True):
    """A tie that holds the network, or organisations, together."""

    a: Neighbour
    b: Neighbour


class BridgePage(Answer, frozen=True, kw_only=True):
    """Bridges in the order of their parties' ids."""

    items: tuple[Bridge, ...]
    next: str | None


class OrganisationPair(Struct, frozen=True, kw_only=True):
    """Two organisations with ties between those who belong to them."""

    a: Neighbour
    b: Neighbour
    ties: int


class OrganisationPage(Answer, frozen=True, kw_only=True):
    """Pairs of organisations, most ties first."""

    items: tuple[OrganisationPair, ...]
    next: str | None


async def read_network(look: Look, networks: Networks, at_least: int = 0) -> NetworkAnswer:
    """The network of a ledger as of ``at_least`` a position, or later."""
    figures, head = await _figures(look, networks, at_least)
    return NetworkAnswer(
        position=figures.position,
        recorded_at=figures.recorded_at,
        behind=max(0, head - figures.position),
        took_s=figures.took_s,
        parties=len(figures),
        ties=len(whole_numbers(figures.others)) // 2,
        given=figures.given,
        reciprocity=figures.reciprocity,
        bridges=len(Pairs(figures.bridges)),
        between_organisations=len(Pairs(figures.spanning)),
    )


async def list_bridges(
    look: Look, networks: Networks, at_least: int = 0, page: Page = FIRST, kind: BridgeKind = "ties"
) -> BridgePage:
    """A page of bridges of a kind."""
    a, b = read_cursor(page.after, UUID, UUID) if page.after else (None, None)
    figures, _ = await _figures(look, networks, at_least)
    pairs = Pairs(figures.bridges if kind == "ties" else figures.spanning)

    def ends(place: int) -> tuple[UUID, UUID]:
        first, second = pairs[place]
        return figures.party(first), figures.party(second)

    places = range(len(pairs))
    start = 0 if a is None else bisect.bisect_right(places, (a, b), key=ends)
    shown, last = cut([ends(place) for place in places[start : start + page.limit + 1]], page.limit)
    names = await _names(look, [party for pair in shown for party in pair])
    return BridgePage(
        position=figures.position,
        items=tuple(Bridge(a=names[a], b=names[b]) for a, b in shown),
        next=None if last is None else write_cursor(*last),
    )


async def list_organisations(look: Look, networks: Networks, at_least: int = 0, page: Page = FIRST) -> OrganisationPage:
    """A page of the pairs of organisations between which there are ties."""
    after = read_cursor(page.after, a_number, UUID, UUID) if page.after else None
    figures, _ = await _figures(look, networks, at_least)

    def place_of(pair: tuple[int, int, int]) -> list[Any]:
        return [-pair[2], figures.party(pair[0]), figures.party(pair[1])]

    start = 0
    if after is not None:
        start = bisect.bisect_right(figures.organisations, [-after[0], *after[1:]], key=place_of)
    shown, last = cut(figures.organisations[start : start + page.limit + 1], page.limit)
    names = await _names(look, [figures.party(one) for pair in shown for one in pair[:2]])
    return OrganisationPage(
        position=figures.position,
        items=tuple(
            OrganisationPair(a=names[figures.party(a)], b=names[figures.party(b)], ties=ties) for a, b, ties in shown
        ),
        next=None if last is None else write_cursor(last[2], figures.party(last[0]), figures.party(last[1])),
    )


async def read_party_network(look: Look, networks: Networks, party: UUID, at_least: int = 0) -> PartyNetwork:
    """One party's place. Raises ``Refusal`` where the ledger does not know it."""
    figures, number = await figures_with(look, networks, party, at_least)
    bridging, spanning = Pairs(figures.bridges), Pairs(figures.spanning)
    others = [other for other in figures.ties(number) if bridging.holds(number, other)]
    bridges = [figures.party(other) for other in others[:NAMED_BRIDGES]]
    names = await _names(look, bridges)
    return PartyNetwork(
        position=figures.position,
        party=party,
        ties=len(figures.ties(number)),
        reciprocity=_known(figures.reciprocities, number),
        constraint=_known(figures.constraint, number),
        effective_size=_known(figures.effective_size, number),
        bridge_count=len(others),
        bridges=tuple(names[other] for other in bridges),
        between_organisations=sum(spanning.holds(number, other) for other in figures.ties(number)),
    )


async def suggest_introductions(
    look: Look, networks: Networks, party: UUID, at_least: int = 0
) -> SuggestedIntroductions:
    """The best next introductions of a party. Raises ``Refusal`` where the ledger does not know it."""
    figures, number = await figures_with(look, networks, party, at_least)
    places = range(SUGGESTIONS * number, SUGGESTIONS * (number + 1))
    suggested, own = whole_numbers(figures.suggested), set(figures.ties(number))
    found = [(place, suggested[place]) for place in places if suggested[place] >= 0]
    common = {other: sorted(own.intersection(figures.ties(other))) for _, other in found}
    wanted = {*common, *(one for between in common.values() for one in between[:INTRODUCERS])}
    names = await _names(look, [figures.party(one) for one in wanted])
    suggestions = tuple(
        Suggestion(
            id=figures.party(other),
            name=names[figures.party(other)].name,
            gain=fractions(figures.gains)[place],
            gain_of_other=fractions(figures.gains_of_other)[place],
            in_common=len(common[other]),
            introducers=tuple(names[figures.party(one)] for one in common[other][:INTRODUCERS]),
        )
        for place, other in found
    )
    return SuggestedIntroductions(position=figures.position, party=party, suggestions=suggestions)


async def _figures(look: Look, networks: Networks, at_least: int) -> tuple[Figures, int]:
    """Figures of at least a position, and the ledger's last position. The snapshot is closed before the waiting."""
    async with look() as snapshot:
        ledger_id, head = snapshot.ledger_id, snapshot.position
    if at_least > head:
        raise BadQuestionError("at_least", f"This ledger's positions are 1 to {head}.")
    return await networks.figures(ledger_id, head, at_least), head


async def figures_with(look: Look, networks: Networks, party: UUID, at_least: int) -> tuple[Figures, int]:
    """Figures that have the party, and its number in them."""
    async with look() as snapshot:
        await require_parties(snapshot, party)
        head = snapshot.position
    figures, _ = await _figures(look, networks, at_least)
    number = figures.number(party)
    if number is None:
        figures, _ = await _figures(look, networks, head)
        number = figures.number(party)
    assert number is not None
    return figures, number


async def _names(look: Look, parties: Sequence[UUID]) -> dict[UUID, Neighbour]:
    async with look() as snapshot:
        names = await read_names(snapshot, parties)
    return {party: Neighbour(id=party, name=names.get(party)) for party in parties}


def _known(array: bytes, number: int) -> float | None:
    figure = fractions(array)[number]
    return None if math.isnan(figure) else figure
