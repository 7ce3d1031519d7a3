"""Forgetting a party: its words are gone everywhere and for good, everything else stays as it was."""

import io
import zipfile
from collections.abc import Iterator

import pytest

from domain.favour.commands import AcknowledgeFavour, RecordFavour
from domain.party import EraseParty, MergeParty, RenameParty
from domain.promise.commands import MakePromise
from domain.refusal import Refusal
from services.access.keys import create_key, find_key
from services.database.pool import connect
from services.ledger.rebuild import rebuild
from services.proof.builder import build_whole
from services.proof.bundle import write_bundle
from services.proof.doctor import examine
from services.proof.note import read_checkpoint
from services.proof.verify import verify
from services.reading.events import list_events
from services.reading.pages import Page
from services.reading.parties import read_party
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

pytestmark = pytest.mark.anyio
PLANTED = "xyzzy"
"""In every word that is typed about somebody who is erased later."""


async def words(service: Service) -> Iterator[object]:
    """What everyone who may read everything can read."""
    async with open_snapshot(service, LEDGER) as snapshot:
        page = await list_events(snapshot, Page(None, 1000), words=True)
    return (event.words for event in page.items)


async def balances(service: Service) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in await service.pool.fetch("SELECT * FROM balance ORDER BY 2, 3, 4, 5")]


async def erase(desk: Desk, party: object) -> None:
    await desk.give(EraseParty(), party, capacity="admin")  # type: ignore[arg-type]


async def test_half_of_a_ledger_is_forgotten(service: Service, desk: Desk) -> None:
    parties = await desk.register(*(f"P{number} {PLANTED if number % 2 else 'kept'}" for number in range(6)))
    for number in range(30):
        giver, receiver = parties[number % 6], parties[(number + 1 + number % 4) % 6]
        planted = number % 2 or (number + 1 + number % 4) % 2
        what = f"favour {number} {PLANTED if planted else 'kept'}"
        await desk.give(RecordFavour(giver=giver, receiver=receiver, what=what))
    before = await balances(service)
    for party in parties[1::2]:
        await erase(desk, party)
        await erase(desk, party)  # it holds already
    read = str(list(await words(service)))
    assert PLANTED not in read
    assert "kept" in read
    assert await balances(service) == before
    await build_whole(service.pool, LEDGER)
    assert (await examine(service, LEDGER)).findings == ()
    file = io.BytesIO()
    note = await write_bundle(service, LEDGER, file)
    assert verify(file, service.notary.keys(LEDGER), [read_checkpoint(note)]).findings == ()
    with zipfile.ZipFile(file) as archive:
        assert not any(PLANTED.encode() in archive.read(name) for name in archive.namelist())
    assert await service.pool.fetchval("SELECT count(*) FROM data_key WHERE subject_id = ANY ($1)", parties[1::2]) == 0
    async with open_snapshot(service, LEDGER) as snapshot:
        assert (await read_party(snapshot, parties[1])).party.erased


async def test_words_about_two_are_gone_with_either(service: Service, desk: Desk) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    for receiver in (ben, cara):
        await desk.give(RecordFavour(giver=anna, receiver=receiver, what=f"{PLANTED} of {receiver}"))
    await erase(desk, ben)
    read = str(list(await words(service)))
    assert f"{PLANTED} of {ben}" not in read
    assert f"{PLANTED} of {cara}" in read


async def test_who_was_forgotten_does_nothing_more_and_nothing_is_written_about_them(
    service: Service, desk: Desk
) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = await desk.give(RecordFavour(giver=anna, receiver=ben))
    promise = MakePromise(by=anna, promisor=anna, promisee=ben, what="a shelf")
    await erase(desk, ben)
    for command, stream, code in (
        (RecordFavour(giver=anna, receiver=ben), None, "unknown_party"),
        (promise, None, "unknown_party"),
        (AcknowledgeFavour(by=ben), favour.id, "unknown_party"),
        (RenameParty(name="Ben again"), ben, "party_is_erased"),
    ):
        with pytest.raises(Refusal, match=code):
            await desk.give(command, stream)
    async with open_service(service.url, MASTER_KEY) as other:  # which loads all anew
        with pytest.raises(Refusal, match="unknown_party"):
            await Desk(other).give(promise)


async def test_every_id_of_a_merged_party_is_forgotten(service: Service, desk: Desk) -> None:
    anna, double, ben = await desk.register(f"Anna {PLANTED}", f"A. {PLANTED}", "Ben")
    await desk.give(MergeParty(into=anna), double)
    await desk.give(RecordFavour(giver=double, receiver=ben, what=PLANTED))
    await erase(desk, anna)
    assert PLANTED not in str(list(await words(service)))


async def test_its_access_ends(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    _, annas = await create_key(service.pool, LEDGER, "Anna's phone", ["read"], [anna], clock=service.clock)
    _, bens = await create_key(service.pool, LEDGER, "Ben's phone", ["read"], [ben], clock=service.clock)
    await erase(desk, anna)
    gone, there = [await find_key(service.pool, LEDGER, key.key_id) for key in (annas, bens)]
    assert gone is not None
    assert there is not None
    assert [found.key.holds_at(service.clock()) for found in (gone, there)] == [False, True]
    assert not await service.pool.fetchval("SELECT count(*) FROM access_key WHERE label LIKE 'Anna%'")


async def test_rebuilding_the_read_models_brings_nothing_back(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register(f"Anna {PLANTED}", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben, what=PLANTED))
    await erase(desk, anna)
    connection = await connect(service.url)  # its own: rebuilding keeps temporary tables in it
    try:
        assert not any(report.differing for report in await rebuild(connection, LEDGER))
    finally:
        await connection.close()
    assert PLANTED not in str(list(await words(service)))
    async with open_snapshot(service, LEDGER) as snapshot:
        assert (await read_party(snapshot, anna)).party.erased
    with pytest.raises(Refusal, match="party_is_erased"):
        await desk.give(RenameParty(name="Anna again"), anna)
