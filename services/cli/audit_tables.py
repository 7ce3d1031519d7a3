"""The audit of promises as tables for a terminal."""

from rich.table import Column, Table

from services.cli.asking import day, plain
from services.reading.audit import Group
from services.reading.audit_changes import AuditChanges, Stood
from services.reading.audit_figures import COUNTS, Measures, Proportion, Spread, Totals
from services.reading.audit_links import AuditLine

DATE_WIDTH = len("2024-06-01")
LATE_WIDTH = len("9999 d")
DAY_S = 86_400


def totals_table(totals: Totals) -> Table:
    """How many stand how."""
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


def groups_table(groups: tuple[Group, ...]) -> Table:
    """The figures of groups."""
    counts = ("made", "open", "overdue", "kept_on_time", "kept_late", "partly_kept", "broken", "reneged", "unconfirmed")
    columns = [Column(name.replace("_", " "), justify="right") for name in counts]
    table = Table("", *columns, box=None, pad_edge=False)
    for group in groups:
        names = [name or str(party) for name, party in zip(group.names, group.parties, strict=True)]
        counted = [str(getattr(group.totals, name)) for name in counts]
        table.add_row(plain(group.period or " and ".join(names)), *counted)
    return table


def lines_table(lines: tuple[AuditLine, ...]) -> Table:
    """Promises."""
    dates = [Column(name, no_wrap=True, min_width=DATE_WIDTH) for name in ("due", "delivered")]
    late = Column("late", no_wrap=True, min_width=LATE_WIDTH)
    events = Column("events", overflow="fold")
    table = Table("promisor", "promisee", "what", "standing", *dates, late, events, box=None, pad_edge=False)
    for line in lines:
        table.add_row(
            plain(line.promisor_name or str(line.promisor)),
            plain(line.promisee_name or str(line.promisee)),
            plain(line.what or "(not readable)"),
            _standing(Stood(standing=line.standing, overdue=line.overdue, behind=line.behind)),
            day(line.due),
            day(line.delivered_at),
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


def _standing(stood: Stood | None) -> str:
    if stood is None:
        return "not there"
    marks = [name for name in ("overdue", "behind") if getattr(stood, name)]
    return ", ".join([stood.standing.replace("_", " "), *marks])


def measures_table(measures: Measures) -> Table:
    """The measures, in days where they are of time."""
    table = Table("", *(Column(name, justify="right") for name in ("of", "share", "median", "80 % from", "to")))
    table.box, table.pad_edge = None, False
    _share_row(table, "on time, of those delivered", measures.on_time)
    _share_row(table, "delivered, of those that came due", measures.delivered)
    _spread_row(table, "days late", measures.lateness_s, DAY_S)
    _spread_row(table, "days of notice, of those reneged", measures.notice_s, DAY_S)
    _spread_row(table, "the same, as a share of the time there was", measures.notice_share, 1)
    return table


def _share_row(table: Table, name: str, share: Proportion) -> None:
    table.add_row(name, str(share.of), "" if share.share is None else f"{share.share:.0%}")


def _spread_row(table: Table, name: str, spread: Spread, unit: int) -> None:
    at = spread.quantiles
    shown = [] if at is None else [f"{value / unit:.1f}" for value in (at.median, at.p10, at.p90)]
    table.add_row(name, str(spread.n), "", *shown)


def counts_table(changes: AuditChanges) -> Table:
    """How many stood how, at either moment."""
    table = Table("", *(Column(name, justify="right") for name in ("then", "now")), box=None, pad_edge=False)
    then, now = changes.earlier.totals, changes.later.totals
    if then is None or now is None:
        return table
    for name in COUNTS:
        before, after = getattr(then, name), getattr(now, name)
        if before or after:
            table.add_row(name.replace("_", " "), str(before), str(after))
    return table


def changes_table(changes: AuditChanges) -> Table:
    """The promises that moved."""
    table = Table("promisor", "promisee", "what", "was", "is", Column("by", overflow="fold"), box=None, pad_edge=False)
    for line in changes.lines:
        table.add_row(
            plain(line.promisor_name or str(line.promisor)),
            plain(line.promisee_name or str(line.promisee)),
            plain(line.what or "(not readable)"),
            _standing(line.before),
            _standing(line.after),
            " ".join(f"{event.position}:{event.topic}" for event in line.events) or "time",
        )
    return table
