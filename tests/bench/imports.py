"""Importing, beside a COPY of the same stored rows into the same indexed table at 500 rows a commit.

The import reads the file, registers the parties, applies all rules, seals the words, keeps each line's key and folds
every read model; the COPY only stores rows that are there already. Both count stored events.
"""

import argparse
import gzip
import io
import itertools
import os
import pathlib
import statistics
import tempfile
import time

import asyncpg
import uvloop
from rich.table import Table

from domain.event import Who
from services.imports.mapping import CsvMapping, read_mapping
from services.imports.run import Import
from services.ledger.opening import open_ledger
from services.service import open_service
from tests.bench.check import check
from tests.bench.harness import close, console, migrated, server

LEDGER = "bench"
ROWS_A_COMMIT = 500
MAPPING = """
act = "favour.record"
source = "mathoverflow"
delimiter = " "
header = ["u", "v", "t"]
[fields]
giver = "u"
receiver = "v"
occurred_at = { column = "t", format = "unix" }
"""


async def time_import(url: str, file: pathlib.Path, mapping: CsvMapping) -> float:
    """Seconds that the import takes, from the first line to the last answer."""
    async with open_service(url, bytes(32)) as service:
        await open_ledger(service, LEDGER)
        started = time.perf_counter()
        running = await Import.prepare(service, LEDGER, file, Who("recorder", "bench"))
        await running.run_rows(mapping, io.StringIO(), lambda _: None)
        return time.perf_counter() - started


async def time_copy(connection: asyncpg.Connection, rows: list[asyncpg.Record]) -> float:
    """Seconds that a COPY of the rows takes, each 500 of them a commit of its own."""
    parts = [[tuple(row) for row in part] for part in batched(rows, ROWS_A_COMMIT)]
    started = time.perf_counter()
    for part in parts:
        await connection.copy_records_to_table("event", records=part)
    return time.perf_counter() - started


def batched(rows: list[asyncpg.Record], size: int) -> list[list[asyncpg.Record]]:
    """The rows in parts of a size."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


async def bench(file: pathlib.Path, rounds: int) -> None:
    """Import, then copy, each into a database of its own, round by round."""
    table = Table("round", "events", "import, events/s", "COPY, rows/s", "ratio", title="Import of mathoverflow_a2q")
    ratios = []
    with server() as running, tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mapping.toml"
        path.write_text(MAPPING, encoding="utf-8")
        mapping = read_mapping(path)
        for n in range(rounds):
            async with migrated(running, f"import_{n}") as (url, connection):
                import_s = await time_import(url, file, mapping)
                rows = await connection.fetch("SELECT * FROM event ORDER BY position")
                await check(connection)
            async with migrated(running, f"copy_{n}") as (_, connection):
                copy_s = await time_copy(connection, rows)
            ratios.append(copy_s / import_s)
            rates = (f"{len(rows) / seconds:,.0f}" for seconds in (import_s, copy_s))
            table.add_row(str(n + 1), f"{len(rows):,}", *rates, f"{ratios[-1]:.3f}")
    console.print(table)
    close({"import_per_copy": statistics.median(ratios)})


def main() -> None:
    """Read the arguments and run."""
    data = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("REQUITE_SHARED_DATA", data))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=0, help="only so many lines of the file; 0: all")
    arguments = parser.parse_args()
    file = pathlib.Path(arguments.data) / "mathoverflow_a2q" / "sx-mathoverflow-a2q.txt.gz"
    if not file.exists():
        console.print(f"{file} is not there; --data or REQUITE_SHARED_DATA says where the data sets are.")
        close({})
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments.lines:
            short = pathlib.Path(folder) / "short.txt"
            with gzip.open(file, "rb") as whole:
                short.write_bytes(b"".join(itertools.islice(whole, arguments.lines)))
            file = short
        uvloop.run(bench(file, arguments.rounds))


if __name__ == "__main__":
    main()
