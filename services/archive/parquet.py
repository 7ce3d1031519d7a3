"""The files of the archive: Apache Parquet, one row an event, with every column that the table has.

A row group is 256 events, as a tile of the tree is, so that one event is found by opening one of them, and is read in
well under a millisecond. Anything that reads Parquet can look into the files, without Requite.
"""

import os
import pathlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from projections.projection import Entry
from services.archive.stub import ArchiveError

GROUP_EVENTS = 256
COMPRESSION_LEVEL = 9  # of zstd: a file is written once


def _libraries() -> tuple[Any, Any]:
    """Apache Arrow, a large library that only an archive needs."""
    try:
        import pyarrow  # noqa: ICN001, PLC0415 - an extra, and slow to import
        import pyarrow.parquet  # noqa: PLC0415
    except ModuleNotFoundError:
        raise ArchiveError("The archive needs a library: install it with pip install 'requite[archive]'.") from None
    return pyarrow, pyarrow.parquet


def _schema(pa: Any) -> Any:  # noqa: ANN401 - the library has no types
    uuid, text, time = pa.uuid(), pa.string(), pa.timestamp("us", tz="UTC")
    types = {
        "ledger_id": text,
        "position": pa.int64(),
        "stream_id": uuid,
        "version": pa.int64(),
        "topic": text,
        "giver": uuid,
        "receiver": uuid,
        "third": uuid,
        "unit": text,
        "quantity": pa.int64(),
        "count": pa.int16(),
        "disputed": pa.int64(),
        "occurred_at": time,
        "recorded_at": time,
        "state": pa.binary(),
    }
    return pa.schema(list(types.items()))


class Writer:
    """Writes one file, in a ``with`` block: on the disk when the block ends."""

    def __init__(self, path: pathlib.Path) -> None:
        self._pa, pq = _libraries()
        self._schema = _schema(self._pa)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = open(descriptor, "wb")  # noqa: PTH123, SIM115 - so that the mode is right from the start
        self._out = pq.ParquetWriter(
            self._file,
            self._schema,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            write_statistics=["position", "occurred_at", "recorded_at"],
        )

    def add(self, entries: Sequence[Entry]) -> None:
        """The next events: whole groups, but for the last ones."""
        columns = zip(*entries, strict=True)
        arrays = [self._array(field.type, column) for field, column in zip(self._schema, columns, strict=True)]
        table = self._pa.Table.from_arrays(arrays, schema=self._schema)
        self._out.write_table(table, row_group_size=GROUP_EVENTS)

    def _array(self, kind: Any, values: Sequence[Any]) -> Any:  # noqa: ANN401 - as above
        if kind != self._pa.uuid():
            return self._pa.array(values, kind)
        plain = self._pa.array([None if value is None else value.bytes for value in values], kind.storage_type)
        return self._pa.ExtensionArray.from_storage(kind, plain)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the file; on the disk where nothing went wrong."""
        with self._file:
            self._out.close()
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())


class Reader:
    """Reads one file."""

    def __init__(self, path: pathlib.Path) -> None:
        """Raises ``ArchiveError``."""
        pa, pq = _libraries()
        self._path = path
        self._wrong = (OSError, pa.ArrowException)
        try:
            self._file = pq.ParquetFile(path, memory_map=True)
        except self._wrong as error:
            raise self._unreadable() from error

    def group(self, number: int) -> tuple[tuple[int, bytes], ...]:
        """Position and bytes of each event of a group. Raises ``ArchiveError``."""
        try:
            table = self._file.read_row_group(number, columns=["position", "state"], use_threads=False)
        except self._wrong as error:
            raise self._unreadable() from error
        positions, states = (table.column(name).to_pylist() for name in ("position", "state"))
        return tuple(zip(positions, states, strict=True))

    def _unreadable(self) -> ArchiveError:
        return ArchiveError(
            f"The archive's file {self._path} cannot be read: put it there again from a copy, or set REQUITE_ARCHIVE"
            " to the folder that has it."
        )
