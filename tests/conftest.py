"""What every test may ask for: a database of its own on one embedded server, and the real data sets."""

import asyncio
import concurrent.futures
import itertools
import os
import pathlib
import tempfile
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest

from services.database.embedded import EmbeddedServer
from services.database.migrate import migrate
from services.database.pool import connect

TEMPLATE = "requite_template"

# No deadlines: a machine that is busy is not a failing test.
hypothesis.settings.register_profile("dev", deadline=None, max_examples=30)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=100, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[EmbeddedServer]:
    """One server for the whole run, with the settings it has in use (fsync on)."""
    with (
        tempfile.TemporaryDirectory(prefix="requite-tests-") as folder,
        EmbeddedServer(pathlib.Path(folder)) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def _admin(embedded_server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    with psycopg.connect(embedded_server.url("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def _template(embedded_server: EmbeddedServer, _admin: psycopg.Connection) -> str:
    """A database that is migrated once; every test's own is a copy of it."""
    _admin.execute(f"CREATE DATABASE {TEMPLATE}")

    async def migrate_template() -> None:
        connection = await connect(embedded_server.url(TEMPLATE))
        try:
            await migrate(connection)
        finally:
            await connection.close()

    asyncio.run(migrate_template())
    return TEMPLATE


@pytest.fixture(scope="session")
def _database_numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture(scope="session")
def _dropper(embedded_server: EmbeddedServer) -> Iterator["Dropper"]:
    dropper = Dropper(embedded_server.url("postgres"))
    yield dropper
    dropper.close()


@pytest.fixture
def empty_database_url(
    embedded_server: EmbeddedServer, _admin: psycopg.Connection, _database_numbers: Iterator[int], _dropper: "Dropper"
) -> Iterator[str]:
    """A database with nothing in it, for this test alone."""
    name = f"requite_empty_{next(_database_numbers)}"
    _admin.execute(f"CREATE DATABASE {name}")
    yield embedded_server.url(name)
    _dropper.drop(name)


@pytest.fixture
def database_url(
    embedded_server: EmbeddedServer,
    _admin: psycopg.Connection,
    _template: str,
    _database_numbers: Iterator[int],
    _dropper: "Dropper",
) -> Iterator[str]:
    """A migrated database for this test alone."""
    name = f"requite_test_{next(_database_numbers)}"
    # Copied through the log: 30 ms. A copy of the files waits for checkpoints: 150 ms.
    _admin.execute(f"CREATE DATABASE {name} TEMPLATE {_template} STRATEGY wal_log")
    yield embedded_server.url(name)
    _dropper.drop(name)


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """The folder of real data sets, which is not part of the project; REQUITE_SHARED_DATA says where it is."""
    beside = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("REQUITE_SHARED_DATA") or beside)
    if not folder.is_dir():
        pytest.skip(f"there are no data sets in {folder}; set REQUITE_SHARED_DATA to their folder")
    return folder


class Dropper:
    """Drops databases beside the tests: PostgreSQL waits for a checkpoint at each, 0.1 s that no test need wait for."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._thread = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        self._drops: list[concurrent.futures.Future[None]] = []

    def drop(self, name: str) -> None:
        self._drops.append(self._thread.submit(self._drop, name))

    def _drop(self, name: str) -> None:
        self._connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Wait for the rest, and raise what went wrong."""
        self._thread.shutdown(wait=True)
        self._connection.close()
        for drop in self._drops:
            drop.result()
