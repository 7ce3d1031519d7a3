"""How many bytes an event takes on disk, table by table, indexes included: 100,000 favours, and as many of promises.

Both through the clerk, with rules, words, keys of idempotency, read models and tree. For the sums in docs/scaling.md.
"""

import argparse
from collections.abc import Sequence
from uuid import UUID

import uvloop
from rich.table import Column, Table

from domain.command import Command
from domain.event import Who
from domain.favour.commands import RecordFavour
from domain.party import RegisterParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
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
    with server() as running:
        for kind, write in KINDS.items():
            async with migrated(running, kind) as (url, connection), open_service(url, bytes(32)) as service:
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
    return found


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
