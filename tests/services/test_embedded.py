import asyncio
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator

import asyncpg
import psutil
import psycopg
import pytest

from services.database.embedded import Address, EmbeddedServer, EmbeddedServerError
from services.database.holders import Holders
from services.database.postgres_wheel import inhabitants

HOLD = """
    import pathlib, sys
    from services.database.embedded import EmbeddedServer

    server = EmbeddedServer(pathlib.Path(sys.argv[1]))
    server.start()
    print(server.url("postgres"), flush=True)
    sys.stdin.readline()
    server.stop()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[pathlib.Path]:
    """A data folder that was started and stopped once: initdb takes a second or two."""
    with tempfile.TemporaryDirectory(prefix="requite-") as folder:
        with EmbeddedServer(pathlib.Path(folder)):
            pass
        yield pathlib.Path(folder)


@pytest.fixture
def data(cluster: pathlib.Path) -> Iterator[pathlib.Path]:
    """The data folder of this module's tests, with no server alive before and after a test."""
    yield cluster
    put_down(cluster)


@pytest.fixture
def own_data(cluster: pathlib.Path) -> Iterator[pathlib.Path]:
    """A copy of it, for a test that spoils it."""
    with tempfile.TemporaryDirectory(prefix="requite-") as folder:
        path = pathlib.Path(folder)
        owner = (cluster / "postgres").stat()
        shutil.copytree(
            cluster / "postgres", path / "postgres", ignore=shutil.ignore_patterns("postmaster.pid", ".s.*")
        )
        for item in (path / "postgres", *(path / "postgres").rglob("*")):
            os.chown(item, owner.st_uid, owner.st_gid)
        yield path
        put_down(path)


def put_down(data: pathlib.Path) -> None:
    for pid in inhabitants(data / "postgres"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def hold(data: pathlib.Path) -> tuple[subprocess.Popen[str], str]:
    """Hold the server in another process; answer it and the URL it printed."""
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(data)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=60)


def ask(url: str, query: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return str(row[0])


def is_up(data: pathlib.Path) -> bool:
    return bool(inhabitants(data / "postgres"))


def test_a_new_folder_gets_a_server_that_keeps_what_it_answered_for() -> None:
    with tempfile.TemporaryDirectory(prefix="requite-") as folder:
        data = pathlib.Path(folder) / "made" / "on-the-way"
        server = EmbeddedServer(data)
        with server:
            url = server.url("postgres")
            for name in ("fsync", "full_page_writes", "data_checksums", "synchronous_commit"):
                assert ask(url, f"SHOW {name}") == "on"
            assert ask(url, "SHOW server_version_num").startswith("18")
            assert ask(url, "SHOW listen_addresses") == ""
            assert ask(url, "SELECT datcollate || datlocale FROM pg_database WHERE datname = 'postgres'") == "CC.UTF-8"
            assert stat.S_IMODE((data / "postgres").stat().st_mode) == 0o700
        assert not is_up(data)
        assert not list(data.glob("postgres.draft*"))
        server.start()  # a stopped server starts again
        assert ask(server.url("postgres"), "SELECT 1") == "1"
        server.stop()


def test_nobody_logs_in_without_the_password_file(data: pathlib.Path) -> None:
    with EmbeddedServer(data) as server:
        address = Address.read(data / "postgres")
        assert address is not None
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=address.host, port=address.port, user="postgres", passfile="/nonexistent")
        password = (data / "postgres" / ".pgpass").read_text(encoding="utf-8").strip().rpartition(":")[2]
        assert len(password) > 40
        assert password not in server.url("postgres")
        assert (data / "postgres" / ".pgpass").stat().st_mode & 0o777 == 0o600


def test_the_log_quotes_no_rows(data: pathlib.Path) -> None:
    with EmbeddedServer(data) as server, psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE word (text text PRIMARY KEY)")
        for _ in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO word VALUES ('between us')")
    logs = "".join(file.read_text(encoding="utf-8") for file in (data / "postgres" / "log").iterdir())
    assert "duplicate key value" in logs
    assert "between us" not in logs


