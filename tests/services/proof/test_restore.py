"""A bundle becomes a ledger again, elsewhere and under another master key: whole, or not at all."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from domain.command import Reference
from domain.favour.commands import AcknowledgeFavour, RecordFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import AddReference, EraseParty, RegisterParty, RenameParty
from domain.policy import Policy
from projections.catalogue import PROJECTIONS
from services.ledger.opening import open_ledger
from services.proof.builder import build_whole
from services.proof.bundle import write_bundle
from services.proof.check import TABLES as TABLES_CHECKED
from services.proof.check import Check
from services.proof.doctor import examine
from services.proof.notary import Notary
from services.proof.note import read_checkpoint, read_note
from services.proof.restore import BATCH, RestoreError, restore
from services.proof.tree import hash_leaf
from services.proof.verify import NoBundleError
from services.proof.words import DataKeys, WordsError, read_file, unlock, write_words
from services.reading.events import list_events
from services.reading.pages import Page
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.conftest import Databases
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio
TABLES = [table for projection in PROJECTIONS for table in projection.tables]
PASSPHRASE = "one two three four"  # noqa: S105 - of nobody
KEY = bytes(range(32, 64))
OTHER_MASTER_KEY = bytes(range(64, 96))


@pytest.fixture
def elsewhere_url(databases: Databases) -> Iterator[str]:
    with databases.migrated() as url:
        yield url


@pytest.fixture
async def elsewhere(elsewhere_url: str) -> AsyncIterator[Service]:
    """Another installation, with nothing in it."""
    async with open_service(elsewhere_url, OTHER_MASTER_KEY) as opened:
        yield opened


async def bundle_of(service: Service) -> io.BytesIO:
    file = io.BytesIO()
    await write_bundle(service, LEDGER, file)
    return file


async def words_of(service: Service, secret: bytes | str = KEY) -> DataKeys:
    return unlock(read_file(await write_words(service, LEDGER, secret)), secret)


async def rows_of(service: Service) -> dict[str, list[tuple[Any, ...]]]:
    """Every event, and every row of every read model."""
    return {
        table: sorted((tuple(row.values()) for row in await service.pool.fetch(f"SELECT * FROM {table}")), key=repr)
        for table in ("event", "ledger_head", "log_head", "log_tile", *TABLES)
    }


async def is_untouched(service: Service) -> bool:
    tables = ("event", "ledger_head", "data_key", "day_key", "party_reference", "log_head", *TABLES)
    counts = [await service.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
    return not any(counts)


async def read_words(service: Service) -> list[Any]:
    async with open_snapshot(service, LEDGER) as snapshot:
        return [one.words for one in (await list_events(snapshot, Page(None, 1000), words=True)).items]


async def test_the_same_bytes_lead_to_the_same_ledger(told: Service, elsewhere: Service) -> None:
    file = await bundle_of(told)
    reached: list[tuple[int, int]] = []
    keys = told.notary.keys(LEDGER)
    restored = await restore(elsewhere, file, keys=keys, progress=lambda done, last: reached.append((done, last)))
    before = await rows_of(told)
    assert await rows_of(elsewhere) == before
    assert (restored.ledger, restored.size, restored.root) == (
        LEDGER,
        len(before["event"]),
        before["log_head"][0][2].hex(),
    )
    assert (restored.parties, restored.readable, restored.references) == (3, 0, 0)
    assert reached[-1] == (restored.size, restored.size)
    assert (await examine(elsewhere, LEDGER)).findings == ()


async def test_it_goes_on_at_the_next_position(told: Service, elsewhere: Service, desk: Desk) -> None:
    restored = await restore(elsewhere, await bundle_of(told))
    anna, ben, *_ = await parties_of(told)
    there = Desk(elsewhere)
    for at in (desk, there):
        dora = UUID(int=0xD0)
        receipt = await at.give(RegisterParty(name="Dora"), dora)
        assert receipt.position == restored.size + 1
        favour = await at.give(RecordFavour(giver=anna, receiver=dora, what="watered"), UUID(int=0xF0))
        await at.give(AcknowledgeFavour(by=dora), favour.id)
        await at.give(RenameParty(name="Bernhard"), ben)
    assert (await examine(elsewhere, LEDGER)).findings == ()
    words = await read_words(elsewhere)
    assert words[restored.size :] == [{"name": "Dora"}, {"what": "watered"}, {}, {"name": "Bernhard"}]
    assert all(one in (None, {}) for one in words[: restored.size])
    old = read_checkpoint(read_note((await member(await bundle_of(told), "checkpoint")).decode()))
    assert old.size == restored.size + 4


async def member(file: io.BytesIO, name: str) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return archive.read(name)


async def parties_of(service: Service) -> list[UUID]:
    rows = await service.pool.fetch("SELECT party_id FROM party WHERE ledger_id = $1 ORDER BY party_id", LEDGER)
    return [row["party_id"] for row in rows]


@pytest.mark.parametrize("secret", [KEY, PASSPHRASE])
async def test_words_open_again_where_their_keys_come_along(
    told: Service, elsewhere: Service, desk: Desk, secret: bytes | str
) -> None:
    mail = Reference("mail", "dora@example.org")
    dora = (await desk.give(RegisterParty(name="Dora", references=(mail,)))).id
    anna, *_ = await parties_of(told)
    crm = Reference("crm", "7")
    await desk.give(AddReference(reference=crm), anna)
    words = await words_of(told, secret)
    restored = await restore(elsewhere, await bundle_of(told), ledger=LEDGER, words=words)
    assert (restored.parties, restored.readable, restored.references) == (4, 4, 2)
    read = await read_words(elsewhere)
    assert read == await read_words(told)
    assert {"what": "a shelf"} in read
    assert await references_of(elsewhere) == await references_of(told)
    later = await Desk(elsewhere).give(RegisterParty(name="Dora again"))
    with pytest.raises(Exception, match="reference_taken"):
        await Desk(elsewhere).give(AddReference(reference=mail), later.id)
    assert {party for *_, party in await references_of(elsewhere)} == {dora, anna}


async def references_of(service: Service) -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in await service.pool.fetch("SELECT * FROM party_reference"))


async def test_who_was_erased_stays_so_whatever_the_words_file_holds(
    told: Service, elsewhere: Service, desk: Desk
) -> None:
    mail = Reference("mail", "dora@example.org")
    dora = (await desk.give(RegisterParty(name="Dora", references=(mail,)))).id
    anna, *_ = await parties_of(told)
    await desk.give(RecordFavour(giver=anna, receiver=dora, what="xyzzy"))
    words = await words_of(told)
    assert dora in words.parties
    await desk.give(EraseParty(), dora, capacity="admin")
    assert dora not in (await words_of(told)).parties
    restored = await restore(elsewhere, await bundle_of(told), words=words)
    assert (restored.parties, restored.readable, restored.references) == (3, 3, 0)
    read = str(await read_words(elsewhere))
    assert "Dora" not in read
    assert "xyzzy" not in read
    assert "Anna Abel" in read
    assert await elsewhere.pool.fetchval("SELECT count(*) FROM data_key WHERE subject_id = $1", dora) == 0
    with pytest.raises(Exception, match="unknown_party"):
        await Desk(elsewhere).give(RecordFavour(giver=anna, receiver=dora, what="again"))


async def test_days_that_are_no_longer_kept_stay_forgotten(told: Service, elsewhere: Service, desk: Desk) -> None:
    await desk.give(ChangePolicy(policy=Policy(words_kept_days=1)), LEDGER_STREAM, capacity="admin")
    words = await words_of(told)
    later = replace(elsewhere, clock=lambda: told.clock() + timedelta(days=10))
    await restore(later, await bundle_of(told), words=words)
    assert await elsewhere.pool.fetchval("SELECT count(*) FROM day_key") == 0
    read = str(await read_words(elsewhere))
    assert "Anna Abel" in read
    assert "a shelf" not in read


async def test_who_came_after_the_words_file_gets_a_new_key(told: Service, elsewhere: Service, desk: Desk) -> None:
    words = await words_of(told)
    (dora,) = await desk.register("Dora")
    restored = await restore(elsewhere, await bundle_of(told), words=words)
    assert (restored.parties, restored.readable) == (4, 3)
    await Desk(elsewhere).give(RenameParty(name="Dorothea"), dora)
    assert (await read_words(elsewhere))[-2:] == [None, {"name": "Dorothea"}]


async def test_a_ledger_that_is_there_is_left_as_it_is(told: Service, elsewhere: Service) -> None:
    file = await bundle_of(told)
    before = await rows_of(told)
    with pytest.raises(RestoreError, match="There is a ledger 'village' already"):
        await restore(told, file)
    assert await rows_of(told) == before
    await open_ledger(elsewhere, "harbour")
    await restore(elsewhere, file)
    with pytest.raises(RestoreError, match="already"):
        await restore(elsewhere, file)
    ledgers = await elsewhere.pool.fetch("SELECT ledger_id FROM ledger_head ORDER BY 1")
    assert [row["ledger_id"] for row in ledgers] == ["harbour", LEDGER]


async def test_an_opening_that_was_cut_off_is_no_ledger_yet(told: Service, elsewhere: Service) -> None:
    await elsewhere.pool.execute("INSERT INTO ledger_head VALUES ($1, 0, '0001-01-01T00:00:00Z')", LEDGER)
    await elsewhere.pool.execute("INSERT INTO data_key VALUES ($1, $2, '\\x00')", LEDGER, LEDGER_STREAM)
    await restore(elsewhere, await bundle_of(told))
    assert await rows_of(elsewhere) == await rows_of(told)
    await Desk(elsewhere).register("Dora")


def change(file: io.BytesIO, name: str, old: bytes, new: bytes) -> io.BytesIO:
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(changed, "w") as target:
        for one in source.namelist():
            data = source.read(one)
            assert one != name or old in data
            target.writestr(one, data.replace(old, new, 1) if one == name else data)
    return changed


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("events.ndjson", b'"quantity":3', b'"quantity":4', "bytes are not those that were hashed"),
        ("balance.ndjson", b",1,", b",2,", "table balance"),
        ("checkpoint", b"\n2", b"\n3", "the checkpoint"),
        ("manifest.json", b'"village"', b'"another"', "position 1: the event belongs to another ledger"),
    ],
)
async def test_a_bundle_that_was_changed_changes_nothing(
    told: Service, elsewhere: Service, name: str, old: bytes, new: bytes, reason: str
) -> None:
    file = change(await bundle_of(told), name, old, new)
    with pytest.raises(RestoreError, match=reason):
        await restore(elsewhere, file)
    assert await is_untouched(elsewhere)


async def test_of_another_log_or_ledger_nothing_is_imported(told: Service, elsewhere: Service) -> None:
    file = await bundle_of(told)
    other = Notary([bytes(32)]).keys(LEDGER)
    for wanted, reason in (
        ({"keys": other}, "not signed by a key that is trusted"),
        ({"ledger": "harbour"}, "of the ledger 'village', not of 'harbour'"),
    ):
        with pytest.raises(RestoreError, match=reason):
            await restore(elsewhere, file, **wanted)
    with pytest.raises(NoBundleError):
        await restore(elsewhere, io.BytesIO(b"nothing"))
    assert await is_untouched(elsewhere)


async def test_words_of_another_ledger_are_refused(told: Service, elsewhere: Service) -> None:
    words = await words_of(told)
    foreign = replace(words, parties=dict.fromkeys(words.parties, bytes(32)))
    with pytest.raises(RestoreError, match="of another ledger"):
        await restore(elsewhere, await bundle_of(told), words=foreign)
    assert await is_untouched(elsewhere)


async def test_it_is_all_or_nothing(told: Service, elsewhere: Service) -> None:
    file = await bundle_of(told)
    reached: list[int] = []

    def stop(done: int, _last: int) -> None:
        reached.append(done)
        if len(reached) == 2:  # checked, then written
            raise KeyError("stopped")

    with pytest.raises(KeyError, match="stopped"):
        await restore(elsewhere, file, progress=stop)
    assert await is_untouched(elsewhere)
    await restore(elsewhere, file)
    assert await rows_of(elsewhere) == await rows_of(told)


async def test_two_at_once(told: Service, elsewhere: Service) -> None:
    files = [await bundle_of(told) for _ in range(2)]
    outcomes = await asyncio.gather(*(restore(elsewhere, file) for file in files), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["RestoreError", "Restored"]
    assert await rows_of(elsewhere) == await rows_of(told)


async def test_in_several_batches(told: Service, elsewhere: Service, desk: Desk) -> None:
    names = [RegisterParty(name=f"P{number}") for number in range(BATCH)]
    await asyncio.gather(*(desk.give(command) for command in names))
    anna, *_ = await parties_of(told)
    await desk.give(RenameParty(name="Anne"), anna)
    restored = await restore(elsewhere, await bundle_of(told))
    assert restored.size > BATCH
    await build_whole(told.pool, LEDGER)
    assert await rows_of(elsewhere) == await rows_of(told)


def forge(told: Service, file: io.BytesIO, old: bytes, new: bytes) -> io.BytesIO:
    """Events changed, and all that follows made to fit: as only who holds the log's key can."""
    forged, check, leaves = io.BytesIO(), Check(LEDGER), []
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(forged, "w") as target:
        lines = source.read("events.ndjson").replace(old, new).splitlines()
        for line in lines:
            check.add(line)
            leaves.append(hash_leaf(line))
        note = told.notary.sign(LEDGER, check.size, check.root())
        parts = {
            "events.ndjson": b"".join(line + b"\n" for line in lines),
            "leaves": b"".join(leaves),
            "checkpoint": str(note).encode(),
            **{
                f"{table}.ndjson": b"".join(row + b"\n" for row in check.rows(table).values())
                for table in TABLES_CHECKED
            },
        }
        for name in source.namelist():
            target.writestr(name, parts.get(name, source.read(name)))
    assert not check.findings
    return forged


