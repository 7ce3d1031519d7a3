"""Writes docs/configuration.md from the settings: ``uv run just configuration``."""

import pathlib
import re

from services import settings

FILE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
ROW = re.compile(r"^\| ([A-Z_]+) +\| (.+?) +\| (.+?) +\|$", flags=re.MULTILINE)

PREFACE = """\
# Configuration

All settings come from the environment, and every one has a default that works on a laptop. This page is written from
`services/settings.py` by `uv run just configuration`; do not edit it.

A value that cannot be right stops the start, with a line that says what would be. Secrets are never printed nor logged.

"""
MORE = """
Where `DATABASE_URL` is set, `REQUITE_MASTER_KEY` has to be: a key in a file would be lost with the machine.

## For commands that ask a running service

| variable | meaning | default |
|---|---|---|
| `REQUITE_ADDRESS` | where the service runs, for `requite mcp` | the one on this machine |
| `REQUITE_KEY` | the access key that `requite mcp` uses | |

## Traces

With `requite[otel]` installed, the [standard variables of
OpenTelemetry](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/) apply. Nothing is
measured unless one of these says where to send it:

| variable | meaning |
|---|---|
| `OTEL_EXPORTER_OTLP_ENDPOINT` | the collector's address, say `http://127.0.0.1:4318` |
| `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | the same for traces alone, with its path |
"""


def rows() -> list[tuple[str, str, str]]:
    """The table in the settings: variable, meaning, default."""
    return ROW.findall(settings.__doc__ or "")


def variables() -> set[str]:
    """Every variable of ours."""
    return {name for name, _, _ in rows()} | {"REQUITE_ADDRESS", "REQUITE_KEY"}


def write() -> str:
    """The whole page."""
    lines = [f"| `{name}` | {meaning} | {default} |" for name, meaning, default in rows()]
    return PREFACE + "\n".join(["| variable | meaning | default |", "|---|---|---|", *lines]) + "\n" + MORE


if __name__ == "__main__":
    FILE.write_text(write(), encoding="utf-8")
