"""``requite audit``: what was promised against what was delivered, as the API tells it, as tables or as a file."""

import contextlib
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.console import Console
from rich.text import Text

from services.cli.asking import When, heading, print_json
from services.cli.audit_request import AuditRequest, Scope
from services.cli.audit_tables import (
    changes_table,
    counts_table,
    groups_table,
    lines_table,
    measures_table,
    totals_table,
)
from services.cli.ledgers import require_ledger
from services.cli.running import running_service
from services.dashboard.addresses import to_print
from services.dashboard.audit_page import read_page
from services.dashboard.render import render, style_sheet
from services.reading.as_of import Clock
from services.reading.audit import read_audit
from services.reading.audit_changes import read_changes
from services.reading.audit_csv import write_csv
from services.reading.pages import Page
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.service import Service

Format = Literal["csv", "xlsx", "html"]

audit = App(name="audit", help="What was promised against what was delivered.")


@audit.command
async def promises(
    ledger: str,
    /,
    *,
    request: AuditRequest | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    format: Format | None = None,  # noqa: A002 - the name of the option
    output: Path | None = None,
) -> None:
    """Audit the promises of a ledger: figures, and the promises behind them, or the figures of groups.

    Parties are given by id, by a partner's reference such as crm:4711, or by name. Times are RFC 3339, as
    2024-06-01T18:00:00Z; a date alone is a day in UTC.

    Parameters
    ----------
    ledger
        The ledger's id.
    json
        Print what the API answers.
    format
        Write all promises, or all groups, in this format.
    output
        Into this file, rather than to the terminal.
    """
    asked = request or AuditRequest()
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        if format is None:
            await print_promise_audit(service, ledger, asked, as_json=json)
        else:
            await write_file(service, ledger, asked, format, output)


@audit.command
async def changes(
    ledger: str,
    /,
    *,
    from_: Annotated[str, Parameter(name="--from")],
    to: str | None = None,
    clock: Clock = "recorded",
    scope: Scope | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Show what changed in the audit between two moments: how promises stood, and those that moved.

    Parameters
    ----------
    ledger
        The ledger's id.
    from_
        The moment to compare with: a time, the end of a day, or a position.
    to
        The later moment; now, if left out.
    clock
        What both mean: recorded, as it was known then; occurred, as it was true then.
    json
        Print what the API answers.
    """
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        when = When(as_of=from_, clock=clock), When(as_of=to, clock=clock)
        await print_changes(service, ledger, when, scope or Scope(), as_json=json)


async def print_promise_audit(
    service: Service, ledger: str, request: AuditRequest, *, as_json: bool = False, console: Console | None = None
) -> None:
    """Print an audit: as tables, or as the JSON of the API. Raises ``Refusal`` and ``BadQuestionError``."""
    console = console or Console()
    async with open_snapshot(service, ledger) as snapshot:
        chosen = await request.chosen(snapshot)
        asked = request.asked(snapshot)
        answer = await read_audit(snapshot, chosen, asked, Page(limit=request.limit), by=request.by)
    if as_json:
        print_json(console, answer)
        return
    assert answer.totals is not None
    assert answer.measures is not None
    console.print(heading(f"Promises of {request.party or ledger}", answer))
    console.print(totals_table(answer.totals))
    console.print(measures_table(answer.measures))
    if answer.groups:
        console.print(groups_table(answer.groups))
    if answer.in_several:
        console.print(Text(f"{answer.in_several} of those made are in several groups.", style="dim"))
    if answer.lines:
        console.print(lines_table(answer.lines))
    if answer.next is not None:
        console.print(Text(f"There are more than {request.limit}; --limit shows more, --format all.", style="dim"))


async def print_changes(
    service: Service,
    ledger: str,
    when: tuple[When, When],
    scope: Scope,
    *,
    as_json: bool = False,
    console: Console | None = None,
) -> None:
    """Print what changed. Raises ``Refusal`` and ``BadQuestionError``."""
    console = console or Console()
    async with open_snapshot(service, ledger) as snapshot:
        chosen = await scope.chosen(snapshot)
        earlier, later = (one.asked(snapshot) for one in when)
        answer = await read_changes(snapshot, earlier, later, when[0].clock, chosen, Page(limit=scope.limit))
    if as_json:
        print_json(console, answer)
        return
    console.print(heading(f"Promises of {scope.party or ledger}", answer.earlier))
    console.print(heading("against", answer.later))
    console.print(counts_table(answer))
    console.print(changes_table(answer))
    if answer.next is not None:
        console.print(Text(f"There are {answer.moved}; --limit shows more.", style="dim"))


async def write_file(
    service: Service, ledger: str, request: AuditRequest, form: Format, output: Path | None = None
) -> None:
    """Write all lines, or all groups, of an audit in a format. Raises ``Refusal`` and ``BadQuestionError``."""
    async with open_snapshot(service, ledger) as snapshot:
        chosen = await request.chosen(snapshot)
        asked = request.asked(snapshot)
    look = partial(open_snapshot, service, ledger)
    match form:
        case "xlsx":
            if output is None:
                raise BadQuestionError("--output", "--output: a workbook needs a file to be written to.")
            from services.reading.audit_xlsx import write_xlsx  # noqa: PLC0415 - large: loaded when first needed

            await write_xlsx(look, output, chosen, asked, by=request.by)
        case "csv":
            await _write(write_csv(look, chosen, asked, by=request.by), output)
        case "html":
            page = await read_page(look, chosen, asked, request.by)
            text = render("audit.html", audit=page, css=style_sheet("audit.css"), at=to_print, back=None, title=None)
            await _write(_once(text), output)


async def _once(text: str) -> AsyncIterator[str]:
    yield text


async def _write(pieces: AsyncIterator[str], output: Path | None) -> None:
    """Write pieces to a file, or to the terminal; nothing where the first of them fails."""
    first = await anext(pieces)
    with contextlib.nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8", newline="") as to:
        to.write(first)
        async for piece in pieces:
            to.write(piece)
