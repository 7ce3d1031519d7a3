"""What people typed is nowhere to be read."""

import pytest

from domain.command import Reference
from domain.favour.commands import RecordFavour
from domain.introduction.commands import ProposeIntroduction
from domain.party import AddReference, RegisterParty, RenameParty
from domain.promise.commands import MakePromise, ReportDelivery, RewordPromise
from tests.services.clerk.desks import fetch
from tests.services.conftest import Desk

pytestmark = pytest.mark.anyio


async def test_words_are_sealed_in_every_table(desk: Desk) -> None:
    planted = [f"zq{n}wörtlich" for n in range(12)]
    words = iter(planted)
    anna = (await desk.give(RegisterParty(name=next(words), note=next(words)), idempotency_key=next(words))).id
    ben, carla = await desk.register("Ben", "Carla")
    await desk.give(AddReference(reference=Reference("crm", next(words))), anna)
    await desk.give(RenameParty(name=next(words)), anna)
    await desk.give(RecordFavour(giver=anna, receiver=ben, what=next(words), note=next(words)))
    made = await desk.give(MakePromise(promisor=anna, promisee=ben, what=next(words), note=next(words)))
    await desk.give(RewordPromise(what=next(words)), made.id)
    await desk.give(ReportDelivery(by=anna, evidence=next(words)), made.id)
    await desk.give(ProposeIntroduction(by=carla, introducer=carla, first=anna, second=ben, why=next(words)))
    assert next(words, None) is None
    tables = await fetch(desk, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    stored = ""
    for (table,) in tables:
        for (row,) in await fetch(desk, f"SELECT t::text FROM {table} AS t"):
            stored += row
    assert len(tables) > 8
    assert "promise.made" in stored
    assert b"promise.made".hex() in stored
    for word in planted:
        for spelling in (word, word.removesuffix("wörtlich"), word.encode().hex(), word[:4].encode().hex()):
            assert spelling not in stored
