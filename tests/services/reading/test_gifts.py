"""The gift register as it is written and read."""

import pytest
from msgspec.structs import replace

from domain.event import Who
from domain.favour.commands import DisputeFavour, RecordFavour, ReinstateFavour, RetractFavour, ThankFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import MergeParty
from domain.policy import GiftLimits
from services.ledger.order import Order, Receipt
from services.reading.as_of import Asked
from services.reading.favours import list_favours
from services.reading.gifts import GiftFilter, list_gifts
from services.reading.pages import Page
from services.reading.snapshot import open_snapshot
from services.reading.trust import read_trust
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import POLICY, START, Clock

pytestmark = pytest.mark.anyio


async def test_limits_hold_over_all_gifts_of_a_year_as_they_count_now(
    service: Service, desk: Desk, clock: Clock
) -> None:
    limits = replace(POLICY, gifts=GiftLimits(unit="favour", one=50, year=100))
    await desk.give(ChangePolicy(policy=limits), LEDGER_STREAM, capacity="admin")
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    gift = RecordFavour(giver=anna, receiver=ben, gift="declared", quantity=50, what="a hamper", topic="hampers")
    first = await desk.give(gift)
    assert first.notices == ()
    clock.go_on(days=30)
    second = await desk.give(replace(gift, quantity=51), idempotency_key="second")
    assert [notice.code for notice in second.notices] == ["favour_gift_over_limit", "favour_gifts_over_year_limit"]
    assert "12 months" in second.notices[1].detail
    assert (
        await desk.give(replace(gift, quantity=51), idempotency_key="second") == second
    )  # the first answer again, notices and all
    await desk.give(RetractFavour(), first.id)
    assert (await desk.give(replace(gift, quantity=49))).notices == ()
    await desk.give(ReinstateFavour(), first.id)
    over = await desk.give(replace(gift, quantity=1))
    assert [notice.code for notice in over.notices] == ["favour_gifts_over_year_limit"]
    assert (await desk.give(replace(gift, giver=cara, quantity=50))).notices == ()
    await desk.give(MergeParty(into=anna), cara)
    assert len((await desk.give(replace(gift, giver=cara, quantity=1))).notices) == 1
    refused = await desk.give(replace(gift, gift="refused", quantity=99))
    assert refused.notices == ()
    await desk.give(DisputeFavour(by=ben, reason="it was a loan"), second.id)
    clock.go_on(days=365)
    assert (await desk.give(replace(gift, quantity=50))).notices == ()  # the year of all others is over

    async with open_snapshot(service, LEDGER) as snapshot:
        page = await list_gifts(snapshot)
        lines = page.items
        assert [(one.quantity, one.counts, one.over_limit, one.over_year_limit) for one in lines] == [
            (50, 50, False, False),
            (51, 0, True, True),
            (49, 49, False, False),
            (1, 1, False, True),
            (50, 50, False, False),
            (1, 1, False, True),
            (99, 0, False, False),
            (50, 50, False, False),
        ]
        assert (lines[0].what, lines[0].topic, lines[0].occurred_at) == ("a hamper", "hampers", START)
        assert [one.quantity for one in (await list_gifts(snapshot, GiftFilter(crossing=True))).items] == [51, 1, 1]
        assert [one.id for one in (await list_gifts(snapshot, GiftFilter(gift="refused"))).items] == [refused.id]
        assert len((await list_gifts(snapshot, GiftFilter(giver=anna, receiver=ben, crossing=False))).items) == 5
        assert (await list_gifts(snapshot, GiftFilter(receiver=anna))).items == ()
        then = await list_gifts(snapshot, asked=Asked(occurred=START))
        assert [one.quantity for one in then.items] == [50]
        part = await list_gifts(snapshot, page=Page(limit=3))
        assert part.items + (await list_gifts(snapshot, page=Page(part.next))).items == lines
        favours = (await list_favours(snapshot, party=ben)).items
        assert [(one.id, one.gift) for one in favours][:2] == [(first.id, "declared"), (second.id, "declared")]


async def test_who_refused_a_gift_has_nothing_to_acknowledge_and_thanks_are_an_acknowledgement(
    service: Service, desk: Desk
) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    await desk.give(RecordFavour(giver=anna, receiver=ben, gift="refused", quantity=9))
    await desk.give(RecordFavour(giver=anna, receiver=ben))
    thanked = await desk.give(RecordFavour(giver=anna, receiver=ben))
    await desk.give(ThankFavour(by=ben, note="You shouldn't have."), thanked.id)
    async with open_snapshot(service, LEDGER) as snapshot:
        acknowledged = (await read_trust(snapshot, ben)).conduct.acknowledgement
        assert (acknowledged.count, acknowledged.of) == (1, 2)
        assert [one.thanked for one in (await list_favours(snapshot, party=ben)).items] == [False, False, True]


async def test_gifts_of_one_batch_count_together(service: Service, desk: Desk) -> None:
    limits = replace(POLICY, gifts=GiftLimits(unit="favour", year=100))
    await desk.give(ChangePolicy(policy=limits), LEDGER_STREAM, capacity="admin")
    anna, ben = await desk.register("Anna", "Ben")
    gift = RecordFavour(giver=anna, receiver=ben, gift="declared", quantity=40)
    orders = [Order(ledger_id=LEDGER, command=gift, who=Who("recorder", "test")) for _ in range(4)]
    receipts = [outcome for outcome in await service.clerk.submit_all(orders) if isinstance(outcome, Receipt)]
    assert [len(receipt.notices) for receipt in receipts] == [0, 0, 1, 1]
    assert [event.topic for event in receipts[2].events] == ["favour.gift_declared", "favour.gifts_over_year_limit"]
