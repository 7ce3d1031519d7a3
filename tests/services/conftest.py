"""A running service on a database of its own, with an open ledger."""

import pathlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.command import Command
from domain.event import Capacity, Who
from domain.party import RegisterParty
from services.database.pool import connect
from services.ledger.keyring import MasterKey
from services.ledger.opening import open_ledger
from services.ledger.order import Order, Receipt
from services.proof.notary import Notary
from services.proof.note import COSIGNATURE, SignerKey
from services.service import Service, open_service

MASTER_KEY = bytes(range(32))
WITNESS = SignerKey("witness.example", bytes(range(32, 64)), COSIGNATURE)
"""A witness that the service knows."""
LEDGER = "village"


@pytest.fixture
async def service(database_url: str, tmp_path: pathlib.Path) -> AsyncIterator[Service]:
    """A service with the ledger ``village`` open."""
    notary = Notary([MasterKey(MASTER_KEY).derive("checkpoints")], witnesses=[WITNESS.verifier])
    async with open_service(database_url, MASTER_KEY, notary=notary, archive=tmp_path / "archive") as opened:
        await open_ledger(opened, LEDGER)
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the statements that are sent to the database, by whichever connection."""
    texts: list[str] = []
    send = asyncpg.Connection._execute  # type: ignore[attr-defined]

    async def note(connection: asyncpg.Connection, text: str, *arguments: Any, **options: Any) -> Any:
        texts.append(text)
        return await send(connection, text, *arguments, **options)

    monkeypatch.setattr(asyncpg.Connection, "_execute", note)
    return texts


@asynccontextmanager
async def owner_of(service: Service) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may change what is on record, as only the tables' owner can."""
    connection = await connect(service.url)
    try:
        yield connection
    finally:
        await connection.close()


async def as_owner(service: Service, statement: str, *arguments: object) -> None:
    """Run one statement so."""
    async with owner_of(service) as connection:
        await connection.execute(statement, *arguments)


class Desk:
    """Gives commands to a service's clerk, as a recorder of the ledger ``village`` unless told otherwise."""

    def __init__(self, service: Service, ledger_id: str = LEDGER) -> None:
        self.service = service
        self.ledger_id = ledger_id

    async def give(
        self,
        command: Command,
        stream: UUID | None = None,
        *,
        capacity: Capacity = "recorder",
        access_key: str = "test",
        idempotency_key: str | None = None,
    ) -> Receipt:
        """Have a command recorded. Raises what the clerk raises."""
        order = Order(
            ledger_id=self.ledger_id,
            command=command,
            who=Who(capacity, access_key, command.by),
            stream=stream or command.stream_id(),
            idempotency_key=idempotency_key,
        )
        return await self.service.clerk.submit(order)

    async def register(self, *names: str) -> list[UUID]:
        """Register persons of these names, and answer their ids."""
        return [(await self.give(RegisterParty(name=name))).id for name in names]


@pytest.fixture
def desk(service: Service) -> Desk:
    """A desk of the running service."""
    return Desk(service)
