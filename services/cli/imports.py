"""``requite import``: files that people have in hand, commands as NDJSON or CSV, or a whole bundle."""

import contextlib
import gzip
import os
import pathlib
import zlib
from collections.abc import Iterator
from typing import IO, Annotated, Literal

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from domain.event import Who
from services.cli.failure import CommandError
from services.cli.files import FileOptions, import_upload, read_upload, undo_import
from services.cli.restoring import import_bundle, is_bundle
from services.cli.running import running_service
from services.imports.mapping import CsvMapping, MappingError, read_mapping
from services.imports.run import Import, Summary
from services.imports.source import open_file
from services.service import Service

IMPORT_KEY = "import"
"""Stands where an access key's id would: whose hand recorded it."""
SOME_REFUSED = 1
NOTHING_SAID = FileOptions()


async def import_file(  # noqa: PLR0913 - each is a flag of the command line
    file: pathlib.Path | None = None,
    /,
    *,
    ledger: str | None = None,
    mapping: pathlib.Path | None = None,
    rejects: pathlib.Path | None = None,
    capacity: Annotated[Literal["recorder", "admin"], Parameter(name="--as")] = "recorder",
    key: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    words: pathlib.Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    said: FileOptions = NOTHING_SAID,
) -> int:
    """Record a file: an address book, a calendar, expenses …, commands, or a whole bundle. Again records nothing twice.

    Exit code 0: all was recorded; 1: some was refused, and it says which and why.

    Parameters
    ----------
    file
        vCard, iCalendar, CSV of LinkedIn, Google, Splitwise or TimeOverflow, or Monica's JSON: it is previewed first,
        and can be undone. Or NDJSON, one command a line: {"act": "favour.record", "body": {…}}; or, with a mapping,
        CSV; either may be gzipped. Or a bundle that 'requite export' wrote: it becomes the ledger that it was.
    ledger
        The ledger to record into. A bundle brings its own.
    mapping
        A TOML file that says how a CSV file's columns become commands; see docs/import.md.
    rejects
        Where refused lines go, with the rule that refused each; beside the file unless said otherwise.
    capacity
        As recorder of the ledger, or as its administrator.
    key
        For a bundle: the public key of the log that it has to be signed by. May be given several times.
    words
        For a bundle: the file that 'requite export --words' wrote, without which its words stay sealed.
    json
        Print the summary as JSON.
    """
    who = Who(capacity, IMPORT_KEY)
    if said.undo is not None and ledger is not None and file is None:
        return await undo_import(ledger, said.undo, who, json=json)
    if file is None or said.undo is not None:
        raise CommandError("Name a file to import; or, with --ledger, the import to --undo.")
    if is_bundle(file):
        await import_bundle(file, ledger, key, words, json=json)
        return 0
    if ledger is None or key or words is not None:
        raise CommandError("Say with --ledger where to record it; --key and --words go with a bundle alone.")
    upload = read_upload(file, said) if mapping is None else None
    if upload is not None:
        return await import_upload(ledger, upload, said, who, json=json)
    return await _import_commands(ledger, file, mapping, rejects, who, json=json)


async def _import_commands(
    ledger: str, file: pathlib.Path, mapping: pathlib.Path | None, rejects: pathlib.Path | None, who: Who, *, json: bool
) -> int:
    """Record the commands of a file, or of its rows by a mapping."""
    out = rejects or file.with_name(file.name + ".rejects.ndjson")
    if out.exists() and any(one.samefile(out) for one in (file, mapping) if one is not None):
        raise CommandError(f"{out} is to be read; name another file for the rejects.")
    if mapping is None and file.name.lower().endswith((".csv", ".csv.gz")):
        raise CommandError(f"{file} is CSV: say with --mapping what its columns mean; docs/import.md shows how.")
    try:
        told = read_mapping(mapping) if mapping is not None else None
        async with running_service() as service:
            summary = await import_with_progress(service, ledger, file, told, out, who)
    except MappingError as error:
        raise CommandError(str(error)) from None
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise CommandError(f"{file} is not whole: {error}") from None
    refused = summary.refused.total()
    if not refused and out.is_file():
        out.unlink()
    if json:
        Console().print_json(msgspec.json.encode(summary).decode())
    else:
        _print(summary, out)
    return SOME_REFUSED if refused else 0


async def import_with_progress(
    service: Service, ledger: str, file: pathlib.Path, mapping: CsvMapping | None, rejects: pathlib.Path, who: Who
) -> Summary:
    """Run an import with a progress bar on standard error."""
    running = await Import.prepare(service, ledger, file, who)
    total = _count_lines(file) - (mapping is not None and mapping.header is None)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    with _private(rejects) as out, Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(f"Import of {file.name}", total=max(total, 0))

        def progress(summary: Summary) -> None:
            bar.update(task, completed=summary.read)

        if mapping is None:
            summary = await running.run_lines(out, progress)
        else:
            summary = await running.run_rows(mapping, out, progress)
        bar.update(task, total=summary.read)
        return summary


@contextlib.contextmanager
def _private(path: pathlib.Path) -> Iterator[IO[str]]:
    """A file for this user's eyes alone: it repeats what people wrote."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if path.is_file():
            path.chmod(0o600)  # where it was there already
        yield file


def _count_lines(file: pathlib.Path) -> int:
    with open_file(file) as content:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: content.read(1 << 20), b""))


def _print(summary: Summary, rejects: pathlib.Path) -> None:
    table = Table("What became of the lines", "")
    table.add_row("read", f"{summary.read:,}")
    table.add_row("recorded", f"{summary.recorded:,}")
    table.add_row("recorded by an earlier run", f"{summary.recorded_before:,}")
    if summary.left_out:
        table.add_row("left out by the mapping", f"{summary.left_out:,}")
    for code, count in summary.refused.most_common():
        table.add_row(f"refused: {code}", f"{count:,}")
    console = Console()
    console.print(table)
    if summary.refused:
        console.print(f"The refused lines, each with its reason, are in {rejects}", markup=False)