async def test_async_with_starts_and_stops(data: pathlib.Path) -> None:
    async with EmbeddedServer(data) as server:
        connection = await asyncpg.connect(server.url("postgres"))
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    assert not is_up(data)


def test_the_last_one_out_stops_it_within_a_process(data: pathlib.Path) -> None:
    first, second = EmbeddedServer(data), EmbeddedServer(data)
    first.start()
    first.start()  # twice is once
    second.start()
    first.stop()
    first.stop()
    assert ask(second.url("postgres"), "SELECT 1") == "1"
    second.stop()
    assert not is_up(data)


def test_the_last_one_out_stops_it_among_processes(data: pathlib.Path) -> None:
    holders = [hold(data) for _ in range(3)]
    assert len({url for _, url in holders}) == 1
    for process, url in holders:
        assert ask(url, "SELECT 1") == "1"
        end(process)
    assert not is_up(data)


async def test_starts_at_the_same_time_make_one_server() -> None:
    with tempfile.TemporaryDirectory(prefix="requite-") as folder:
        servers = [EmbeddedServer(pathlib.Path(folder)) for _ in range(4)]
        await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
        assert len({server.url() for server in servers}) == 1
        await asyncio.gather(*(asyncio.to_thread(server.stop) for server in servers))
        assert not is_up(pathlib.Path(folder))


def test_after_kill_9_the_next_one_adopts_the_server_and_stops_it(data: pathlib.Path) -> None:
    process, url = hold(data)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    kill(process)
    assert is_up(data)
    before = Address.read(data / "postgres")
    server = EmbeddedServer(data)
    server.start()
    assert Address.read(data / "postgres") == before
    assert ask(server.url("postgres"), "SELECT answer FROM kept") == "42"
    server.stop()
    assert not is_up(data)


def test_a_killed_holder_does_not_count(data: pathlib.Path) -> None:
    (killed, _), (living, _) = hold(data), hold(data)
    kill(killed)
    end(living)
    assert not is_up(data)


def test_after_kill_9_of_the_server_answered_writes_are_there(data: pathlib.Path) -> None:
    server = EmbeddedServer(data)
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE survivor AS SELECT 42 AS answer")
    address = Address.read(data / "postgres")
    assert address is not None
    os.kill(address.pid, signal.SIGKILL)
    second = EmbeddedServer(data)
    second.start()  # waits for the orphans to leave, then recovers
    assert ask(second.url("postgres"), "SELECT answer FROM survivor") == "42"
    second.stop()
    server.stop()
    assert not is_up(data)


def test_a_start_waits_for_a_server_that_is_on_its_way_out(data: pathlib.Path) -> None:
    process, url = hold(data)
    address = Address.read(data / "postgres")
    assert address is not None
    with concurrent.futures.ThreadPoolExecutor() as threads, psycopg.connect(url):
        os.kill(address.pid, signal.SIGTERM)  # a polite stop: it accepts nobody new, and waits for us
        kill(process)
        server = EmbeddedServer(data)
        start = threads.submit(server.start)
        with pytest.raises(TimeoutError):
            start.result(timeout=0.5)
    start.result()
    assert Address.read(data / "postgres") != address
    assert ask(server.url("postgres"), "SELECT 1") == "1"
    server.stop()


