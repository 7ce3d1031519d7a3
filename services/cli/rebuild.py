"""``requite rebuild``: the read models built anew from the log, beside the live tables, and what differed mended."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from services.cli.running import running_service
from services.database.pool import connect, load_sql
from services.ledger.rebuild import Report, find_read_models
from services.ledger.rebuild import rebuild as rebuild_ledger
from services.service import Service

SOMETHING_DIFFERED = 1


async def rebuild(
    ledgers: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    /,
    *,
    read_model: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Build the read models anew from the log, and mend what differs.

    Requite may run meanwhile: each ledger's writers wait only while its tables are compared. Exit code 0: nothing
    differed; 1: something did and is mended, so look for the cause.

    Parameters
    ----------
    ledgers
        The ledgers' ids; all ledgers, if left out.
    read_model
        Only this one: balance, promises or directory; may be given several times.
    json
        Print the reports as JSON.
    """
    async with running_service() as service:
        return await rebuild_and_print(service, ledgers or None, read_model or None, as_json=json)


async def rebuild_and_print(
    service: Service,
    ledger_ids: Sequence[str] | None,
    names: Sequence[str] | None,
    *,
    as_json: bool = False,
    console: Console | None = None,
) -> int:
    """Rebuild ledgers, all unless some are named, print what was found, and answer the exit code.

    Raises ``UnknownLedgerError`` and ``UnknownReadModelError``.
    """
    find_read_models(names)
    if ledger_ids is None:
        ledger_ids = [row["ledger_id"] for row in await service.pool.fetch(load_sql("services/cli/sql/ledger_ids.sql"))]
    reports = await _rebuild_with_progress(service, ledger_ids, names)
    console = console or Console()
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(reports)).decode()
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        _print(reports, console)
    return SOMETHING_DIFFERED if any(report.differing for report in reports) else 0


async def _rebuild_with_progress(
    service: Service, ledger_ids: Sequence[str], names: Sequence[str] | None
) -> list[Report]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    reports: list[Report] = []
    connection = await connect(service.url, "requite_worker", prepare=service.shelf.serve)  # keeps temporary tables
    try:
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
            for ledger_id in ledger_ids:
                progress = _progress(bar, ledger_id)
                reports += await rebuild_ledger(connection, ledger_id, names, progress=progress)
    finally:
        await connection.close()
    return reports


def _progress(bar: Progress, ledger_id: str) -> Callable[[int, int], None]:
    task = bar.add_task(ledger_id, total=None)
    return lambda position, last: bar.update(task, completed=position, total=last)


def _print(reports: Sequence[Report], console: Console) -> None:
    numbers = ("events folded", "rows", "too many", "missing", "different")
    table = Table("ledger", "read model", *(Column(name, justify="right") for name in numbers), box=None)
    for report in reports:
        found = (report.events, report.rows, report.live_only, report.shadow_only, report.different)
        table.add_row(report.ledger, report.read_model, *(f"{number:,}" for number in found))
    console.print(table)
    differing = sum(report.differing for report in reports)
    if differing:
        console.print(
            f"{differing:,} rows did not say what the log says. They are mended; look for what changed them,"
            " since nothing of ours writes them apart from the log."
        )
    else:
        console.print("Every row says what the log says.")
