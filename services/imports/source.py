"""A file to import: its hash, its lines or rows one after the other, plain or gzipped."""

import codecs
import csv
import gzip
import hashlib
import io
import pathlib
from collections.abc import Iterator
from typing import IO, cast

from msgspec import Struct

from services.imports.mapping import CsvMapping, MappingError

LINE_LIMIT_BYTES = 1 << 20
CELL_LIMIT = csv.field_size_limit()


class CsvRow(Struct, gc=False):
    """A row, the number of the line it begins on, its text as it stands in the file, and what is wrong with it."""

    line: int
    text: str
    cells: list[str]
    fault: str | None = None


def hash_file(path: pathlib.Path) -> str:
    """The SHA-256 of the file's bytes, in hex: together with a line's number it names that line for ever."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_file(path: pathlib.Path) -> IO[bytes]:
    """The file's content; a name that ends in .gz is unpacked on the way."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def read_lines(path: pathlib.Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers from 1. A line beyond the limit comes cut one byte after it."""
    with open_file(path) as file:
        number = 0
        while line := file.readline(LINE_LIMIT_BYTES + 1):
            number += 1
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(LINE_LIMIT_BYTES)
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, line


def read_rows(path: pathlib.Path, mapping: CsvMapping) -> tuple[tuple[str, ...], Iterator[CsvRow]]:
    """The header, and the rows. Raises ``MappingError``."""
    rows = _rows(path, mapping.delimiter)
    if mapping.header is not None:
        return mapping.header, rows
    first = next(rows, None)
    if first is None:
        raise MappingError("the file is empty; it should begin with a header, or the mapping name one.")
    if first.fault is not None:
        raise MappingError(f"the file's header cannot be read: {first.fault}.")
    return tuple(first.cells), rows


def _rows(path: pathlib.Path, delimiter: str) -> Iterator[CsvRow]:
    with open_file(path) as file, io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            begin = lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = []
                lines.fault = lines.fault or _explain(error, begin, lines.number)
            if cells or lines.fault is not None:
                yield CsvRow(begin, lines.text(), cells, lines.fault)


def _explain(error: csv.Error, begin: int, end: int) -> str:
    said = f"not CSV: {error}"
    return said if begin == end else f"{said}; lines {begin} to {end} are one row: is a quote left open?"


class _Lines:
    """A file's lines for the CSV reader; remembers those of the row at hand, and what is wrong with them."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._taken: list[str] = []
        self.number = 0
        self.fault: str | None = None

    def begin_row(self) -> int:
        """Forget the last row; the number of the line on which the next one begins."""
        self._taken.clear()
        self.fault = None
        return self.number + 1

    def text(self) -> str:
        """The row as it stands in the file; bytes that are no text are shown as U+FFFD."""
        text = "".join(self._taken).rstrip("\r\n")
        return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE_LIMIT_BYTES)
        if not line:
            raise StopIteration
        self.number += 1
        self._taken.append(line)
        if not line.isascii() and not _is_text(line):
            self.fault = "not UTF-8"
        if "\0" in line:
            self.fault = "a cell has the character U+0000; leave it out"
        if len(line) == LINE_LIMIT_BYTES and not line.endswith(("\r", "\n")):
            self._skip_rest()
            self.fault = f"a line longer than {LINE_LIMIT_BYTES:,} characters"
            return "-" * (CELL_LIMIT + 1)  # the reader gives the row up here, whatever quote was open
        return line

    def _skip_rest(self) -> None:
        while (rest := self._file.readline(LINE_LIMIT_BYTES)) and not rest.endswith(("\r", "\n")):
            pass


def _is_text(line: str) -> bool:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
