"""Network: how the ledger hangs together, and one party's place in it."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from services.dashboard.charts.matrix import Matrix, matrix_of
from services.dashboard.charts.ring import RING_LIMIT, Node, ring
from services.dashboard.language import translate as _
from services.dashboard.visit import Visit, open_frame
from services.database.pool import load_sql
from services.network.networks import NotReadyError, TooLargeError
from services.reading.network import (
    Bridge,
    NetworkAnswer,
    PartyNetwork,
    Suggestion,
    figures_with,
    list_bridges,
    list_organisations,
    read_network,
    read_party_network,
    suggest_introductions,
)
from services.reading.pages import Page
from services.reading.paths import Path, read_paths
from services.reading.words import read_names

BRIDGES_SHOWN = 12
PAIRS_SHOWN = 60


class Place(Struct, frozen=True, kw_only=True):
    """One party's place in the network."""

    network: PartyNetwork
    nodes: Sequence[Node]
    suggestions: Sequence[Suggestion]


class Whole(Struct, frozen=True, kw_only=True):
    """The network of all."""

    network: NetworkAnswer
    bridges: Sequence[Bridge]
    matrix: Matrix


@get("/network")
async def show_network(visit: NamedDependency[Visit]) -> Response[str]:
    """The whole network and, seen from one party, its place; who knows about something, by way of whom."""
    visit.require("read")
    party, knows = visit.subject(), visit.query.text("knows", 100)
    async with visit.look() as snapshot:
        frame = await open_frame(visit, snapshot)
        await frame.name(snapshot, [party])
    whole = place = paths = problem = None
    try:
        whole = await _whole(visit)
        place = None if party is None else await _place(visit, party)
        paths = None if party is None or knows is None else await _paths(visit, party, knows)
    except NotReadyError:
        problem = _("The network is being computed. Load this page again in some seconds.")
    except TooLargeError:
        problem = _("This network is larger than Requite computes.")
    return frame.page(
        "network.html",
        party=party,
        whole=whole,
        place=place,
        paths=paths,
        knows=knows,
        problem=problem,
        ring=None if place is None or party is None else ring(frame.called(party), place.nodes),
    )


async def _whole(visit: Visit) -> Whole:
    networks, look = visit.service.networks, visit.looks
    network = await read_network(look, networks)
    bridges = (await list_bridges(look, networks, page=Page(limit=BRIDGES_SHOWN))).items if network.bridges else ()
    pairs = (await list_organisations(look, networks, page=Page(limit=PAIRS_SHOWN))).items
    return Whole(network=network, bridges=bridges, matrix=matrix_of(pairs))


async def _place(visit: Visit, party: UUID) -> Place:
    networks, look = visit.service.networks, visit.looks
    network = await read_party_network(look, networks, party)
    figures, number = await figures_with(look, networks, party, 0)
    others = [figures.party(one) for one in figures.ties(number)][:RING_LIMIT]
    bridging = {one.id for one in network.bridges}
    async with visit.look() as snapshot:
        rows = await snapshot.fetch(load_sql("services/dashboard/sql/organisations_of.sql"), snapshot.ledger_id, others)
        belongs = {row["party_id"]: row["organisation_id"] for row in rows}
        names = await read_names(snapshot, {*others, *belongs.values()})
    nodes = [
        Node(
            party=one,
            name=names.get(one) or _("someone erased"),
            group=(names.get(belongs[one]) or "") if one in belongs else "",
            bridge=one in bridging,
        )
        for one in others
    ]
    suggestions = (await suggest_introductions(look, networks, party)).suggestions
    nodes.sort(key=lambda node: (node.group, node.name))
    return Place(network=network, nodes=nodes, suggestions=suggestions)


async def _paths(visit: Visit, party: UUID, knows: str) -> Sequence[Path]:
    return (await read_paths(visit.looks, visit.service.networks, party, knows)).paths
