"""Journeys: real data through the import and the reads, beside figures that were computed without this project."""

import io
import json
import pathlib
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.command import Command, Reference
from domain.event import Who
from domain.policy import Policy
from services.imports.mapping import CsvMapping, read_mapping
from services.imports.run import Import, Summary
from services.ledger.keyring import Keyring
from services.ledger.opening import load_keyring, open_ledger
from services.ledger.order import Order, Receipt
from services.reading.as_of import NOW, Asked
from services.reading.balance import Relationship, list_relationships
from services.reading.pages import Page
from services.reading.snapshot import Snapshot, open_snapshot
from services.service import Service, open_service

LEDGER = "journey"
RECORDER = Who("recorder", "import")
PAGE = 1000
GIVEN_AT_ONCE = 4096


class Journey:
    """A ledger that real data was imported into, and what is asked of it afterwards."""

    def __init__(self, service: Service, keyring: Keyring, folder: pathlib.Path) -> None:
        self.service = service
        self.keyring = keyring
        self._folder = folder
        self.rejects: list[dict[str, Any]] = []

    async def rows(self, file: pathlib.Path, mapping: str) -> Summary:
        """Import a CSV file by the text of a mapping."""
        path = self._folder / "mapping.toml"
        path.write_text(mapping, encoding="utf-8")
        return await self._run(file, read_mapping(path))

    async def lines(self, commands: list[dict[str, Any]]) -> Summary:
        """Import commands, one a line."""
        path = self._folder / "commands.ndjson"
        path.write_text("".join(json.dumps(command) + "\n" for command in commands), encoding="utf-8")
        return await self._run(path, None)

    async def _run(self, file: pathlib.Path, mapping: CsvMapping | None) -> Summary:
        running = await Import.prepare(self.service, LEDGER, file, RECORDER)
        out = io.StringIO()
        if mapping is None:
            summary = await running.run_lines(out, lambda _: None)
        else:
            summary = await running.run_rows(mapping, out, lambda _: None)
        self.rejects = [json.loads(line) for line in out.getvalue().splitlines()]
        return summary

    async def give(self, commands: Iterable[tuple[Command, UUID | None]]) -> list[UUID]:
        """Have commands recorded, each by the party that it names, and answer their streams."""
        orders = [
            Order(
                ledger_id=LEDGER,
                command=command,
                who=replace(RECORDER, by=command.by),
                stream=stream or command.stream_id(),
            )
            for command, stream in commands
        ]
        streams = []
        for chunk in (orders[start : start + GIVEN_AT_ONCE] for start in range(0, len(orders), GIVEN_AT_ONCE)):
            for outcome in await self.service.clerk.submit_all(chunk):
                assert isinstance(outcome, Receipt), outcome
                streams.append(outcome.id)
        return streams

    def look(self) -> AbstractAsyncContextManager[Snapshot]:
        """The ledger as it is now."""
        return open_snapshot(self.service, LEDGER)

    async def ids(self, source: str) -> dict[UUID, str]:
        """The external id of every party that has one in a source, by hashing 0 … 99,999: they are numbers."""
        query = "SELECT reference, party_id FROM party_reference WHERE ledger_id = $1"
        rows = await self.service.pool.fetch(query, LEDGER)
        owners = {row["reference"]: row["party_id"] for row in rows}
        found = {}
        for number in map(str, range(100_000)):
            party = owners.get(self.keyring.hash_reference(Reference(source, number)))
            if party is not None:
                found[party] = number
        assert len(found) == len(owners)
        return found

    async def relationships(self, asked: Asked = NOW) -> list[Relationship]:
        """All of them, page by page."""
        found: list[Relationship] = []
        after = None
        async with self.look() as snapshot:
            while True:
                page = await list_relationships(snapshot, asked=asked, page=Page(after, PAGE))
                found += page.items
                after = page.next
                if after is None:
                    return found


@pytest.fixture
async def journey(database_url: str, tmp_path: pathlib.Path) -> AsyncIterator[Journey]:
    """An empty ledger with the units ``favour``, ``gift`` and ``koruna``."""
    async with open_service(database_url, bytes(range(32))) as service:
        await open_ledger(service, LEDGER, policy=Policy(units=("favour", "gift", "koruna")))
        yield Journey(service, await load_keyring(service, LEDGER), tmp_path)


def pair_table(relationships: list[Relationship], ids: dict[UUID, str]) -> dict[tuple[int, int], tuple[int, int]]:
    """By pair of external numbers, the smaller first: what each gave the other."""
    table = {}
    for one in relationships:
        a, b = int(ids[one.a]), int(ids[one.b])
        (unit,) = one.units
        given, received = unit.given.quantity, unit.received.quantity
        table[min(a, b), max(a, b)] = (given, received) if a < b else (received, given)
    return table
