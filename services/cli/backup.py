"""``requite backup`` and ``requite restore``: everything in two files, and back, with what was forgotten forgotten."""

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import IO, Annotated

from cyclopts import Parameter
from rich.console import Console

from services.backup.archive import BackupError, erasures_in, read_keys
from services.backup.restore import Restored, finish, require_master_key, restore_tables
from services.backup.write import write_backup
from services.cli.running import database, running_service
from services.database.master_key import FILE_NAME, load_master_key
from services.files import sync_folder
from services.proof.notary import Notary
from services.proof.note import Checkpoint, NoteError, read_checkpoint, read_note
from services.service import open_service
from services.settings import Settings

SOMETHING_WRONG = 1
SHOWN = 20


async def backup(file: pathlib.Path, /, *, keys: pathlib.Path | None = None) -> None:
    """Write the whole database to a file, while everyone goes on, and the keys to another.

    The first file opens no word that anyone wrote. The second does, together with the master key: keep the three apart,
    and no file of keys for longer than it may take until something is forgotten everywhere.

    Parameters
    ----------
    file
        The file to write. One that is there is not overwritten.
    keys
        The file for the keys; <file>.keys, if left out.
    """
    keys = keys or _keys_beside(file)
    async with running_service() as service:
        with _written(file) as out, _written(keys) as out_keys:
            manifest = await write_backup(service, out, out_keys)
    events = sum(one.position for one in manifest.ledgers)
    console = Console()
    console.print(f"{file}: ledgers: {len(manifest.ledgers)}, events: {events}.", markup=False, soft_wrap=True)
    console.print(f"{keys}: their keys. Keep it elsewhere.", markup=False, soft_wrap=True)


async def restore(
    file: pathlib.Path,
    /,
    *,
    keys: pathlib.Path | None = None,
    erasures: Annotated[tuple[pathlib.Path, ...], Parameter(negative="")] = (),
    against: Annotated[tuple[pathlib.Path, ...], Parameter(negative="")] = (),
) -> int:
    """Restore a backup into an empty database, check it against its checkpoints, and forget who was erased since.

    Exit code 0: all is as it was; 1: something is not, and what.

    Parameters
    ----------
    file
        The file that 'requite backup' wrote.
    keys
        A file of keys, the backup's own or a newer one: whose key is missing in it was erased. <file>.keys, if left
        out.
    erasures
        A file that tells who was erased since: a list of erasures, a newer backup, or a bundle of 'requite export'. May
        be given several times. The list in the data folder, or where REQUITE_ERASURES says, is taken in any case.
    against
        A file with a checkpoint that was kept elsewhere. May be given several times.
    """
    settings = Settings.from_environment()
    _require_master_key_file(settings)
    keys = keys or _keys_beside(file)
    with keys.open("rb") as keys_file:
        head, stored = read_keys(keys_file, str(keys))
    erased = [one for path in (*erasures, settings.erasures) for one in erasures_in(path)]
    checkpoints = [_checkpoint_in(path) for path in against]
    master_key = load_master_key(settings)
    require_master_key(master_key, stored)
    notary = Notary.of(settings, master_key)
    with file.open("rb") as opened:
        async with database(settings) as url:
            await restore_tables(url, opened, str(file), (head, stored))
            opening = open_service(url, master_key, notary=notary, erasures=settings.erasures, archive=settings.archive)
            async with opening as service:
                restored = await finish(service, opened, str(file), erased, checkpoints)
    _tell(restored)
    return SOMETHING_WRONG if restored.findings else 0


def _tell(restored: Restored) -> None:
    console = Console()
    manifest = restored.manifest
    events = sum(one.position for one in manifest.ledgers)
    made_at = f"{manifest.made_at:%Y-%m-%d %H:%M}"
    console.print(f"Restored as of {made_at} UTC: ledgers: {len(manifest.ledgers)}, events: {events}.")
    console.print(f"Parties erased since then, and again now: {restored.erased_again}.")
    if restored.forgotten_days:
        console.print(f"Days whose words are older than they are kept, forgotten now: {restored.forgotten_days}.")
    for finding in restored.findings[:SHOWN]:
        console.print(f"{finding.where}: {finding.what}", markup=False)
    console.print("Something is not as the checkpoints say." if restored.findings else "All is as the checkpoints say.")


def _keys_beside(file: pathlib.Path) -> pathlib.Path:
    return file.with_name(file.name + ".keys")


def _require_master_key_file(settings: Settings) -> None:
    """A new master key would open none of the old keys, so none may be made."""
    path = settings.data / FILE_NAME
    if settings.master_key is None and settings.database_url is None and not path.exists():
        raise BackupError(f"Restoring needs the old master key: put it back as {path}, or set REQUITE_MASTER_KEY.")


def _checkpoint_in(path: pathlib.Path) -> Checkpoint:
    try:
        return read_checkpoint(read_note(path.read_text(encoding="utf-8")))
    except (NoteError, UnicodeDecodeError) as error:
        raise BackupError(f"{path}: {error}") from None


@contextlib.contextmanager
def _written(path: pathlib.Path) -> Iterator[IO[bytes]]:
    """A file that is there whole, on the disk, or not at all; for nobody else's eyes."""
    if path.exists():
        raise BackupError(f"{path} is there already; name another file.")
    draft = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:  # noqa: PTH123 - a descriptor, so that the mode is right from the start
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
