"""Networks as they are kept and read: refreshed behind the questions, as of the position that is named."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from domain.contact import RecordContact, RetractContact
from domain.favour.commands import RecordFavour, RetractFavour
from domain.introduction.commands import ConsentToIntroduction, MakeIntroduction, ProposeIntroduction
from domain.party import (
    EraseParty,
    JoinOrganisation,
    LeaveOrganisation,
    ListKnowledge,
    MergeParty,
    RegisterParty,
    SetFindable,
    UnmergeParty,
)
from domain.refusal import Refusal
from services.network import networks as module
from services.network.figures import Errand, Figures, TooLarge
from services.network.networks import Networks, NotReadyError, TooLargeError
from services.network.refresh import compute, read_ledger
from services.reading.network import (
    list_bridges,
    list_organisations,
    read_network,
    read_party_network,
    suggest_introductions,
)
from services.reading.pages import Page
from services.reading.paths import read_paths
from services.reading.question import BadQuestionError
from services.reading.snapshot import Look, open_snapshot
from services.reading.words import read_names
from services.service import Service
from tests.services.conftest import LEDGER, Desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def look(service: Service) -> Look:
    return lambda: open_snapshot(service, LEDGER)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Compute in this process, at once and without a rest; answers the positions of what was computed."""
    done: list[int] = []

    async def compute_here(errand: Errand) -> Figures | TooLarge:
        read = await read_ledger(errand)
        assert not isinstance(read, TooLarge)
        done.append(read.position)
        return compute(read, 0.0)

    monkeypatch.setattr(module, "compute_elsewhere", compute_here)
    monkeypatch.setattr(module, "REST", 0.0)
    return done


async def give(desk: Desk, giver: UUID, receiver: UUID) -> UUID:
    return (await desk.give(RecordFavour(giver=giver, receiver=receiver, what="a cake"))).id


@pytest.fixture
async def parties(desk: Desk) -> list[UUID]:
    """0 and 1 and 2 gave each other in a ring; 2 gave 3; 4 gave 5 and took it back as recorded in error; 6 is alone."""
    found = sorted(await desk.register(*(f"Party {n}" for n in range(7))))
    for giver, receiver in ((0, 1), (1, 0), (1, 2), (2, 0), (2, 3), (4, 5)):
        favour = await give(desk, found[giver], found[receiver])
    await desk.give(RetractFavour(), favour)
    return found


async def test_a_process_of_its_own_computes_it(service: Service, look: Look, parties: list[UUID]) -> None:
    answer = await read_network(look, service.networks)
    assert (answer.parties, answer.ties, answer.given, answer.bridges) == (7, 4, 5, 1)
    assert answer.reciprocity == pytest.approx(2 / 5)
    assert answer.behind == 0
    assert answer.took_s > 0
    assert len(parties) == 7


async def test_each_party_has_its_place(service: Service, look: Look, here: list[int], parties: list[UUID]) -> None:
    ring, end, alone = [await read_party_network(look, service.networks, parties[number]) for number in (2, 3, 6)]
    assert (ring.ties, ring.reciprocity) == (3, 0)
    assert ring.effective_size == pytest.approx(3 - 2 / 3)
    assert [(other.id, other.name) for other in ring.bridges] == [(parties[3], await name_of(look, parties[3]))]
    assert (end.ties, end.constraint, end.effective_size, end.bridge_count) == (1, 1, 1, 1)
    assert (alone.ties, alone.constraint, alone.effective_size, alone.reciprocity) == (0, None, None, None)
    assert len(here) == 1
    with pytest.raises(Refusal):
        await read_party_network(look, service.networks, UUID(int=9))


async def name_of(look: Look, party: UUID) -> str | None:
    async with look() as snapshot:
        return (await read_names(snapshot, [party]))[party]


async def test_introductions_are_suggested_with_who_could_introduce(
    service: Service, look: Look, here: list[int], parties: list[UUID]
) -> None:
    answer = await suggest_introductions(look, service.networks, parties[0])
    (one,) = answer.suggestions
    assert (one.id, one.in_common, [other.id for other in one.introducers]) == (parties[3], 1, [parties[2]])
    assert one.gain == pytest.approx(1 + 2 / 2 - 2 * 2 / 3)
    assert one.gain_of_other == pytest.approx(1 - 2 / 2)
    assert (await suggest_introductions(look, service.networks, parties[6])).suggestions == ()
    assert answer.position == here[0]


