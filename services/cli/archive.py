"""``requite archive``: old events' bytes put away in files beside the database."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress
from rich.table import Column, Table

from services.archive.parquet import GROUP_EVENTS
from services.archive.putting import FILE_EVENTS, ArchivedFile, list_files, put_away
from services.archive.shelf import Shelf
from services.cli.failure import CommandError
from services.cli.running import running_service
from services.database.pool import connect, load_sql
from services.ledger.rebuild import UnknownLedgerError
from services.proof.builder import build_whole
from services.service import Service
from services.settings import Settings


async def archive(
    ledger: str,
    /,
    *,
    before: date | None = None,
    events_per_file: Annotated[int, Parameter(validator=Number(gte=GROUP_EVENTS))] = FILE_EVENTS,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Put the bytes of old events away in files, out of the database, and print the files of the ledger's archive.

    Every read still answers, and every proof holds; what reads old events' words reads files. Requite may run
    meanwhile, if REQUITE_ARCHIVE names the same folder for all its processes. Copy the files along with your backups.

    Parameters
    ----------
    ledger
        The ledger's id.
    before
        Put away what was recorded before this day (UTC), as far as it fills files. Without it only print.
    events_per_file
        How many events go into a file, a multiple of 256.
    json
        Print the files as JSON.
    """
    if before is not None:
        _require_folder(Settings.from_environment())
    if events_per_file % GROUP_EVENTS:
        raise CommandError(f"--events-per-file must be a multiple of {GROUP_EVENTS}.")
    async with running_service() as service:
        if await service.pool.fetchval(load_sql("services/ledger/sql/last_position.sql"), ledger) is None:
            raise UnknownLedgerError(f"There is no ledger {ledger!r}.")
        new = () if before is None else await _put_away(service, ledger, before, events_per_file)
        files = await list_files(service.pool, ledger)
    console = Console()
    if json:
        text = msgspec.json.format(msgspec.json.encode(files)).decode()
        console.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    _print(console, files)
    if before is not None:
        console.print(f"New files: {len(new)}, in {service.shelf.folder}", markup=False, soft_wrap=True)


def _require_folder(settings: Settings) -> None:
    """That bytes do not go to a folder that the servers of the database do not see, nor below a mount that is off."""
    if settings.archive_folder is None:
        if settings.database_url is not None:
            raise CommandError(
                "Set REQUITE_ARCHIVE to the folder that every process of the service reads from: DATABASE_URL is set."
            )
    elif not settings.archive_folder.is_dir():
        raise CommandError(f"{settings.archive_folder} is not there: make it, or mount it, before anything is put in.")


async def _put_away(service: Service, ledger: str, before: date, events_per_file: int) -> list[ArchivedFile]:
    moment = datetime.combine(before, time(), UTC)
    await build_whole(service.pool, ledger)
    connection = await connect(service.url)  # as the tables' owner: nobody else may change an event's row
    try:
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(ledger, total=None)
            return await put_away(
                connection,
                Shelf(service.shelf.folder),
                ledger,
                moment,
                service.clock,
                file_events=events_per_file,
                progress=lambda position, last: bar.update(task, completed=position, total=last),
            )
    finally:
        await connection.close()


def _print(console: Console, files: list[ArchivedFile]) -> None:
    if not files:
        console.print("Nothing of this ledger is in the archive.")
        return
    right = [Column(name, justify="right") for name in ("first event", "last event", "size")]
    table = Table("file", *right, "put away on", "SHA-256", box=None, pad_edge=False)
    for one in files:
        size = decimal(one.bytes)
        table.add_row(one.file, str(one.first), str(one.last), size, f"{one.archived_at:%Y-%m-%d}", one.sha256[:16])
    console.print(table)
