"""Parties, favours, introductions, promises and events, one at a time: what is shown, and what is not."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.command import Reference
from domain.favour.commands import AcknowledgeFavour, DisputeFavour, RecordFavour, RetractFavour
from domain.introduction.commands import (
    ConsentToIntroduction,
    DeclineIntroduction,
    MakeIntroduction,
    ProposeIntroduction,
    RecordOutcome,
)
from domain.party import AddReference, RegisterParty, RenameParty
from domain.promise.commands import AcceptInPart, MakePromise, RenegePromise, ReportDelivery, RewordPromise
from domain.refusal import Refusal
from services.ledger.keyring import MasterKey
from services.ledger.mapper import decode
from services.reading.as_of import NOW, Asked
from services.reading.balance import list_imbalances, read_party_balance, read_relationship
from services.reading.contacts import read_contact
from services.reading.events import list_events, read_event
from services.reading.favours import list_favours, read_favour
from services.reading.introductions import list_introductions, read_introducer, read_introduction
from services.reading.pages import Page
from services.reading.parties import find_party, list_parties, parse_reference, read_party
from services.reading.promises import list_promises, read_promise
from services.reading.question import BadQuestionError
from services.reading.reader import Reader
from services.reading.snapshot import Snapshot, open_snapshot
from services.reading.standing import PromiseFilter
from services.reading.ties import read_tie
from services.reading.timeline import read_pair_timeline
from services.reading.words import read_names
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import START, Clock

pytestmark = pytest.mark.anyio

Read = Callable[[Snapshot, UUID], Awaitable[Any]]
ONE: dict[str, Read] = {
    "party": read_party,
    "favour": read_favour,
    "contact": read_contact,
    "tie": read_tie,
    "introduction": read_introduction,
    "promise": read_promise,
}


async def erase(service: Service, party: UUID) -> None:
    """What an erasure will do: the party's key is gone."""
    await service.pool.execute("DELETE FROM data_key WHERE subject_id = $1", party)


# ── what is not there ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ONE)
async def test_what_is_not_there_is_not_found(kind: str, service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    favour = (await desk.give(RecordFavour(giver=anna, receiver=ben))).id
    others = {"party": favour, "favour": anna}
    async with open_snapshot(service, LEDGER) as snapshot:
        for stream in (uuid4(), others.get(kind, favour), UUID(int=0)):
            with pytest.raises(Refusal) as caught:
                await ONE[kind](snapshot, stream)
            assert caught.value.code == f"{kind}_not_found"


async def test_unknown_parties_have_no_balance(service: Service, desk: Desk) -> None:
    (anna,) = await desk.register("Anna")
    async with open_snapshot(service, LEDGER) as snapshot:
        for asking in (
            read_party_balance(snapshot, uuid4()),
            read_relationship(snapshot, anna, uuid4()),
            read_relationship(snapshot, uuid4(), anna),
        ):
            with pytest.raises(Refusal) as caught:
                await asking
            assert caught.value.code == "party_not_found"
        with pytest.raises(BadQuestionError):
            await read_relationship(snapshot, anna, anna)


async def test_what_was_not_there_yet_is_not_found(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    clock.go_on(days=2)
    told = await desk.give(RecordFavour(giver=anna, receiver=ben, occurred_at=START - timedelta(days=9)))
    async with open_snapshot(service, LEDGER) as snapshot:
        for asked in (Asked(position=3), Asked(recorded=START), Asked(occurred=START - timedelta(days=10))):
            with pytest.raises(Refusal):
                await read_favour(snapshot, told.id, asked)
        assert (await read_favour(snapshot, told.id, Asked(occurred=START))).favour.id == told.id


async def test_a_party_with_nothing_reads_as_zeros(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    async with open_snapshot(service, LEDGER) as snapshot:
        for asked in (NOW, Asked(position=1)):
            balance = await read_party_balance(snapshot, anna, asked)
            assert balance.relationships == 0
            relationship = (await read_relationship(snapshot, anna, ben, asked)).relationship
            for units in (balance.units, relationship.units):
                assert [unit.unit for unit in units] == ["favour", "minute"]
                for unit in units:
                    assert (unit.net, unit.kinds) == (0, ())
                    for side in (unit.given, unit.received):
                        assert (side.quantity, side.count, side.disputed, side.last_at) == (0, 0, 0, None)
        assert (await list_imbalances(snapshot, anna)).items == ()


# ── parties ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_party_as_it_is_called_now(service: Service, desk: Desk) -> None:
    crm, chat = Reference("crm", "4711"), Reference("chat", "@anna:home")
    registered = RegisterParty(name="Anna", kind="person", note="Likes tea", references=(crm,))
    anna = (await desk.give(registered)).id
    await desk.give(RenameParty(name="Anna Abel"), anna)
    last = await desk.give(AddReference(reference=chat), anna)
    async with open_snapshot(service, LEDGER) as snapshot:
        answer = await read_party(snapshot, anna)
        party = answer.party
        assert answer.position == last.position
        assert (party.name, party.note, party.kind, party.references) == (
            "Anna Abel",
            "Likes tea",
            "person",
            (crm, chat),
        )
        assert party.registered_at == START
        for text in ("crm:4711", "chat:@anna:home"):
            assert (await find_party(snapshot, parse_reference(text))).items == (party,)
        for text in ("crm:47", "chat:4711"):
            assert (await find_party(snapshot, parse_reference(text))).items == ()
        assert await read_names(snapshot, [anna, uuid4()]) == {anna: "Anna Abel"}
        assert await read_names(snapshot, []) == {}


@pytest.mark.parametrize("text", ["", "crm", "crm:", ":1", "CRM:1", "crm:" + "x" * 201])
def test_a_reference_has_a_source_and_an_id(text: str) -> None:
    with pytest.raises(BadQuestionError):
        parse_reference(text)


async def test_where_a_key_is_gone_the_words_are_and_nothing_else(service: Service, desk: Desk) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    favour = (await desk.give(RecordFavour(giver=anna, receiver=ben, what="watered", note="twice"))).id
    promise = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="a shelf"))).id
    other = (await desk.give(RecordFavour(giver=anna, receiver=cara, what="cooked"))).id
    await erase(service, ben)
    async with open_snapshot(service, LEDGER) as snapshot:
        erased = (await read_party(snapshot, ben)).party
        assert (erased.id, erased.erased, erased.references) == (ben, True, ())
        assert [party.name for party in (await list_parties(snapshot)).items] == ["Anna", erased.name, "Cara"]
        read = await read_favour(snapshot, favour)
        assert (read.favour.what, read.favour.note, read.favour.quantity) == (None, None, 1)
        assert read.history[0].words is None
        line = (await read_promise(snapshot, promise)).promise
        assert (line.what, line.promisor_name, line.promisee_name) == (None, "Anna", erased.name)
        assert (await read_favour(snapshot, other)).favour.what == "cooked"
        events = (await list_events(snapshot, words=True)).items
        assert [event.words for event in events[2:]] == [None, {"name": "Cara"}, None, None, {"what": "cooked"}]


