"""Checks a bundle without any server or database: whoever has the file and a key can run it, and trusts nobody."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO

import msgspec
from msgspec import Struct

from services.proof.bundle import FORMAT, WITNESSED, Manifest, Progress
from services.proof.check import TABLES, Check, Finding, leaf_at
from services.proof.note import (
    Checkpoint,
    Note,
    NoteError,
    VerifierKey,
    read_checkpoint,
    read_key,
    read_note,
    require_signed,
    signature_of,
    signed_by,
)

MEMBER_LIMIT = 1 << 20
"""The largest manifest, or checkpoint, in bytes."""
LINE_LIMIT = 1 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What reading a damaged or crafted archive may end in."""


class NoBundleError(Exception):
    """The file is no bundle, or a part of it is missing. The message says which."""


class Seen(Struct, frozen=True, kw_only=True):
    """What a witness saw of the log last, as far as the bundle has it."""

    witness: str
    size: int
    """The first so many events."""
    at: datetime


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
    seen: tuple[Seen, ...]
    """What the witnesses that were asked for saw, each of them, where nothing is wrong."""
    findings: tuple[Finding, ...]
    """Empty: nothing is wrong."""


def verify(
    file: IO[bytes],
    keys: Sequence[VerifierKey] = (),
    against: Iterable[Checkpoint] = (),
    progress: Progress = lambda _position, _last: None,
    *,
    witnesses: Sequence[VerifierKey] = (),
) -> Verdict:
    """Check a bundle: hashes, order, signature, what it folds into, and that nothing of old checkpoints was changed.

    Each of the ``witnesses`` has to have signed one of the log's checkpoints, and nothing of it may be changed.
    Raises ``NoBundleError`` where the file is none.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _Verifier(archive, keys, witnesses).verify(against, progress)
    except DAMAGED as error:
        raise NoBundleError(f"This is no bundle of Requite, or it is damaged ({type(error).__name__}).") from None


class _Verifier:
    """Checks one archive."""

    def __init__(self, archive: zipfile.ZipFile, keys: Sequence[VerifierKey], witnesses: Sequence[VerifierKey]) -> None:
        self._archive = archive
        self._manifest = msgspec.json.decode(_read(archive, "manifest.json"), type=Manifest)
        if self._manifest.format != FORMAT:
            raise NoBundleError(f"This bundle's format is not {FORMAT}: another version of Requite wrote it.")
        self._trusts_itself = not keys
        self._keys = [*keys] or [read_key(line) for line in self._manifest.keys]
        self._witnesses = witnesses
        self._wrong: list[Finding] = []

    def verify(self, against: Iterable[Checkpoint], progress: Progress) -> Verdict:
        archive = self._archive
        checkpoint, names = self._checkpoint()
        witnessed = [one for key in self._witnesses if (one := self._witnessed(key, checkpoint.origin)) is not None]
        check = Check(self._manifest.ledger, [*against, *(old for old, _ in witnessed)])
        check.findings += self._wrong
        leaves = archive.read("leaves") if archive.getinfo("leaves").file_size <= 32 * checkpoint.size else b""
        for line in read_lines(archive, "events.ndjson"):
            check.add(line, leaf_at(leaves, check.size + 1) or b"")
            if check.size % 1000 == 0 or check.size == checkpoint.size:
                progress(check.size, checkpoint.size)
        check.finish(checkpoint)
        for table in TABLES:
            check.compare(table, read_lines(archive, f"{table}.ndjson"), self._manifest.columns.get(table, ()))
        return Verdict(
            ledger=self._manifest.ledger,
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            signed_by=tuple(names),
            trusts_itself=self._trusts_itself,
            seen=tuple(seen for _, seen in witnessed),
            findings=tuple(check.findings),
        )

    def _checkpoint(self) -> tuple[Checkpoint, list[str]]:
        note = read_note(_read(self._archive, "checkpoint").decode())
        try:
            require_signed(note, self._keys)
            names = [key.name for key in signed_by(note, self._keys)]
        except NoteError as error:
            self._wrong.append(Finding("the checkpoint", str(error)))
            names = []
        return read_checkpoint(note), names

    def _witnessed(self, key: VerifierKey, origin: str) -> tuple[Checkpoint, Seen] | None:
        """The largest of this log's checkpoints that a witness signed."""
        found: list[tuple[Checkpoint, Seen]] = []
        try:
            for note in self._notes():
                checkpoint, signature = read_checkpoint(note), signature_of(note, key)
                if signature is not None and checkpoint.origin == origin:
                    seen = Seen(witness=key.name, size=checkpoint.size, at=signature.seen_at)
                    found.append((checkpoint, seen))
        except NoteError as error:
            self._wrong.append(Finding(f"the witness {key.name}", str(error)))
            return None
        if not found:
            self._wrong.append(Finding(f"the witness {key.name}", "it signed no checkpoint of this log"))
            return None
        return max(found, key=lambda one: (one[1].size, one[1].at))

    def _notes(self) -> Iterable[Note]:
        yield read_note(_read(self._archive, "checkpoint").decode())
        if WITNESSED in self._archive.namelist():
            for line in read_lines(self._archive, WITNESSED):
                yield read_note(msgspec.json.decode(line, type=str))


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MEMBER_LIMIT:
        raise NoBundleError(f"The bundle's {name} is larger than one can be.")
    return archive.read(name)


def read_lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The lines of a member, without their breaks."""
    with archive.open(name) as file:
        while line := file.readline(LINE_LIMIT):
            yield line.removesuffix(b"\n")
