"""The network's figures of a ledger beside networkx's own on the same graph."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import networkx as nx
import pytest

from services.network.figures import Errand, TooLarge, fractions, whole_numbers
from services.network.refresh import compute, read_ledger
from tests.journeys.conftest import LEDGER, Journey


async def check_network(
    journey: Journey, given: Iterable[tuple[str, str]], names: Mapping[UUID, str], reference: dict[str, Any]
) -> None:
    """Reciprocity, bridges, constraint and effective size of every party, by who gave whom and parties' names."""
    read = await read_ledger(Errand(journey.service.url, LEDGER))
    assert not isinstance(read, TooLarge)
    figures = compute(read, 0.0)
    ordered = [names[party] for party in read.parties]
    directed: nx.DiGraph[str] = nx.DiGraph(list(given))
    plain: Any = directed.to_undirected()

    assert len(figures) == len(directed) == reference["people"]
    assert figures.given == reference["static_directed_edges"]
    assert len(whole_numbers(figures.others)) // 2 == reference["unordered_pairs"]
    assert figures.reciprocity == nx.overall_reciprocity(directed)
    assert figures.reciprocity == pytest.approx(reference["reciprocity_edges"], abs=1e-6)
    for array, known in (
        (figures.constraint, nx.constraint(plain)),
        (figures.effective_size, nx.effective_size(plain)),
        (figures.reciprocities, nx.reciprocity(directed, list(directed))),
    ):
        assert dict(zip(ordered, fractions(array), strict=True)) == pytest.approx(known)
    ends = [ordered[number] for number in whole_numbers(figures.bridges)]
    bridges = {frozenset(tie) for tie in zip(ends[::2], ends[1::2], strict=True)}
    assert bridges == {frozenset(tie) for tie in nx.bridges(plain)}
