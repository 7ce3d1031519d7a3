"""The two files of a backup.

The first is a ZIP archive: the database as ``pg_dump`` writes it, without the rows that hold keys; the list of
erasures; the signed checkpoint of every ledger; and a manifest. It opens no word. The second holds the keys, wrapped
under the master key as they are in the database, a line of JSON each.
"""

import pathlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.party import PartyErased
from services.ledger.erasures import Erasure, ErasureListError, read_list
from services.ledger.mapper import UnknownTopicError, decode

FORMAT = "requite-backup/1"
KEYS_FORMAT = "requite-keys/1"
MANIFEST, DUMP, ERASURES, CHECKPOINTS = "manifest.json", "database.dump", "erasures.ndjson", "checkpoints/"
BUNDLE_EVENTS = "events.ndjson"


class BackupError(RuntimeError):
    """A backup cannot be made or restored. The message says why, and what to do."""


class LedgerSize(Struct, frozen=True):
    """How far a ledger's log goes in a backup."""

    ledger: str
    position: int


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: str
    made_at: datetime
    version: str
    """Of Requite."""
    server: str
    """Of PostgreSQL."""
    ledgers: tuple[LedgerSize, ...]


class KeysHead(Struct, frozen=True, kw_only=True):
    """The first line of a file of keys."""

    format: str
    made_at: datetime


class StoredKey(Struct, frozen=True, omit_defaults=True):
    """A wrapped key: a subject's or a day's."""

    ledger: str
    wrapped: bytes
    subject: UUID | None = None
    day: date | None = None


_encode = msgspec.json.Encoder().encode
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)
"""What reading an archive that was changed may end in."""


@contextmanager
def open_archive(file: IO[bytes], name: str) -> Iterator[zipfile.ZipFile]:
    """The first file of a backup. Raises ``BackupError`` where it is none, or what is read of it was changed."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except DAMAGED:
        raise _no_backup(name) from None


def _no_backup(name: str) -> BackupError:
    return BackupError(f"{name} is no backup that 'requite backup' wrote, or it is damaged.")


def write_keys(file: IO[bytes], made_at: datetime, keys: Iterable[StoredKey]) -> None:
    """Write the second file."""
    file.write(_encode(KeysHead(format=KEYS_FORMAT, made_at=made_at)) + b"\n")
    for key in keys:
        file.write(_encode(key) + b"\n")


def read_keys(file: IO[bytes], name: str) -> tuple[KeysHead, list[StoredKey]]:
    """What the second file holds. Raises ``BackupError``."""
    try:
        head = msgspec.json.decode(file.readline(), type=KeysHead)
        keys = msgspec.json.Decoder(StoredKey)
        found = [keys.decode(line) for line in file]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BackupError(f"{name} is no file of keys that 'requite backup' wrote, or it is damaged.") from None
    if head.format != KEYS_FORMAT:
        raise BackupError(f"{name} has the format {head.format[:40]!r}; this version reads {KEYS_FORMAT!r}.")
    return head, found


def read_manifest(archive: zipfile.ZipFile, name: str) -> Manifest:
    """What a backup says of itself. Raises ``BackupError``."""
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, RuntimeError):
        raise _no_backup(name) from None
    if manifest.format != FORMAT:
        raise BackupError(f"{name} has the format {manifest.format[:40]!r}; this version reads {FORMAT!r}.")
    return manifest


def read_erasures(file: IO[bytes], name: str) -> list[Erasure]:
    """The erasures that a file tells of: a list of them, a backup, or a bundle of 'requite export'.

    Raises ``ErasureListError``.
    """
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return list(read_list(file, name))
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.namelist()
            if ERASURES in members:
                with archive.open(ERASURES) as lines:
                    return list(read_list(lines, name))
            if BUNDLE_EVENTS in members:
                with archive.open(BUNDLE_EVENTS) as events:
                    return list(_of_log(events, name))
    except DAMAGED:
        raise ErasureListError(f"{name} is damaged: it cannot be told who was erased.") from None
    raise ErasureListError(f"{name} is neither a list of erasures, nor a backup, nor a bundle.")


def erasures_in(path: pathlib.Path) -> list[Erasure]:
    """The same of a file by its name, of which there may be none yet. Raises ``ErasureListError``."""
    try:
        with path.open("rb") as file:
            return read_erasures(file, str(path))
    except FileNotFoundError:
        return []


def erasures_of(state: bytes) -> Iterator[Erasure]:
    """Those that the canonical bytes of an event tell of."""
    recorded = decode(state)
    event: Any = recorded.event
    if isinstance(event, PartyErased):
        for party in (event.party, *event.others):
            yield Erasure(recorded.ledger_id, party, recorded.recorded_at)


def _of_log(events: Iterable[bytes], name: str) -> Iterator[Erasure]:
    for state in events:
        if PartyErased.TOPIC.encode() not in state:
            continue
        try:
            yield from erasures_of(state)
        except (UnknownTopicError, msgspec.MsgspecError):
            raise ErasureListError(f"{name} holds an event that cannot be read.") from None
