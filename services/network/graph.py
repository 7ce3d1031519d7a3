"""The graph of who gave whom, and its figures: by networkx where it can, by sparse matrices where its loops are slow.

A *tie* joins two parties of which one ever gave the other something that still counts, or that met or were introduced;
a party that was erased has none. It has no direction and no weight, since quantities of different units can't be
compared. With n the ties of a party, t the ties among those it has ties with, and p_ij = 1/n for each of them:

- constraint = Σ_j (p_ij + Σ_q p_iq·p_qj)², effective size = n - 2t/n (Burt 1992; Borgatti 1997);
- a further tie to k, with c ties in common, raises the effective size by 1 + 2t/n - 2(t + c)/(n + 1). The best next
  introduction is to whom this is most, of those that a tie in common can introduce; of equal ones, where it is most for
  the other too.

They equal networkx's ``constraint`` and ``effective_size``, of which the second needs a full matrix of all parties;
here no more than ``BLOCK`` pairs are held at a time.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple, TypeAlias, cast

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse

from services.network.figures import SUGGESTIONS

BLOCK = 2_000_000
"""How many pairs of parties with a tie in common are looked at together; each takes some 50 bytes on the way."""

Whole: TypeAlias = npt.NDArray[np.int32]
Fraction: TypeAlias = npt.NDArray[np.float64]


class Holes(NamedTuple):
    """Burt's figures by party, and the ties among those that each has ties with."""

    constraint: Fraction
    effective_size: Fraction
    among: Fraction


class Suggestions(NamedTuple):
    """The best next introductions by party, ``SUGGESTIONS`` columns; -1 and 0 where there are no more."""

    other: Whole
    gain: Fraction
    gain_of_other: Fraction


class Spanning(NamedTuple):
    """Ties between organisations, and how many there are between each two, most first."""

    ties: Whole
    organisations: tuple[tuple[int, int, int], ...]


