"""docs/benchmarks.md: written by a full run, so that nobody copies a figure by hand."""

import importlib.metadata
import os
import pathlib
import platform
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import msgspec
import psutil
import uvloop

from services.database.pool import connect
from tests.bench.goals import GOALS
from tests.bench.harness import DURABLE, server
from tests.bench.peers.node import PACKAGES

WHYS = pathlib.Path(__file__).with_name("whys.md")
LIBRARIES = ("asyncpg", "eventsourcing", "granian", "litestar", "msgspec", "numpy", "uvloop")
HEAD = """\
# Benchmarks

Written by `uv run python -m tests.bench`; do not edit. Every ratio is of two contestants that took turns on one server
in one run, and only ratios carry over to other machines. Each bench looks at the logs it wrote: no position is missing
or double, and balances equal a fold of the events.
"""


class Result(msgspec.Struct, frozen=True):
    """What one bench printed."""

    name: str
    arguments: str
    tables: str
    figures: dict[str, float]
    seconds: float


def write_report(path: pathlib.Path, results: Sequence[Result], failed: Sequence[str] = ()) -> None:
    """Write the document: the machine, the goals, what was measured, and what a person says about it."""
    figures = {name: value for result in results for name, value in result.figures.items()}
    whys = WHYS.read_text(encoding="utf-8").partition("-->")[2].strip()
    missing = f"**These failed, and are not in here: {', '.join(failed)}.**" if failed else ""
    parts = [HEAD, missing, _machine(results), _goals(figures), whys, *map(_measured, results)]
    path.write_text("\n\n".join(part.strip() for part in parts if part.strip()) + "\n", encoding="utf-8")


def _machine(results: Sequence[Result]) -> str:
    minutes = sum(result.seconds for result in results) / 60
    libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    durable = ", ".join(f"{name} {value}" for name, value in DURABLE.items())
    lines = [
        f"- Run on {datetime.now(UTC):%Y-%m-%d}, in {minutes:.0f} minutes",
        f"- {_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB of memory",
        f"- {platform.system()} {platform.release().partition('-')[0]}, Python {platform.python_version()}, {_node()}",
        f"- PostgreSQL {uvloop.run(_postgres())}, with {durable}",
        f"- {libraries}",
        f"- npm: {', '.join(f'`{one}`' for one in PACKAGES)}",
    ]
    return "## Machine and versions\n\n" + "\n".join(lines)


def _processor() -> str:
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _node() -> str:
    if (node := shutil.which("node")) is None:
        return "no Node.js, hence without its peers"
    return "Node.js " + subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout.strip()


async def _postgres() -> str:
    with server() as running:
        connection: asyncpg.Connection = await connect(running.url("postgres"))
        try:
            return str(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()


def _goals(figures: dict[str, float]) -> str:
    lines = ["| what | name | goal | measured | |", "|---|---|---|---|---|"]
    for name, goal in GOALS.items():
        if name in figures:
            said = "reached" if goal.reached(figures[name]) else "**not reached**"
            lines.append(f"| {goal.text} | `{name}` | {goal.bound} | {figures[name]:.3g} | {said} |")
        else:
            lines.append(f"| {goal.text} | `{name}` | {goal.bound} | not measured | |")
    return "## Goals\n\n" + "\n".join(lines)


def _measured(result: Result) -> str:
    repeat = f"uv run python -m tests.bench.{result.name} {result.arguments}".strip()
    last = msgspec.json.encode(result.figures).decode()
    return f"## {result.name}\n\n`{repeat}`\n\n```text\n{result.tables.strip()}\n{last}\n```"
