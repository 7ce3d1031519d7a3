"""Volumes of a whole ledger: carried on from what was known, they are what they would be if read anew."""

from collections.abc import Awaitable, Callable

import pytest

from services.dashboard import kept, volumes
from services.dashboard.volumes import read_exchanges, read_sums
from services.reading.snapshot import Snapshot, open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import Clock
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio


def noting(read: Callable[[Snapshot], Awaitable[object]], noted: list[str]) -> Callable[[Snapshot], Awaitable[object]]:
    """A reading that notes each time that it is done."""

    async def note(snapshot: Snapshot) -> object:
        noted.append(read.__name__)
        return await read(snapshot)

    return note


@pytest.mark.parametrize(("seed", "merges"), [(0, False), (1, False), (2, True)])
async def test_carried_on_they_are_what_they_are_read_anew(
    service: Service, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch, seed: int, *, merges: bool
) -> None:
    """Few are kept, so that now and then too few are left; some looks come after more than is looked through."""
    monkeypatch.setattr(volumes, "EXCHANGES_SHOWN", 3)
    monkeypatch.setattr(volumes, "EXCHANGES_KEPT", 5)
    monkeypatch.setattr(volumes, "CARRIED", 12)
    read_whole: list[str] = []
    for name in ("_sums_of_all", "_largest_of_all"):
        monkeypatch.setattr(volumes, name, noting(getattr(volumes, name), read_whole))
    story = Story(desk, clock, seed, merges=merges)
    await story.begin(7)
    looks = 60
    for _ in range(looks):
        await story.go_on(story.random.choice((0, 1, 1, 3, 8, 30)))
        async with open_snapshot(service, LEDGER) as snapshot:
            found = [await read(service.ledgers, snapshot, None) for read in (read_sums, read_exchanges)]
            times, known = len(read_whole), kept._kept.pop(service.ledgers)
            assert found == [await read(service.ledgers, snapshot, None) for read in (read_sums, read_exchanges)]
            kept._kept[service.ledgers] = known
            del read_whole[times:]
    assert {"_sums_of_all", "_largest_of_all"} == set(read_whole)
    if not merges:
        assert len(read_whole) < looks
