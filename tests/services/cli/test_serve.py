"""``requite serve`` as a real process: what it prints, how it ends, and what is left after a kill."""

import pathlib
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.serving import Serving, database_is_up, put_down, requite


@pytest.fixture(scope="module")
def data() -> Iterator[pathlib.Path]:
    """One data folder for these tests, with the ledger ``village`` in it: initdb takes a second or two."""
    with tempfile.TemporaryDirectory(prefix="requite-serve-") as folder:
        path = pathlib.Path(folder)
        opened = requite(path, "open", "village", "--title", "The village", "--unit", "hour", "--unit", "favour")
        assert opened.returncode == 0, opened.stderr
        (path / "token").write_text(opened.stdout.strip())
        yield path
        put_down(path)


@pytest.fixture
def headers(data: pathlib.Path) -> dict[str, str]:
    """With the admin key of ``village``."""
    return {"Authorization": f"Bearer {(data / 'token').read_text()}"}


def write(address: str, headers: dict[str, str], name: str) -> str:
    """Register a party over HTTP; answer its id."""
    answer = httpx.post(f"{address}/v1/ledgers/village/parties", json={"name": name}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def read(address: str, headers: dict[str, str]) -> int:
    """How far the ledger's log goes."""
    return int(httpx.get(f"{address}/v1/ledgers/village", headers=headers).raise_for_status().json()["position"])


def wait_until_gone(address: str) -> None:
    """Wait until nobody listens there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/health/live")
        except httpx.TransportError:
            return
        time.sleep(0.1)
    raise AssertionError


def test_the_demo_is_there_with_a_key_and_a_link(data: pathlib.Path) -> None:
    with Serving(data, "--demo", "--port", "0") as serving:
        authorization = {"Authorization": f"Bearer {serving.key}"}
        ledger = httpx.get(f"{serving.address}/v1/ledgers/demo", headers=authorization).raise_for_status().json()
        assert ledger["units"] == ["favour", "minute", "pound"]
        assert serving.link.startswith(f"{serving.address}/sign-in/demo/")
        assert "curl -H 'Authorization: Bearer rq_" in serving.printed
        keys = httpx.get(f"{serving.address}/v1/ledgers/demo/keys", headers=authorization).raise_for_status().json()
        assert "Demo key" in keys["items"][0]["label"]
        assert keys["items"][0]["expires_at"] is not None
        assert serving.interrupt() == 0
    with Serving(data, "--demo", "--port", "0") as again:
        authorization = {"Authorization": f"Bearer {again.key}"}
        found = httpx.get(f"{again.address}/v1/ledgers/demo", headers=authorization).raise_for_status().json()
        assert found["position"] == ledger["position"]


def test_a_page_that_is_open_holds_nobody_up(data: pathlib.Path) -> None:
    with Serving(data, "--demo", "--port", "0") as serving:
        browser = httpx.Client(base_url=serving.address)
        assert browser.post(serving.link.removeprefix(serving.address)).status_code == 303
        with browser.stream("GET", "/live") as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("data:"))
            assert serving.interrupt() == 0
            list(lines)  # raises where the worker was killed in the middle of its answer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("group", [False, True])
def test_a_signal_stops_all_that_it_started(data: pathlib.Path, number: signal.Signals, *, group: bool) -> None:
    with Serving(data, "--port", "0", REQUITE_WORKERS="2") as serving:
        assert httpx.get(f"{serving.address}/health/ready").status_code == 200
        assert "village" in serving.printed
        assert "rq_" not in serving.printed
        started = time.monotonic()
        assert serving.interrupt(number, group=group) == 0
        assert time.monotonic() - started < 20
        assert "Traceback" not in serving.log
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{serving.address}/health/live")
    assert not database_is_up(data)


def test_a_stream_that_is_open_is_told_that_it_ends(data: pathlib.Path, headers: dict[str, str]) -> None:
    accept = {**headers, "Accept": "text/event-stream"}
    with (
        Serving(data, "--port", "0") as serving,
        httpx.stream("GET", f"{serving.address}/v1/ledgers/village/events", headers=accept) as stream,
        ThreadPoolExecutor() as beside,
    ):
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("id:")) == "id: 1"
        ended = beside.submit(serving.interrupt, signal.SIGTERM)
        rest = list(lines)  # to a clean end: a worker that was killed would break off
        assert ended.result() == 0
    assert rest[-3] == "event: close"
    assert '"code":"stopping"' in rest[-2]
    assert not database_is_up(data)


@pytest.mark.parametrize("group", [True, False])
def test_after_a_kill_every_answered_write_is_there(
    data: pathlib.Path, headers: dict[str, str], *, group: bool
) -> None:
    with Serving(data, "--port", "0") as serving:
        parties = [write(serving.address, headers, f"Party {number}") for number in range(5)]
        position = read(serving.address, headers)
        address = serving.address
        serving.kill(group=group)
    wait_until_gone(address)  # a worker sees that its parent is gone, and goes too
    with Serving(data, "--port", "0") as again:
        assert read(again.address, headers) == position
        for party in parties:
            answer = httpx.get(f"{again.address}/v1/ledgers/village/parties/{party}", headers=headers)
            assert answer.status_code == 200, answer.text
        assert again.interrupt() == 0
    assert not database_is_up(data)


def test_a_command_beside_it_uses_its_database_and_leaves_it_running(
    data: pathlib.Path, headers: dict[str, str]
) -> None:
    with Serving(data, "--port", "0") as serving:
        before = read(serving.address, headers)
        with ThreadPoolExecutor() as threads:
            opened = [threads.submit(requite, data, "open", f"beside-{number}") for number in range(2)]
            write(serving.address, headers, "Someone")
        tokens = [one.result().stdout.strip() for one in opened]
        assert requite(data, "link", "village").stdout.startswith(f"{serving.address}/sign-in/village/")
        for number, token in enumerate(tokens):
            theirs = {"Authorization": f"Bearer {token}"}
            assert httpx.get(f"{serving.address}/v1/ledgers/beside-{number}", headers=theirs).status_code == 200
        assert read(serving.address, headers) == before + 1
        assert serving.interrupt() == 0


def test_a_port_that_is_taken(data: pathlib.Path) -> None:
    with Serving(data) as first, Serving(data) as second:
        ports = [int(serving.address.rpartition(":")[2]) for serving in (first, second)]
        assert 8080 <= ports[0] < ports[1]
        explicit = requite(data, "serve", "--port", str(ports[0]))
        assert explicit.returncode == 2
        assert f"Port {ports[0]} is taken" in explicit.stderr
        assert "Traceback" not in explicit.stderr
        by_variable = requite(data, "serve", REQUITE_PORT=str(ports[0]))
        assert by_variable.returncode == 2
        assert second.interrupt() == 0
        assert database_is_up(data)  # the first still holds it
        assert httpx.get(f"{first.address}/health/ready").status_code == 200
        assert first.interrupt() == 0
    assert not database_is_up(data)


def test_a_port_that_no_server_of_ours_holds(data: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        explicit = requite(data, "serve", "--port", str(taken.getsockname()[1]))
    assert explicit.returncode == 2
    assert explicit.stderr.count("\n") == 1


def test_who_is_on_the_list_of_erasures_is_erased_again(data: pathlib.Path, headers: dict[str, str]) -> None:
    """As after a backup from before the erasure was brought back by whatever means."""
    with Serving(data, "--port", "0") as serving:
        party = write(serving.address, headers, "Erased since")
        assert serving.interrupt() == 0
    (data / "erasures.ndjson").write_text(
        f'{{"ledger":"village","party":"{party}","erased_at":"2026-01-01T00:00:00Z"}}\n'
    )
    with Serving(data, "--port", "0") as serving:
        answer = httpx.get(f"{serving.address}/v1/ledgers/village/parties/{party}", headers=headers)
        assert answer.raise_for_status().json()["party"]["erased"]
        assert serving.interrupt() == 0
