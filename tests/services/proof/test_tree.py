"""The tree's hashes and proofs: published vectors, an independent implementation, and laws."""

import hashlib
from collections.abc import Sequence
from functools import cache

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proof import tree
from services.proof.tiles import (
    WIDTH,
    Tile,
    edge_tiles,
    grow,
    hash_in,
    read_path,
    tile_of,
    width_in,
    write_path,
)
from services.proof.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    Node,
    Range,
    consistency,
    hash_leaf,
    hash_node,
    hash_range,
    inclusion,
    is_consistent,
    root_of_inclusion,
)

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The vectors of the Certificate Transparency project for RFC 6962: the roots of the first 0 to 8 leaves."""
MANY = 700


def entry(number: int) -> bytes:
    return number.to_bytes(4, "big")


@cache
def tiles() -> dict[Tile, bytes]:
    """A tree of many leaves, grown in uneven steps."""
    edge: dict[int, bytes] = {}
    found: dict[Tile, bytes] = {}
    size = 0
    for step in (1, 2, 253, 1, 300, 143):
        leaves = b"".join(hash_leaf(entry(number)) for number in range(size, size + step))
        found |= grow(edge, size, leaves)
        size += step
        assert {tile: edge[tile.level] for tile in edge_tiles(size)} == {
            tile: hashes for tile, hashes in found.items() if len(hashes) < WIDTH * HASH_BYTES
        }
    assert size == MANY
    return found


def at(node: Node) -> bytes:
    return hash_in(tiles(), node)


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hash_node(plain_root(leaves[:k]), plain_root(leaves[k:]))


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    leaves = [hash_leaf(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert plain_root(leaves).hex() == ROOTS[size]
    changed = grow({}, 0, b"".join(leaves))
    assert tree.root(size, lambda node: hash_in(changed, node)).hex() == ROOTS[size]


def test_the_published_proofs() -> None:
    """Those of the same vectors: paths from leaf 0 and 5 in trees of 8 and 7, consistency of 6 and 8."""
    leaves = [hash_leaf(bytes.fromhex(leaf)) for leaf in LEAVES]
    changed = grow({}, 0, b"".join(leaves))

    def hashes(ranges: Sequence[Range]) -> list[str]:
        return [hash_range(leaves, lambda node: hash_in(changed, node)).hex() for leaves in ranges]

    assert hashes(inclusion(0, 8)) == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert hashes(consistency(6, 8)) == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


sizes = st.integers(1, MANY)


@given(st.data(), sizes)
def test_every_inclusion_proof_leads_to_the_root_and_no_other_does(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = [hash_range(leaves, at) for leaves in inclusion(index, size)]
    root, leaf = tree.root(size, at), hash_leaf(entry(index))
    assert root_of_inclusion(leaf, index, size, proof) == root
    assert root_of_inclusion(leaf, index, size, [*proof, root]) is None
    assert root_of_inclusion(hash_leaf(b"other"), index, size, proof) != root
    assert size == 1 or root_of_inclusion(leaf, index, size, proof[:-1]) != root
    assert root_of_inclusion(leaf, size, size, proof) is None


@given(sizes, sizes)
def test_every_consistency_proof_holds_and_no_other_does(one: int, other: int) -> None:
    first, second = sorted((one, other))
    proof = [hash_range(leaves, at) for leaves in consistency(first, second)]
    roots = tree.root(first, at), tree.root(second, at)
    assert is_consistent(first, roots[0], second, roots[1], proof)
    assert not is_consistent(first, hash_leaf(b"other"), second, roots[1], proof)
    assert not is_consistent(first, roots[0], second, hash_leaf(b"other"), proof)
    assert not is_consistent(first, roots[0], second, roots[1], [*proof, roots[0]])
    assert not proof or not is_consistent(first, roots[0], second, roots[1], proof[:-1])
    assert not is_consistent(second + 1, roots[1], second, roots[1], [])


def test_nothing_is_the_beginning_of_everything() -> None:
    assert is_consistent(0, EMPTY_ROOT, 7, tree.root(7, at), [])
    assert not is_consistent(0, EMPTY_ROOT, 7, tree.root(7, at), [EMPTY_ROOT])
    assert not is_consistent(3, tree.root(3, at), 7, tree.root(7, at), [])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 600, MANY])
def test_an_independent_implementation_finds_the_same(size: int) -> None:
    theirs = pymerkle.InmemoryTree.init_from_entries([entry(number) for number in range(size)], algorithm="sha256")
    assert theirs.get_root(size) == tree.root(size, at)
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        proof = theirs.prove_inclusion(index + 1, size)
        ours = [hash_range(leaves, at) for leaves in inclusion(index, size)]
        assert sorted(proof.path) == sorted([hash_leaf(entry(index)), *ours])
        pymerkle.verify_inclusion(hash_leaf(entry(index)), tree.root(size, at), proof)
    for first in {1, size // 2, size - 1} - {0}:
        if first <= size:
            proof = theirs.prove_consistency(first, size)
            pymerkle.verify_consistency(tree.root(first, at), tree.root(size, at), proof)


@given(st.integers(0, 10**17), st.integers(0, 63), st.integers(1, WIDTH))
def test_a_tiles_address_reads_back(number: int, level: int, width: int) -> None:
    assert read_path(write_path(Tile(level, number), width)) == (Tile(level, number), width)


@pytest.mark.parametrize(
    ("tile", "width", "path"),
    [
        (Tile(0, 0), 256, "0/000"),
        (Tile(3, 1234067), 256, "3/x001/x234/067"),
        (Tile(1, 273), 1, "1/273.p/1"),
        (Tile(0, 999_000), 8, "0/x999/000.p/8"),
    ],
)
def test_a_tiles_address_is_written_as_the_standard_has_it(tile: Tile, width: int, path: str) -> None:
    assert write_path(tile, width) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "0/1", "0/0001", "0/x000/001", "00/000", "0/000.p/0", "0/000.p/256", "0/000.p/300", "0/000/"),
        *("-1/000", "0/" + "x111/" * 6 + "111"),
    ],
)
def test_other_addresses_name_no_tile(path: str) -> None:
    assert read_path(path) is None


def test_a_subtree_is_found_in_its_tile_or_nowhere() -> None:
    assert tile_of(Node(9, 1)) == Tile(1, 0)
    assert width_in(Tile(0, 2), MANY) == MANY - 2 * WIDTH
    with pytest.raises(KeyError):
        hash_in(tiles(), Node(9, 1))
    with pytest.raises(KeyError):
        hash_in(tiles(), Node(0, 10_000))
