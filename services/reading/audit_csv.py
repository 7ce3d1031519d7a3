"""The promise audit as CSV (RFC 4180): one line for each promise; or for each group, and one for their sum."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from services.reading.as_of import NOW, Asked
from services.reading.audit import Group, GroupBy, PromiseAudit, walk_audit
from services.reading.audit_figures import COUNTS, Measures, Totals
from services.reading.audit_links import AuditLine
from services.reading.snapshot import Look
from services.reading.standing import EVERYTHING, PromiseFilter

LINE_COLUMNS = tuple(name for name in AuditLine.__struct_fields__ if name != "events")
MEASURED = ("on_time_share", "delivered_share", "lateness_s_median", "notice_s_median", "notice_share_median")
GROUP_COLUMNS = ("key", "names", "period", *COUNTS, "promised", "delivered", *MEASURED, "lines")
SUM = "sum"
"""The key of the last row, in which each promise counts once, however many groups it is in."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, full-width forms included."""


async def write_csv(
    look: Look,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    *,
    by: GroupBy | None = None,
) -> AsyncIterator[str]:
    """The whole audit, in pieces: a header, then a line for each promise; or for each group, and one for their sum.

    Several values in one cell stand apart by blanks, quantities as ``favour:3``. Text that a spreadsheet would take for
    a formula begins with an apostrophe.
    """
    rows: list[Sequence[str]] = [LINE_COLUMNS if by is None else GROUP_COLUMNS]
    summed: Sequence[str] | None = None
    async for page in walk_audit(look, chosen, asked, by=by):
        summed = summed or _sum(page)
        rows += map(_line, page.lines or ())
        rows += map(_group, page.groups or ())
        if by is not None and page.next is None:
            rows.append(summed)
        yield _write(rows)
        rows.clear()


def _line(line: AuditLine) -> list[str]:
    return [_cell(getattr(line, column)) for column in LINE_COLUMNS]


def _group(group: Group) -> list[str]:
    names = [name or "" for name in group.names]
    start = [group.key, guarded(" / ".join(names)), group.period or ""]
    return [*start, *_figures(group.totals, group.measures), group.lines or ""]


def _sum(page: PromiseAudit) -> list[str]:
    assert page.totals is not None
    assert page.measures is not None
    said = sum_said(page.in_several)
    return [SUM, said, "", *_figures(page.totals, page.measures), page.totals.lines["made"] or ""]


def sum_said(in_several: int | None) -> str:
    """What the row of the sum says of itself."""
    return f"{in_several} of those made are in several groups and here once" if in_several else ""


def _figures(totals: Totals, measures: Measures) -> list[str]:
    shares = [measures.on_time.share, measures.delivered.share]
    spreads = [measures.lateness_s, measures.notice_s, measures.notice_share]
    medians = [None if spread.quantiles is None else spread.quantiles.median for spread in spreads]
    return [
        *(str(getattr(totals, column)) for column in COUNTS),
        " ".join(f"{line.unit}:{line.promised}" for line in totals.quantities),
        " ".join(f"{line.unit}:{line.delivered}" for line in totals.quantities),
        *map(_cell, (*shares, *medians)),
    ]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return guarded(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case tuple():
            return " ".join(map(str, value))
        case _:
            return str(value)


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _write(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
