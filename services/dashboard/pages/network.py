"""Network: how the ledger hangs together, and one party's place in it."""

from collections.abc import Sequence
from contextlib import nullcontext
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from services.dashboard.charts.matrix import Matrix, matrix_of
from services.dashboard.charts.ring import RING_LIMIT, Node, ring
from services.dashboard.language import translate as _
from services.dashboard.visit import Visit, open_frame
from services.database.pool import load_sql
from services.network.figures import Figures
from services.network.networks import NotReadyError, TooLargeError
from services.reading.network import (
    Bridge,
    NetworkAnswer,
    PartyNetwork,
    Suggestion,
    list_bridges,
    list_organisations,
    read_network,
    read_party_network,
    suggest_introductions,
)
from services.reading.pages import Page
from services.reading.paths import Path, read_paths
from services.reading.snapshot import Look, Snapshot
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
    figures = problem = None
    try:
        figures = await _compute(visit, party)
    except NotReadyError:
        problem = _("The network is being computed. Load this page again in some seconds.")
    except TooLargeError:
        problem = _("This network is larger than Requite computes.")
    whole = place = paths = None
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        if figures is not None:
            whole, place, paths, _named = await snapshot.together.all(
                _whole(visit, snapshot),
                _place(visit, snapshot, figures, party),
                _paths(visit, snapshot, party, knows),
                frame.name(snapshot, [party]),
            )
        else:
            await frame.name(snapshot, [party])
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


async def _compute(visit: Visit, party: UUID | None) -> Figures:
    """The figures, of a party that is newer than they were as well. No snapshot is held while they are waited for."""
    networks, ledger = visit.service.networks, visit.key.ledger_id
    async with visit.look() as snapshot:
        head = snapshot.position
    figures = await networks.figures(ledger, head, 0)
    if party is not None and figures.number(party) is None:
        figures = await networks.figures(ledger, head, head)
    return figures


def _again(snapshot: Snapshot) -> Look:
    """Has readings that open snapshots look at one that is open already."""
    return lambda: nullcontext(snapshot)


async def _whole(visit: Visit, snapshot: Snapshot) -> Whole:
    networks, look = visit.service.networks, _again(snapshot)
    network, bridges, pairs = await snapshot.together.all(
        read_network(look, networks),
        list_bridges(look, networks, page=Page(limit=BRIDGES_SHOWN)),
        list_organisations(look, networks, page=Page(limit=PAIRS_SHOWN)),
    )
    return Whole(network=network, bridges=bridges.items, matrix=matrix_of(pairs.items))


async def _place(visit: Visit, snapshot: Snapshot, figures: Figures, party: UUID | None) -> Place | None:
    if party is None:
        return None
    networks, look = visit.service.networks, _again(snapshot)
    network, suggested, (others, belongs, names) = await snapshot.together.all(
        read_party_network(look, networks, party),
        suggest_introductions(look, networks, party),
        _around(snapshot, figures, party),
    )
    bridging = {one.id for one in network.bridges}
    nodes = [
        Node(
            party=one,
            name=names.get(one) or _("someone erased"),
            group=(names.get(belongs[one]) or "") if one in belongs else "",
            bridge=one in bridging,
        )
        for one in others
    ]
    nodes.sort(key=lambda node: (node.group, node.name))
    return Place(network=network, nodes=nodes, suggestions=suggested.suggestions)


async def _around(
    snapshot: Snapshot, figures: Figures, party: UUID
) -> tuple[list[UUID], dict[UUID, UUID], dict[UUID, str]]:
    """With whom a party has to do, to which organisations those belong, and what all are called."""
    number = figures.number(party)
    others = [] if number is None else [figures.party(one) for one in figures.ties(number)][:RING_LIMIT]
    text = load_sql("services/dashboard/sql/organisations_of.sql")
    belongs = {row[0]: row[1] for row in await snapshot.fetch(text, snapshot.ledger_id, others)}
    return others, belongs, await read_names(snapshot, {*others, *belongs.values()})


async def _paths(visit: Visit, snapshot: Snapshot, party: UUID | None, knows: str | None) -> Sequence[Path] | None:
    if party is None or knows is None:
        return None
    return (await read_paths(_again(snapshot), visit.service.networks, party, knows)).paths
