"""A whole refresh of the network's figures on Bitcoin Alpha: ``uv run python -m tests.bench.network``.

Its 24,186 ratings are imported as favours of 3,783 parties. One refresh is what the service does: a process of its own
starts, reads the ledger, computes reciprocity, bridges, constraint and effective size of every party and everyone's
best next introductions, and hands them back. Beside it networkx's own functions on the same graph, which have to come
to the same figures; it has none for introductions.
"""

import argparse
import io
import os
import pathlib
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import uvloop
from rich.table import Table

from domain.event import Who
from services.imports.mapping import read_mapping
from services.imports.run import Import
from services.ledger.opening import open_ledger
from services.network.figures import Errand, Figures, TooLarge
from services.network.networks import compute_elsewhere
from services.network.refresh import Read, compute, read_ledger
from services.service import open_service
from tests.bench.harness import close, console, migrated, server

LEDGER = "bench"
MAPPING = """
act = "favour.record"
source = "bitcoin"
[fields]
giver = "source"
receiver = "target"
occurred_at = { column = "timestamp", format = "unix" }
"""


async def import_ratings(url: str, file: pathlib.Path) -> None:
    """Record every rating as a favour."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mapping.toml"
        path.write_text(MAPPING, encoding="utf-8")
        async with open_service(url, bytes(32)) as service:
            await open_ledger(service, LEDGER)
            running = await Import.prepare(service, LEDGER, file, Who("recorder", "bench"))
            await running.run_rows(read_mapping(path), io.StringIO(), lambda _: None)


def by_networkx(read: Read) -> dict[str, tuple[Any, float]]:
    """Networkx's own figures of the same graph, and how long each took in seconds."""
    directed: nx.DiGraph[int] = nx.DiGraph()
    directed.add_nodes_from(range(len(read.parties)))
    directed.add_edges_from(read.given.tolist())
    plain: Any = directed.to_undirected()
    figures: dict[str, Callable[[], Any]] = {
        "reciprocity": lambda: nx.overall_reciprocity(directed),
        "bridges": lambda: {(min(tie), max(tie)) for tie in nx.bridges(plain)},
        "constraint": lambda: list(nx.constraint(plain).values()),
        "effective_size": lambda: list(nx.effective_size(plain).values()),
    }
    found = {}
    for name, figure in figures.items():
        began = time.perf_counter()
        value = figure()
        found[name] = value, time.perf_counter() - began
    return found


def differences(figures: Figures, known: dict[str, tuple[Any, float]]) -> dict[str, float]:
    """The largest difference of each figure from networkx's; of the bridges, how many differ."""
    assert figures.reciprocity is not None
    bridges = np.frombuffer(figures.bridges, dtype=np.int32).reshape(-1, 2)
    constraint, effective_size = np.frombuffer(figures.constraint), np.frombuffer(figures.effective_size)
    return {
        "reciprocity": abs(figures.reciprocity - known["reciprocity"][0]),
        "bridges": len({tuple(bridge) for bridge in bridges.tolist()} ^ known["bridges"][0]),
        "constraint": float(np.max(np.abs(constraint - known["constraint"][0]))),
        "effective_size": float(np.max(np.abs(effective_size - known["effective_size"][0]))),
    }


def processor_s() -> float:
    """How long the processes that have ended kept a processor busy, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def bench(file: pathlib.Path, rounds: int) -> None:
    """Import once, refresh some times, and compare."""
    whole, inside, busy = [], [], []
    with server() as running:
        async with migrated(running, "network") as (url, _):
            await import_ratings(url, file)
            errand = Errand(url, LEDGER)
            for _ in range(rounds):
                began, before_s = time.perf_counter(), processor_s()
                figures = await compute_elsewhere(errand)
                whole.append(time.perf_counter() - began)
                busy.append(processor_s() - before_s)
                assert not isinstance(figures, TooLarge)
                inside.append(figures.took_s)
            peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            read = await read_ledger(errand)
    assert not isinstance(read, TooLarge)
    began = time.perf_counter()
    figures = compute(read, began)
    known = by_networkx(read)
    apart = differences(figures, known)
    table = Table("figure", "networkx alone, s", "largest difference", title="Bitcoin Alpha")
    for name, (_, seconds) in known.items():
        table.add_row(name, f"{seconds:.3f}", f"{apart[name]:.1e}")
    console.print(table)
    refresh_s = statistics.median(whole)
    console.print(
        f"{len(figures):,} parties, {figures.given:,} pairs, reciprocity {figures.reciprocity:.6f}. "
        f"A whole refresh: median {refresh_s:.2f} s, longest {max(whole):.2f} s, "
        f"{statistics.median(inside):.2f} s of it after the process has started; {statistics.median(busy):.2f} s of a "
        f"processor, {peak_mib:,.0f} MiB at most."
    )
    close(
        {
            "refresh_s": refresh_s,
            "processor_s": statistics.median(busy),
            "after_start_s": statistics.median(inside),
            "largest_difference": max(apart.values()),
        }
    )


def main() -> None:
    """Read the arguments and run."""
    data = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("REQUITE_SHARED_DATA", data))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    file = pathlib.Path(arguments.data) / "bitcoin_alpha" / "soc-sign-bitcoinalpha.csv.gz"
    if not file.exists():
        raise SystemExit(f"{file} is not there; --data or REQUITE_SHARED_DATA says where the data sets are.")
    uvloop.run(bench(file, arguments.rounds))


if __name__ == "__main__":
    main()
