"""``requite audit``: what was promised against what was delivered, as the API tells it, as tables."""

import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number
from msgspec import Struct
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from services.cli.ledgers import require_ledger
from services.cli.running import running_service
from services.reading.as_of import Asked, Clock, parse_asked, parse_moment
from services.reading.audit import Group, GroupBy, PromiseAudit, Totals, read_audit
from services.reading.audit_csv import write_csv
from services.reading.pages import Page
from services.reading.parties import find_party, parse_reference
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, open_snapshot
from services.reading.standing import PromiseFilter, PromiseLine, Wanted
from services.service import Service

DATE = re.compile(r"\d{4}-\d\d-\d\d")
ROWS_LIMIT = 10_000
DATE_WIDTH = len("2024-06-01")
LATE_WIDTH = len("9999 d")

audit = App(name="audit", help="What was promised against what was delivered.")


class AuditRequest(Struct, frozen=True, kw_only=True):
    """What is asked for, as it was typed. Parties by id, or by a partner's reference (``crm:4711``)."""

    promisor: str | None = None
    promisee: str | None = None
    party: str | None = None
    other: str | None = None
    made_from: str | None = None
    made_to: str | None = None
    standing: Wanted | None = None
    as_of: str | None = None
    clock: Clock = "recorded"
    group_by: GroupBy | None = None
    limit: int = 100


@audit.command
async def promises(  # noqa: PLR0913 - each is an option
    ledger: str,
    /,
    *,
    promisor: str | None = None,
    promisee: str | None = None,
    party: str | None = None,
    other: str | None = None,
    made_from: str | None = None,
    made_to: str | None = None,
    standing: Wanted | None = None,
    as_of: str | None = None,
    clock: Clock = "recorded",
    group_by: GroupBy | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=ROWS_LIMIT))] = 100,
    json: Annotated[bool, Parameter(negative="")] = False,
    csv: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Audit the promises of a ledger: totals, and the promises behind them, or the totals of groups.

    Parties are given by id, or by a partner's reference such as crm:4711. Times are RFC 3339, as 2024-06-01T18:00:00Z;
    a date alone is a day in UTC.

    Parameters
    ----------
    ledger
        The ledger's id.
    promisor
        Promised by this party.
    promisee
        Promised to this party.
    party
        With this party, whoever promised.
    other
        With --party: between the two.
    made_from
        Made at this time, or on this day, or later.
    made_to
        Made before this time, or before this day.
    standing
        Only those that stand so.
    as_of
        The moment asked about: a time, the end of a day, or a position of the ledger. Now, if left out.
    clock
        What --as-of means: recorded, as it was known then; occurred, as it was true then.
    group_by
        Show the totals of groups, rather than promises.
    limit
        How many promises or groups to show at most.
    json
        Print what the API answers.
    csv
        Print all promises, or all groups, as CSV.
    """
    asked = AuditRequest(
        promisor=promisor,
        promisee=promisee,
        party=party,
        other=other,
        made_from=made_from,
        made_to=made_to,
        standing=standing,
        as_of=as_of,
        clock=clock,
        group_by=group_by,
        limit=limit,
    )
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
        asked = _asked(snapshot, request)
        answer = await read_audit(snapshot, chosen, asked, Page(limit=request.limit), group_by=request.group_by)
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(answer)).decode()
        console.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    assert answer.totals is not None
    console.print(_heading(ledger, answer))
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
        asked = _asked(snapshot, request)
    pieces = write_csv(lambda: open_snapshot(service, ledger), chosen, asked, group_by=request.group_by)
    async for piece in pieces:
        console.file.write(piece)


async def _chosen(snapshot: Snapshot, request: AuditRequest) -> PromiseFilter:
    return PromiseFilter(
        promisor=await _party(snapshot, "promisor", request.promisor),
        promisee=await _party(snapshot, "promisee", request.promisee),
        party=await _party(snapshot, "party", request.party),
        other=await _party(snapshot, "other", request.other),
        made_from=None if request.made_from is None else _moment("made_from", request.made_from),
        made_to=None if request.made_to is None else _moment("made_to", request.made_to),
        standing=request.standing,
    )


async def _party(snapshot: Snapshot, parameter: str, text: str | None) -> UUID | None:
    if text is None:
        return None
    if ":" not in text:
        try:
            return UUID(text)
        except ValueError:
            raise BadQuestionError(
                parameter, f"--{parameter} takes a party's id, or a reference as crm:4711."
            ) from None
    found = (await find_party(snapshot, parse_reference(text))).items
    if not found:
        raise BadQuestionError(parameter, f"--{parameter}: no party of this ledger has that reference.")
    return found[0].id


def _asked(snapshot: Snapshot, request: AuditRequest) -> Asked:
    """The moment asked about; a day means its end, today's is now."""
    text = request.as_of
    if text is None or not DATE.fullmatch(text):
        return parse_asked(text, request.clock)
    start = _moment("as_of", text)
    end = start.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return parse_asked(min(end, max(snapshot.now, start)).isoformat(), request.clock)


def _moment(parameter: str, text: str) -> datetime:
    return parse_moment(parameter, f"{text}T00:00:00Z" if DATE.fullmatch(text) else text)


def _heading(ledger: str, answer: PromiseAudit) -> Text:
    moment = f"{answer.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    clock = "as known then" if answer.occurred is None else "as true then"
    return Text(f"Promises of {ledger} at {moment}, {clock}, by the log up to position {answer.position}", style="bold")


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
        table.add_row(_plain(f"{line.unit}: delivered of promised"), f"{line.delivered} of {line.promised}")
    return table


def _groups_table(groups: tuple[Group, ...]) -> Table:
    counts = ("made", "open", "overdue", "kept_on_time", "kept_late", "partly_kept", "broken", "reneged", "unconfirmed")
    columns = [Column(name.replace("_", " "), justify="right") for name in counts]
    table = Table("", *columns, box=None, pad_edge=False)
    for group in groups:
        names = [name or str(party) for name, party in zip(group.names, group.parties, strict=True)]
        counted = [str(getattr(group.totals, name)) for name in counts]
        table.add_row(_plain(group.period or " and ".join(names)), *counted)
    return table


def _lines_table(lines: tuple[PromiseLine, ...]) -> Table:
    dates = [Column(name, no_wrap=True, min_width=DATE_WIDTH) for name in ("due", "delivered")]
    late = Column("late", no_wrap=True, min_width=LATE_WIDTH)
    events = Column("events", overflow="fold")
    table = Table("promisor", "promisee", "what", "standing", *dates, late, events, box=None, pad_edge=False)
    for line in lines:
        table.add_row(
            _plain(line.promisor_name or str(line.promisor)),
            _plain(line.promisee_name or str(line.promisee)),
            _plain(line.what or "(not readable)"),
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


def _plain(text: str) -> Text:
    """Typed text as it may be shown in a terminal: no markup, no control characters."""
    return Text("".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text))
