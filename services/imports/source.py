"""A file to import: its hash, its lines or rows one after the other, plain or gzipped."""

import csv
import gzip
import hashlib
import io
import pathlib
from collections.abc import Iterator
from typing import IO

from services.imports.mapping import CsvMapping, MappingError

CHUNK_BYTES = 1 << 20
LINE_LIMIT_BYTES = 1 << 20


def hash_file(path: pathlib.Path) -> str:
    """The SHA-256 of the file's bytes, in hex: together with a line's number it names that line for ever."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_file(path: pathlib.Path) -> IO[bytes]:
    """The file's content; a name that ends in .gz is unpacked on the way."""
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return path.open("rb")


def read_lines(path: pathlib.Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers from 1. A line beyond the limit comes cut, and will not fit."""
    with open_file(path) as file:
        number = 0
        while line := file.readline(LINE_LIMIT_BYTES):
            number += 1
            if line.strip():
                yield number, line
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_LIMIT_BYTES)


def read_rows(path: pathlib.Path, mapping: CsvMapping) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """The header, and the rows with the numbers of the lines they begin on. Raises ``MappingError``."""
    rows = _rows(path, mapping.delimiter)
    if mapping.header is not None:
        return mapping.header, rows
    first = next(rows, None)
    if first is None:
        raise MappingError("the file is empty; it should begin with a header, or the mapping name one.")
    return tuple(first[1]), rows


def _rows(path: pathlib.Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with open_file(path) as file, io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        line = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells = []
            if cells:
                yield line + 1, cells
            line = reader.line_num
