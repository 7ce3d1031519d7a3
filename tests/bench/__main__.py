"""Every bench, one after the other: ``uv run python -m tests.bench``. ``--quick``: seconds of each, to see it work.

The last line is one JSON object of every ratio by name. A full run also writes docs/benchmarks.md. Figures never fail
it; a wrong log does, and so does a bench that does not run. Each bench checks the logs that it wrote.
"""

import argparse
import pathlib
import subprocess
import sys
import time

import msgspec

from tests.bench.goals import GOALS
from tests.bench.report import Result, write_report

BENCHES: dict[str, tuple[list[str], list[str]]] = {
    "append": (["--rounds", "5", "--seconds", "2"], ["--rounds", "1", "--seconds", "0.5", "--ledgers", "50"]),
    "imports": (["--rounds", "3", "--lines", "20000"], ["--rounds", "1", "--lines", "1000"]),
    "http": (["--rounds", "5", "--seconds", "3"], ["--rounds", "1", "--seconds", "0.5"]),
    "storage": (["--events", "50000"], ["--events", "2000"]),
    "growth": (
        ["--rounds", "3", "--seconds", "2", "--sizes", "10000", "100000", "1000000", "10000000"],
        ["--rounds", "1", "--seconds", "0.5", "--start", "1000", "--sizes", "1000", "5000"],
    ),
    "rebuild": (
        ["--rounds", "3", "--sizes", "1000000", "5000000"],
        ["--rounds", "1", "--start", "1000", "--sizes", "5000", "20000"],
    ),
    "proof": (
        ["--rounds", "3", "--seconds", "2", "--sizes", "10000", "100000"],
        ["--rounds", "1", "--seconds", "0.5", "--sizes", "1000", "2000"],
    ),
}
"""By bench: its arguments for a full run, and for a quick one."""


def run(name: str, arguments: list[str]) -> Result:
    """Run one bench in a process of its own, and take what it printed. Raises ``CalledProcessError``."""
    began = time.perf_counter()
    command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    tables, _, last = done.stdout.rstrip().rpartition("\n")
    print(tables, flush=True)
    figures = msgspec.json.decode(last, type=dict[str, float])
    return Result(name, " ".join(arguments), tables, figures, time.perf_counter() - began)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="seconds of each; writes no document")
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHES), help="these benches; writes no document")
    arguments = parser.parse_args()
    results, failed = [], []
    for name in arguments.only or BENCHES:
        full, quick = BENCHES[name]
        try:
            results.append(run(name, quick if arguments.quick else full))
        except subprocess.CalledProcessError:  # it has said why; the others are still worth their time
            failed.append(name)
    if not arguments.quick and not arguments.only:
        write_report(pathlib.Path("docs/benchmarks.md"), results, failed)
    figures = {key: value for result in results for key, value in result.figures.items()}
    for name, goal in GOALS.items():
        if name in figures:
            print(f"{name}: {figures[name]:.3g}, {goal.say(figures[name])}")
    print(msgspec.json.encode(figures).decode(), flush=True)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
