"""Reading a ledger's tree: its checkpoint, its tiles, and proofs made of them."""

from collections.abc import Collection, Sequence
from functools import cache, partial
from typing import NamedTuple, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from domain.refusal import Refusal
from services.database.pool import load_sql
from services.database.together import Together
from services.proof.notary import Notary
from services.proof.note import Note, Signature, encode, read_key
from services.proof.tiles import Tile, hash_in, tiles_of
from services.proof.tree import EMPTY_ROOT, HASH_BYTES, Range, consistency, hash_range, inclusion, nodes_of

Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy[asyncpg.Record]"
Reads: TypeAlias = "Connection | Together"
"""A connection of one's own, or one beside other readings."""


class Head(NamedTuple):
    """How far a tree goes, and its root."""

    size: int
    root: bytes


async def read_head(connection: Reads, ledger_id: str) -> Head:
    """The tree as it was built last; an empty one where none was."""
    row = await connection.fetchrow(_sql("head"), ledger_id)
    return Head(0, EMPTY_ROOT) if row is None else Head(row["size"], row["root"])


async def read_checkpoint(connection: Reads, notary: Notary, ledger_id: str) -> Note:
    """The signed checkpoint of the tree, with the cosignatures of the witnesses that saw this very one."""
    head = await read_head(connection, ledger_id)
    note = notary.sign(ledger_id, head.size, head.root)
    rows = await connection.fetch(_sql("cosignatures"), ledger_id)
    seen = [cosignature(row) for row in rows if row["checkpoint"] == note.text]
    return Note(note.text, (*note.signatures, *seen))


def cosignature(row: asyncpg.Record) -> Signature:
    """The signature that a row of ``log_cosignature`` keeps."""
    key = read_key(row["witness"])
    return Signature(key.name, key.key_id, row["signature"])


async def read_root(connection: Reads, ledger_id: str, size: int) -> bytes:
    """The root of the tree as it was with its first ``size`` events, as many as it has at least."""
    (root,) = await _prove(connection, ledger_id, [Range(0, size)]) if size else (EMPTY_ROOT,)
    return root


async def load_tiles(connection: Reads, ledger_id: str, tiles: Collection[Tile]) -> dict[Tile, bytes]:
    """The hashes of tiles, as far as they are there."""
    levels, indices = [tile.level for tile in tiles], [tile.number for tile in tiles]
    rows = await connection.fetch(_sql("tiles"), ledger_id, levels, indices)
    return {Tile(level, index): hashes for level, index, hashes in rows}


async def read_tile(connection: Reads, ledger_id: str, tile: Tile, width: int) -> bytes:
    """The first ``width`` hashes of a tile. Raises ``Refusal`` where it does not have as many."""
    hashes = (await load_tiles(connection, ledger_id, [tile])).get(tile, b"")[: width * HASH_BYTES]
    if len(hashes) < width * HASH_BYTES:
        raise Refusal("tile_not_found", "The tree has no such tile, or not as wide a one yet.")
    return hashes


class Inclusion(NamedTuple):
    """The hashes that lead from an event up to the root of a tree."""

    size: int
    leaf: bytes
    hashes: tuple[bytes, ...]
    root: bytes
    is_latest: bool
    """Whether the tree is the one of the checkpoint."""


async def prove_inclusion(connection: Reads, ledger_id: str, position: int, size: int | None = None) -> Inclusion:
    """That the event at a position is in the tree of ``size`` events, the latest if left out. Raises ``Refusal``."""
    head = await read_head(connection, ledger_id)
    size = head.size if size is None else size
    _require(1 <= position <= size <= head.size, f"The tree has the positions 1 to {head.size} so far.")
    ranges = [Range(position - 1, position), *inclusion(position - 1, size)]
    if size == head.size:
        leaf, *hashes = await _prove(connection, ledger_id, ranges)
        return Inclusion(size, leaf, tuple(hashes), head.root, is_latest=True)
    leaf, *hashes, top = await _prove(connection, ledger_id, [*ranges, Range(0, size)])
    return Inclusion(size, leaf, tuple(hashes), top, is_latest=False)


async def prove_consistency(connection: Reads, ledger_id: str, first: int, second: int, size: int) -> list[bytes]:
    """The hashes that show that the tree of ``first`` events is the beginning of the one of ``second``."""
    _require(0 <= first <= second <= size, f"Two sizes are wanted, the smaller first; the tree has {size} events.")
    return await _prove(connection, ledger_id, consistency(first, second))


async def prove_positions(connection: Reads, ledger_id: str, positions: Sequence[int], size: int) -> list[list[bytes]]:
    """For each position the leaf's hash and those that lead from it up to the root of the tree of ``size`` events."""
    paths = [[Range(position - 1, position), *inclusion(position - 1, size)] for position in positions]
    hashes = iter(await _prove(connection, ledger_id, [leaves for path in paths for leaves in path]))
    return [[next(hashes) for _ in path] for path in paths]


async def _prove(connection: Reads, ledger_id: str, ranges: Sequence[Range]) -> list[bytes]:
    tiles = await load_tiles(connection, ledger_id, tiles_of(nodes_of(ranges)))
    hash_of = cache(partial(hash_in, tiles))  # the ways of many leaves share most of their nodes
    return [hash_range(leaves, hash_of) for leaves in ranges]


def write_proof(position: int, hashes: Sequence[bytes], checkpoint: Note) -> str:
    """An inclusion proof as a text of its own (C2SP tlog-proof)."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {position - 1}", *map(encode, hashes)]
    return "\n".join(lines) + f"\n\n{checkpoint}"


def _require(holds: bool, message: str) -> None:  # noqa: FBT001 - it is what the name asks for
    if not holds:
        raise Refusal("proof_not_found", message)


def _sql(name: str) -> str:
    return load_sql(f"services/proof/sql/{name}.sql")
