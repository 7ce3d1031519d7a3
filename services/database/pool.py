"""Connections to PostgreSQL, all set up alike, and the SQL that lives in files."""

import functools
import importlib.resources
import urllib.parse

import asyncpg

CONNECT_TIMEOUT_S = 30
SESSION = {
    "application_name": "requite",
    "jit": "off",  # compiling costs more than our short indexed statements take
    "timezone": "UTC",
}


async def connect(url: str) -> asyncpg.Connection:
    """Open one connection. Times are UTC in its session. Raises what asyncpg raises: OSError or PostgresError."""
    return await asyncpg.connect(url, server_settings=SESSION, timeout=CONNECT_TIMEOUT_S)


async def create_pool(url: str, max_size: int = 8) -> asyncpg.Pool:
    """Open a pool of up to `max_size` connections, each like those of `connect`; the first is made when it is needed.

    A pool that keeps a least number of them tries again behind everyone's back, and prints its failures.
    """
    return await asyncpg.create_pool(
        url, min_size=0, max_size=max_size, server_settings=SESSION, timeout=CONNECT_TIMEOUT_S
    )


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
