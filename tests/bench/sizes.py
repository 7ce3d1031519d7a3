"""How many bytes an event takes on disk, table by table, indexes included: 100,000 favours, and as many of promises.

Both through the clerk, with rules, words, keys of idempotency, read models and tree; and what is left of it once old
events' bytes were put away. For the sums in docs/scaling.md.
"""

import argparse
import pathlib
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import uvloop
from rich.table import Column, Table

from domain.command import Command
from domain.event import Who
from domain.favour.commands import RecordFavour
from domain.party import RegisterParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from services.archive.putting import put_away
from services.database.pool import load_sql
from services.ledger.opening import open_ledger
from services.ledger.order import Order, Receipt
from services.proof.builder import build_whole
from services.service import Service, open_service
from tests.bench.append import WHAT
from tests.bench.check import check
from tests.bench.harness import close, console, migrated, server

LEDGER = "sizes"
PARTIES = 2_000
AT_ONCE = 512
FILE_EVENTS = 16_384
READS = 300
SIZES = """
SELECT c.relname::text AS name, pg_total_relation_size(c.oid) AS bytes, pg_indexes_size(c.oid) AS of_indexes
FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 2 DESC, 1
"""


class Writer:
    """Has commands recorded, some hundred at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._sent = 0

    async def give(self, commands: Sequence[Command], streams: Sequence[UUID | None] = ()) -> list[UUID]:
        """The streams that the commands wrote to."""
        found: list[UUID] = []
        for start in range(0, len(commands), AT_ONCE):
            part = range(start, min(start + AT_ONCE, len(commands)))
            orders = [self._order(commands[n], streams[n] if streams else None) for n in part]
            for outcome in await self._service.clerk.submit_all(orders):
                if not isinstance(outcome, Receipt):
                    raise SystemExit(f"not recorded: {outcome!r}")
                found.append(outcome.id)
        return found

    def _order(self, command: Command, stream: UUID | None) -> Order:
        self._sent += 1
        who = Who("recorder", "bench", command.by)
        return Order(ledger_id=LEDGER, command=command, who=who, stream=stream, idempotency_key=str(self._sent))


async def favours(writer: Writer, parties: Sequence[UUID], events: int) -> None:
    """One event each."""
    pairs = [_pair(parties, n) for n in range(events)]
    await writer.give([RecordFavour(giver=giver, receiver=receiver, what=WHAT) for giver, receiver in pairs])


async def promises(writer: Writer, parties: Sequence[UUID], events: int) -> None:
    """Three events each: made, reported, accepted."""
    pairs = [_pair(parties, n) for n in range(events // 3)]
    made = await writer.give([MakePromise(promisor=giver, promisee=receiver, what=WHAT) for giver, receiver in pairs])
    await writer.give([ReportDelivery(by=giver) for giver, _ in pairs], made)
    await writer.give([AcceptDelivery(by=receiver) for _, receiver in pairs], made)


def _pair(parties: Sequence[UUID], n: int) -> tuple[UUID, UUID]:
    """Each party gives to some twenty others."""
    giver = n % len(parties)
    return parties[giver], parties[(giver + 1 + n // len(parties) % 20) % len(parties)]


KINDS = {"favours": favours, "promises": promises}


async def run(events: int) -> dict[str, dict[str, int]]:
    """Bytes by table, for each kind."""
    found: dict[str, dict[str, int]] = {}
    with server() as running, tempfile.TemporaryDirectory() as folder:
        for kind, write in KINDS.items():
            async with (
                migrated(running, kind) as (url, connection),
                open_service(url, bytes(32), archive=pathlib.Path(folder) / kind) as service,
            ):
                await open_ledger(service, LEDGER)
                writer = Writer(service)
                parties = await writer.give([RegisterParty(name=f"Party {n}") for n in range(PARTIES)])
                before = {row["name"]: row["bytes"] for row in await connection.fetch(SIZES)}
                await write(writer, parties, events)
                await build_whole(service.pool, LEDGER)
                rows = await connection.fetch(SIZES)
                found[kind] = {row["name"]: row["bytes"] - before[row["name"]] for row in rows}
                _show(kind, events, {row["name"]: row["of_indexes"] for row in rows}, found[kind])
                await check(connection)
                found[f"{kind}_archived"] = await _archive(service, connection, kind)
    return found


async def _archive(service: Service, connection: asyncpg.Connection, kind: str) -> dict[str, int]:
    """Bytes of the table before and after, and of the files, all of as many events as whole files hold."""
    size = "SELECT pg_total_relation_size('event')"
    await connection.execute("VACUUM FULL event")
    before = await connection.fetchval(size)
    began = time.perf_counter()
    later = service.clock() + timedelta(seconds=1)
    files = await put_away(connection, service.shelf, LEDGER, later, service.clock, file_events=FILE_EVENTS)
    took = time.perf_counter() - began
    unpacked = await connection.fetchval(size)
    await connection.execute("VACUUM FULL event")
    after, events = await connection.fetchval(size), len(files) * FILE_EVENTS
    read = [await _read_one(service, random.randint(1, events)) for _ in range(READS)]
    here = [await _read_one(service, events + 1) for _ in range(READS)]
    console.print(
        f"{kind}: {events:,} events put away at {events / took:,.0f}/s. Bytes an event of the table before"
        f" {before / events:.0f}, after {unpacked / events:.0f}, packed {after / events:.0f}, in files"
        f" {sum(file.bytes for file in files) / events:.0f}. To read one at random takes"
        f" {statistics.median(read):.2f} ms, one of the table {statistics.median(here):.2f}."
    )
    return {"event": after, "files": sum(file.bytes for file in files)}


async def _read_one(service: Service, position: int) -> float:
    """How many milliseconds an event's bytes take."""
    began = time.perf_counter()
    (row,) = await service.pool.fetch(load_sql("services/proof/sql/states.sql"), LEDGER, [position])
    assert row["state"].startswith(b'{"ledger"')
    return 1000 * (time.perf_counter() - began)


def _show(kind: str, events: int, of_indexes: dict[str, int], found: dict[str, int]) -> None:
    right = Column("bytes an event", justify="right"), Column("of these indexes", justify="right")
    table = Table(kind, *right, title=f"{events:,} events of {PARTIES:,} parties, {kind}")
    for name, size in found.items():
        if size > events // 10:
            table.add_row(name, f"{size / events:.0f}", f"{of_indexes[name] / events:.0f}")
    table.add_row("all", f"{sum(found.values()) / events:.0f}", "")
    console.print(table)


def main() -> None:
    """Measure, show, and end in a line of JSON: bytes an event by kind and table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    events = parser.parse_args().events
    found = uvloop.run(run(events))
    close(
        {
            f"{kind}_{table}_bytes_an_event": size / events
            for kind, tables in found.items()
            for table, size in tables.items()
            if size
        }
    )


if __name__ == "__main__":
    main()
