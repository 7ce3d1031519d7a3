"""The ledger's transparency log: checkpoints, tiles and proofs, as the tools of such logs expect them.

What it answers are hashes and signatures: they tell nothing of what was recorded, and let whoever kept a checkpoint
prove that nothing recorded before it was changed since.
"""

import base64
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter
from msgspec import Meta, Struct

from domain.refusal import Refusal
from services.http.guards import requires
from services.http.reads.base import ReadController
from services.proof.cosigned import Cosigned, keep_cosignatures, read_cosigned
from services.proof.log import prove_consistency, prove_inclusion, read_checkpoint, read_head, read_tile, write_proof
from services.proof.notary import Notary
from services.proof.note import NOTE_LIMIT
from services.proof.tiles import read_path
from services.reading.snapshot import Look, Snapshot
from services.service import Service

FOR_EVER = "private, max-age=31536000, immutable"
TEXT = "text/plain; charset=utf-8"
Position = Annotated[int, PathParameter(ge=1, examples=[Example(value=1)])]
First = Annotated[int, PathParameter(name="first", ge=0, examples=[Example(value=1)])]
Second = Annotated[int, PathParameter(name="second", ge=0, examples=[Example(value=2)])]
AtSize = Annotated[
    int | None,
    QueryParameter(
        ge=1, description="In the tree of so many events; the latest, if left out.", examples=[Example(value=1)]
    ),
]


class InclusionProof(Struct, frozen=True, kw_only=True):
    """That an event stands at its position in a tree. Hashes are base64."""

    position: int
    size: int
    """How many events the tree has."""
    leaf: str
    """The hash of the event's canonical bytes: SHA-256 over a zero byte and them (RFC 6962)."""
    hashes: tuple[str, ...]
    """From the leaf's neighbour up to the root."""
    root: str
    checkpoint: str | None
    """The signed checkpoint, where the tree is the latest."""
    tlog_proof: str | None
    """All of it in one text (C2SP tlog-proof), where the tree is the latest."""


class ConsistencyProof(Struct, frozen=True, kw_only=True):
    """That a smaller tree is the beginning of a larger one. Hashes are base64."""

    first: int
    second: int
    hashes: tuple[str, ...]


class LogKeys(Struct, frozen=True, kw_only=True):
    """By what the ledger's checkpoints are known."""

    origin: str
    keys: tuple[str, ...]
    """The public keys that sign them, each in one line (C2SP signed-note); the one in use first."""


class SeenCheckpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checkpoint of the log with a witness's cosignature below it (C2SP tlog-cosignature)."""

    note: Annotated[str, Meta(min_length=1, max_length=NOTE_LIMIT)]


class Cosignatures(Struct, frozen=True, kw_only=True):
    """What witnesses signed last."""

    items: tuple[Cosigned, ...]


