"""Checks a bundle without any server or database: whoever has the file and a key can run it, and trusts nobody."""

import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import IO

import msgspec
from msgspec import Struct

from services.proof.bundle import FORMAT, Manifest, Progress
from services.proof.check import TABLES, Check, Finding, leaf_at
from services.proof.note import (
    Checkpoint,
    NoteError,
    VerifierKey,
    read_checkpoint,
    read_key,
    read_note,
    require_signed,
    signed_by,
)

MEMBER_LIMIT = 1 << 20
"""The largest manifest, or checkpoint, in bytes."""
LINE_LIMIT = 1 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What reading a damaged or crafted archive may end in."""


class NoBundleError(Exception):
    """The file is no bundle, or a part of it is missing. The message says which."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What checking a bundle found."""

    ledger: str
    origin: str
    size: int
    root: str
    signed_by: tuple[str, ...]
    """The names of the keys that signed, witnesses included, among those that are trusted."""
    trusts_itself: bool
    """Whether the keys were those in the bundle: then it vouches for itself alone."""
    findings: tuple[Finding, ...]
    """Empty: nothing is wrong."""


def verify(
    file: IO[bytes],
    keys: Sequence[VerifierKey] = (),
    against: Iterable[Checkpoint] = (),
    progress: Progress = lambda _position, _last: None,
) -> Verdict:
    """Check a bundle: hashes, order, signature, what it folds into, and that nothing of old checkpoints was changed.

    Raises ``NoBundleError`` where the file is none.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _verify(archive, keys, against, progress)
    except DAMAGED as error:
        raise NoBundleError(f"This is no bundle of Requite, or it is damaged ({type(error).__name__}).") from None


def _verify(
    archive: zipfile.ZipFile,
    keys: Sequence[VerifierKey],
    against: Iterable[Checkpoint],
    progress: Progress,
) -> Verdict:
    manifest = msgspec.json.decode(_read(archive, "manifest.json"), type=Manifest)
    if manifest.format != FORMAT:
        raise NoBundleError(f"This bundle's format is not {FORMAT}: another version of Requite wrote it.")
    check = Check(manifest.ledger, against)
    checkpoint, names = _checkpoint(archive, check, [*keys] or [read_key(line) for line in manifest.keys])
    leaves = archive.read("leaves") if archive.getinfo("leaves").file_size <= 32 * checkpoint.size else b""
    for line in _lines(archive, "events.ndjson"):
        check.add(line, leaf_at(leaves, check.size + 1) or b"")
        if check.size % 1000 == 0 or check.size == checkpoint.size:
            progress(check.size, checkpoint.size)
    check.finish(checkpoint)
    for table in TABLES:
        check.compare(table, _lines(archive, f"{table}.ndjson"))
    return Verdict(
        ledger=manifest.ledger,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        signed_by=tuple(names),
        trusts_itself=not keys,
        findings=tuple(check.findings),
    )


def _checkpoint(archive: zipfile.ZipFile, check: Check, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, list[str]]:
    note = read_note(_read(archive, "checkpoint").decode())
    try:
        require_signed(note, keys)
        names = [key.name for key in signed_by(note, keys)]
    except NoteError as error:
        check.note("the checkpoint", str(error))
        names = []
    return read_checkpoint(note), names


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MEMBER_LIMIT:
        raise NoBundleError(f"The bundle's {name} is larger than one can be.")
    return archive.read(name)


def _lines(archive: zipfile.ZipFile, name: str) -> Iterable[bytes]:
    with archive.open(name) as file:
        while line := file.readline(LINE_LIMIT):
            yield line.removesuffix(b"\n")
