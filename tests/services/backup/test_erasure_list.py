"""The list of erasures outside the database: there before an erasure is, and readable after a power cut."""

import io
import pathlib
import stat
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.party import EraseParty, MergeParty
from services.backup.archive import read_erasures
from services.ledger.erasures import Erasure, ErasureList, ErasureListError, read_list, write_list
from services.reading.parties import read_party
from services.reading.snapshot import open_snapshot
from services.service import open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

pytestmark = pytest.mark.anyio
ONE = Erasure("village", UUID(int=1), datetime(2026, 3, 1, tzinfo=UTC))
TWO = Erasure("town", UUID(int=2), datetime(2026, 3, 2, tzinfo=UTC))


async def test_every_id_of_an_erased_party_is_listed(database_url: str, desk: Desk, tmp_path: pathlib.Path) -> None:
    anna, double, ben = await desk.register("Anna", "A.", "Ben")
    await desk.give(MergeParty(into=anna), double)
    path = tmp_path / "not there yet" / "erasures.ndjson"
    async with open_service(database_url, MASTER_KEY, erasures=path) as service:
        for _ in range(2):
            await Desk(service).give(EraseParty(), anna, capacity="admin")
        await Desk(service).give(EraseParty(), ben, capacity="admin")
    with path.open("rb") as file:
        listed = read_erasures(file, "list")
    assert [(one.ledger, one.party) for one in listed] == [(LEDGER, one) for one in (anna, double, ben)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_where_the_list_cannot_be_written_nobody_is_erased(
    database_url: str, desk: Desk, tmp_path: pathlib.Path
) -> None:
    (anna,) = await desk.register("Anna")
    async with open_service(database_url, MASTER_KEY, erasures=tmp_path) as service:  # a folder
        with pytest.raises(ErasureListError, match="cannot be written"):
            await Desk(service).give(EraseParty(), anna, capacity="admin")
        async with open_snapshot(service, LEDGER) as snapshot:
            assert (await read_party(snapshot, anna)).party.name == "Anna"
        await Desk(service).register("Ben")  # all else goes on


async def test_a_line_that_was_cut_off_is_passed_over(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "list"
    await ErasureList(path).append([ONE])
    path.write_bytes(path.read_bytes() + write_list([TWO])[:-9])
    await ErasureList(path).append([TWO, ONE])
    with path.open("rb") as file:
        assert list(read_list(file, "list")) == [ONE, TWO, ONE]


def test_what_is_no_list_is_said_to_be_none() -> None:
    with pytest.raises(ErasureListError, match="line 2 is no erasure"):
        read_erasures(io.BytesIO(write_list([ONE]) + b'{"ledger":"village"}\n'), "list")
