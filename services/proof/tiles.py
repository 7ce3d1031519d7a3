"""Tiles: the tree's hashes in pieces of 256, as C2SP tlog-tiles has them.

Tile ``(level, index)`` holds the hashes of up to 256 subtrees of ``256 ** level`` leaves each. Full tiles never change;
of the last one at each level a beginning exists, which grows.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.proof.tree import HASH_BYTES, Node, hash_complete

HEIGHT = 8
WIDTH = 1 << HEIGHT
PATH = re.compile(r"(?P<level>0|[1-9]\d?)/(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?", re.ASCII)
MAX_DIGITS = 18


class Tile(NamedTuple):
    """The place of a tile."""

    level: int
    number: int


Tiles = Mapping[Tile, bytes]
"""The hashes of tiles, one after the other; of a partial one as many as there are."""


def tile_of(node: Node) -> Tile:
    """The tile whose hashes a complete subtree's hash is made of."""
    level, above = divmod(node.level, HEIGHT)
    return Tile(level, node.number >> (HEIGHT - above))


def tiles_of(nodes: Iterable[Node]) -> set[Tile]:
    """The tiles that subtrees' hashes are made of."""
    return {tile_of(node) for node in nodes}


def hash_in(tiles: Tiles, node: Node) -> bytes:
    """A complete subtree's hash, from its tile. Raises ``KeyError`` where the tile is not there or too short."""
    above = node.level % HEIGHT
    first = (node.number << above) % WIDTH
    hashes = cut(tiles[tile_of(node)])[first : first + (1 << above)]
    if len(hashes) != 1 << above:
        raise KeyError(node)
    return hash_complete(hashes)


def cut(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[n : n + HASH_BYTES] for n in range(0, len(hashes), HASH_BYTES)]


def grow(edge: dict[int, bytes], size: int, leaves: bytes) -> dict[Tile, bytes]:
    """Add leaf hashes to a tree of ``size`` leaves; answers the tiles that changed, with all their hashes.

    ``edge`` holds the last tile of each level as far as it is not full, and is kept up to date.
    """
    changed: dict[Tile, bytes] = {}
    added, level = leaves, 0
    before = size
    while added:
        index = before // WIDTH
        hashes = edge.get(level, b"") + added
        filled = []
        while len(hashes) >= WIDTH * HASH_BYTES:
            full, hashes = hashes[: WIDTH * HASH_BYTES], hashes[WIDTH * HASH_BYTES :]
            changed[Tile(level, index)] = full
            filled.append(hash_complete(cut(full)))
            index += 1
        if hashes:
            changed[Tile(level, index)] = hashes
        edge[level] = hashes
        added, before, level = b"".join(filled), before // WIDTH, level + 1
    return changed


def edge_tiles(size: int) -> list[Tile]:
    """The last tile of each level that is not full, in a tree of this size."""
    tiles, level = [], 0
    while size:
        if size % WIDTH:
            tiles.append(Tile(level, size // WIDTH))
        size, level = size // WIDTH, level + 1
    return tiles


def width_in(tile: Tile, size: int) -> int:
    """How many hashes a tile has in a tree of ``size`` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> (HEIGHT * tile.level)) - tile.number * WIDTH))


def read_path(path: str) -> tuple[Tile, int] | None:
    """The tile that an address names, ``<level>/<index>`` or with ``.p/<width>``, and its width; ``None`` for none."""
    match = PATH.fullmatch(path)
    if match is None:
        return None
    parts = match["index"].split("/")
    digits = "".join(part.removeprefix("x") for part in parts)
    width = WIDTH if match["width"] is None else int(match["width"])
    well_written = len(parts) == 1 or parts[0] != "x000"
    if not well_written or len(digits) > MAX_DIGITS or width > WIDTH or (width == WIDTH and match["width"]):
        return None
    return Tile(int(match["level"]), int(digits)), width


def write_path(tile: Tile, width: int = WIDTH) -> str:
    """The address of a tile: groups of three digits, all but the last with an x before them."""
    digits = str(tile.number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[n : n + 3] for n in range(0, len(digits), 3)]
    index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"{tile.level}/{index}" + ("" if width == WIDTH else f".p/{width}")
