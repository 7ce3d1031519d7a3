"""Whoever shows an erased party calls it the same."""

import re
from uuid import UUID

import pytest

from domain.contact import RecordContact
from domain.favour.commands import RecordFavour
from domain.party import EraseParty, JoinOrganisation, RegisterParty
from domain.promise.commands import MakePromise
from services.access.keys import AccessKey, create_key
from services.dashboard.query import Query
from services.dashboard.standing import read_standing
from services.dashboard.visit import Visit, open_frame
from services.ledger.keyring import new_key
from services.reading.audit import read_audit
from services.reading.audit_csv import write_csv
from services.reading.directory import find_by_name
from services.reading.memberships import list_members, list_memberships
from services.reading.pages import Page
from services.reading.parties import list_parties, read_party
from services.reading.pseudonym import pseudonym
from services.reading.snapshot import open_snapshot
from services.reading.standing import PromiseFilter
from services.reading.words import read_names
from services.service import Service
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


def test_a_pseudonym_is_the_same_for_ever_and_another_ledgers_differs() -> None:
    party = UUID(int=7)
    assert pseudonym("village", party) == "erased party 6B2ME0"
    assert pseudonym("town", party) != pseudonym("village", party) != pseudonym("village", UUID(int=8))
    names = {pseudonym("village", UUID(int=number)) for number in range(2_000)}
    assert len(names) == 2_000
    assert all(re.fullmatch("erased party [0-9A-HJKMNP-TV-Z]{6}", name) for name in names)


@pytest.fixture
async def erased(desk: Desk) -> tuple[UUID, UUID, str]:
    """Anna, Ben who was erased after much had been recorded of him, and what he is called now."""
    anna, ben = await desk.register("Anna", "Ben")
    guild = (await desk.give(RegisterParty(name="Guild", kind="organisation"))).id
    await desk.give(JoinOrganisation(organisation=guild), ben)
    await desk.give(RecordFavour(giver=anna, receiver=ben, quantity=3))
    await desk.give(MakePromise(by=ben, promisor=ben, promisee=anna, what="a shelf"))
    await desk.give(RecordContact(initiator=anna, other=ben, channel="call"))
    await desk.give(EraseParty(), ben, capacity="admin")
    return anna, ben, pseudonym(LEDGER, ben)


async def admin_key(service: Service, *parties: UUID) -> AccessKey:
    _, key = await create_key(service.pool, LEDGER, "page", ["read", "audit"], parties or None, clock=service.clock)
    return key


async def test_every_read_that_shows_a_name_shows_it(service: Service, erased: tuple[UUID, UUID, str]) -> None:
    anna, ben, called = erased
    async with open_snapshot(service, LEDGER) as snapshot:
        party = (await read_party(snapshot, ben)).party
        assert (party.name, party.erased, party.note) == (called, True, None)
        listed = {one.id: (one.name, one.erased) for one in (await list_parties(snapshot)).items}
        assert (listed[anna], listed[ben]) == (("Anna", False), (called, True))
        (membership,) = (await list_memberships(snapshot, ben)).items
        (member,) = (await list_members(snapshot, membership.organisation)).items
        assert (membership.name, member.name) == ("Guild", called)
        (line,) = (await read_audit(snapshot, PromiseFilter(party=anna))).lines or ()
        assert (line.promisor_name, line.promisee_name, line.what) == (called, "Anna", None)
        (group,) = (await read_audit(snapshot, by="promisor", page=Page(limit=1))).groups or ()
        assert group.names == (called,)
        visit = Visit(await admin_key(service, anna), service, Query(), "/", "")
        frame = open_frame(visit, snapshot)
        page = await read_standing(visit, snapshot, frame, anna)
        assert [frame.called(one.second) for unit in page.units or () for one in unit.exchanges] == [called]
        sentences = [story.told.sentence.striptags() for story in page.events or ()]
        assert f"{called} made a promise to Anna" in sentences
        assert f"Anna did something for {called}" in sentences
        assert not (await find_by_name(snapshot, called)).items
        assert not (await find_by_name(snapshot, "Ben")).items


async def test_the_audits_csv_shows_it(service: Service, erased: tuple[UUID, UUID, str]) -> None:
    _, _, called = erased

    def look() -> object:
        return open_snapshot(service, LEDGER)

    text = "".join([piece async for piece in write_csv(look)])  # type: ignore[arg-type]
    assert called in text
    assert "Ben" not in text


async def test_who_was_restored_without_words_is_not_called_erased(service: Service, desk: Desk) -> None:
    (anna,) = await desk.register("Anna")
    wrapped = service.master_key.wrap(LEDGER, anna, new_key())  # as importing a bundle alone does
    await service.pool.execute("UPDATE data_key SET wrapped = $1 WHERE subject_id = $2", wrapped, anna)
    async with open_snapshot(service, LEDGER) as snapshot:
        party = (await read_party(snapshot, anna)).party
        assert (party.name, party.erased) == (pseudonym(LEDGER, anna, erased=False), False)
        assert party.name == pseudonym(LEDGER, anna).removeprefix("erased ")
        assert await read_names(snapshot, [anna]) == {anna: party.name}
