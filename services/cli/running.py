"""A running service for one command: its database found or started, migrated, and let go at the end.

Where ``requite serve`` runs in another process on the same embedded server, that server is used too, and stays up.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from domain.ledger import LEDGER_STREAM
from services.database.embedded import EmbeddedServer
from services.database.master_key import load_master_key
from services.database.migrate import migrate
from services.database.pool import connect, ensure_database, load_sql
from services.ledger.keyring import MasterKey
from services.proof.notary import Notary
from services.service import Service, open_service
from services.settings import Settings

RECOVERY_S = 600.0
RECOVERY_PAUSE_S = 0.2


class NoDatabaseError(RuntimeError):
    """The database does not answer, or does not let us in. The message says which, and what to do."""


@asynccontextmanager
async def running_service(settings: Settings | None = None) -> AsyncIterator[Service]:
    """Open the service of the settings (the environment's, unless others are given) for as long as the block takes.

    Raises SettingsError, MasterKeyError, EmbeddedServerError, MigrationError, WrongMasterKeyError or NoDatabaseError.
    """
    if settings is None:
        settings = Settings.from_environment()
    master_key = load_master_key(settings)  # before the server starts, as it says
    async with database(settings) as url:
        await prepare(url, master_key)
        async with open_service(
            url,
            master_key,
            notary=Notary.of(settings, master_key),
            erasures=settings.erasures,
            archive=settings.archive,
            allow_private_webhooks=settings.webhooks_allow_private,
        ) as service:
            yield service


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of the settings' database, the embedded server running for as long as the block takes."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    async with EmbeddedServer(settings.data) as server:
        yield server.url()


async def prepare(url: str, master_key: bytes) -> None:
    """Create the database where there is none, migrate it, and make sure that this master key opens it."""
    try:
        await ensure_database(url)
        connection = await connect(url)
    except (OSError, TimeoutError) as error:
        raise NoDatabaseError(
            f"The database server does not answer ({_reason(error)}). Is it running, and is DATABASE_URL right?"
        ) from error
    except ValueError:  # asyncpg's words may hold a piece of the password
        raise NoDatabaseError("DATABASE_URL cannot be used: a part of it is not as PostgreSQL takes it.") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NoDatabaseError(f"The database server does not let us in: {error}") from error
    try:
        await _wait_for_recovery(connection)
        await migrate(connection)
        row = await connection.fetchrow(load_sql("services/cli/sql/any_ledger_key.sql"), LEDGER_STREAM)
    finally:
        await connection.close()
    if row is not None:
        MasterKey(master_key).unwrap(row["ledger_id"], UUID(int=row["subject_id"].int), row["wrapped"])


async def _wait_for_recovery(connection: asyncpg.Connection) -> None:
    """A server that is being brought back to a moment of the past answers before it has got there."""
    ends = time.monotonic() + RECOVERY_S
    while await connection.fetchval("SELECT pg_is_in_recovery()"):
        if time.monotonic() > ends:
            raise NoDatabaseError("The database lets nobody write: it is a standby, or still being brought back.")
        await asyncio.sleep(RECOVERY_PAUSE_S)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
