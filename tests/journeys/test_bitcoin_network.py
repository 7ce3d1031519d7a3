"""Bitcoin Alpha's ratings as favours: the network's figures are networkx's own on the file's graph."""

import csv
import gzip
import json
import pathlib
from typing import Any

import networkx as nx
import pytest

from services.network.figures import Errand, TooLarge, fractions, whole_numbers
from services.network.refresh import compute, read_ledger
from tests.journeys.conftest import LEDGER, Journey

MAPPING = """
act = "favour.record"
source = "bitcoin"
[fields]
giver = "source"
receiver = "target"
occurred_at = { column = "timestamp", format = "unix" }
"""


async def test_the_network_is_the_files(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "bitcoin_alpha"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["ratings_graph"]
    file = folder / "soc-sign-bitcoinalpha.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        rated = [(row["source"], row["target"]) for row in csv.DictReader(rows)]
    summary = await journey.rows(file, MAPPING)
    assert summary.recorded == len(rated) == reference["events"]

    read = await read_ledger(Errand(journey.service.url, LEDGER))
    assert not isinstance(read, TooLarge)
    figures = compute(read, 0.0)
    ids = await journey.ids("bitcoin")
    names = [ids[party] for party in read.parties]
    directed: nx.DiGraph[str] = nx.DiGraph(rated)
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
        assert dict(zip(names, fractions(array), strict=True)) == pytest.approx(known)
    ends = [names[number] for number in whole_numbers(figures.bridges)]
    bridges = {frozenset(tie) for tie in zip(ends[::2], ends[1::2], strict=True)}
    assert bridges == {frozenset(tie) for tie in nx.bridges(plain)}
