"""Imports of files that a test writes, into the ledger ``village``."""

import io
import json
import pathlib
from typing import Any

import pytest

from domain.event import Capacity, Who
from services.imports.mapping import read_mapping
from services.imports.run import Import, Progress, Summary
from services.reading.balance import read_relationship
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk


class CutOffError(Exception):
    """Stands for the power failing in the middle of an import."""


class Importer:
    """Imports files as ``requite import`` does; keeps what the last one refused."""

    def __init__(self, service: Service, folder: pathlib.Path) -> None:
        self.service = service
        self.folder = folder
        self.rejects: list[dict[str, Any]] = []

    def write(self, content: bytes | str, name: str = "file") -> pathlib.Path:
        """A file of this content."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    async def lines(self, content: bytes | str, *, ledger: str = LEDGER, capacity: Capacity = "recorder") -> Summary:
        """Import a file of commands."""
        return await self.run(self.write(content), ledger=ledger, capacity=capacity)

    async def rows(self, content: bytes | str, mapping: str, *, ledger: str = LEDGER) -> Summary:
        """Import a CSV file by a mapping."""
        return await self.run(self.write(content), mapping, ledger=ledger)

    async def run(
        self,
        path: pathlib.Path,
        mapping: str | None = None,
        *,
        ledger: str = LEDGER,
        capacity: Capacity = "recorder",
        progress: Progress = lambda _: None,
    ) -> Summary:
        """Import a file that is there."""
        told = None if mapping is None else read_mapping(self.write(mapping, "mapping.toml"))
        running = await Import.prepare(self.service, ledger, path, Who(capacity, "import"))
        out = io.StringIO()
        try:
            if told is None:
                return await running.run_lines(out, progress)
            return await running.run_rows(told, out, progress)
        finally:
            self.rejects = [json.loads(line) for line in out.getvalue().splitlines()]

    async def cut_off(self, path: pathlib.Path, mapping: str | None = None) -> Summary:
        """Import a file until its first window is recorded, and no further; what was done until then."""
        seen: list[Summary] = []

        def fail(summary: Summary) -> None:
            seen.append(summary)
            raise CutOffError

        with pytest.raises(CutOffError):
            await self.run(path, mapping, progress=fail)
        return seen[0]

    def refused(self) -> list[tuple[int, str]]:
        """Line and code of everything that the last import refused."""
        return [(reject["line"], reject["code"]) for reject in self.rejects]

    async def topics(self, ledger: str = LEDGER) -> list[str]:
        """The ledger's log, its opening left out."""
        query = "SELECT topic FROM event WHERE ledger_id = $1 AND position > 1 ORDER BY position"
        return [row["topic"] for row in await self.service.pool.fetch(query, ledger)]


@pytest.fixture
def importer(service: Service, tmp_path: pathlib.Path) -> Importer:
    return Importer(service, tmp_path)


async def given(desk: Desk, giver: Any, receiver: Any) -> int:
    """How many favours one party gave another."""
    async with open_snapshot(desk.service, desk.ledger_id) as snapshot:
        (unit,) = (await read_relationship(snapshot, giver, receiver)).relationship.units
    return unit.given.quantity


def line(act: str, body: dict[str, Any] | None = None, stream: Any = None) -> str:
    """A command as a line of a file."""
    whole = {"act": act, **({} if body is None else {"body": body}), **({} if stream is None else {"id": stream})}
    return json.dumps(whole, default=str) + "\n"
