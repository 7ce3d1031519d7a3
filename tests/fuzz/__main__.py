"""``uv run python -m tests.fuzz --inputs 1000000``: prints how each reader fared; the last line is JSON."""

import argparse
import secrets
import sys
from functools import partial

import msgspec
from rich.console import Console

from tests.fuzz.run import run

GROWTH_AT_MOST_MB = 50


def main() -> None:
    """Read the arguments, run, print; the exit code is 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3600.0, help="stop after so long")
    parser.add_argument("--seed", type=int, default=None, help="of a run to repeat")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    console.print(f"seed {seed}")
    result = run(seed, arguments.inputs, seconds=arguments.seconds, say=partial(console.print, soft_wrap=True))
    for remark in result.remarks:
        console.print(f"FOUND {remark}", markup=False, soft_wrap=True)
    line = {name: getattr(result, name) for name in result.__struct_fields__ if name != "remarks"}
    print(msgspec.json.encode(line).decode(), flush=True)  # noqa: T201 - a run prints its figures
    sys.exit(1 if result.tracebacks or result.slow or result.memory_growth_mb > GROWTH_AT_MOST_MB else 0)


if __name__ == "__main__":
    main()
