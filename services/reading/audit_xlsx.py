"""The promise audit as a workbook: its totals, its groups by everything, its lines, and the events behind them.

It is written row by row to a file, so a large audit takes little memory; all sheets are of one moment. What people
typed is written as text, never as a formula or a link.
"""

import asyncio
import pathlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any

import asyncpg
import xlsxwriter
from msgspec import Struct
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.reading.as_of import NOW, Asked
from services.reading.audit import BY, Group, GroupBy, PromiseAudit, read_audit
from services.reading.audit_csv import LINE_COLUMNS, sum_said
from services.reading.audit_figures import COUNTS, Bin, Measures, Totals
from services.reading.audit_links import AuditLine
from services.reading.pages import Page
from services.reading.snapshot import Look, sql
from services.reading.standing import EVERYTHING, PromiseFilter

BATCH = 1_000
ROWS = 1_048_576
"""Of a sheet; what goes beyond it goes on in another one."""
EXACT = 2**53
"""From here on a spreadsheet rounds whole numbers."""
TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
GROUP_HEAD = (
    "key",
    "name",
    *COUNTS,
    "on_time_share",
    "delivered_share",
    "lateness_s_median",
    "notice_s_median",
    "lines",
)
EVENT_HEAD = ("position", "promise", "topic", "occurred_at", "recorded_at", "event", "proof")
Row = Sequence[Any]