async def test_a_forged_event_that_no_table_takes_changes_nothing(told: Service, elsewhere: Service) -> None:
    file = await bundle_of(told)
    forged = forge(told, file, b'"quantity":3', b'"quantity":%d' % 2**63)
    with pytest.raises(RestoreError, match="do not follow the rules"):
        await restore(elsewhere, forged)
    assert await is_untouched(elsewhere)
    assert (await restore(elsewhere, forge(told, file, b"", b""))).ledger == LEDGER


async def test_a_file_of_words_has_its_secret(told: Service) -> None:
    with pytest.raises(WordsError, match="12 characters"):
        await write_words(told, LEDGER, "short")
    under_key, under_passphrase = await write_words(told, LEDGER, KEY), await write_words(told, LEDGER, PASSPHRASE)
    for data, secret, reason in (
        (under_key, bytes(32), "not the one"),
        (under_passphrase, PASSPHRASE + ".", "not the one"),
        (under_key, PASSPHRASE, "under a key: give that"),
        (under_passphrase, KEY, "under a passphrase: give that"),
        (under_passphrase.replace(b'"n": 131072', b'"n": 131071'), PASSPHRASE, "asks for a scrypt"),
        (under_key.replace(b'"village"', b'"another"'), KEY, "not the one"),
    ):
        with pytest.raises(WordsError, match=reason):
            unlock(read_file(data), secret)
    for data, reason in (
        (b"nothing", "no file of words"),
        (under_key.replace(b"words/1", b"words/9"), "another version"),
        (under_passphrase.replace(b'"n": 131072', b'"n": 134217728'), "no file of words"),
    ):
        with pytest.raises(WordsError, match=reason):
            read_file(data)
    assert b"Anna" not in under_key
    stored = await told.pool.fetch("SELECT wrapped FROM data_key")
    file = msgspec.json.decode(under_key)
    assert len(file["parties"]) == len(stored) - 1
