"""``uv run python -m tests.simulation --runs 10000``: plays runs by their seeds; the last line is JSON."""

import argparse
import time

import msgspec

from tests.simulation.runs import run_all


def main() -> None:
    """Read the arguments, play, print. A failure names its seed, which ``--first`` plays again."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    begun = time.perf_counter()
    totals = run_all(range(arguments.first, arguments.first + arguments.runs))
    print(  # noqa: T201 - a run prints its figures
        msgspec.json.encode({**totals, "seconds": round(time.perf_counter() - begun, 1)}).decode(), flush=True
    )


if __name__ == "__main__":
    main()