class Sheet:
    """A sheet under construction, and those that it goes on in."""

    def __init__(self, book: "Book", name: str, head: Row) -> None:
        self._book, self._name, self._head = book, name, head
        self._sheets = 0
        self._begin()

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        for row in rows:
            if self._row == ROWS:
                self._begin()
            self._book.write(self._sheet, self._row, row)
            self._row += 1

    def _begin(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._book.sheet(name)
        self._book.write(self._sheet, 0, self._head, self._book.bold)
        self._row = 1


class Book:
    """A workbook, and how values become cells."""

    def __init__(self, file: IO[bytes] | pathlib.Path) -> None:
        options = {"constant_memory": True, "remove_timezone": True, **TEXT_ONLY}
        self._book = xlsxwriter.Workbook(file, options)
        self.bold: Format = self._book.add_format({"bold": True})
        self._time: Format = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def sheet(self, name: str) -> Worksheet:
        """A new sheet."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        return sheet

    def write(self, sheet: Worksheet, number: int, row: Row, form: Format | None = None) -> None:
        """Write a row. Times are in UTC."""
        for column, value in enumerate(row):
            match value:
                case None:
                    pass
                case bool():
                    sheet.write_boolean(number, column, value, form)
                case int() | float() if abs(value) < EXACT:
                    sheet.write_number(number, column, value, form)
                case datetime() if value.year >= 1900:  # a spreadsheet knows no earlier ones
                    sheet.write_datetime(number, column, value, self._time)
                case tuple():
                    sheet.write_string(number, column, " ".join(map(str, value)), form)
                case _:
                    sheet.write_string(number, column, str(value), form)

    def close(self) -> None:
        """Write the file."""
        self._book.close()


class _Audit(Struct, frozen=True):
    """What is asked for, with its moment pinned."""

    look: Look
    chosen: PromiseFilter
    asked: Asked


async def write_xlsx(
    look: Look,
    file: IO[bytes] | pathlib.Path,
    chosen: PromiseFilter = EVERYTHING,
    asked: Asked = NOW,
    *,
    by: GroupBy | None = None,
) -> None:
    """Write the whole audit to a file; with ``by`` only those groups, else all kinds. Raises ``BadQuestionError``."""
    async with look() as snapshot:
        first = await read_audit(snapshot, chosen, asked, Page(limit=1), by="organisation")
    moment = {"moment": first.moment} if first.occurred is None else {"occurred": first.occurred}
    audit = _Audit(look, chosen, Asked(position=first.position, **moment))
    book = Book(file)
    try:
        Sheet(book, "Totals", ("figure", "value", "of", "lines")).write(_total_rows(first))
        for kind in BY if by is None else (by,):
            await _write_groups(book, audit, kind)
        await _write_lines(book, audit)
    finally:
        await asyncio.to_thread(book.close)


async def _write_groups(book: Book, audit: _Audit, by: GroupBy) -> None:
    sheet = Sheet(book, f"By {by}", GROUP_HEAD)
    after, summed = None, None
    while True:
        async with audit.look() as snapshot:
            page = await read_audit(snapshot, audit.chosen, audit.asked, Page(after, BATCH), by=by)
        summed = summed or _sum_row(page)
        await asyncio.to_thread(sheet.write, map(_group_row, page.groups or ()))
        after = page.next
        if after is None:
            sheet.write([summed])
            return


async def _write_lines(book: Book, audit: _Audit) -> None:
    lines, events = Sheet(book, "Lines", LINE_COLUMNS), Sheet(book, "Events", EVENT_HEAD)
    after = None
    while True:
        async with audit.look() as snapshot:
            page = await read_audit(snapshot, audit.chosen, audit.asked, Page(after, BATCH))
            shown = page.lines or ()
            positions = [position for line in shown for position in line.positions]
            rows = await snapshot.fetch(sql("events_told"), snapshot.ledger_id, positions)
        told = {row["position"]: row for row in rows}
        await asyncio.to_thread(lines.write, ([getattr(line, name) for name in LINE_COLUMNS] for line in shown))
        await asyncio.to_thread(events.write, (row for line in shown for row in _event_rows(line, told)))
        after = page.next
        if after is None:
            return


def _event_rows(line: AuditLine, told: dict[int, asyncpg.Record]) -> Iterable[Row]:
    for link in line.events:
        row = told[link.position]
        yield link.position, line.id, row["topic"], row["occurred_at"], row["recorded_at"], link.event, link.proof


def _total_rows(audit: PromiseAudit) -> Iterable[Row]:
    totals, measures = audit.totals, audit.measures
    assert totals is not None
    assert measures is not None
    yield "as of", audit.moment
    yield "by the log up to position", audit.position
    yield ("as true then" if audit.occurred else "as known then",)
    for name in COUNTS:
        yield name, getattr(totals, name), None, totals.lines[name]
    for quantity in totals.quantities:
        yield f"promised, {quantity.unit}", quantity.promised, None, quantity.lines
        yield f"delivered, {quantity.unit}", quantity.delivered, None, quantity.lines
    for name in ("on_time", "delivered"):
        share = getattr(measures, name)
        yield f"share {name}", share.share, share.of, share.of_lines
    for name in ("lateness_s", "notice_s", "notice_share"):
        spread = getattr(measures, name)
        for quantile in spread.quantiles.__struct_fields__ if spread.quantiles else ():
            yield f"{name}, {quantile}", getattr(spread.quantiles, quantile), spread.n, spread.lines
        yield from (_bin_row(name, spread.n, one) for one in spread.bins)


def _bin_row(name: str, n: int, one: Bin) -> Row:
    return f"{name}, {one.name}", one.count, n, one.lines


def _group_row(group: Group) -> Row:
    name = " / ".join(name or "" for name in group.names) or group.period
    return [group.key, name, *_figures(group.totals, group.measures), group.lines]


def _sum_row(page: PromiseAudit) -> Row:
    assert page.totals is not None
    assert page.measures is not None
    return ["sum", sum_said(page.in_several), *_figures(page.totals, page.measures), page.totals.lines["made"]]


def _figures(totals: Totals, measures: Measures) -> Row:
    medians = [
        None if spread.quantiles is None else spread.quantiles.median
        for spread in (measures.lateness_s, measures.notice_s)
    ]
    shares = measures.on_time.share, measures.delivered.share
    return [*(getattr(totals, name) for name in COUNTS), *shares, *medians]
