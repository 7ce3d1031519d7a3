"""SIGTERM under load: what was answered is there, and nothing is cut."""

import pathlib
import signal
import tempfile
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from services.client import Client
from tests.serving import Serving, database_is_up, put_down, requite

THREADS = 6


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[pathlib.Path, dict[str, str]]]:
    with tempfile.TemporaryDirectory(prefix="requite-drain-") as folder:
        data = pathlib.Path(folder)
        opened = requite(data, "open", "village", "--title", "The village", "--unit", "favour")
        assert opened.returncode == 0, opened.stderr
        yield data, {"Authorization": f"Bearer {opened.stdout.strip()}"}
        put_down(data)


class Load:
    """Threads that write, each over one connection that it keeps as long as the server lets it."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._address = address
        self._headers = headers
        self.answered: list[str] = []
        self.closed = 0
        self.cut: list[str] = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def _write(self, thread: int) -> None:
        with httpx.Client(base_url=self._address, headers=self._headers, timeout=60) as client:
            for number in range(100_000):
                try:
                    response = client.post("/v1/ledgers/village/parties", json={"name": f"Party {thread} {number}"})
                except httpx.HTTPError as error:
                    self.cut.append(repr(error))
                    return
                if response.status_code != 201:
                    self.cut.append(response.text)
                    return
                self.answered.append(response.json()["id"])
                if response.headers.get("connection") == "close":
                    self.closed += 1  # as told: to go elsewhere
                    return

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(60)


def test_no_request_is_cut(place: tuple[pathlib.Path, dict[str, str]]) -> None:
    data, headers = place
    with Serving(data, "--port", "0", REQUITE_WORKERS="2", REQUITE_DRAIN_SECONDS="5") as serving:
        load = Load(serving.address, headers)
        while len(load.answered) < 50:
            assert not load.cut
            time.sleep(0.02)
        ended = threading.Thread(target=serving.interrupt, args=(signal.SIGTERM,))
        ended.start()
        while load.closed == 0:
            assert ended.is_alive()
            time.sleep(0.02)
        response = httpx.get(f"{serving.address}/health/ready")
        assert (response.status_code, response.json()["code"]) == (503, "stopping")
        assert httpx.get(f"{serving.address}/health/live").status_code == 200
        ended.join(60)
        load.wait()
        assert not load.cut
        assert load.closed == THREADS
        assert "Traceback" not in serving.log
        assert "Killing" not in serving.log
    assert not database_is_up(data)
    key = headers["Authorization"].removeprefix("Bearer ")
    with Serving(data, "--port", "0") as again, Client(again.address, key) as client:
        assert {str(party.id) for party in client.ledger("village").parties.list()} >= {*load.answered}
        assert again.interrupt() == 0


def test_a_second_signal_does_not_wait(place: tuple[pathlib.Path, dict[str, str]]) -> None:
    data, _ = place
    with Serving(data, "--port", "0", REQUITE_DRAIN_SECONDS="300") as serving:
        stopping = threading.Thread(target=serving.interrupt, args=(signal.SIGTERM,))
        stopping.start()
        while httpx.get(f"{serving.address}/health/ready").status_code == 200:
            time.sleep(0.05)
        started = time.monotonic()
        assert serving.interrupt(signal.SIGTERM) == 0
        stopping.join(60)
        assert time.monotonic() - started < 30


def test_every_worker_answers_for_all(place: tuple[pathlib.Path, dict[str, str]]) -> None:
    data, headers = place
    with Serving(data, "--port", "0", REQUITE_WORKERS="2") as serving:
        for number in range(40):  # each over a connection of its own
            httpx.post(f"{serving.address}/v1/ledgers/village/parties", json={"name": f"P {number}"}, headers=headers)
        for _ in range(4):
            text = httpx.get(f"{serving.address}/metrics").text
            assert 'requite_commands_total{act="party.register"} 40.0' in text
            assert "requite_workers 2.0" in text
        assert serving.interrupt() == 0
