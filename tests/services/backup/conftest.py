"""A ledger that is backed up, and databases to restore it into."""

import io
import pathlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple

import pytest

from services.backup.archive import read_keys
from services.backup.restore import Restored, finish, restore_tables
from services.backup.write import write_backup
from services.ledger.erasures import Erasure
from services.proof.note import Checkpoint
from services.service import Service, open_service
from tests.conftest import Databases
from tests.services.conftest import MASTER_KEY


class Backup(NamedTuple):
    """The two files."""

    file: io.BytesIO
    keys: io.BytesIO


class Result(NamedTuple):
    """A restored service, and what restoring led to."""

    service: Service
    restored: Restored


Restore = Callable[..., AbstractAsyncContextManager[Result]]


async def back_up(service: Service) -> Backup:
    """A backup of all that there is now."""
    backup = Backup(io.BytesIO(), io.BytesIO())
    await write_backup(service, *backup)
    return backup


@pytest.fixture
def restore(databases: Databases, tmp_path: pathlib.Path) -> Restore:
    """Restores a backup into a database of its own beside the service's archive, for as long as the block takes."""

    @asynccontextmanager
    async def restore(
        backup: Backup,
        keys: io.BytesIO | None = None,
        erasures: Iterable[Erasure] = (),
        against: Iterable[Checkpoint] = (),
    ) -> AsyncIterator[Result]:
        (keys or backup.keys).seek(0)
        with databases.empty() as url:
            await restore_tables(url, backup.file, "the backup", read_keys(keys or backup.keys, "the keys"))
            async with open_service(url, MASTER_KEY, archive=tmp_path / "archive") as opened:
                yield Result(opened, await finish(opened, backup.file, "the backup", erasures, [*against]))

    return restore
