"""Reading the network: where it holds together, and which introduction would serve whom."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.http.examples import ANNA, BEN
from services.http.reads.base import ReadController, StreamId, page_after, provide_look
from services.network.networks import Networks
from services.reading.directory import SOUGHT_LENGTH
from services.reading.network import (
    BridgeKind,
    BridgePage,
    NetworkAnswer,
    OrganisationPage,
    PartyNetwork,
    SuggestedIntroductions,
    list_bridges,
    list_organisations,
    read_network,
    read_party_network,
    suggest_introductions,
)
from services.reading.pages import Page
from services.reading.paths import PathsAnswer, read_paths
from services.reading.snapshot import Look
from services.service import Service

AtLeast = Annotated[
    int,
    QueryParameter(
        name="at_least",
        ge=0,
        le=2**63 - 1,
        description="The position that the figures have to hold for, or a later one; waits up to 20 s for it.",
        examples=[Example(value=1)],
    ),
]

Kind = Annotated[
    BridgeKind,
    QueryParameter(
        description="`ties`: those without which the network falls apart further; `organisations`: those whose ends "
        "belong to organisations, and to none in common.",
        examples=[Example(value="organisations")],
    ),
]

Knows = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=SOUGHT_LENGTH,
        description="What is looked for, in the words in which parties list what they know about, or a part of them.",
        examples=[Example(value="joinery")],
    ),
]


def provide_networks(service: NamedDependency[Service]) -> Networks:
    """The networks that the service keeps."""
    return service.networks


class NetworkController(ReadController):
    """Base of the controllers that answer from a network's figures, which are as of the position they name."""

    tags = ["network"]  # noqa: RUF012 - Litestar's own form
    dependencies = {  # noqa: RUF012 - the same
        **ReadController.dependencies,
        "look": Provide(provide_look, sync_to_thread=False),  # its figures are the primary's
        "networks": Provide(provide_networks, sync_to_thread=False),
    }


class NetworkReads(NetworkController):
    """The network of the whole ledger."""

    path = "/network"

    @get("/", operation_id="network_read", summary="The network in a few figures")
    async def read(
        self, look: NamedDependency[Look], networks: NamedDependency[Networks], at_least: AtLeast = 0
    ) -> NetworkAnswer:
        """Read how many ties there are, how far giving is returned, and how many ties are bridges.

        The figures may lie some seconds behind the ledger: `position` says what they hold for.
        """
        return await read_network(look, networks, at_least)

    @get(
        "/bridges",
        operation_id="network_bridges",
        summary="The ties that hold the network, or its organisations, together",
        dependencies={"page": page_after(f"{ANNA}~{BEN}")},
    )
    async def bridges(
        self,
        look: NamedDependency[Look],
        networks: NamedDependency[Networks],
        page: NamedDependency[Page],
        at_least: AtLeast = 0,
        kind: Kind = "ties",
    ) -> BridgePage:
        """List bridges by the ids of their two parties: those of the network, or those between organisations."""
        return await list_bridges(look, networks, at_least, page, kind)

    @get(
        "/organisations",
        operation_id="network_organisations",
        summary="The organisations between which there are ties",
        dependencies={"page": page_after(f"1~{ANNA}~{BEN}")},
    )
    async def organisations(
        self,
        look: NamedDependency[Look],
        networks: NamedDependency[Networks],
        page: NamedDependency[Page],
        at_least: AtLeast = 0,
    ) -> OrganisationPage:
        """List pairs of organisations by how many ties there are between those who belong to them, most first."""
        return await list_organisations(look, networks, at_least, page)


class PartyNetworkReads(NetworkController):
    """One party's place in the network."""

    path = "/parties/{id:uuid}"

    @get("/network", operation_id="party_network", summary="A party's place in the network")
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        networks: NamedDependency[Networks],
        at_least: AtLeast = 0,
    ) -> PartyNetwork:
        """Read Burt's constraint and effective size of a party, and its bridges."""
        return await read_party_network(look, networks, stream, at_least)

    @get(
        "/introductions/suggested",
        operation_id="party_suggested_introductions",
        summary="The introductions that would serve a party best",
    )
    async def suggested(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        networks: NamedDependency[Networks],
        at_least: AtLeast = 0,
    ) -> SuggestedIntroductions:
        """Read to whom an introduction would raise the party's effective size most, and who could introduce."""
        return await suggest_introductions(look, networks, stream, at_least)

    @get("/path", operation_id="party_path", summary="The way to someone who knows about something")
    async def path_to(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        networks: NamedDependency[Networks],
        knows: Knows,
        at_least: AtLeast = 0,
    ) -> PathsAnswer:
        """Read the shortest ways to those who know about something, by way of those who agreed to be found."""
        return await read_paths(look, networks, stream, knows, at_least)
