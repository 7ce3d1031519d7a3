"""What witnesses signed of a ledger's tree: kept for those who read checkpoints, and carried along by bundles."""

from datetime import datetime

from msgspec import Struct

from domain.refusal import Refusal
from services.database.pool import load_sql
from services.proof.log import Connection, cosignature, read_head, read_root
from services.proof.notary import Notary
from services.proof.note import (
    Checkpoint,
    Note,
    NoteError,
    Signature,
    read_checkpoint,
    read_key,
    read_note,
    signature_of,
)


class Cosigned(Struct, frozen=True, kw_only=True):
    """The latest checkpoint that a witness signed."""

    witness: str
    """Its key, in one line."""
    size: int
    """How many events it saw."""
    seen_at: datetime
    note: str
    """The checkpoint, signed by the log and by the witness."""


async def keep_cosignatures(connection: Connection, notary: Notary, ledger_id: str, text: str) -> tuple[Cosigned, ...]:
    """Keep what witnesses signed of a checkpoint that the ledger has or had; answers those of them, as they are kept.

    Sent again, or after a later one, it changes nothing. Raises ``Refusal`` where it is no such checkpoint, or none of
    the witnesses that the service knows signed it rightly.
    """
    try:
        note = read_note(text)
        checkpoint = read_checkpoint(note)
        theirs = [(key, signature) for key in notary.witnesses if (signature := signature_of(note, key)) is not None]
        for _, signature in theirs:
            signature.seen_at  # noqa: B018 - raises
    except NoteError as error:
        raise Refusal("bad_cosignature", str(error)) from None
    if not theirs:
        raise Refusal("unknown_witness", "No witness that this service knows signed it: see REQUITE_WITNESSES.")
    head = await read_head(connection, ledger_id)
    is_ours = checkpoint.origin == notary.origin(ledger_id) and checkpoint.size <= head.size
    if not is_ours or checkpoint.root != await read_root(connection, ledger_id, checkpoint.size):
        raise Refusal("checkpoint_not_found", "The ledger's tree has no checkpoint of this origin, size and root.")
    for key, signature in theirs:
        keep = load_sql("services/proof/sql/keep_cosignature.sql")
        await connection.execute(keep, ledger_id, str(key), note.text, signature.data)
    kept = {str(key) for key, _ in theirs}
    return tuple(one for one in await read_cosigned(connection, notary, ledger_id) if one.witness in kept)


async def read_cosigned(connection: Connection, notary: Notary, ledger_id: str) -> tuple[Cosigned, ...]:
    """What every witness signed last, by its key."""
    rows = await connection.fetch(load_sql("services/proof/sql/cosignatures.sql"), ledger_id)
    found = [_cosigned(notary, ledger_id, row["witness"], row["checkpoint"], cosignature(row)) for row in rows]
    return tuple(one for one in found if one is not None)


async def read_witnessed(connection: Connection, ledger_id: str) -> tuple[Checkpoint, ...]:
    """The checkpoints that witnesses signed last, each signature checked: of a log under whatever name it had then."""
    rows = await connection.fetch(load_sql("services/proof/sql/cosignatures.sql"), ledger_id)
    return tuple(
        read_checkpoint(Note(row["checkpoint"], ()))
        for row in rows
        if read_key(row["witness"]).holds(cosignature(row), row["checkpoint"])
    )


def _cosigned(notary: Notary, ledger_id: str, witness: str, text: str, signature: Signature) -> Cosigned | None:
    """``None`` where the log had another origin then."""
    checkpoint = read_checkpoint(Note(text, ()))
    signed = notary.sign(ledger_id, checkpoint.size, checkpoint.root)
    if signed.text != text:
        return None
    note = Note(text, (*signed.signatures, signature))
    return Cosigned(witness=witness, size=checkpoint.size, seen_at=signature.seen_at, note=str(note))