def ties_of(pairs: Whole, parties: int) -> sparse.csr_array:
    """Who has a tie with whom: symmetric, ones, sorted. ``pairs`` has a row each, and may repeat itself."""
    ones = np.ones(2 * len(pairs))
    rows, columns = np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])
    matrix = sparse.csr_array((ones, (rows, columns)), shape=(parties, parties))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def reciprocity_of(given: Whole, parties: int) -> tuple[float | None, Fraction]:
    """The share of pairs (giver, receiver) that go both ways: of all, and of each party's."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(parties))
    graph.add_edges_from(given.tolist())
    if not graph.size():
        return None, np.full(parties, np.nan)
    each = cast("dict[int, float | None]", nx.reciprocity(graph, list(graph)))
    return float(nx.overall_reciprocity(graph)), np.array([each[party] for party in range(parties)], dtype=np.float64)


def bridges_of(ties: sparse.csr_array) -> Whole:
    """Ties without which the network falls apart further: the smaller number first, in order."""
    once = sparse.triu(ties, k=1).tocoo()
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from(zip(once.row.tolist(), once.col.tolist(), strict=True))
    found = cast("Iterator[tuple[int, int]]", nx.bridges(graph))
    pairs = sorted((min(tie), max(tie)) for tie in found)
    return np.array(pairs, dtype=np.int32).reshape(-1, 2)


def holes_of(ties: sparse.csr_array) -> Holes:
    """Constraint and effective size of every party: NaN for one without ties."""
    parties = ties.shape[0]
    counts = np.diff(ties.indptr).astype(np.float64)
    with np.errstate(divide="ignore"):
        shares = sparse.diags_array(np.where(counts > 0, 1 / counts, 0)).tocsr() @ ties
    constraint, among = np.zeros(parties), np.zeros(parties)
    for rows in blocks_of(ties):
        tied = ties[rows]
        among[rows] = (tied @ ties).multiply(tied).sum(axis=1) / 2
        through = shares[rows] + (shares[rows] @ shares).multiply(tied)
        constraint[rows] = through.power(2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective_size = counts - 2 * among / counts
    constraint[counts == 0] = np.nan
    return Holes(constraint, effective_size, among)


def suggestions_of(ties: sparse.csr_array, among: Fraction) -> Suggestions:
    """The best next introductions of every party; ``among`` as in ``Holes``."""
    shape = (ties.shape[0], SUGGESTIONS)
    found = Suggestions(np.full(shape, -1, dtype=np.int32), np.zeros(shape), np.zeros(shape))
    counts = np.diff(ties.indptr).astype(np.float64)
    for rows in blocks_of(ties):
        _suggest(found, rows, _strangers(ties, rows), counts, among)
    return found


def spanning_of(ties: sparse.csr_array, members: Whole) -> Spanning:
    """Ties between organisations: each end belongs to one, and they have none in common.

    ``members`` has a row per membership, party and organisation. A tie of parties that belong to several joins several
    pairs of organisations, and counts in each.
    """
    belongs: dict[int, set[int]] = {}
    for party, organisation in members.tolist():
        belongs.setdefault(party, set()).add(organisation)
    once = sparse.triu(ties, k=1).tocoo()
    found, counts = [], Counter[tuple[int, int]]()
    for a, b in zip(once.row.tolist(), once.col.tolist(), strict=True):
        if a in belongs and b in belongs and belongs[a].isdisjoint(belongs[b]):
            found.append((a, b))
            counts.update((min(pair), max(pair)) for pair in product(belongs[a], belongs[b]))
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    pairs = np.array(sorted(found), dtype=np.int32).reshape(-1, 2)
    return Spanning(pairs, tuple((first, second, count) for (first, second), count in ordered))


def blocks_of(ties: sparse.csr_array) -> Iterator[slice]:
    """Parties in turn, as many at once as have no more than ``BLOCK`` pairs with a tie in common; one at least."""
    reached = np.cumsum(ties @ np.diff(ties.indptr))
    start = 0
    while start < len(reached):
        before = reached[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(reached, before + BLOCK, side="right")))
        yield slice(start, end)
        start = end


def _strangers(ties: sparse.csr_array, rows: slice) -> sparse.csr_array:
    """For these parties: with whom they have no tie, but how many ties in common."""
    common = ties[rows] @ ties
    apart = (common - common.multiply(ties[rows])).tocoo()
    strange = (apart.data > 0) & (apart.row + rows.start != apart.col)
    pairs = (apart.data[strange], (apart.row[strange], apart.col[strange]))
    return sparse.csr_array(pairs, shape=common.shape)


def _suggest(found: Suggestions, rows: slice, strangers: sparse.csr_array, counts: Fraction, among: Fraction) -> None:
    """Fill in the rows: ``SUGGESTIONS`` times the best of what is left, by own gain, then the other's, then number."""
    lengths = np.diff(strangers.indptr)
    some = np.flatnonzero(lengths)
    if not len(some):
        return
    starts, owners = strangers.indptr[some], np.repeat(some + rows.start, lengths[some])
    others, common = strangers.indices, strangers.data
    gain = _gain(counts[owners], among[owners], common)
    gain_of_other = _gain(counts[others], among[others], common)
    for column in range(SUGGESTIONS):
        best = _first_best(starts, lengths[some], gain, gain_of_other)
        there = best[np.isfinite(gain[best])]
        found.other[owners[there], column] = others[there]
        found.gain[owners[there], column] = gain[there]
        found.gain_of_other[owners[there], column] = gain_of_other[there]
        gain[there] = -np.inf


def _gain(counts: Fraction, among: Fraction, common: Fraction) -> Fraction:
    """By how much a tie more, with so many in common, raises the effective size."""
    return 1 + 2 * among / counts - 2 * (among + common) / (counts + 1)


def _first_best(starts: Whole, lengths: Whole, first: Fraction, second: Fraction) -> npt.NDArray[np.intp]:
    """The place, in each stretch, of the largest ``first``; of equal ones that of the largest ``second``."""
    best = np.repeat(np.maximum.reduceat(first, starts), lengths)
    left = np.where(first == best, second, -np.inf)
    best = np.repeat(np.maximum.reduceat(left, starts), lengths)
    places = np.where(left == best, np.arange(len(first)), len(first))
    return np.minimum.reduceat(places, starts)
