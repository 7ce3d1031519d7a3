"""Programs that check files, where they are here."""

import pathlib
import shutil
import subprocess
import sys

import pytest

WITHOUT = "uv sync --group deploy installs it"


def tool(name: str) -> str:
    """Where a program is; the test is skipped, and says so, where there is none."""
    found = shutil.which(name, path=str(pathlib.Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: {WITHOUT}")
    return found


def run(*words: str | pathlib.Path, folder: pathlib.Path | None = None) -> None:
    """Run a command to its end; what it says is what is wrong."""
    done = subprocess.run([*map(str, words)], cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
