"""``uv run python -m tests.feeds``: prints what was killed and what was heard; the last line is JSON."""

import argparse
import asyncio
import sys

import msgspec

from tests.feeds.run import Plan, run


def main() -> None:
    """Read the arguments, run, print; the exit code is 1 where anyone missed anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.feeds", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--kill-every", type=float, default=3.0, help="seconds")
    arguments = parser.parse_args()
    plan = Plan(events=arguments.events, kill_every_s=arguments.kill_every)
    result = asyncio.run(run(plan, lambda line: print(line, flush=True)))  # noqa: T201 - a run prints its figures
    print(msgspec.json.encode(result).decode(), flush=True)  # noqa: T201 - the same
    sys.exit(0 if result.is_good else 1)


if __name__ == "__main__":
    main()
