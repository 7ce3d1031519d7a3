"""Connections to PostgreSQL, all set up alike, and the SQL that lives in files."""

import functools
import importlib.resources
import urllib.parse
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import asyncpg

CONNECT_TIMEOUT_S = 30
STATEMENT_BYTES = 128 * 1024
"""The longest statement that a connection keeps prepared: those made of several (``together``) are long."""
SESSION = {
    "application_name": "requite",
    "jit": "off",  # compiling costs more than our short indexed statements take
    "timezone": "UTC",
}
READING = {
    "plan_cache_mode": "force_generic_plan",  # to plan a read about one party takes longer than to answer it
    "random_page_cost": "1.1",  # as of memory or a solid-state disk; at 4 whole tables are read and sorted for one page
}
"""For connections that mostly read. The clerk has statements of another kind, which are slower so."""


Role = Literal["requite_service", "requite_worker"]
"""What a connection may do and see: ``requite_service`` sees the ledgers that it names (``services.database.ledgers``),
``requite_worker`` all. Neither changes an event. Without either a connection is the login's own, which owns the tables:
for migrations."""
Prepare = Callable[[asyncpg.Connection], Coroutine[Any, Any, None]]
"""Done once with each connection that is made."""


async def connect(
    url: str, role: Role | None = None, *, for_reads: bool = False, prepare: Prepare | None = None
) -> asyncpg.Connection:
    """Open one connection. Times are UTC in its session. Raises what asyncpg raises: OSError or PostgresError.

    ``for_reads``: for one that mostly reads, by statements that fit the parameters that are given.
    """
    connection = await asyncpg.connect(
        url,
        server_settings=_session(role, for_reads=for_reads),
        timeout=CONNECT_TIMEOUT_S,
        max_cacheable_statement_size=STATEMENT_BYTES,
    )
    if prepare is not None:
        try:
            await prepare(connection)
        except BaseException:
            connection.terminate()
            raise
    return connection


async def create_pool(  # noqa: PLR0913 - most are of few
    url: str,
    max_size: int = 8,
    *,
    role: Role | None = None,
    setup: Callable[[Any], Coroutine[Any, Any, None]] | None = None,
    connection_class: type[asyncpg.Connection] = asyncpg.Connection,
    for_reads: bool = False,
    prepare: Prepare | None = None,
) -> asyncpg.Pool:
    """Open a pool of up to `max_size` connections, each like those of `connect`; the first is made when it is needed.

    A pool that keeps a least number of them tries again behind everyone's back, and prints its failures. `setup` is
    done with a connection whenever it is taken out.
    """
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=max_size,
        setup=setup,
        init=prepare,
        connection_class=connection_class,
        server_settings=_session(role, for_reads=for_reads),
        timeout=CONNECT_TIMEOUT_S,
        max_cacheable_statement_size=STATEMENT_BYTES,
    )


def _session(role: Role | None, *, for_reads: bool) -> dict[str, str]:
    settings = {**SESSION, **READING} if for_reads else SESSION
    return settings if role is None else {**settings, "role": role}


async def ensure_database(url: str) -> bool:
    """Create the database that `url` names, where there is none; answer whether it was created.

    Creating needs the right to connect to the server's `postgres` database and to create others.
    """
    try:
        connection = await connect(url)
    except asyncpg.InvalidCatalogNameError:
        return await _create_database(url)
    await connection.close()
    return False


async def _create_database(url: str) -> bool:
    address = urllib.parse.urlsplit(url)
    name = urllib.parse.unquote(address.path.removeprefix("/")).replace('"', '""')
    connection = await connect(urllib.parse.urlunsplit(address._replace(path="/postgres")))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        return False  # another process was first: either error tells so, by how far that one was
    finally:
        await connection.close()
    return True


@functools.cache
def load_sql(path: str) -> str:
    """Answer the text of an SQL file inside the packages, such as `services/database/migration_list.sql`.

    Raises FileNotFoundError. Each file is read once in a process.
    """
    package, _, file = path.partition("/")
    return importlib.resources.files(package).joinpath(file).read_text(encoding="utf-8")