class LogReads(ReadController):
    """The Merkle tree over the ledger's events, and what is signed of it."""

    path = "/log"
    tags = ["log"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("read")]  # noqa: RUF012 - the same

    @get("/public-keys", operation_id="log_keys", summary="The public keys that sign the ledger's checkpoints")
    async def keys(self, ledger: FromPath[str], service: NamedDependency[Service]) -> LogKeys:
        """Keep them where the service cannot change them: a checkpoint is worth as much as the key it is checked by."""
        notary = service.notary
        return LogKeys(origin=notary.origin(ledger), keys=tuple(str(key) for key in notary.keys(ledger)))

    @get("/checkpoint", operation_id="log_checkpoint", summary="The latest signed checkpoint", media_type=TEXT)
    async def checkpoint(self, look: NamedDependency[Look], service: NamedDependency[Service]) -> str:
        """Read what is signed of the tree as it stands: its origin, its size, its root (C2SP tlog-checkpoint).

        Its tiles are beside it, under `log/tile/<level>/<index>` (C2SP tlog-tiles).
        """
        async with look() as snapshot:
            return str(await read_checkpoint(snapshot.connection, service.notary, snapshot.ledger_id))

    @get("/cosignatures", operation_id="log_cosignatures", summary="The latest checkpoint that each witness signed")
    async def cosignatures(self, look: NamedDependency[Look], service: NamedDependency[Service]) -> Cosignatures:
        """Read what witnesses signed: each saw that the log had gone on from what it had seen before, and when."""
        async with look() as snapshot:
            return Cosignatures(items=await read_cosigned(snapshot.connection, service.notary, snapshot.ledger_id))

    @post("/cosignatures", status_code=200, operation_id="log_cosign", summary="Hand in a witness's cosignature")
    async def cosign(
        self, ledger: FromPath[str], data: JSONBody[SeenCheckpoint], service: NamedDependency[Service]
    ) -> Cosignatures:
        """Have a cosignature kept, for all who read checkpoints. It may be sent again.

        The service has to know the witness (`REQUITE_WITNESSES`), and the checkpoint has to be one that the log has or
        had.
        """
        async with service.ledgers.acquire(ledger) as connection:
            kept = await keep_cosignatures(connection, service.notary, ledger, data.note)
        return Cosignatures(items=kept)

    @get(
        "/tile/{tile:path}",
        include_in_schema=False,  # its address has parts of its own, which OpenAPI cannot say
        media_type="application/octet-stream",
    )
    async def tile(
        self,
        look: NamedDependency[Look],
        tile: Annotated[
            str, PathParameter(description="<level>/<index>[.p/<width>]", examples=[Example(value="0/000.p/1")])
        ],
    ) -> Response[bytes]:
        """Read a tile (C2SP tlog-tiles). What a tile of a width holds never changes."""
        place = read_path(tile.strip("/"))
        if place is None:
            raise Refusal(
                "tile_not_found", "A tile's address is <level>/<index>, with .p/<width> while it is not full."
            )
        async with look() as snapshot:
            hashes = await read_tile(snapshot.connection, snapshot.ledger_id, *place)
        return Response(hashes, headers={"Cache-Control": FOR_EVER})

    @get("/proof/inclusion/{position:int}", operation_id="log_inclusion", summary="That an event is in the log")
    async def inclusion(
        self,
        position: Position,
        look: NamedDependency[Look],
        service: NamedDependency[Service],
        size: AtSize = None,
    ) -> InclusionProof:
        """Prove that the event at a position is in the tree. The tree follows the log within seconds."""
        async with look() as snapshot:
            return await _prove(snapshot, service.notary, position, size)

    @get(
        "/proof/consistency/{first:int}/{second:int}",
        operation_id="log_consistency",
        summary="That nothing was changed in between",
    )
    async def consistency(self, first: First, second: Second, look: NamedDependency[Look]) -> ConsistencyProof:
        """Prove that the tree of the first size is the beginning of the one of the second."""
        async with look() as snapshot:
            head = await read_head(snapshot.connection, snapshot.ledger_id)
            hashes = await prove_consistency(snapshot.connection, snapshot.ledger_id, first, second, head.size)
        return ConsistencyProof(first=first, second=second, hashes=tuple(map(_text, hashes)))


async def _prove(snapshot: Snapshot, notary: Notary, position: int, size: int | None) -> InclusionProof:
    connection, ledger_id = snapshot.connection, snapshot.ledger_id
    proof = await prove_inclusion(connection, ledger_id, position, size)
    latest = None
    if proof.is_latest:
        latest = await read_checkpoint(connection, notary, ledger_id)
    return InclusionProof(
        position=position,
        size=proof.size,
        leaf=_text(proof.leaf),
        hashes=tuple(map(_text, proof.hashes)),
        root=_text(proof.root),
        checkpoint=None if latest is None else str(latest),
        tlog_proof=None if latest is None else write_proof(position, proof.hashes, latest),
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
