"""Making a backup: one moment of the database, in the two files that ``archive.py`` describes."""

import zipfile
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import IO
from uuid import UUID

import msgspec

from services.backup.archive import (
    CHECKPOINTS,
    DUMP,
    ERASURES,
    FORMAT,
    MANIFEST,
    LedgerSize,
    Manifest,
    StoredKey,
    erasures_of,
    write_keys,
)
from services.backup.dump import dump
from services.database.pool import load_sql
from services.ledger.erasures import Erasure, write_list
from services.proof.builder import build_whole
from services.proof.log import Connection, read_checkpoint
from services.service import Service


async def write_backup(service: Service, file: IO[bytes], keys: IO[bytes]) -> Manifest:
    """Write the whole database as it is now, while everyone goes on; answers what the backup says of itself.

    Raises ``BackupError``, or ``BrokenLogError`` where a ledger's log is not the one that was hashed.
    """
    for ledger, _ in await service.pool.fetch(_sql("ledgers")):
        await build_whole(service.pool, ledger)
    async with (
        service.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        manifest = Manifest(
            format=FORMAT,
            made_at=service.clock(),
            version=version("requite"),
            server=await connection.fetchval("SHOW server_version"),
            ledgers=tuple(LedgerSize(*row) for row in await connection.fetch(_sql("ledgers"))),
        )
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # pg_dump compresses
            archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
            for one in manifest.ledgers:
                note = await read_checkpoint(connection, service.notary, one.ledger)
                archive.writestr(CHECKPOINTS + one.ledger, str(note))
            archive.writestr(ERASURES, write_list([one async for one in _erasures(connection)]))
            with archive.open(DUMP, "w", force_zip64=True) as out:
                await dump(service.url, snapshot, out)
        write_keys(keys, manifest.made_at, [key async for key in _keys(connection)])
    return manifest


async def _erasures(connection: Connection) -> AsyncIterator[Erasure]:
    async for row in connection.cursor(_sql("erased")):
        for erasure in erasures_of(row["state"]):
            yield erasure


async def _keys(connection: Connection) -> AsyncIterator[StoredKey]:
    async for ledger, subject, wrapped in connection.cursor(_sql("keys_of_subjects")):
        yield StoredKey(ledger, wrapped, subject=UUID(int=subject.int))
    async for ledger, day, wrapped in connection.cursor(_sql("keys_of_days")):
        yield StoredKey(ledger, wrapped, day=day)


def _sql(name: str) -> str:
    return load_sql(f"services/backup/sql/{name}.sql")
