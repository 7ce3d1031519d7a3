"""CSV files with a header: their rows as dictionaries, each with the line it begins on."""

import csv
import io
from collections.abc import Iterator

from msgspec import Struct

from services.imports.formats.reading import Unreadable, UnreadableFileError

DELIMITERS = ",;\t"
COLUMNS_LIMIT = 1_000


class Table(Struct, frozen=True):
    """A header, and the rows below it."""

    header: tuple[str, ...]
    rows: "Iterator[Row | Unreadable]"


class Row(Struct, frozen=True):
    """A row's cells in order, and the line it begins on."""

    line: int
    cells: tuple[str, ...]


def read_cells(text: str, delimiter: str = ",") -> Iterator[Row | Unreadable]:
    """The rows of a CSV file that hold anything (RFC 4180; line ends and spaces around cells as they come)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            end = reader.line_num
            open_quote = f"; lines {begin} to {end} are one row: is a quote left open?" if end > begin else ""
            yield Unreadable(begin, f"not CSV{open_quote}")
            continue
        if len(cells) > COLUMNS_LIMIT:
            yield Unreadable(begin, f"more than {COLUMNS_LIMIT:,} cells")
        elif any(cell.strip() for cell in cells):
            yield Row(begin, tuple(cell.strip() for cell in cells))


def first_rows(text: str, count: int) -> Iterator[list[Row]]:
    """The first rows of a file, read with each delimiter that it may have."""
    begin = text[:65_536]
    for delimiter in DELIMITERS:
        rows = []
        for row in read_cells(begin, delimiter):
            if isinstance(row, Row):
                rows.append(row)
            if len(rows) == count:
                break
        yield rows


def find_header(text: str, needed: frozenset[str], skip: int = 0) -> tuple[str, Row] | None:
    """The header that holds all these columns, among the first ``skip`` + 1 rows, and the delimiter it is read with."""
    for delimiter, rows in zip(DELIMITERS, first_rows(text, skip + 1), strict=True):
        for row in rows:
            if needed <= set(row.cells):
                return delimiter, row
    return None


def read_table(text: str, needed: frozenset[str], skip: int = 0) -> Table:
    """The table of such a header. Raises ``UnreadableFileError`` where there is none."""
    found = find_header(text, needed, skip)
    if found is None:
        raise UnreadableFileError(f"there is no header with the columns: {', '.join(sorted(needed))}")
    delimiter, header = found
    return Table(header.cells, (row for row in read_cells(text, delimiter) if _place(row) > header.line))


def named(row: Row, header: tuple[str, ...]) -> dict[str, str]:
    """A row's cells by column, empty ones left out. Raises ``ValueError`` where it has more cells than the header."""
    if len(row.cells) > len(header):
        raise ValueError(f"the row has {len(row.cells)} cells where {len(header)} are due")
    return {column: cell for column, cell in zip(header, row.cells, strict=False) if cell}


def _place(row: Row | Unreadable) -> int:
    return row.line if isinstance(row, Row) else row.place
