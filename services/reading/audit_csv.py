"""The promise audit as CSV (RFC 4180): one line for each promise, or for each group."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from services.reading.as_of import NOW, Asked
from services.reading.audit import Group, GroupBy, Totals, walk_audit
from services.reading.snapshot import Look
from services.reading.standing import EVERYTHING, PromiseFilter, PromiseLine

LINE_COLUMNS = PromiseLine.__struct_fields__
COUNTS = tuple(name for name in Totals.__struct_fields__ if name != "quantities")
GROUP_COLUMNS = ("key", "names", "period", *COUNTS, "promised", "delivered")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, full-width forms included."""


async def write_csv(
    look: Look,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    *,
    group_by: GroupBy | None = None,
) -> AsyncIterator[str]:
    """The whole audit, in pieces: a header, then a line for each promise, or for each group where they are grouped.

    Several values in one cell stand apart by blanks, quantities as ``favour:3``. Text that a spreadsheet would take for
    a formula begins with an apostrophe.
    """
    rows: list[Sequence[str]] = [LINE_COLUMNS if group_by is None else GROUP_COLUMNS]
    async for page in walk_audit(look, chosen, asked, group_by=group_by):
        rows += map(_line, page.lines or ())
        rows += map(_group, page.groups or ())
        yield _write(rows)
        rows.clear()


def _line(line: PromiseLine) -> list[str]:
    return [_cell(getattr(line, column)) for column in LINE_COLUMNS]


def _group(group: Group) -> list[str]:
    totals = group.totals
    names = [name or "" for name in group.names]
    return [
        group.key,
        _guarded(" / ".join(names)),
        group.period or "",
        *(str(getattr(totals, column)) for column in COUNTS),
        " ".join(f"{line.unit}:{line.promised}" for line in totals.quantities),
        " ".join(f"{line.unit}:{line.delivered}" for line in totals.quantities),
    ]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _guarded(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case tuple():
            return " ".join(map(str, value))
        case _:
            return str(value)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _write(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
