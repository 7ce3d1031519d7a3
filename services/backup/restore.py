"""Restoring a backup into an empty database: checked against its checkpoints, and with every erasure done again.

An erasure that came after the backup is known by three ways, each of them enough: a list of erasures, such as the one
that is kept outside the database; a file of keys that is newer than the backup, where the party's is missing; a newer
backup, or bundle.
"""

import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import IO
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.ledger import LEDGER_STREAM
from services.archive.stub import ArchiveError
from services.backup.archive import (
    CHECKPOINTS,
    DUMP,
    BackupError,
    KeysHead,
    Manifest,
    StoredKey,
    open_archive,
    read_erasures,
    read_manifest,
)
from services.backup.dump import restore_dump
from services.backup.replay import erase_again
from services.database.migrate import migrate
from services.database.pool import connect, ensure_database, load_sql
from services.database.roles import ensure_roles
from services.ledger.erasures import Erasure
from services.ledger.forgetting import forget_old
from services.ledger.keyring import MasterKey, new_key
from services.proof.check import Finding
from services.proof.doctor import examine
from services.proof.note import Checkpoint, NoteError, read_note, require_signed
from services.service import Service

Place = tuple[str, UUID]
"""A party by its ledger and id."""


class Restored(Struct, frozen=True, kw_only=True):
    """What restoring led to."""

    manifest: Manifest
    erased_again: int
    """How many parties had been erased after the backup was made."""
    forgotten_days: int
    """How many days' words were older than the ledgers' policies keep them."""
    findings: tuple[Finding, ...]
    """What is not as the checkpoints say; none: all is as it was."""


async def restore_tables(url: str, backup: IO[bytes], name: str, keys: tuple[KeysHead, Sequence[StoredKey]]) -> None:
    """Fill an empty database with a backup and its keys, and migrate it.

    Raises ``BackupError`` where the database is not empty, or the keys are older than the backup.
    """
    await ensure_database(url)
    with open_archive(backup, name) as archive:
        manifest = read_manifest(archive, name)
        head, stored = keys
        if head.made_at < manifest.made_at:
            raise BackupError(
                f"These keys are of {head.made_at:%Y-%m-%d %H:%M}, older than the backup, so that who was registered in"
                " between would be taken for erased. Give the backup's own file of keys, or a newer one."
            )
        connection = await connect(url)
        try:
            if not await connection.fetchval(_sql("is_empty")):
                raise BackupError("This database is not empty; restore into one with nothing in it.")
            await ensure_roles(connection)  # which its policies speak of
            with archive.open(DUMP) as dump:
                await restore_dump(url, dump)
            await _keep_keys(connection, stored)
            await migrate(connection)
        finally:
            await connection.close()


async def _keep_keys(connection: asyncpg.Connection, stored: Iterable[StoredKey]) -> None:
    of_subjects = [(key.ledger, key.subject, key.wrapped) for key in stored if key.subject is not None]
    of_days = [(key.ledger, key.day, key.wrapped) for key in stored if key.day is not None]
    async with connection.transaction():
        for name, rows in (("keep_subject_keys", of_subjects), ("keep_day_keys", of_days)):
            if rows:
                await connection.execute(_sql(name), *map(list, zip(*rows, strict=True)))


def require_master_key(master_key: bytes, stored: Iterable[StoredKey]) -> None:
    """Raise ``WrongMasterKeyError`` unless this master key opens the keys of the file."""
    first = next((key for key in stored if key.subject == LEDGER_STREAM), None)
    if first is not None:
        MasterKey(master_key).unwrap(first.ledger, LEDGER_STREAM, first.wrapped)


async def finish(
    service: Service,
    backup: IO[bytes],
    name: str,
    erasures: Iterable[Erasure],
    against: Sequence[Checkpoint] = (),
) -> Restored:
    """Check what was restored, and have it forget what was forgotten since.

    ``against``: checkpoints that were kept elsewhere, of any of the ledgers.
    """
    with open_archive(backup, name) as archive:
        manifest = read_manifest(archive, name)
        findings = [finding async for finding in _check(service, archive, manifest, against)]
    known = {(one.ledger, one.party) for one in read_erasures(backup, name)}
    keyless = await _keyless(service, known)
    for place in keyless:
        await _give_key(service, place)
    erased = await erase_again(service, [*erasures, *(Erasure(*place, manifest.made_at) for place in keyless)])
    return Restored(
        manifest=manifest,
        erased_again=erased,
        forgotten_days=await forget_old(service.pool, service.clock()),
        findings=tuple(findings),
    )


async def _check(
    service: Service, archive: zipfile.ZipFile, manifest: Manifest, against: Sequence[Checkpoint]
) -> AsyncIterator[Finding]:
    """What is not as the backup's checkpoints say, and those that are given beside."""
    for one in manifest.ledgers:
        try:
            note = read_note(archive.read(CHECKPOINTS + one.ledger).decode())
            own = require_signed(note, service.notary.keys(one.ledger))
        except (NoteError, KeyError, UnicodeDecodeError) as error:
            yield Finding(f"the checkpoint of {one.ledger}", str(error))
            own = None
        old = [other for other in against if other.origin.rpartition("/")[2] == one.ledger]
        try:
            seen = await examine(service, one.ledger, against=[*old, *([] if own is None else [own])])
        except ArchiveError as error:  # what was forgotten has to be forgotten all the same
            yield Finding(one.ledger, str(error))
            continue
        for finding in seen.findings:
            yield Finding(f"{one.ledger}: {finding.where}", finding.what)
        if seen.size != one.position:
            yield Finding(one.ledger, f"the backup had {one.position} events, {seen.size} are there")


async def _keyless(service: Service, known: set[Place]) -> list[Place]:
    """The parties that have no key though this log erased none of them: a newer file of keys no longer had it."""
    found = [(ledger, UUID(int=party.int)) for ledger, party in await service.pool.fetch(_sql("keyless"))]
    return [place for place in found if place not in known]


async def _give_key(service: Service, place: Place) -> None:
    """A fresh key for a party that lost its own, so that its erasure can be put on record; it opens nothing."""
    ledger, party = place
    wrapped = service.master_key.wrap(ledger, party, new_key())
    await service.pool.execute(_sql("give_key"), ledger, party, wrapped)


def _sql(name: str) -> str:
    return load_sql(f"services/backup/sql/{name}.sql")
