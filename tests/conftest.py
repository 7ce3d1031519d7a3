"""What every test may ask for: a database of its own on one embedded server, and the real data sets."""

import asyncio
import itertools
import os
import pathlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import hypothesis
import psycopg
import pytest
import structlog

from services.dashboard.language import speak, spoken
from services.database.embedded import EmbeddedServer
from services.database.migrate import migrate
from services.database.pool import connect

TEMPLATE = "requite_template"
PROCESSES_MAX = 4
SIZE_MAX_BYTES = 32_000_000  # four times an empty one
HOLDS = """
SELECT relkind::text, relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'migration', schema_migration::text FROM schema_migration ORDER BY 1, 2
"""
END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

# No deadlines: a machine that is busy is not a failing test.
hypothesis.settings.register_profile("dev", deadline=None, max_examples=30)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=100, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All tests go in as many processes as there are processors, each with a server of its own; named ones in one."""
    return 0 if config.getoption("file_or_dir") else min(os.cpu_count() or 1, PROCESSES_MAX)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """What a test set up for its log holds for that test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def _speaks_as_before() -> Iterator[None]:
    """The language that a test speaks holds for that test: outside of a task nothing else would end it."""
    before = spoken()
    yield
    speak(before)


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[EmbeddedServer]:
    """One server for all tests of this process. It need not outlive the machine's power: nothing waits for its disk."""
    with (
        tempfile.TemporaryDirectory(prefix="requite-tests-") as folder,
        EmbeddedServer(pathlib.Path(folder)) as server,
    ):
        with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
            for name in ("fsync", "full_page_writes"):
                admin.execute(f"ALTER SYSTEM SET {name} = off")
            admin.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def databases(embedded_server: EmbeddedServer) -> Iterator["Databases"]:
    """The databases of this process's tests."""
    with Databases(embedded_server) as databases:
        yield databases


@pytest.fixture
def empty_database_url(databases: "Databases") -> Iterator[str]:
    """A database with nothing in it, for this test alone."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def database_url(databases: "Databases") -> Iterator[str]:
    """A migrated database for this test alone."""
    with databases.migrated() as url:
        yield url


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """The folder of real data sets, which is not part of the project; REQUITE_SHARED_DATA says where it is."""
    beside = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("REQUITE_SHARED_DATA") or beside)
    if not folder.is_dir():
        pytest.skip(f"there are no data sets in {folder}; set REQUITE_SHARED_DATA to their folder")
    return folder


class Databases:
    """Makes databases on one server. Those that are migrated are emptied after a test, and serve another.

    Emptying takes 10 ms, a new copy of the template 100 ms and more.
    """

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._admin = psycopg.connect(server.url("postgres"), autocommit=True)
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        self._untouched: list[tuple[str, ...]] = []
        """What a migrated database holds before a test: its relations and its migrations."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()

    @contextmanager
    def empty(self) -> Iterator[str]:
        name = self._create()
        yield self._server.url(name)
        self._drop(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """A database that holds what the migrations make, and nothing else."""
        if not self._untouched:
            self._make_template()
        name = self._free.pop() if self._free else self._create(TEMPLATE)
        yield self._server.url(name)
        if self._wipe(name):
            self._free.append(name)
        else:
            self._drop(name)

    def _make_template(self) -> None:
        self._admin.execute(f"CREATE DATABASE {TEMPLATE}")

        async def migrate_template() -> None:
            connection = await connect(self._server.url(TEMPLATE))
            try:
                await migrate(connection)
            finally:
                await connection.close()

        asyncio.run(migrate_template())
        with psycopg.connect(self._server.url(TEMPLATE)) as connection:
            self._untouched = connection.execute(HOLDS).fetchall()

    def _create(self, template: str = "template1") -> str:
        name = f"requite_test_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _drop(self, name: str) -> None:
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _wipe(self, name: str) -> bool:
        """Whether the database is as it was before its test: not where it changed more than rows, or a great many."""
        with psycopg.connect(self._server.url(name), autocommit=True) as connection:
            connection.execute(END_OTHERS)
            (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
            if size > SIZE_MAX_BYTES or connection.execute(HOLDS).fetchall() != self._untouched:
                return False
            tables = [name for kind, name in self._untouched if kind == "r" and name != "schema_migration"]
            connection.execute(";".join(f"DELETE FROM {table}" for table in tables))
        return True
