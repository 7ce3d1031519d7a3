"""``requite audit``: what was promised against what was delivered, as the API tells it, as tables."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from services.cli.asking import When, heading, moment_of, party_of, plain, print_json
from services.cli.ledgers import require_ledger
from services.cli.running import running_service
from services.reading.audit import Group, GroupBy, Totals, read_audit
from services.reading.audit_csv import write_csv
from services.reading.pages import Page
from services.reading.snapshot import Snapshot, open_snapshot
from services.reading.standing import PromiseFilter, PromiseLine, Wanted
from services.service import Service

ROWS_LIMIT = 10_000
DATE_WIDTH = len("2024-06-01")
LATE_WIDTH = len("9999 d")

audit = App(name="audit", help="What was promised against what was delivered.")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AuditRequest(When):
    """What is asked for, as it was typed. Parties as ``party_of`` takes them."""

    promisor: Annotated[str | None, Parameter(help="Promised by this party.")] = None
    promisee: Annotated[str | None, Parameter(help="Promised to this party.")] = None
    party: Annotated[str | None, Parameter(help="With this party, whoever promised.")] = None
    other: Annotated[str | None, Parameter(help="With --party: between the two.")] = None
    made_from: Annotated[str | None, Parameter(help="Made at this time, or on this day, or later.")] = None
    made_to: Annotated[str | None, Parameter(help="Made before this time, or before this day.")] = None
    standing: Annotated[Wanted | None, Parameter(help="Only those that stand so.")] = None
    group_by: Annotated[GroupBy | None, Parameter(help="Show the totals of groups, rather than promises.")] = None
    limit: Annotated[
        int,
        Parameter(validator=Number(gte=1, lte=ROWS_LIMIT), help="How many promises or groups to show at most."),
    ] = 100


@audit.command
async def promises(
    ledger: str,
    /,
    *,
    request: AuditRequest | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    csv: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Audit the promises of a ledger: totals, and the promises behind them, or the totals of groups.

    Parties are given by id, by a partner's reference such as crm:4711, or by name. Times are RFC 3339, as
    2024-06-01T18:00:00Z; a date alone is a day in UTC.

    Parameters
    ----------
    ledger
        The ledger's id.
    json
        Print what the API answers.
    csv
        Print all promises, or all groups, as CSV.
    """
    asked = request or AuditRequest()
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        if csv:
            await print_csv(service, ledger, asked)
        else:
            await print_promise_audit(service, ledger, asked, as_json=json)


async def print_promise_audit(
    service: Service, ledger: str, request: AuditRequest, *, as_json: bool = False, console: Console | None = None
) -> None:
    """Print an audit: as tables, or as the JSON of the API. Raises ``Refusal`` and ``BadQuestionError``."""
    console = console or Console()
    async with open_snapshot(service, ledger) as snapshot:
        chosen = await _chosen(snapshot, request)
        asked = request.asked(snapshot)
        answer = await read_audit(snapshot, chosen, asked, Page(limit=request.limit), group_by=request.group_by)
    if as_json:
        print_json(console, answer)
        return
    assert answer.totals is not None
    console.print(heading(f"Promises of {request.party or ledger}", answer))
    console.print(_totals_table(answer.totals))
    if answer.groups:
        console.print(_groups_table(answer.groups))
    if answer.lines:
        console.print(_lines_table(answer.lines))
    if answer.next is not None:
        console.print(Text(f"There are more than {request.limit}; --limit shows more, --csv all.", style="dim"))


async def print_csv(service: Service, ledger: str, request: AuditRequest, *, console: Console | None = None) -> None:
    """Print all lines, or all groups, of an audit as CSV."""
    console = console or Console()
    async with open_snapshot(service, ledger) as snapshot:
        chosen = await _chosen(snapshot, request)
        asked = request.asked(snapshot)
    pieces = write_csv(lambda: open_snapshot(service, ledger), chosen, asked, group_by=request.group_by)
    async for piece in pieces:
        console.file.write(piece)


async def _chosen(snapshot: Snapshot, request: AuditRequest) -> PromiseFilter:
    return PromiseFilter(
        promisor=await _party(snapshot, "promisor", request.promisor),
        promisee=await _party(snapshot, "promisee", request.promisee),
        party=await _party(snapshot, "party", request.party),
        other=await _party(snapshot, "other", request.other),
        made_from=None if request.made_from is None else moment_of("made_from", request.made_from),
        made_to=None if request.made_to is None else moment_of("made_to", request.made_to),
        standing=request.standing,
    )


async def _party(snapshot: Snapshot, parameter: str, text: str | None) -> UUID | None:
    return None if text is None else await party_of(snapshot, f"--{parameter}", text)


def _totals_table(totals: Totals) -> Table:
    table = Table("", Column("promises", justify="right"), box=None, pad_edge=False)
    for name, indent in (
        ("made", 0),
        ("open", 1),
        ("not_started", 2),
        ("in_progress", 2),
        ("reported", 2),
        ("kept", 1),
        ("kept_on_time", 2),
        ("kept_late", 2),
        ("partly_kept", 1),
        ("broken", 1),
        ("reneged", 1),
        ("released", 1),
        ("disputed", 1),
        ("unconfirmed", 1),
        ("retracted", 0),
        ("requested", 0),
        ("offered", 0),
        ("countered", 0),
        ("lapsed", 0),
        ("declined", 0),
        ("withdrawn", 0),
    ):
        table.add_row("  " * indent + name.replace("_", " "), str(getattr(totals, name)))
    table.add_section()
    table.add_row("of the open ones overdue", str(totals.overdue))
    table.add_row("of the open ones behind", str(totals.behind))
    for line in totals.quantities:
        table.add_row(plain(f"{line.unit}: delivered of promised"), f"{line.delivered} of {line.promised}")
    return table


def _groups_table(groups: tuple[Group, ...]) -> Table:
    counts = ("made", "open", "overdue", "kept_on_time", "kept_late", "partly_kept", "broken", "reneged", "unconfirmed")
    columns = [Column(name.replace("_", " "), justify="right") for name in counts]
    table = Table("", *columns, box=None, pad_edge=False)
    for group in groups:
        names = [name or str(party) for name, party in zip(group.names, group.parties, strict=True)]
        counted = [str(getattr(group.totals, name)) for name in counts]
        table.add_row(plain(group.period or " and ".join(names)), *counted)
    return table


def _lines_table(lines: tuple[PromiseLine, ...]) -> Table:
    dates = [Column(name, no_wrap=True, min_width=DATE_WIDTH) for name in ("due", "delivered")]
    late = Column("late", no_wrap=True, min_width=LATE_WIDTH)
    events = Column("events", overflow="fold")
    table = Table("promisor", "promisee", "what", "standing", *dates, late, events, box=None, pad_edge=False)
    for line in lines:
        table.add_row(
            plain(line.promisor_name or str(line.promisor)),
            plain(line.promisee_name or str(line.promisee)),
            plain(line.what or "(not readable)"),
            line.standing.replace("_", " ")
            + (", overdue" if line.overdue else "")
            + (", behind" if line.behind else ""),
            "" if line.due is None else f"{line.due:%Y-%m-%d}",
            "" if line.delivered_at is None else f"{line.delivered_at:%Y-%m-%d}",
            _late(line.lateness_s),
            " ".join(map(str, line.positions)),
        )
    return table


def _late(lateness_s: int | None) -> str:
    """How late, in days or hours; nothing where it was not."""
    if lateness_s is None or lateness_s <= 0:
        return ""
    hours = lateness_s // 3600
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h"