async def test_another_master_key_opens_nothing(service: Service, desk: Desk) -> None:
    await desk.register("Anna")
    async with open_snapshot(service, LEDGER) as snapshot:
        assert isinstance(snapshot.master_key, MasterKey)
        sealed = (await list_events(snapshot)).items[1]
        assert sealed.event is not None
    assert b"Anna" not in bytes(sealed.event)


# ── favours ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_favour_and_what_was_said_about_it(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    told = RecordFavour(giver=anna, receiver=ben, unit="minute", quantity=90, what="watered", note="twice")
    recorded = await desk.give(told)
    clock.go_on(days=1)
    await desk.give(AcknowledgeFavour(by=ben, value=7, note="lovely"), recorded.id)
    clock.go_on(days=1)
    await desk.give(DisputeFavour(by=ben, reason="it was less"), recorded.id)
    clock.go_on(days=1)
    retracted = await desk.give(RetractFavour(reason="twice told"), recorded.id)
    async with open_snapshot(service, LEDGER) as snapshot:
        answer = await read_favour(snapshot, recorded.id)
        favour = answer.favour
        assert answer.position == retracted.position
        assert (favour.giver, favour.receiver, favour.unit, favour.quantity) == (anna, ben, "minute", 90)
        assert (favour.standing, favour.acknowledged, favour.value) == ("retracted", True, 7)
        assert (favour.what, favour.note, favour.recorded_in) == ("watered", "twice", recorded.position)
        assert (favour.occurred_at, favour.recorded_at, favour.recorded_by.key) == (START, START, "test")
        assert [entry.topic.partition(".")[2] for entry in answer.history] == [
            "recorded",
            "acknowledged",
            "disputed",
            "retracted",
        ]
        assert [entry.version for entry in answer.history] == [1, 2, 3, 4]
        assert answer.history[1].facts == {"value": 7}
        assert answer.history[1].words == {"note": "lovely"}
        assert answer.history[1].who.by == ben
        assert answer.history[0].posting is not None
        assert (answer.history[0].posting.quantity, answer.history[2].posting) == (90, answer.history[2].posting)
        standings = []
        for days in range(4):
            asked = Asked(recorded=START + timedelta(days=days))
            standings.append((await read_favour(snapshot, recorded.id, asked)).favour.standing)
        assert standings == ["recorded", "recorded", "disputed", "retracted"]
        assert (await list_favours(snapshot)).items == (favour,)


