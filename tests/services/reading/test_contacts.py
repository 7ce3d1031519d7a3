"""Contacts and timelines as they are read."""

from uuid import UUID

import pytest

from domain.contact import RecordContact, ReinstateContact, RetractContact, RewordContact
from domain.favour.commands import RecordFavour
from domain.party import MergeParty
from domain.tie import Closeness, DeclareTie
from services.reading.as_of import Asked
from services.reading.contacts import list_contacts, read_contact
from services.reading.pages import Page
from services.reading.question import BadQuestionError
from services.reading.reader import Reader
from services.reading.snapshot import open_snapshot
from services.reading.timeline import Stretch, read_pair_timeline, read_party_timeline
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import START, Clock

pytestmark = pytest.mark.anyio


async def declare(desk: Desk, party: UUID, other: UUID, closeness: Closeness) -> UUID:
    return (await desk.give(DeclareTie(by=party, party=party, other=other, closeness=closeness))).id


async def test_a_contact_and_what_was_said_about_it(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    record = RecordContact(by=anna, initiator=anna, other=ben, channel="call", felt=4, learnt="he keeps bees")
    contact = (await desk.give(record)).id
    bare = (await desk.give(RecordContact(initiator=ben, other=anna, channel="mail"))).id
    moment = clock.go_on(days=1)
    await desk.give(RewordContact(by=anna, learnt="he keeps wild bees"), contact)
    clock.go_on(days=1)
    await desk.give(RetractContact(by=anna, reason="it was Cara"), contact)
    async with open_snapshot(service, LEDGER) as snapshot:
        answer = await read_contact(snapshot, contact)
        then = await read_contact(snapshot, contact, Asked(occurred=moment))
        newest = await list_contacts(snapshot, party=ben, other=anna, order="newest")
        assert [one.id for one in newest.items] == [bare, contact]
        assert (await list_contacts(snapshot)).items == newest.items[::-1]
    seen = answer.contact
    assert (seen.initiator, seen.other, seen.channel, seen.felt) == (anna, ben, "call", 4)
    assert (seen.learnt, seen.standing, seen.occurred_at) == ("he keeps wild bees", "retracted", START)
    assert (then.contact.standing, len(then.history), len(answer.history)) == ("recorded", 2, 3)
    assert answer.history[0].facts == {"channel": "call", "felt": 4}
    assert newest.items[0].learnt is None
    await desk.give(ReinstateContact(by=anna), contact)
    await service.pool.execute("DELETE FROM data_key WHERE subject_id = $1", ben)
    async with open_snapshot(service, LEDGER) as snapshot:
        erased = (await read_contact(snapshot, contact)).contact
    assert (erased.standing, erased.learnt) == ("recorded", None)


async def test_timelines(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    favour = await desk.give(RecordFavour(giver=anna, receiver=ben, what="watered the plants", quantity=3))
    await desk.give(RecordFavour(giver=anna, receiver=cara))
    moment = clock.go_on(days=1)
    tie = await declare(desk, ben, anna, "close")
    contact = await desk.give(RecordContact(initiator=ben, other=anna, channel="call", learnt="she likes figs"))
    async with open_snapshot(service, LEDGER) as snapshot:
        whole = await read_pair_timeline(snapshot, anna, ben)
        assert [(entry.kind, entry.stream) for entry in whole.items] == [
            ("contact", contact.id),
            ("tie", tie),
            ("favour", favour.id),
        ]
        met, _, gave = whole.items
        assert (met.parties, met.facts, met.words) == ((ben, anna), {"channel": "call"}, {"learnt": "she likes figs"})
        assert gave.posting is not None
        assert (gave.posting.quantity, gave.words) == (3, {"what": "watered the plants"})
        for reader, kinds in ((Reader(), ["contact", "favour"]), (Reader((ben,)), ["contact", "tie", "favour"])):
            shown = await read_pair_timeline(snapshot, ben, anna, reader=reader)
            assert [entry.kind for entry in shown.items] == kinds
        first = await read_pair_timeline(snapshot, anna, ben, page=Page(limit=2))
        assert first.items == whole.items[:2]
        assert (await read_pair_timeline(snapshot, anna, ben, page=Page(first.next, 2))).items == whole.items[2:]
        then = await read_pair_timeline(snapshot, anna, ben, Stretch(until=Asked(occurred=START)))
        assert then.items == whole.items[2:]
        for since in (Asked(position=gave.position), Asked(recorded=gave.recorded_at)):
            assert (await read_pair_timeline(snapshot, anna, ben, Stretch(since=since))).items == whole.items[:2]
        mine = await read_party_timeline(snapshot, anna)
        assert [entry.topic for entry in mine.items] == [
            "contact.recorded",
            "tie.declared",
            "favour.recorded",
            "favour.recorded",
            "party.registered",
        ]
        assert mine.items[-1].words == {"name": "Anna"}
        with pytest.raises(BadQuestionError):
            await read_pair_timeline(snapshot, anna, anna)
    assert moment == clock.now
    await desk.give(MergeParty(into=ben), cara)
    async with open_snapshot(service, LEDGER) as snapshot:
        both = await read_pair_timeline(snapshot, anna, ben, reader=Reader())
        assert [entry.kind for entry in both.items] == ["contact", "favour", "favour"]
