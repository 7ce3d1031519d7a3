"""``just audit``, with a database of vulnerabilities that runs here: that knows none, that knows some, that is away."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / ".ci" / "audit.py"
NOWHERE = "http://127.0.0.1:9/"

pytestmark = [
    pytest.mark.skipif(not SCRIPT.exists(), reason="what CI runs is not part of a source distribution"),
    pytest.mark.skipif(shutil.which("uv") is None, reason="uv does it, and is not here"),
]


class Database(ThreadingHTTPServer):
    """Answers as OSV does."""

    def __init__(self, of_first: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.of_first = of_first
        """What is known of the first package that is asked about."""
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    """One question about many packages."""

    server: Database

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        self.server.asked += [query["package"]["name"] for query in queries]
        found = [{"vulns": [{"id": name} for name in self.server.of_first]}, *[{} for _ in queries[1:]]]
        self._answer({"results": found})

    def do_GET(self) -> None:
        self._answer({"id": self.path.rpartition("/")[2], "modified": "2024-01-01T00:00:00Z", "summary": "A hole"})

    def _answer(self, answer: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def database() -> Iterator[Database]:
    with Database([]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        env={**os.environ, "UV_HTTP_RETRIES": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_nothing_is_known(database: Database) -> None:
    done = audit("--service-url", database.url)
    assert done.returncode == 0, done.stderr
    assert {"litestar", "asyncpg", "pytest"} <= {*database.asked}


def test_something_is_known(database: Database) -> None:
    database.of_first = ["PYSEC-2024-1"]
    done = audit("--service-url", database.url)
    assert done.returncode == 1, done.stderr
    assert "PYSEC-2024-1" in done.stdout + done.stderr


def test_there_is_no_database() -> None:
    done = audit("--service-url", NOWHERE)
    assert done.returncode == 2
    assert "Nothing was audited" in done.stderr


def test_the_snapshot_tells_its_day() -> None:
    done = audit("--snapshot")
    assert done.returncode in {0, 1}, done.stderr
    assert "the snapshot of 2026-07-07 knows" in done.stdout
