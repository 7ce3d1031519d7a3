"""What follows from a ledger's position is read once for it, and anew once the ledger moved on."""

import pytest

from domain.favour.commands import RecordFavour
from services.dashboard import kept
from services.dashboard.kept import keep
from services.ledger.opening import open_ledger
from services.reading.snapshot import Snapshot, open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk


async def test_it_is_read_anew_after_each_event_and_after_a_while(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    async def sums(snapshot: Snapshot) -> int:
        read.append(snapshot.position)
        return snapshot.position

    async def look(ledger: str = LEDGER, name: str = "sums") -> int:
        async with open_snapshot(service, ledger) as snapshot:
            return await keep(service.ledgers, snapshot, name, sums)

    anna, ben = await desk.register("Anna", "Ben")
    assert [await look(), await look()] == [3, 3]
    assert read == [3]
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="Mended the gate"))
    assert [await look(), await look()] == [4, 4]
    assert read == [3, 4]
    monkeypatch.setattr(kept, "KEPT_S", -1.0)
    assert await look(name="others") == await look(name="others") == 4
    assert read == [3, 4, 4, 4]


async def test_only_so_many_are_kept_and_each_ledger_has_its_own(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "ANSWERS_KEPT", 2)
    await open_ledger(service, "harbour")
    read: list[str] = []

    async def name_of(snapshot: Snapshot) -> str:
        read.append(snapshot.ledger_id)
        return snapshot.ledger_id

    for ledger in (LEDGER, "harbour", LEDGER, "harbour"):
        async with open_snapshot(service, ledger) as snapshot:
            assert await keep(service.ledgers, snapshot, "name", name_of) == ledger
    assert read == [LEDGER, "harbour"]
    async with open_snapshot(service, LEDGER) as snapshot:
        await keep(service.ledgers, snapshot, "another", name_of)
        await keep(service.ledgers, snapshot, "name", name_of)
    assert read == [LEDGER, "harbour", LEDGER, LEDGER], "the one asked for longest ago went"