# ── introductions ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def three(desk: Desk) -> list[UUID]:
    return await desk.register("Cara", "Anna", "Ben")


@pytest.mark.parametrize("first_says", [ConsentToIntroduction, DeclineIntroduction])
@pytest.mark.parametrize("first_asked", [1, 2])
async def test_what_one_answered_is_for_its_own_keys(
    first_says: Any, first_asked: int, service: Service, desk: Desk, three: list[UUID]
) -> None:
    cara, anna, ben = three
    proposal = ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben, why="both restore chairs")
    stream = (await desk.give(proposal)).id
    one, other = three[first_asked], three[3 - first_asked]
    its_own, others = Reader((one,)), [Reader((other, cara)), Reader()]
    await desk.give(first_says(by=one, note="gladly or not"), stream)
    for answered in (1, 2):
        status = "proposed" if answered == 1 else "consented" if first_says is ConsentToIntroduction else "declined"
        async with open_snapshot(service, LEDGER) as snapshot:
            for reader in others:
                shown = await read_introduction(snapshot, stream, reader=reader)
                known = {other} & set(reader.parties or ()) if answered == 2 else set()
                assert {answer.party for answer in shown.introduction.answers} == known
                assert (shown.introduction.answered, shown.introduction.status) == (answered, status)
                assert len(shown.history) == 1 + len(known)
                assert one not in [entry.who.by for entry in shown.history]
                assert (await list_introductions(snapshot, reader=reader)).items == (shown.introduction,)
                timeline = await read_pair_timeline(snapshot, anna, ben, reader=reader)
                assert [entry.position for entry in timeline.items[::-1]] == [entry.position for entry in shown.history]
                log = await list_events(snapshot, Page(limit=100), words=True, reader=reader)
                withheld = [event.position for event in log.items if event.event is None]
                assert len(withheld) == (0 if reader.parties is None else 1)
            shown = await read_introduction(snapshot, stream, reader=its_own)
            ((party, consented),) = [(answer.party, answer.consented) for answer in shown.introduction.answers]
            assert (party, consented) == (one, first_says is ConsentToIntroduction)
            whole = await read_introduction(snapshot, stream)
            assert len(whole.history) == 1 + answered
            assert (await read_introducer(snapshot, cara)).waiting == 2 - answered
        if answered == 1:
            await desk.give(ConsentToIntroduction(by=other), stream)


async def test_a_record_as_an_introducer(service: Service, desk: Desk, three: list[UUID], clock: Clock) -> None:
    cara, anna, ben = three
    propose = ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben)
    waiting, declined, agreed, made = [(await desk.give(propose)).id for _ in range(4)]
    await desk.give(ConsentToIntroduction(by=anna), waiting)
    await desk.give(DeclineIntroduction(by=anna), declined)
    for stream in (declined, agreed, made):
        await desk.give(ConsentToIntroduction(by=ben), stream)
    for stream in (agreed, made):
        await desk.give(ConsentToIntroduction(by=anna), stream)
    await desk.give(MakeIntroduction(by=cara), made)
    favours = [(await desk.give(RecordFavour(giver=anna, receiver=ben))).id for _ in range(2)]
    before = clock.now
    clock.go_on(days=1)
    await desk.give(RecordOutcome(by=ben, outcome="met"), made)
    await desk.give(RecordOutcome(by=anna, outcome="led_to", led_to=tuple(favours)), made)
    await desk.give(RecordOutcome(by=ben, outcome="led_to", led_to=tuple(favours[:1])), made)
    async with open_snapshot(service, LEDGER) as snapshot:
        now, then = await read_introducer(snapshot, cara), await read_introducer(snapshot, cara, Asked(occurred=before))
        nothing = await read_introducer(snapshot, anna)
    assert (now.proposed, now.waiting, now.declined, now.consented, now.made) == (4, 1, 1, 1, 1)
    assert (now.met, now.useful, now.led_to, now.came_to_nothing, now.grown) == (1, 0, 1, 0, 2)
    assert (then.made, then.met, then.led_to, then.grown) == (1, 0, 0, 0)
    assert (nothing.proposed, nothing.grown) == (0, 0)


