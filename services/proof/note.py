"""Signed notes and checkpoints: a few lines of text, and below them who signed it (C2SP signed-note).

A checkpoint (C2SP tlog-checkpoint) is a note that says of a log, by its origin, how many leaves its tree has, and the
tree's root. Witnesses add cosignatures (C2SP tlog-cosignature): that they saw it, when, and that it went on from what
they had seen before.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.proof.tree import HASH_BYTES

ED25519 = 1
COSIGNATURE = 4
ID_BYTES = 4
TIME_BYTES = 8
SIGNATURE_BYTES = 64
MARK = "\u2014 "
"""What a line with a signature begins with."""
NOTE_LIMIT = 64 * 1024


class NoteError(ValueError):
    """A note or key cannot be read, or is not signed by whom it should be. The message says what is wrong."""


class Signature(NamedTuple):
    """A line under a note: whose it is said to be, and its bytes."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def seen_at(self) -> datetime:
        """Of a cosignature: when the witness saw the checkpoint. Raises ``NoteError`` where that is no time."""
        try:
            return datetime.fromtimestamp(int.from_bytes(self.data[:TIME_BYTES], "big"), UTC)
        except (ValueError, OverflowError, OSError):
            raise NoteError("A cosignature's time lies outside the years 1970 to 9999.") from None


class Note(NamedTuple):
    """A text, which ends in a line break, and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is passed on."""
        lines = [f"{MARK}{one.name} {encode(one.key_id + one.data)}\n" for one in self.signatures]
        return f"{self.text}\n{''.join(lines)}"


class VerifierKey(NamedTuple):
    """Whose signatures are trusted: a name, the kind of signature, and a public key of Ed25519 (RFC 8032)."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature says which key made it."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        """The key in one line, as the tools of transparency logs take it."""
        return f"{self.name}+{self.key_id.hex()}+{encode(bytes([self.kind]) + self.public)}"

    def holds(self, signature: Signature, text: str) -> bool:
        """Whether a signature is this key's, and right for a text."""
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return False
        signed, data = text.encode(), signature.data
        if self.kind == COSIGNATURE:
            time, data = int.from_bytes(data[:TIME_BYTES], "big"), data[TIME_BYTES:]
            signed = cosigned(text, time)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(data, signed)
        except InvalidSignature:
            return False
        return True


class SignerKey:
    """Signs notes under a name: of a log its origin, of a witness its own."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, kind, self._key.public_key().public_bytes_raw())

    def sign(self, text: str, time: int = 0) -> Signature:
        """A signature of a text; a cosignature says at which time, in seconds since 1970."""
        name, key_id = self.verifier.name, self.verifier.key_id
        if self.verifier.kind == COSIGNATURE:
            return Signature(name, key_id, time.to_bytes(TIME_BYTES, "big") + self._key.sign(cosigned(text, time)))
        return Signature(name, key_id, self._key.sign(text.encode()))


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs of a checkpoint."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


class Checkpoint(NamedTuple):
    """What a log says of its tree."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


def read_note(text: str) -> Note:
    """Take a note apart. Raises ``NoteError``."""
    if len(text) > NOTE_LIMIT:
        raise NoteError(f"This is longer than a checkpoint is: {NOTE_LIMIT:,} characters at most.")
    body, blank, below = text.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteError("This is no signed note: a text, an empty line, then lines of signatures.")
    return Note(f"{body}\n", tuple(_read_signature(line) for line in below[:-1].split("\n")))


def _read_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(MARK).rpartition(" ")
    data = decode(encoded)
    if not line.startswith(MARK) or not name or data is None or len(data) <= ID_BYTES:
        raise NoteError("A line of signatures cannot be read; each is an em dash, a name, and base64.")
    return Signature(name, data[:ID_BYTES], data[ID_BYTES:])


def read_checkpoint(note: Note) -> Checkpoint:
    """What a note says, if it is a checkpoint. Raises ``NoteError``."""
    lines = note.text.split("\n")
    root = decode(lines[2]) if len(lines) == 4 else None
    size = lines[1] if len(lines) == 4 else ""
    if root is None or len(root) != HASH_BYTES or not _is_size(size) or not lines[0]:
        raise NoteError("This note is no checkpoint: its lines are the origin, the number of leaves, and the root.")
    return Checkpoint(lines[0], int(size), root)


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 19 and (text == "0" or text[0] != "0")


def read_key(line: str) -> VerifierKey:
    """The key that a line holds: name, id and key with plus signs between. Raises ``NoteError``."""
    name, _, rest = line.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    data = decode(encoded)
    if data is None or len(data) != 1 + HASH_BYTES or data[0] not in (ED25519, COSIGNATURE):
        raise NoteError("This is no key of a log or witness: <name>+<id>+<base64>, of Ed25519.")
    key = VerifierKey(name, data[0], data[1:])
    if key.key_id.hex() != key_id or str(key) != line.strip():
        raise NoteError("This key's id does not fit it: a part of the line is wrong or missing.")
    return key


def signed_by(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Which of some keys signed a note. Raises ``NoteError`` where one's signature is there but wrong."""
    return [key for key in keys if signature_of(note, key) is not None]


def signature_of(note: Note, key: VerifierKey) -> Signature | None:
    """A key's signature under a note, ``None`` where it has none. Raises ``NoteError`` where it is there but wrong."""
    theirs = [one for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
    for signature in theirs:
        if key.holds(signature, note.text):
            return signature
    if theirs:
        raise NoteError(f"The signature of {key.name} is wrong: the text is not the one that was signed.")
    return None


def require_signed(note: Note, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint of a note that one of a log's own keys signed. Raises ``NoteError``."""
    checkpoint = read_checkpoint(note)
    if not any(key.name == checkpoint.origin for key in signed_by(note, keys)):
        raise NoteError(f"The checkpoint of {checkpoint.origin} is not signed by a key that is trusted for it.")
    return checkpoint


def encode(data: bytes) -> str:
    """Base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes | None:
    """The bytes of base64 in its one right spelling; ``None`` for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode(data) == text else None
