"""People: who the ledger knows, by name; and one party's own page."""

from itertools import islice
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.dashboard.names import Names
from services.dashboard.party_data import HEADERS, write_page
from services.dashboard.query import Query
from services.dashboard.render import PAGE_HEADERS
from services.dashboard.standing import LISTED
from services.dashboard.stories import tell_timeline
from services.dashboard.visit import Frame, Visit, open_frame
from services.reading.balance import RelationshipPage, list_imbalances, read_party_balance
from services.reading.pages import Page
from services.reading.parties import PartyView, read_party
from services.reading.party_data import read_party_data
from services.reading.snapshot import Snapshot

PEOPLE_SHOWN = 60
SUGGESTED = 8
EVENTS_SHOWN = 15
RELATIONSHIPS_SHOWN = 10


@get("/people")
async def show_people(visit: NamedDependency[Visit], names: NamedDependency[Names]) -> Response[str]:
    """Everyone by name, or those in whose names something is."""
    visit.require("read")
    sought, start = visit.query.text("q", 100), visit.query.number("from") or 0
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        found, _ = await snapshot.together.all(names.listed(snapshot, sought), frame.name(snapshot))
    shown = list(islice(found, start, start + PEOPLE_SHOWN))
    more = start + PEOPLE_SHOWN if len(found) > start + PEOPLE_SHOWN else None
    return frame.page("people.html", found=shown, count=len(found), sought=sought, more=more, start=start)


@get("/people/named")
async def suggest_people(visit: NamedDependency[Visit], names: NamedDependency[Names]) -> list[dict[str, str]]:
    """Some whose names fit, for a form's field."""
    visit.require("read")
    sought = visit.query.text("q", 100)
    if sought is None:
        return []
    async with visit.look() as snapshot:
        found = await names.find(snapshot, sought, SUGGESTED)
    return [{"id": str(one.party), "name": one.name} for one in found]


@get("/people/{party:uuid}")
async def show_party(party: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """One party: who it is, what it gave and received, with whom, and what happened last."""
    visit.require("read")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        unit = _unit(visit.query, snapshot.policy.units)
        view, balance, relations, (stories, following) = await snapshot.together.all(
            _view(frame, snapshot, party),
            read_party_balance(snapshot, party),
            _relations(frame, snapshot, party, unit),
            tell_timeline(visit, snapshot, frame, [party], visit.query.page(EVENTS_SHOWN)),
        )
    return frame.page(
        "party.html",
        party=view,
        balance=balance,
        relations=relations,
        unit=unit,
        stories_shown=stories,
        following=following,
        heading=frame.called(party),
        listed=LISTED,
        largest=_largest(relations.items, unit),
    )


async def _view(frame: Frame, snapshot: Snapshot, party: UUID) -> PartyView:
    view = (await read_party(snapshot, party)).party
    await frame.name(snapshot, [*view.organisations, *view.aliases, view.merged_into])
    return view


async def _relations(frame: Frame, snapshot: Snapshot, party: UUID, unit: str) -> RelationshipPage:
    relations = await list_imbalances(snapshot, party, unit, Page(limit=RELATIONSHIPS_SHOWN))
    await frame.name(snapshot, [one.b for one in relations.items])
    return relations


@get("/people/{party:uuid}/data")
async def show_data(party: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[Any]:
    """All that the ledger says about a party, for the party and administrators: one page, or JSON."""
    visit.require("read")
    data = await read_party_data(visit.looks, visit.service.networks, party, visit.reader)
    if visit.query.one_of("form", ("html", "json")) == "json":
        headers = {**PAGE_HEADERS, "Content-Disposition": 'attachment; filename="about.json"'}
        return Response(data, media_type=MediaType.JSON, headers=headers)
    return Response(write_page(data), media_type=MediaType.HTML, headers=HEADERS)


def _unit(query: Query, units: tuple[str, ...]) -> str:
    return query.one_of("unit", units) or units[0]


def _largest(relations: object, unit: str) -> int:
    sides = [
        max(one.given.quantity, one.received.quantity)
        for relation in relations  # type: ignore[attr-defined]
        for one in relation.units
        if one.unit == unit
    ]
    return max(sides, default=0)
