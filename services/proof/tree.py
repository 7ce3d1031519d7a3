"""The Merkle tree over a ledger's events: hashes, and proofs of inclusion and of consistency.

Leaf ``n`` is the event at position ``n + 1``; its data are the event's canonical bytes. Hashing follows RFC 6962,
section 2.1, which RFC 9162 keeps; checking follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.

Every hash that a root or a proof is made of is that of a range of leaves. ``cover`` takes a range apart into complete
subtrees, each named by its ``Node``, so that whoever keeps subtrees (``tiles.py``) can answer any of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


class Node(NamedTuple):
    """A complete subtree: the ``number``-th of those with ``2 ** level`` leaves, from the left."""

    level: int
    number: int


class Range(NamedTuple):
    """The leaves from ``start`` on, before ``stop``."""

    start: int
    stop: int


Hashes = Callable[[Node], bytes]
"""The hash of a complete subtree."""


def hash_leaf(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees beside each other."""
    return hashlib.sha256(b"\1" + left + right).digest()


def hash_complete(hashes: Sequence[bytes]) -> bytes:
    """The hash over subtrees of the same height, as many as a power of two."""
    while len(hashes) > 1:
        hashes = [hash_node(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
    return hashes[0]


def cover(leaves: Range) -> list[Node]:
    """The complete subtrees that a range of a tree's hash consists of, from the left, each lower than the one before.

    The range has to begin where a subtree of its size, rounded up to a power of two, may begin.
    """
    nodes = []
    start = leaves.start
    while start < leaves.stop:
        level = (leaves.stop - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def hash_range(leaves: Range, hashes: Hashes) -> bytes:
    """The hash over a range of leaves."""
    *rest, last = [hashes(node) for node in cover(leaves)]
    for left in reversed(rest):
        last = hash_node(left, last)
    return last


def root(size: int, hashes: Hashes) -> bytes:
    """The root of a tree of ``size`` leaves."""
    return hash_range(Range(0, size), hashes) if size else EMPTY_ROOT


def _split(leaves: Range) -> int:
    """Where a range of more than one leaf parts: after the largest power of two that is smaller than its length."""
    return leaves.start + (1 << (leaves.stop - leaves.start - 1).bit_length() - 1)


def inclusion(index: int, size: int) -> list[Range]:
    """What an inclusion proof is made of: the ranges beside the way from a leaf up to the root. ``index < size``."""
    leaves, path = Range(0, size), []
    while leaves.stop - leaves.start > 1:
        middle = _split(leaves)
        left, right = Range(leaves.start, middle), Range(middle, leaves.stop)
        leaves, beside = (left, right) if index < middle else (right, left)
        path.append(beside)
    return path[::-1]


def consistency(first: int, second: int) -> list[Range]:
    """What a proof is made of that the first tree is the beginning of the second. ``0 <= first <= second``."""
    if first in (0, second):
        return []
    leaves, path, whole = Range(0, second), [], True
    while leaves.stop != first:
        middle = _split(leaves)
        left, right = Range(leaves.start, middle), Range(middle, leaves.stop)
        if first <= middle:
            leaves, beside = left, right
        else:
            leaves, beside, whole = right, left, False
        path.append(beside)
    return path[::-1] if whole else [leaves, *path[::-1]]


def nodes_of(ranges: Iterable[Range]) -> set[Node]:
    """All complete subtrees that ranges consist of."""
    return {node for leaves in ranges for node in cover(leaves)}


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; ``None`` where it does not fit a tree of this size."""
    if not 0 <= index < size:
        return None
    place, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = hash_node(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = hash_node(found, beside)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of ``first`` leaves is the beginning of the one of ``second``."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    hashes = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not hashes:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    of_first = of_second = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            of_first, of_second = hash_node(beside, of_first), hash_node(beside, of_second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            of_second = hash_node(of_second, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and of_first == first_root and of_second == second_root