def test_stale_lock_files_with_a_strangers_number_are_cleared(data: pathlib.Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        write_lock_files(data, stranger.pid)
        with EmbeddedServer(data) as server:
            assert ask(server.url("postgres"), "SELECT 1") == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_stop_never_signals_a_stranger(data: pathlib.Path) -> None:
    server = EmbeddedServer(data)
    server.start()
    address = Address.read(data / "postgres")
    assert address is not None
    text = (data / "postgres" / "postmaster.pid").read_text(encoding="utf-8")
    os.kill(address.pid, signal.SIGKILL)
    wait_until_gone(data)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (data / "postgres" / "postmaster.pid").write_text(text.replace(str(address.pid), str(stranger.pid), 1))
        server.stop()
        time.sleep(0.1)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("text", ["", "not a number\n", "999999999\n"])
@pytest.mark.parametrize("file", ["postmaster.pid", ".s.PGSQL.5432.lock"])
def test_a_torn_or_stale_lock_file_does_not_stand_in_the_way(data: pathlib.Path, file: str, text: str) -> None:
    (data / "postgres" / file).write_text(text, encoding="utf-8")
    with EmbeddedServer(data) as server:
        assert ask(server.url("postgres"), "SELECT 1") == "1"


def test_an_interrupted_initdb_is_begun_anew() -> None:
    with tempfile.TemporaryDirectory(prefix="requite-") as folder:
        data = pathlib.Path(folder)
        (data / "postgres.draft" / "base").mkdir(parents=True)
        (data / "postgres.draft.password").write_text("left behind", encoding="utf-8")
        (data / "postgres").mkdir()
        with EmbeddedServer(data) as server:
            assert ask(server.url("postgres"), "SELECT 1") == "1"
        assert not list(data.glob("postgres.draft*"))


@pytest.mark.parametrize("version", ["16", "19"])
def test_another_major_is_refused(own_data: pathlib.Path, version: str) -> None:
    (own_data / "postgres" / "PG_VERSION").write_text(f"{version}\n", encoding="ascii")
    with pytest.raises(EmbeddedServerError, match=f"made by PostgreSQL {version}, and this .* runs 18"):
        EmbeddedServer(own_data).start()
    holders = Holders(own_data)
    with holders.door(timeout_s=1):
        holders.enter()
        assert holders.leave(), "a failed start must not stay a holder"


def test_a_folder_of_something_else_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "photo.jpg").touch()
    with pytest.raises(EmbeddedServerError, match="holds files, but no PostgreSQL data"):
        EmbeddedServer(tmp_path).start()


def test_a_server_that_cannot_start_says_why(own_data: pathlib.Path) -> None:
    with (own_data / "postgres" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedServerError, match="no_such_setting"):
        EmbeddedServer(own_data).start()


def test_a_path_too_long_or_odd_for_a_socket_gets_a_private_folder(own_data: pathlib.Path) -> None:
    odd = own_data / ('it\'s, a "long" name ' + "x" * 90)
    odd.mkdir()
    (own_data / "postgres").rename(odd / "postgres")
    with EmbeddedServer(odd) as server:
        assert ask(server.url("postgres"), "SELECT 1") == "1"
        address = Address.read(odd / "postgres")
        assert address is not None
        sockets = pathlib.Path(address.host)
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not is_up(odd)
    assert not sockets.exists()


def test_an_address_needs_a_start(tmp_path: pathlib.Path) -> None:
    with pytest.raises(EmbeddedServerError, match="not started"):
        EmbeddedServer(tmp_path).url()


def test_the_door_has_a_time_limit(tmp_path: pathlib.Path) -> None:
    first, second = Holders(tmp_path), Holders(tmp_path)
    with first.door(1), pytest.raises(TimeoutError, match="has been starting or stopping"), second.door(0.05):
        pass
    with second.door(1):
        pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root runs the server as another")
def test_root_lets_the_server_through_its_folders_but_not_look_around(own_data: pathlib.Path) -> None:
    closed = own_data / "closed"
    closed.mkdir(mode=0o700)
    (own_data / "postgres").rename(closed / "postgres")
    with EmbeddedServer(closed):
        address = Address.read(closed / "postgres")
        assert address is not None
        assert psutil.Process(address.pid).uids().real != 0
    assert closed.stat().st_mode & 0o777 == 0o701


def write_lock_files(data: pathlib.Path, pid: int) -> None:
    folder = data / "postgres"
    lines = [str(pid), str(folder), "1700000000", "5432", str(folder), "", "  5432001  32768", "ready   "]
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def wait_until_gone(data: pathlib.Path) -> None:
    deadline = time.monotonic() + 30
    while is_up(data):
        assert time.monotonic() < deadline
        time.sleep(0.02)
