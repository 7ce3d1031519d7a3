"""``requite import`` of files that people have in hand: previewed, recorded once agreed to, undone as one act."""

import pathlib
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from domain.event import Who
from services.cli.failure import CommandError
from services.cli.running import running_service
from services.imports.files import Run, Upload, preview, start
from services.imports.formats import SIZE_LIMIT_BYTES
from services.imports.formats.reading import UnreadableFileError
from services.imports.kept import ImportView, begin_undoing, read_import
from services.imports.tally import Preview, Tally
from services.imports.undo import Undoing
from services.service import Service

SHOWN = 20
"""How many people or entries are shown one by one."""
DONE, SOME_LEFT = 0, 1


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What is said about a file that somebody has in hand."""

    format: str | None = None
    """What the file is, where its content does not show it; see docs/import.md."""
    me: UUID | None = None
    """The party whose file it is: whom 'you' are to LinkedIn, Monica or a calendar."""
    match_names: Annotated[bool, Parameter(negative="")] = False
    """Take somebody new for the party of the same name, where there is one alone."""
    since: date | None = None
    """From which day on recurring meetings count; two years before today unless it is said."""
    currency: str | None = None
    """The currency of amounts whose file does not say."""
    preview: Annotated[bool, Parameter(negative="")] = False
    """Only say what would be recorded, and who matches whom."""
    yes: Annotated[bool, Parameter(negative="")] = False
    """Record it without asking."""
    undo: UUID | None = None
    """Undo the import of this id, as far as that can be; takes no file."""

    @property
    def are_given(self) -> bool:
        """Whether anything of this is said, so that the file is no commands."""
        return self != FileOptions()


def read_upload(file: pathlib.Path, said: FileOptions) -> Upload | None:
    """The file, where it is of a kind that is known; ``None`` where it may be commands.

    Raises ``CommandError`` where it is said to be such a file, and is none.
    """
    if not said.are_given and not file.is_file():
        return None  # a pipe can be read once only
    with file.open("rb") as opened:
        content = opened.read(SIZE_LIMIT_BYTES + 1)
    since = None if said.since is None else datetime(said.since.year, said.since.month, said.since.day, tzinfo=UTC)
    upload = Upload(
        content=content,
        filename=file.name,
        format=said.format,
        me=said.me,
        match_names=said.match_names,
        since=since,
        currency=said.currency,
    )
    try:
        upload.find_format()
    except UnreadableFileError as error:
        if said.are_given:
            raise CommandError(f"{file} cannot be imported: {error}.") from None
        return None
    return upload


async def import_upload(ledger: str, upload: Upload, said: FileOptions, who: Who, *, json: bool) -> int:
    """Preview an import, ask, record it, and say what became of it."""
    try:
        async with running_service() as service:
            foreseen = await preview(service, ledger, upload, who)
            if said.preview or not json:
                _show_preview(foreseen, json=json)
            if said.preview:
                return DONE
            if not (said.yes or _agreed()):
                return SOME_LEFT
            run = await start(service, ledger, upload, who)
            if not isinstance(run, Run):
                raise CommandError(f"Another process is at this import, {run.id}, already; ask again when it is done.")
            await _with_progress(run, f"Import of {upload.filename}")
            return _show(await read_import(service, ledger, run.claim.import_id), run.tally, json=json)
    except UnreadableFileError as error:
        raise CommandError(f"{upload.filename} cannot be imported: {error}.") from None


async def undo_import(ledger: str, import_id: UUID, who: Who, *, json: bool) -> int:
    """Undo an import, and say what could not be undone."""
    async with running_service() as service:
        return await _undo(service, ledger, import_id, who, json=json)


async def _undo(service: Service, ledger: str, import_id: UUID, who: Who, *, json: bool) -> int:
    claim = await begin_undoing(service, ledger, import_id, who)
    if claim is None:
        raise CommandError("This import is under way; undo it once it is done.")
    undoing = Undoing(claim, Tally())
    await _with_progress(undoing, "Undoing")
    view = await read_import(service, ledger, import_id)
    if json:
        Console().print_json(msgspec.json.encode(view).decode())
    else:
        table = Table("Undone", "")
        for kind, count in sorted(undoing.tally.undone.items()):
            table.add_row(kind, f"{count:,}")
        Console().print(table)
        _list("Left as it is", [(f"{one.kind} {one.id}", one.code) for one in undoing.tally.kept])
    return SOME_LEFT if undoing.tally.kept_count else DONE


def _agreed() -> bool:
    """Ask whether to go on. Raises ``CommandError`` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise CommandError("Nobody can be asked here: say --yes to record it, or --preview to only look.")
    return input("Record this? [y/N] ").strip().lower() in ("y", "yes")


async def _with_progress(work: Run | Undoing, what: str) -> None:
    """Have it done with a progress bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)

        def watch(tally: Tally) -> None:
            bar.update(task, completed=tally.done, total=tally.things)

        await work.go(watch)


def _show_preview(foreseen: Preview, *, json: bool) -> None:
    if json:
        Console().print_json(msgspec.json.encode(foreseen).decode())
        return
    table = Table(f"What would be recorded ({foreseen.format})", "")
    for kind, count in foreseen.recorded.items():
        table.add_row(kind, f"{count:,}")
    table.add_row("recorded before", f"{foreseen.recorded_before:,}")
    _add_rest(table, foreseen.left_out, foreseen.refused)
    Console().print(table)
    known = [one for one in foreseen.matches if one.how != "new"]
    _list("Known already", [(one.name, f"{one.party} by {one.source or 'name'}") for one in known])
    named = [one for one in foreseen.matches if one.suggestions]
    _list(
        "New, though a party has the same name (--match-names takes them for the same)",
        [(one.name, ", ".join(map(str, one.suggestions))) for one in named],
    )
    _list("Refused", [(f"entry {one.place}", one.detail) for one in foreseen.refusals])


def _show(view: ImportView, tally: Tally, *, json: bool) -> int:
    if json:
        Console().print_json(msgspec.json.encode(view).decode())
    else:
        table = Table("What became of the file", "")
        for kind, count in tally.recorded.items():
            table.add_row(kind, f"{count:,}")
        table.add_row("recorded before", f"{tally.recorded_before:,}")
        _add_rest(table, tally.left_out, tally.refused)
        Console().print(table)
        _list("Refused", [(f"entry {one.place}", one.detail) for one in tally.refusals])
        Console().print(f"This is import {view.id}; --undo {view.id} takes it back.", markup=False, soft_wrap=True)
    return SOME_LEFT if tally.refused else DONE


def _add_rest(table: Table, left_out: dict[str, int], refused: dict[str, int]) -> None:
    for reason, count in left_out.items():
        table.add_row(f"left out: {reason}", f"{count:,}")
    for code, count in refused.items():
        table.add_row(f"refused: {code}", f"{count:,}")


def _list(title: str, rows: list[tuple[str, str]]) -> None:
    """Some of them, and how many more there are."""
    if not rows:
        return
    table = Table(title, "")
    for name, what in rows[:SHOWN]:
        table.add_row(Text(name), Text(what))
    if len(rows) > SHOWN:
        table.add_row("…", f"and {len(rows) - SHOWN:,} more")
    Console().print(table)
