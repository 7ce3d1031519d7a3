"""Reads one ledger's network and computes its figures: the process ``python -m services.network.refresh``.

It takes an ``Errand`` as JSON on standard input and answers with ``Figures`` or ``TooLarge`` as MessagePack on standard
output. It is kept within ``MEMORY_BYTES`` and ``CPU_S``, where the system can do so, and gives way to all others.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import numpy as np
from msgspec import Struct

from domain.merges import Merges
from services.database.pool import connect, load_sql
from services.network.figures import PAIR_LIMIT, PARTY_LIMIT, Errand, Figures, TooLarge
from services.network.graph import Whole, bridges_of, holes_of, reciprocity_of, spanning_of, suggestions_of, ties_of

MEMORY_BYTES = 2 * 1024**3
CPU_S = 120


class Read(Struct, frozen=True):
    """A ledger's network as it was read. Arrays name parties by their place in ``parties``."""

    position: int
    recorded_at: datetime
    parties: tuple[UUID, ...]
    """In order, without those that were merged into others."""
    stand_ins: dict[UUID, int]
    """By merged party, in order: the place of the one that stands for it."""
    given: Whole
    """A row per pair, giver and receiver."""
    met: Whole
    """A row per pair that knows each other otherwise."""
    members: Whole
    """A row per membership, party and organisation."""


async def read_ledger(errand: Errand) -> Read | TooLarge:
    """The network as of the ledger's last event."""
    connection = await connect(errand.url, "requite_worker")
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            head = await connection.fetchrow(_sql("head"), errand.ledger_id)
            parties = await connection.fetch(_sql("parties"), errand.ledger_id, PARTY_LIMIT + 1)
            pairs = [
                await connection.fetch(_sql(name), errand.ledger_id, PAIR_LIMIT + 1)
                for name in ("given", "met", "members")
            ]
            told = await connection.fetch(load_sql("services/ledger/sql/merges.sql"), [errand.ledger_id])
    finally:
        await connection.close()
    assert head is not None
    if len(parties) > PARTY_LIMIT or max(map(len, pairs)) > PAIR_LIMIT:
        return TooLarge()
    merges = Merges()
    for row in told:
        merges.note(row["party_id"], row["into_id"], row["occurred_at"])
    ids = [UUID(bytes=row["party_id"].bytes) for row in parties]
    standing = [party for party in ids if party not in merges.into]
    numbers = {party: number for number, party in enumerate(standing)}
    stand_ins = {party: numbers[merges.root(party)] for party in ids if party in merges.into}
    numbers |= stand_ins
    gone = [numbers[row["party_id"]] for row in parties if row["erased"]]
    given, met, members = (_numbered(rows, numbers, gone) for rows in pairs)
    return Read(
        head["position"], head["recorded_at"], tuple(standing), stand_ins, _between(given), _between(met), members
    )


def compute(read: Read, began_s: float) -> Figures:
    """All figures of a network; ``began_s`` is when its reading began, by the clock of ``time.perf_counter``."""
    parties = len(read.parties)
    ties = ties_of(np.concatenate([read.given, read.met]), parties)
    reciprocity, reciprocities = reciprocity_of(read.given, parties)
    holes = holes_of(ties)
    suggested = suggestions_of(ties, holes.among)
    spanning = spanning_of(ties, read.members)
    return Figures(
        position=read.position,
        recorded_at=read.recorded_at,
        parties=b"".join(party.bytes for party in read.parties),
        merged=b"".join(party.bytes for party in read.stand_ins),
        stand_ins=np.array(list(read.stand_ins.values()), dtype=np.int32).tobytes(),
        starts=ties.indptr.astype(np.int32).tobytes(),
        others=ties.indices.astype(np.int32).tobytes(),
        given=len(read.given),
        reciprocity=reciprocity,
        reciprocities=reciprocities.tobytes(),
        constraint=holes.constraint.tobytes(),
        effective_size=holes.effective_size.tobytes(),
        suggested=suggested.other.tobytes(),
        gains=suggested.gain.tobytes(),
        gains_of_other=suggested.gain_of_other.tobytes(),
        bridges=bridges_of(ties).tobytes(),
        spanning=spanning.ties.tobytes(),
        organisations=spanning.organisations,
        took_s=time.perf_counter() - began_s,
    )


def _numbered(rows: Iterable[asyncpg.Record], numbers: Mapping[UUID, int], gone: list[int]) -> Whole:
    """Rows of two parties, by their numbers, without those of parties that were erased: they hold nothing together."""
    found = [(numbers[row[0]], numbers[row[1]]) for row in rows]
    pairs = np.array(found, dtype=np.int32).reshape(-1, 2)
    return pairs[~np.isin(pairs, gone).any(axis=1)]


def _between(pairs: Whole) -> Whole:
    """Each pair once, without those that a merge made one party."""
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def limit_own_resources() -> None:
    """Take no more memory and time than is allowed, and only what others leave."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        os.nice(10)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main() -> None:
    """Do one errand; where it fails, the log says so and the exit code is 1."""
    try:
        _run(time.perf_counter())
    except Exception as error:  # noqa: BLE001 - a traceback may quote what a person typed
        import structlog  # noqa: PLC0415 - it takes a tenth of the time that starting does

        from services.logging import configure_logging, describe  # noqa: PLC0415 - the same

        configure_logging()
        structlog.get_logger().error("network.failed", **describe(error))
        sys.exit(1)


def _run(began_s: float) -> None:
    limit_own_resources()
    errand = msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)
    read = asyncio.run(read_ledger(errand))
    answer = read if isinstance(read, TooLarge) else compute(read, began_s)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


def _sql(name: str) -> str:
    return load_sql(f"services/network/sql/{name}.sql")


if __name__ == "__main__":
    main()