async def test_an_introduction_gives_to_both(service: Service, desk: Desk, three: list[UUID], clock: Clock) -> None:
    cara, anna, ben = three
    stream = (await desk.give(ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben))).id
    await desk.give(ConsentToIntroduction(by=anna), stream)
    await desk.give(ConsentToIntroduction(by=ben), stream)
    made_at = clock.go_on(days=1)
    made = await desk.give(MakeIntroduction(by=cara, details="Friday at six"), stream)
    clock.go_on(days=1)
    grew = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="a chair"))).id
    await desk.give(RecordOutcome(by=ben, outcome="led_to", led_to=(grew,)), stream)
    async with open_snapshot(service, LEDGER) as snapshot:
        answer = await read_introduction(snapshot, stream)
        assert (answer.introduction.status, answer.introduction.why) == ("made", None)
        assert [(one.party, one.outcome, one.led_to) for one in answer.introduction.outcomes] == [
            (ben, "led_to", (grew,))
        ]
        assert answer.history[3].words == {"details": "Friday at six"}
        assert [entry.topic for entry in answer.history[1:3]] == ["introduction.consented"] * 2  # to an administrator
        assert answer.history[4].facts == {"party": str(ben), "outcome": "led_to", "led_to": (str(grew),)}
        for asked in (NOW, Asked(recorded=made_at), Asked(occurred=made_at), Asked(position=made.position)):
            for one in (anna, ben):
                (unit, _) = (await read_relationship(snapshot, cara, one, asked)).relationship.units
                assert (unit.given.quantity, unit.received.quantity, unit.given.last_at) == (1, 0, made_at)
                assert [kind.kind for kind in unit.kinds] == ["introduction"]
            total = await read_party_balance(snapshot, cara, asked)
            assert (total.relationships, total.units[0].given.count) == (2, 2)
            assert (await read_party_balance(snapshot, ben, asked)).units[0].received.count == 1


# ── promises ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_promise_and_what_was_said_about_it(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    due = START + timedelta(days=10)
    made = MakePromise(promisor=anna, promisee=ben, assessor=cara, what="a shelf", quantity=5, due=due)
    stream = (await desk.give(made)).id
    await desk.give(RewordPromise(what="a shelf of oak"), stream)
    delivered_at = clock.go_on(days=13)
    await desk.give(ReportDelivery(by=anna, evidence="see the hall"), stream)
    clock.go_on(days=1)
    last = await desk.give(AcceptInPart(by=ben, fraction=0.5), stream)
    async with open_snapshot(service, LEDGER) as snapshot:
        answer = await read_promise(snapshot, stream)
        line = answer.promise
        assert (line.promisor_name, line.promisee_name, line.assessor) == ("Anna", "Ben", cara)
        assert (line.what, line.status, line.standing, line.overdue) == (
            "a shelf of oak",
            "partly_kept",
            "partly_kept",
            False,
        )
        assert (line.quantity, line.fraction, line.delivered) == (5, 0.5, 2)  # half to even, as the balance has it
        assert (line.due, line.delivered_at, line.lateness_s, line.notice_s) == (due, delivered_at, 3 * 86400, None)
        assert line.positions == tuple(entry.position for entry in answer.history)
        assert line.positions[-1] == last.position
        assert [entry.topic for entry in answer.history][2:] == ["promise.reported", "promise.accepted_in_part"]
        assert answer.history[2].words == {"evidence": "see the hall"}
        assert answer.history[3].facts == {"fraction": 0.5}
        relationship = (await read_relationship(snapshot, anna, ben)).relationship
        assert relationship.units[0].given.quantity == line.delivered
        then = (await read_promise(snapshot, stream, Asked(position=line.positions[0]))).promise
        assert (then.what, then.standing, then.positions) == ("a shelf", "not_started", line.positions[:1])


