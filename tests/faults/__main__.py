"""``uv run python -m tests.faults``: prints what was broken and what was found; the last line is JSON."""

import argparse
import asyncio
import secrets
import sys

import msgspec
from rich.console import Console
from rich.table import Table

from tests.faults.run import Result, run


def main() -> None:
    """Read the arguments, run, print; the exit code is 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--faults", type=int, default=None, help="end after so many")
    parser.add_argument("--seed", type=int, default=None, help="of a run to repeat")
    parser.add_argument("--quiet", action="store_true")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    console.print(f"seed {seed}")
    say = (lambda _line: None) if arguments.quiet else console.print
    result = asyncio.run(run(seed, seconds=arguments.seconds, faults=arguments.faults, say=say))
    _show(console, result)
    counts = result.findings.counts()
    line = {"seed": seed, "faults": sum(result.faults.values()), "writes": result.answered, **counts}
    print(msgspec.json.encode(line).decode(), flush=True)  # noqa: T201 - a run prints its figures
    sys.exit(1 if any(counts.values()) else 0)


def _show(console: Console, result: Result) -> None:
    table = Table("fault", "times", title=f"{result.seconds:g} s, {result.starts} starts of servers")
    for kind, times in sorted(result.faults.items()):
        table.add_row(kind, str(times))
    console.print(table)
    for kind in result.missing:
        console.print(f"not on this machine: {kind}")
    console.print(f"{result.writes} writes, {result.answered} answered, {result.tries} tries")
    for failure, times in sorted(result.failures.items()):
        console.print(f"  a try ended in {failure}: {times}")
    for remark in result.findings.remarks or []:
        console.print(f"FOUND {remark}")


if __name__ == "__main__":
    main()
