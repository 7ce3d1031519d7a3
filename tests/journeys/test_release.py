"""What is released: a wheel that runs by itself in an empty environment, built from a source distribution.

It takes a minute, so it runs where CI is set, or REQUITE_TEST_RELEASE.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from tests.journeys.test_readme import check_session, first_session
from tests.serving import Serving, put_down

ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = ("CI", "REQUITE_TEST_RELEASE")

pytestmark = [
    pytest.mark.skipif(not any(map(os.environ.get, WANTED)), reason=f"takes a minute; set {WANTED[1]}=1"),
    pytest.mark.skipif(shutil.which("uv") is None, reason="uv builds it, and is not here"),
]


def uv(*words: str | pathlib.Path, folder: pathlib.Path = ROOT) -> None:
    done = subprocess.run(["uv", *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built() -> Iterator[pathlib.Path]:
    """A folder with the two files: the wheel is built from the source distribution."""
    with tempfile.TemporaryDirectory(prefix="requite-release-") as folder:
        uv("build", "--quiet", "--out-dir", folder)
        yield pathlib.Path(folder)


def test_what_the_files_hold(built: pathlib.Path) -> None:
    (wheel,) = built.glob("*.whl")
    (source,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
    ours = {name for package in ("domain", "projections", "services") for name in _files(package)}
    assert ours <= {*names}
    assert not [name for name in names if name.startswith(("tests/", "deploy/")) or "__pycache__" in name]
    with tarfile.open(source) as opened:
        held = {name.partition("/")[2] for name in opened.getnames()}
    assert ours <= held
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "deploy/Dockerfile", "docs/events.md"} <= held


def _files(package: str) -> Iterator[str]:
    for path in (ROOT / package).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_it_runs_from_an_empty_environment(built: pathlib.Path) -> None:
    (wheel,) = built.glob("*.whl")
    environment, versions = built / "environment", built / "versions.txt"
    export = ["export", "--quiet", "--no-dev", "--no-emit-project", "--no-hashes", "--output-file", versions]
    uv(*map(str, export))
    uv("venv", "--quiet", "--python", sys.executable, environment)
    python = environment / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", python, "--constraint", versions, wheel)
    command = environment / "bin" / "requite"
    away = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    told = subprocess.run([command, "--version"], cwd=built, env=away, capture_output=True, text=True, check=True)
    assert told.stdout.strip() in wheel.name
    data = built / "data"
    with Serving(data, "--demo", "--port", "0", command=(str(command), "serve")) as serving:
        check_session(first_session(serving, built))
        assert httpx.get(serving.link, follow_redirects=True).status_code == 200
        assert serving.interrupt() == 0
    put_down(data)