async def test_overdue_and_unconfirmed_follow_from_the_clock(service: Service, desk: Desk, clock: Clock) -> None:
    """Grace is 1 day, the window 14."""
    anna, ben = await desk.register("Anna", "Ben")
    due = START + timedelta(days=10)
    stream = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="a shelf", due=due))).id
    end = clock.go_on(days=60)
    second = timedelta(seconds=1)
    deadline, silence = due + timedelta(days=1), due + timedelta(days=15)
    expected = {
        due: ("not_started", False, None),
        deadline: ("not_started", False, 86400),
        deadline + second: ("not_started", True, 86401),
        silence: ("not_started", True, 15 * 86400 - 86400 + 86400),
        silence + second: ("unconfirmed", False, 15 * 86400 + 1),
        end: ("unconfirmed", False, 50 * 86400),
    }
    async with open_snapshot(service, LEDGER) as snapshot:
        for moment, standing in expected.items():
            for asked in (Asked(recorded=moment), Asked(occurred=moment)):
                line = (await read_promise(snapshot, stream, asked)).promise
                assert (line.standing, line.overdue, line.lateness_s) == standing, moment
        assert (await read_promise(snapshot, stream)).promise.standing == "unconfirmed"
    reported = clock.now
    await desk.give(ReportDelivery(by=anna), stream)
    clock.go_on(days=30)
    async with open_snapshot(service, LEDGER) as snapshot:
        for days, reads in ((0, "reported"), (14, "reported"), (15, "unconfirmed")):
            line = (await read_promise(snapshot, stream, Asked(recorded=reported + timedelta(days=days)))).promise
            assert (line.status, line.standing, line.lateness_s) == ("reported", reads, 50 * 86400)


async def test_notice_is_the_time_left_when_reneged(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    due = START + timedelta(days=3)
    in_time, too_late, undated = [
        (await desk.give(MakePromise(promisor=anna, promisee=ben, what="a shelf", due=when))).id
        for when in (due, due, None)
    ]
    clock.go_on(days=1)
    await desk.give(RenegePromise(by=anna), in_time)
    await desk.give(RenegePromise(by=anna), undated)
    clock.go_on(days=5)
    await desk.give(RenegePromise(by=anna), too_late)
    async with open_snapshot(service, LEDGER) as snapshot:
        notices = [(await read_promise(snapshot, stream)).promise.notice_s for stream in (in_time, too_late, undated)]
    assert notices == [2 * 86400, 0, None]


async def test_promises_by_their_standing(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    due = START + timedelta(days=1)
    late = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="a shelf", due=due, topic="joinery"))).id
    free = (await desk.give(MakePromise(promisor=ben, promisee=anna, what="a chair"))).id
    gone = (await desk.give(MakePromise(promisor=cara, promisee=anna, what="a table"))).id
    clock.go_on(days=3)
    await desk.give(RenegePromise(by=cara), gone)
    for chosen, expected in (
        (PromiseFilter(), {late, free, gone}),
        (PromiseFilter(promisor=anna), {late}),
        (PromiseFilter(promisee=anna), {free, gone}),
        (PromiseFilter(party=anna, other=ben), {late, free}),
        (PromiseFilter(standing="open"), {late, free}),
        (PromiseFilter(standing="kept"), set()),
        (PromiseFilter(standing="reneged"), {gone}),
        (PromiseFilter(overdue=True), {late}),
        (PromiseFilter(overdue=False), {free, gone}),
        (PromiseFilter(standing="open", overdue=False, party=ben), {free}),
        (PromiseFilter(promisor=anna, promisee=cara), set()),
        (PromiseFilter(topic="joinery"), {late}),
        (PromiseFilter(topic="joinery", promisor=ben), set()),
    ):
        async with open_snapshot(service, LEDGER) as snapshot:
            assert {line.id for line in (await list_promises(snapshot, chosen)).items} == expected, chosen
    for asked, chosen, expected in (
        (Asked(recorded=START), PromiseFilter(standing="open"), {late, free, gone}),
        (Asked(occurred=START), PromiseFilter(overdue=True), set()),
        (Asked(occurred=START - timedelta(days=1)), PromiseFilter(), set()),
        (Asked(position=5), PromiseFilter(topic="joinery"), {late}),
    ):
        async with open_snapshot(service, LEDGER) as snapshot:
            page = await list_promises(snapshot, chosen, asked=asked)
        assert {line.id for line in page.items} == expected, (asked, chosen)
        assert page.occurred == asked.occurred


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_log_holds_the_canonical_bytes(service: Service, desk: Desk) -> None:
    await desk.register("Anna", "Ben")
    rows = await service.pool.fetch("SELECT position, state FROM event ORDER BY position")
    async with open_snapshot(service, LEDGER) as snapshot:
        page = await list_events(snapshot, Page(limit=2))
        assert [event.event and bytes(event.event) for event in page.items] == [row["state"] for row in rows[:2]]
        assert (page.position, page.next) == (3, "2")
        for row in rows:
            answer = await read_event(snapshot, row["position"])
            assert answer.event.event is not None
            assert decode(bytes(answer.event.event)) == decode(row["state"])
        opened = await read_event(snapshot, 2, words=True)
        assert opened.event.words == {"name": "Anna"}
        for position in (0, 4, 2**70):
            with pytest.raises(Refusal) as caught:
                await read_event(snapshot, position)
            assert caught.value.code == "event_not_found"
