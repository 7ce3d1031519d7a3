"""The promise audit with its proof: whoever keeps the answer can check it at home with SHA-256 and the public key."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from services.database.pool import load_sql
from services.proof.log import prove_positions, read_checkpoint, read_head
from services.proof.notary import Notary
from services.proof.note import encode
from services.reading.audit import PromiseAudit
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot


class ProvenEvent(Struct, frozen=True, kw_only=True):
    """An event, and the way from it up to the checkpoint's root. Hashes are base64."""

    position: int
    event: str | None
    """The canonical bytes as a text, to be encoded as UTF-8: JSON, with people's words sealed. Null: they are lost."""
    leaf: str
    """What the tree holds of it: SHA-256 over a zero byte and those bytes (RFC 6962)."""
    hashes: tuple[str, ...]
    """From the leaf's neighbour up to the root; the leaf has the number ``position`` - 1."""


class AuditProof(Struct, frozen=True, kw_only=True):
    """That the events behind the listed promises are in the ledger's tree."""

    checkpoint: str
    """The latest signed checkpoint (C2SP tlog-checkpoint): the tree's size and root, and who signed them."""
    size: int
    """How many events the tree has."""
    events: tuple[ProvenEvent, ...]
    """By position, each once."""
    not_yet_proven: tuple[int, ...]
    """Positions that the tree has not reached yet; it follows the log within seconds."""


class ProvenAudit(PromiseAudit, frozen=True, kw_only=True):
    """Made against delivered, with the proof of the lines where it was asked for."""

    proof: AuditProof | None = None


def require_lines(*, json: bool, by: str | None) -> None:
    """Raise ``BadQuestionError`` where there are no lines to go with a proof."""
    if not json or by is not None:
        raise BadQuestionError("proof", "A proof goes with lines in JSON: leave 'by' out, and other formats.")


def without_proof(audit: PromiseAudit) -> ProvenAudit:
    """An audit whose proof was not asked for."""
    return ProvenAudit(**{name: getattr(audit, name) for name in PromiseAudit.__struct_fields__})


async def prove_audit(snapshot: Snapshot, notary: Notary, audit: PromiseAudit) -> ProvenAudit:
    """Prove the events behind an audit's lines, in the tree as it stands at the moment of the snapshot.

    The hashes are the tree's and the bytes the log's: where somebody changed an event, they do not fit each other.
    """
    positions = sorted({position for line in audit.lines or () for position in line.positions})
    head = await read_head(snapshot.connection, snapshot.ledger_id)
    proof = AuditProof(
        checkpoint=str(await read_checkpoint(snapshot.connection, notary, snapshot.ledger_id)),
        size=head.size,
        events=await _prove(snapshot, [one for one in positions if one <= head.size], head.size),
        not_yet_proven=tuple(one for one in positions if one > head.size),
    )
    return replace(without_proof(audit), proof=proof)


async def _prove(snapshot: Snapshot, positions: Sequence[int], size: int) -> tuple[ProvenEvent, ...]:
    rows = await snapshot.fetch(load_sql("services/proof/sql/states.sql"), snapshot.ledger_id, positions)
    events = {row["position"]: row["state"].decode() for row in rows}
    paths = await prove_positions(snapshot.connection, snapshot.ledger_id, positions, size)
    return tuple(
        ProvenEvent(position=position, event=events.get(position), leaf=encode(leaf), hashes=tuple(map(encode, hashes)))
        for position, (leaf, *hashes) in zip(positions, paths, strict=True)
    )
