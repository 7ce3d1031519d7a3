"""Who belongs where, likes what and can be asked about what; and one neighbour who was written down twice."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.command import Command, Reference
from domain.favour.commands import RecordFavour
from domain.party import (
    JoinOrganisation,
    LeaveOrganisation,
    ListInterests,
    ListKnowledge,
    MergeParty,
    RegisterParty,
    SetFindable,
)

At = Callable[[float], datetime]
"""The moment so many days before the ledger's opening."""
Party = Callable[[str], UUID]
"""The id of a member by its handle."""

TWICE = "tom-again"
"""The handle under which Tom was written down a second time."""


class Circle(NamedTuple):
    """What is said of one member."""

    handle: str
    organisations: str = ""
    interests: tuple[str, ...] = ()
    knows_about: tuple[str, ...] = ()


CIRCLES = (
    Circle("maren", "surgery", ("choir", "hill walking"), ("chronic pain", "flu clinics")),
    Circle("joseph", "surgery", ("football",), ("wound care", "night shifts")),
    Circle("tilda", "surgery", ("crime novels",), ("appointment systems", "minute taking")),
    Circle("amina", "surgery kitchen", ("community gardens",), ("who knows whom", "grant applications")),
    Circle("rosa", "kitchen", ("choir",), ("cooking for eighty", "food hygiene")),
    Circle("ivo", "wheels", ("chess",), ("minibus permits", "winter driving")),
    Circle("marcus", "wheels", ("football", "chess"), ("safeguarding", "grant applications")),
    Circle("leila", interests=("pottery",), knows_about=("charity accounts", "tax returns")),
    Circle("sunil", "wheels", ("chess", "cricket"), ("charity accounts", "appeals")),
    Circle("gwen", interests=("crime novels", "family trees"), knows_about=("parish council", "road closures")),
    Circle("bram", interests=("clocks",), knows_about=("bicycles", "welding")),
    Circle("walter", interests=("bicycles",), knows_about=("clocks", "fine mechanics")),
    Circle("dot", interests=("choir",), knows_about=("apple trees", "compost")),
    Circle("nia", interests=("apple trees", "compost"), knows_about=("pre-school places",)),
    Circle("chidi", interests=("pottery",), knows_about=("computers", "websites")),
    Circle("hana", interests=("websites",), knows_about=("pottery", "craft markets")),
)


def tell_circles(at: At, party: Party) -> Iterator[tuple[UUID, Command]]:
    """Commands with the streams that they are for, in the order in which they were given."""
    for circle in CIRCLES:
        stream = party(circle.handle)
        for number, organisation in enumerate(circle.organisations.split()):
            yield stream, JoinOrganisation(occurred_at=at(400 - number), organisation=party(organisation))
        if circle.interests:
            yield stream, ListInterests(by=stream, occurred_at=at(395), interests=circle.interests)
        yield stream, ListKnowledge(by=stream, occurred_at=at(394), knows_about=circle.knows_about)
    yield party("amina"), SetFindable(by=party("amina"), occurred_at=at(393), findable=True)
    yield party("gwen"), SetFindable(by=party("gwen"), occurred_at=at(392), findable=True)
    yield party("sunil"), LeaveOrganisation(occurred_at=at(120), organisation=party("wheels"))
    yield from _written_down_twice(at, party)


def _written_down_twice(at: At, party: Party) -> Iterator[tuple[UUID, Command]]:
    """A van driver called T. Ashby turned out to be Tom: what he did counts for Tom since."""
    twice = party(TWICE)
    yield (
        twice,
        RegisterParty(
            occurred_at=at(90),
            name="T. Ashby (van)",
            references=(Reference("transport-rota", "17"),),
            note="From the rota.",
        ),
    )
    yield (
        party("tom-van"),
        RecordFavour(
            occurred_at=at(80), giver=twice, receiver=party("hana"), what="Drove the kiln home in a borrowed van"
        ),
    )
    yield twice, MergeParty(occurred_at=at(60), into=party("tom"))
