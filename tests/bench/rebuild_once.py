"""``python -m tests.bench.rebuild_once URL LEDGER READ_MODEL``: one rebuilding in a process of its own.

It imports no more than `requite rebuild` does, so the memory is that of such a process. Prints a line of JSON: events a
second, megabytes at most, and how many rows had differed.
"""

import json
import resource
import sys
import time

import uvloop

from services.database.pool import connect
from services.ledger.rebuild import rebuild


async def run(url: str, ledger_id: str, read_model: str) -> tuple[float, int]:
    """Events a second, and how many rows had differed."""
    connection = await connect(url)
    started = time.perf_counter()
    (report,) = await rebuild(connection, ledger_id, [read_model])
    took = time.perf_counter() - started
    await connection.close()
    return report.events / took, report.differing


def main() -> None:
    """Rebuild, and print the line."""
    rate, differing = uvloop.run(run(*sys.argv[1:]))
    unit = 1 if sys.platform == "darwin" else 1024  # of what the system counts memory in
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    sys.stdout.write(json.dumps([rate, memory_mb, differing]))


if __name__ == "__main__":
    main()