async def test_who_was_introduced_is_known(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    between, first, second = parties[2], parties[0], parties[3]
    proposed = await desk.give(ProposeIntroduction(by=between, introducer=between, first=first, second=second))
    for one in (first, second):
        await desk.give(ConsentToIntroduction(by=one), proposed.id)
    before = await read_network(look, service.networks)
    made = await desk.give(MakeIntroduction(by=between), proposed.id)
    after = await read_network(look, service.networks, at_least=made.position)
    assert (before.ties, after.ties, after.bridges) == (4, 5, 0)
    assert after.given == before.given  # the introducer had given to both before
    assert (await suggest_introductions(look, service.networks, first)).suggestions == ()
    assert len(here) == 2


async def test_who_met_has_a_tie_but_gave_nothing(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    before = await read_network(look, service.networks)
    met = await desk.give(RecordContact(initiator=parties[6], other=parties[5], channel="call"))
    after = await read_network(look, service.networks, at_least=met.position)
    assert (after.ties, after.given, after.reciprocity) == (before.ties + 1, before.given, before.reciprocity)
    retracted = await desk.give(RetractContact(), met.id)
    again = await read_network(look, service.networks, at_least=retracted.position)
    assert again.ties == before.ties
    assert len(here) == 3


async def test_bridges_come_in_pages(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    await give(desk, parties[3], parties[4])
    await give(desk, parties[4], parties[6])
    found, after = [], None
    while True:
        page = await list_bridges(look, service.networks, page=Page(after, 2))
        found += [(bridge.a.id, bridge.b.id) for bridge in page.items]
        after = page.next
        if after is None:
            break
    assert found == [(parties[a], parties[b]) for a, b in ((2, 3), (3, 4), (4, 6))]
    assert len(here) == 1


async def test_bridges_between_organisations(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    """0 and 1 belong to one organisation, 2 to a second one, which gave 3 of a third."""
    houses = [(await desk.give(RegisterParty(name=f"House {n}", kind="organisation"))).id for n in range(3)]
    for party, house in ((0, 0), (1, 0), (2, 1), (3, 2), (4, 0)):
        await desk.give(JoinOrganisation(organisation=houses[house]), parties[party])
    await desk.give(LeaveOrganisation(organisation=houses[0]), parties[4])
    await give(desk, houses[1], parties[3])
    answer = await read_network(look, service.networks)
    assert answer.between_organisations == 4
    page = await list_bridges(look, service.networks, kind="organisations")
    spanning = [(parties[0], parties[2]), (parties[1], parties[2]), (parties[2], parties[3]), (parties[3], houses[1])]
    assert [(one.a.id, one.b.id) for one in page.items] == sorted((min(tie), max(tie)) for tie in spanning)
    assert (await read_party_network(look, service.networks, parties[2])).between_organisations == 3

    found, after = [], None
    while True:
        pairs = await list_organisations(look, service.networks, page=Page(after, 1))
        found += [({pair.a.name, pair.b.name}, pair.ties) for pair in pairs.items]
        after = pairs.next
        if after is None:
            break
    assert len(found) == 2
    assert ({"House 0", "House 1"}, 2) in found
    assert ({"House 1", "House 2"}, 2) in found
    assert len(here) == 1


async def test_a_merged_party_is_the_one_that_stands_for_it(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    merged = await desk.give(MergeParty(into=parties[0]), parties[1])
    answer = await read_network(look, service.networks)
    assert (answer.parties, answer.ties, answer.given, answer.bridges) == (6, 2, 3, 2)
    both = [await read_party_network(look, service.networks, parties[number]) for number in (0, 1)]
    assert [place.ties for place in both] == [1, 1]
    parted = await desk.give(UnmergeParty(), parties[1])
    again = await read_network(look, service.networks, at_least=parted.position)
    assert (again.parties, again.ties, again.given, again.bridges) == (7, 4, 5, 1)
    assert here == [merged.position, parted.position]


async def test_who_was_erased_has_no_ties(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    erased = await desk.give(EraseParty(), parties[2], capacity="admin")
    answer = await read_network(look, service.networks, at_least=erased.position)
    assert (answer.parties, answer.ties, answer.given) == (7, 1, 2)
    assert (await read_party_network(look, service.networks, parties[2])).ties == 0
    assert len(here) == 1


async def test_an_answer_is_as_of_a_position_and_later_ones_can_be_asked_for(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    first = await read_network(look, service.networks)
    receipt = await desk.give(RecordFavour(giver=parties[6], receiver=parties[0], what="a cake"))
    stale = await read_network(look, service.networks)
    assert (stale.position, stale.behind) == (first.position, 1)
    fresh = await read_network(look, service.networks, at_least=receipt.position)
    assert (fresh.position, fresh.ties, fresh.behind) == (receipt.position, first.ties + 1, 0)
    (newcomer,) = await desk.register("Newcomer")
    assert (await read_party_network(look, service.networks, newcomer)).ties == 0
    with pytest.raises(BadQuestionError):
        await read_network(look, service.networks, at_least=10_000)
    assert here == sorted(here)


async def counted(answers: list[Figures | TooLarge | Exception], monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    asked = 0

    async def answer(_: Errand) -> Figures | TooLarge:
        nonlocal asked
        asked += 1
        found = answers[min(asked, len(answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(module, "compute_elsewhere", answer)
    return lambda: asked


async def test_callers_at_once_wait_for_one_refresh(
    service: Service, look: Look, here: list[int], parties: list[UUID]
) -> None:
    answers = await asyncio.gather(*(read_party_network(look, service.networks, party) for party in parties))
    assert {answer.position for answer in answers} == {here[0]}
    assert len(here) == 1


async def test_what_fails_is_told_and_tried_again_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await counted([ChildProcessError("it ended")], monkeypatch)
    monkeypatch.setattr(module, "WAIT_S", 0.2)
    networks = Networks("")
    with pytest.raises(NotReadyError):
        await networks.figures(LEDGER, 5)
    with pytest.raises(NotReadyError):
        await networks.figures(LEDGER, 5)
    assert asked() == 1
    await networks.stop()


async def test_what_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await counted([TooLarge()], monkeypatch)
    networks = Networks("")
    for _ in range(3):
        with pytest.raises(TooLargeError):
            await networks.figures(LEDGER, 5)
    assert asked() == 1
    await networks.stop()


async def test_the_ledgers_asked_for_last_are_kept(
    monkeypatch: pytest.MonkeyPatch, service: Service, parties: list[UUID]
) -> None:
    read = await read_ledger(Errand(service.url, LEDGER))
    assert not isinstance(read, TooLarge)
    figures = compute(read, 0.0)
    asked = await counted([figures], monkeypatch)
    monkeypatch.setattr(module, "KEPT", 2)
    networks = Networks("")
    for ledger_id in ("a", "b", "a", "c", "a", "b"):
        assert await networks.figures(ledger_id, figures.position) is figures
    assert asked() == 4
    assert figures.number(parties[0]) == 0
    assert figures.number(UUID(int=1)) is None


async def test_a_process_that_fails_is_an_error(service: Service) -> None:
    with pytest.raises(ChildProcessError):
        await module.compute_elsewhere(Errand(service.url, "nowhere"))


async def test_a_process_that_takes_too_long_is_ended(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIME_LIMIT_S", 0.05)
    with pytest.raises(TimeoutError):
        await module.compute_elsewhere(Errand(service.url, LEDGER))


async def test_a_ledger_with_more_than_is_looked_at(
    service: Service, monkeypatch: pytest.MonkeyPatch, parties: list[UUID]
) -> None:
    monkeypatch.setattr("services.network.refresh.PARTY_LIMIT", len(parties) - 1)
    assert await read_ledger(Errand(service.url, LEDGER)) == TooLarge()


async def test_paths_to_who_knows_go_by_those_who_agreed(
    service: Service, look: Look, here: list[int], desk: Desk, parties: list[UUID]
) -> None:
    """0 - 2 - 3 - 4 - 5 is the way; 6 is reached from 0 over 5 as well, but five ties away."""
    for giver, receiver in ((3, 4), (4, 5), (5, 6)):
        await give(desk, parties[giver], parties[receiver])
    await desk.give(ListKnowledge(knows_about=("Bee-keeping",)), parties[4])
    await desk.give(ListKnowledge(knows_about=("Wild bees",)), parties[1])
    await desk.give(ListKnowledge(knows_about=("Glass",)), parties[6])

    async def ways(party: int, knows: str) -> list[list[UUID]]:
        answer = await read_paths(look, service.networks, parties[party], knows)
        return [[*(one.id for one in path.introducers), path.knower.id] for path in answer.paths]

    assert await ways(0, "bees") == [[parties[1]]]
    assert await ways(0, "bee-keeping") == []
    await desk.give(SetFindable(findable=True), parties[2])
    assert await ways(0, "bee-keeping") == []
    await desk.give(SetFindable(findable=True), parties[3])
    assert await ways(0, "BEE-KEEPING") == [[parties[2], parties[3], parties[4]]]
    assert await ways(4, "bee-keeping") == []  # it knows itself
    for party in (4, 5):
        await desk.give(SetFindable(findable=True), parties[party])
    assert await ways(2, "glass") == [[parties[3], parties[4], parties[5], parties[6]]]
    assert await ways(0, "glass") == []  # five ties away
    await desk.give(SetFindable(findable=False), parties[3])
    assert await ways(0, "bee-keeping") == []
    assert await ways(0, "nothing of the kind") == []
    assert len(here) >= 1
