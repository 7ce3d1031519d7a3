"""The figures of a graph: the design's check values, and networkx's own on the same graph."""

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.network import graph
from services.network.figures import SUGGESTIONS
from services.network.graph import Whole, bridges_of, holes_of, reciprocity_of, spanning_of, suggestions_of, ties_of

STAR = [(0, 1), (0, 2), (3, 0)]
TRIANGLE = [(0, 1), (1, 2), (2, 0)]


def pairs(given_: list[tuple[int, int]]) -> Whole:
    return np.array(given_, dtype=np.int32).reshape(-1, 2)


def burt(given_: list[tuple[int, int]], parties: int) -> tuple[list[float], list[float]]:
    holes = holes_of(ties_of(pairs(given_), parties))
    return holes.constraint.tolist(), holes.effective_size.tolist()


def test_the_designs_check_values() -> None:
    constraint, effective_size = burt(STAR, 4)
    assert constraint[0] == pytest.approx(1 / 3)
    assert effective_size[0] == 3
    assert (constraint[1:], effective_size[1:]) == ([1, 1, 1], [1, 1, 1])
    constraint, effective_size = burt(TRIANGLE, 3)
    assert constraint == pytest.approx([1.125] * 3)
    assert effective_size == [1, 1, 1]


def test_without_ties_there_is_nothing_to_say() -> None:
    constraint, effective_size = burt([], 2)
    assert np.isnan([*constraint, *effective_size]).all()
    share, each = reciprocity_of(pairs([]), 2)
    assert share is None
    assert np.isnan(each).all()
    assert bridges_of(ties_of(pairs([]), 2)).shape == (0, 2)
    assert burt([], 0) == ([], [])


def test_an_introduction_is_suggested_to_whom_nobody_else_leads() -> None:
    """0 knows 1 and 2, who know each other; 3 is reached by both, 4 by one of them, 5 by nobody."""
    known = pairs([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (5, 6)])
    ties = ties_of(known, 7)
    found = suggestions_of(ties, holes_of(ties).among)
    assert found.other[0].tolist() == [4, 3, -1]
    assert found.gain[0].tolist() == [pytest.approx(1 + 2 / 2 - 4 / 3), pytest.approx(1 + 2 / 2 - 6 / 3), 0]
    assert found.other[5].tolist() == [-1, -1, -1]


GRAPHS = st.integers(2, 12).flatmap(
    lambda parties: st.tuples(
        st.just(parties),
        st.sets(st.sampled_from([(a, b) for a in range(parties) for b in range(parties) if a != b]), max_size=50),
    )
)


@settings(max_examples=60)
@given(GRAPHS, st.sampled_from([1, 7, graph.BLOCK]))
def test_all_figures_are_networkxs(drawn: tuple[int, set[tuple[int, int]]], block: int) -> None:
    parties, given_ = drawn
    directed: nx.DiGraph[int] = nx.DiGraph()
    directed.add_nodes_from(range(parties))
    directed.add_edges_from(given_)
    plain: Any = directed.to_undirected()
    known = pairs(sorted(given_))
    ties = ties_of(known, parties)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "BLOCK", block)
        holes = holes_of(ties)
        suggested = suggestions_of(ties, holes.among)

    nodes = list(range(parties))
    assert holes.constraint.tolist() == pytest.approx(list(nx.constraint(plain, nodes).values()), nan_ok=True)
    sizes = nx.effective_size(plain, nodes)
    assert holes.effective_size.tolist() == pytest.approx(list(sizes.values()), nan_ok=True)
    assert {tuple(tie) for tie in bridges_of(ties).tolist()} == {(min(tie), max(tie)) for tie in nx.bridges(plain)}
    for party in nodes:
        assert suggested_by_hand(plain, party, sizes) == pytest.approx(suggested.gain[party].tolist())
        for other, gain in zip(suggested.other[party].tolist(), suggested.gain_of_other[party].tolist(), strict=True):
            if other >= 0:
                assert gain == pytest.approx(gain_by_hand(plain, other, party, sizes))


def suggested_by_hand(plain: Any, party: int, sizes: dict[int, float]) -> list[float]:
    """The best gains, by adding each tie that can be introduced, and looking again."""
    near = {two for one in plain[party] for two in plain[one]} - {party, *plain[party]}
    gains = sorted((gain_by_hand(plain, party, other, sizes) for other in near), reverse=True)
    return (gains + [0.0] * SUGGESTIONS)[:SUGGESTIONS]


def gain_by_hand(plain: Any, party: int, other: int, sizes: dict[int, float]) -> float:
    richer = plain.copy()
    richer.add_edge(party, other)
    return float(nx.effective_size(richer, [party])[party] - sizes[party])


def test_of_equal_gains_the_others_decides_then_the_order() -> None:
    """0 - 1 - {2, 3, 4}; 3 has a triangle of its own, to which it would gain more."""
    known = pairs([(0, 1), (1, 2), (1, 3), (1, 4), (3, 5), (5, 6), (6, 3)])
    ties = ties_of(known, 7)
    found = suggestions_of(ties, holes_of(ties).among)
    assert found.other[0].tolist() == [3, 2, 4]


def test_ties_between_organisations() -> None:
    """7, 8 and 9 are organisations. 0 and 1 belong to 7, 2 to 8, 3 to both, 4 to none; 8 belongs to itself."""
    ties = ties_of(pairs([(0, 1), (2, 0), (1, 2), (3, 0), (4, 0), (3, 5), (1, 8), (0, 9)]), 10)
    members = pairs([(0, 7), (1, 7), (2, 8), (3, 7), (3, 8), (5, 9), (8, 8), (9, 9)])
    found = spanning_of(ties, members)
    assert found.ties.tolist() == [[0, 2], [0, 9], [1, 2], [1, 8], [3, 5]]
    assert found.organisations == ((7, 8, 3), (7, 9, 2), (8, 9, 1))
    assert spanning_of(ties, pairs([])).organisations == ()
