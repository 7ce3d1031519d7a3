"""Favours: who may say what when, and what it adds to the balance."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.command import Command, DeclaredGift
from domain.event import Capacity, Event, Posting, Who
from domain.favour.commands import (
    AcknowledgeFavour,
    ReinstateFavour,
    RetractFavour,
    SettleFavour,
    ThankFavour,
    WithdrawFavourDispute,
)
from domain.favour.decide import sum_in_year
from domain.favour.state import Favour
from domain.policy import GiftLimits
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    DORA,
    MOMENT,
    NOBODY,
    OTHER_KEY,
    POLICY,
    STREAM,
    declared_gifts,
    dispute_favour,
    favour_acknowledged,
    favour_dispute_withdrawn,
    favour_disputed,
    favour_gift_declared,
    favour_gift_over_limit,
    favour_gift_refused,
    favour_gifts_over_year_limit,
    favour_recorded,
    favour_reinstated,
    favour_retracted,
    favour_settled,
    favour_settlement_proposed,
    favour_thanked,
    later,
    merged,
    record_favour,
    who,
)
from tests.spec import given

RECORDED = (favour_recorded(),)
DISPUTED = (*RECORDED, favour_disputed())
SETTLED = (*DISPUTED, favour_settlement_proposed(), favour_settled())
RETRACTED = (*RECORDED, favour_retracted())

OPEN_ACTS = ("favour.acknowledge", "favour.thank", "favour.dispute", "favour.retract")
DISPUTE_ACTS = ("favour.settle", "favour.withdraw_dispute", "favour.retract")

# ── recording ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_favour_is_recorded() -> None:
    favour = given().when(record_favour(), by=ANNA).then(favour_recorded())
    assert favour == Favour(ANNA, BEN, "favour", 1, MOMENT, who(ANNA), MOMENT)


def test_a_favour_is_recorded_with_all_that_is_known_of_it() -> None:
    command = record_favour(
        unit="minute", quantity=90, what="Helped to move", note="Third floor.", topic="moving", occurred_at=later(-3)
    )
    given().when(command, by=BEN).then(
        favour_recorded(
            unit="minute", quantity=90, what="Helped to move", note="Third floor.", topic="moving", by=BEN, at=later(-3)
        )
    )


@pytest.mark.parametrize(
    ("by", "capacity"),
    [(ANNA, "party"), (BEN, "party"), (CORA, "party"), (None, "recorder"), (BEN, "recorder"), (None, "admin")],
)
def test_giver_receiver_a_third_party_or_a_recorder_may_record(by: UUID | None, capacity: Capacity) -> None:
    given().when(record_favour(), by=by, capacity=capacity).then(favour_recorded(by=by, capacity=capacity))


def test_a_favour_counts_in_the_first_unit_unless_it_names_one() -> None:
    policy = replace(POLICY, units=("minute", "favour"))
    given().when(record_favour(), by=ANNA, policy=policy).then(favour_recorded(unit="minute"))


@pytest.mark.parametrize("quantity", [1, POLICY.quantity_limit])
def test_quantities_within_the_limit_are_recorded(quantity: int) -> None:
    given().when(record_favour(quantity=quantity), by=ANNA).then(favour_recorded(quantity=quantity))


@pytest.mark.parametrize("quantity", [0, -1, POLICY.quantity_limit + 1, 10**40])
def test_quantities_beyond_it_are_not(quantity: int) -> None:
    given().when(record_favour(quantity=quantity), by=ANNA).then_refused("quantity_out_of_range")


def test_a_unit_that_the_ledger_lacks_is_refused() -> None:
    given().when(record_favour(unit="mile"), by=ANNA).then_refused("unknown_unit")


def test_a_favour_is_not_done_to_oneself() -> None:
    given().when(record_favour(receiver=ANNA), by=ANNA).then_refused("same_party")


@pytest.mark.parametrize("fields", [{"giver": NOBODY}, {"receiver": NOBODY}, {"by": NOBODY}])
def test_all_parties_have_to_be_registered(fields: dict[str, Any]) -> None:
    given().when(record_favour(**fields)).then_refused("unknown_party", mentions=str(NOBODY))


def test_the_parties_are_facts_to_load() -> None:
    assert record_favour().needs_parties() == (ANNA, BEN)
    assert record_favour(by=CORA).needs_parties() == (ANNA, BEN, CORA)


def test_a_favour_is_recorded_once() -> None:
    given(*RECORDED).when(record_favour(), by=ANNA).then_refused("favour_exists")


def test_a_favour_is_not_recorded_for_the_future() -> None:
    given().when(record_favour(occurred_at=later(1)), by=ANNA, at=MOMENT).then_refused("occurs_in_future")


# ── gifts ────────────────────────────────────────────────────────────────────────────────────────────────────

LIMITED = replace(POLICY, gifts=GiftLimits(unit="favour", one=50, year=100))


def test_a_gift_that_is_taken_counts_and_is_declared() -> None:
    command = record_favour(gift="declared", quantity=7, what="A box of pears")
    favour = given().when(command, by=BEN).then(favour_gift_declared(quantity=7, by=BEN, what="A box of pears"))
    assert favour.gift == "declared"
    assert favour.counts() == Posting("favour", 7, 1)


def test_a_gift_that_is_refused_is_on_record_and_moves_nothing() -> None:
    command = record_favour(gift="refused", quantity=7, topic="wine")
    refused = favour_gift_refused(quantity=7, by=BEN, topic="wine")
    favour = given().when(command, by=BEN, policy=LIMITED).then(refused)
    assert favour.counts() == Posting("favour")
    given(refused).when(dispute_favour(), by=ANNA).then(favour_disputed(by=ANNA, posting=None))
    given(refused).when(RetractFavour(), by=BEN).then(favour_retracted(by=BEN, posting=None))


def test_the_gifts_so_far_are_a_fact_to_load_where_one_was_taken() -> None:
    assert record_favour(gift="declared").needs_gifts() == (ANNA, BEN)
    assert record_favour(gift="refused").needs_gifts() is None
    assert record_favour().needs_gifts() is None


@pytest.mark.parametrize(
    ("quantity", "gifts", "crossed"),
    [
        (50, (), ()),
        (51, (), (favour_gift_over_limit(quantity=51, limit=50),)),
        (50, ((-364, 50),), ()),
        (40, ((-364, 61),), (favour_gifts_over_year_limit(quantity=101, limit=100),)),
        (40, ((-365, 61),), ()),
        (40, ((-200, 61), (-100, 0)), (favour_gifts_over_year_limit(quantity=101, limit=100),)),
        (
            101,
            (),
            (favour_gift_over_limit(quantity=101, limit=50), favour_gifts_over_year_limit(quantity=101, limit=100)),
        ),
        # recorded late: of the 12 months that it falls in, those that end after it count too
        (40, ((100, 61),), (favour_gifts_over_year_limit(quantity=101, limit=100),)),
        (40, ((-200, 61), (200, 50)), (favour_gifts_over_year_limit(quantity=101, limit=100),)),
        (40, ((-300, 30), (100, 30)), ()),
    ],
)
def test_a_gift_beyond_a_limit_is_recorded_and_said_to_be(
    quantity: int, gifts: tuple[tuple[float, int], ...], crossed: tuple[Event, ...]
) -> None:
    when = given().when(
        record_favour(gift="declared", quantity=quantity), by=ANNA, policy=LIMITED, gifts=declared_gifts(*gifts)
    )
    favour = when.then(favour_gift_declared(quantity=quantity), *crossed)
    assert favour.quantity == quantity


@pytest.mark.parametrize(
    "limits", [None, GiftLimits(unit="minute", one=1, year=1), GiftLimits(unit="favour")], ids=["none", "other", "open"]
)
def test_where_the_policy_sets_no_limit_none_is_crossed(limits: GiftLimits | None) -> None:
    policy = replace(POLICY, gifts=limits)
    given().when(record_favour(gift="declared", quantity=99), by=ANNA, policy=policy).then(
        favour_gift_declared(quantity=99)
    )


def test_gifts_of_another_unit_or_of_a_merged_giver() -> None:
    gifts = {
        (ANNA, BEN): {STREAM: DeclaredGift(MOMENT, "minute", 500)},
        (DORA, BEN): {UUID(int=2): DeclaredGift(MOMENT, "favour", 70)},
    }
    when = given().when(
        record_favour(gift="declared", quantity=40), by=ANNA, policy=LIMITED, gifts=gifts, merges=merged({DORA: ANNA})
    )
    when.then(favour_gift_declared(quantity=40), favour_gifts_over_year_limit(quantity=110, limit=100))


@given_any(
    st.lists(st.tuples(st.integers(-800, 800), st.integers(0, 9)), max_size=12),
    st.integers(1, 9),
    st.integers(-400, 400),
)
def test_the_sum_in_a_year_is_the_largest_of_all_years_that_the_gift_is_in(
    gifts: list[tuple[int, int]], quantity: int, day: int
) -> None:
    taken = [*gifts, (day, quantity)]
    ends = range(day, day + 365)
    expected = max(sum(value for one, value in taken if end - 365 < one <= end) for end in ends)
    declared = [DeclaredGift(later(one), "favour", value) for one, value in gifts]
    assert sum_in_year(declared, later(day), quantity) == expected


# ── thanks ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_receiver_says_thank_you_once_or_in_other_words() -> None:
    favour = given(*RECORDED).when(ThankFavour(), by=BEN).then(favour_thanked())
    assert (favour.thanked, favour.acknowledged) == (True, False)
    past = (*RECORDED, favour_thanked())
    given(*past).when(ThankFavour(), by=BEN).then_nothing_happened()
    given(*past).when(ThankFavour(note="Still grateful."), by=BEN).then(favour_thanked(note="Still grateful."))
    given(*RECORDED).when(ThankFavour(), by=ANNA).then_refused("wrong_party", mentions="receiver")
    given(*DISPUTED).when(ThankFavour(), by=BEN).then_refused("favour_is_disputed", allowed=DISPUTE_ACTS)


# ── acknowledging ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("past", [RECORDED, SETTLED], ids=["recorded", "settled"])
def test_the_receiver_acknowledges(past: tuple[Event, ...]) -> None:
    favour = given(*past).when(AcknowledgeFavour(), by=BEN).then(favour_acknowledged())
    assert (favour.acknowledged, favour.value) == (True, None)


def test_the_receiver_says_what_it_was_worth() -> None:
    command = AcknowledgeFavour(value=-3, note="It did not help.")
    favour = given(*RECORDED).when(command, by=BEN).then(favour_acknowledged(value=-3, note="It did not help."))
    assert favour.value == -3


def test_acknowledging_the_same_again_changes_nothing() -> None:
    past = (*RECORDED, favour_acknowledged(value=5))
    given(*past).when(AcknowledgeFavour(value=5), by=BEN).then_nothing_happened()


def test_a_later_value_supersedes() -> None:
    past = (*RECORDED, favour_acknowledged(value=5))
    assert given(*past).when(AcknowledgeFavour(value=7), by=BEN).then(favour_acknowledged(value=7)).value == 7


def test_another_note_is_kept() -> None:
    past = (*RECORDED, favour_acknowledged(note="Thanks."))
    command = AcknowledgeFavour(note="Thanks again.")
    given(*past).when(command, by=BEN).then(favour_acknowledged(note="Thanks again."))


@pytest.mark.parametrize("by", [ANNA, CORA, None])
def test_only_the_receiver_acknowledges(by: UUID | None) -> None:
    given(*RECORDED).when(AcknowledgeFavour(), by=by).then_refused("wrong_party", mentions="receiver")
    past = (*RECORDED, favour_acknowledged())
    given(*past).when(AcknowledgeFavour(), by=by).then_refused("wrong_party", mentions="receiver")


# ── disputes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [ANNA, BEN])
def test_giver_or_receiver_disputes(by: UUID) -> None:
    favour = given(*RECORDED).when(dispute_favour(), by=by).then(favour_disputed(by=by))
    assert (favour.status, favour.disputed_by) == ("disputed", by)
    assert favour.counts() == Posting("favour", disputed=1)


def test_a_recorder_notes_a_dispute_on_a_partys_behalf() -> None:
    given(*RECORDED).when(dispute_favour(), by=BEN, capacity="recorder").then(favour_disputed(capacity="recorder"))


def test_what_was_settled_may_be_disputed_again() -> None:
    favour = given(*SETTLED).when(dispute_favour(), by=ANNA).then(favour_disputed(by=ANNA))
    assert favour.undisputed == "settled"
    assert favour.proposed is None


@pytest.mark.parametrize("by", [CORA, None])
def test_nobody_else_disputes(by: UUID | None) -> None:
    given(*RECORDED).when(dispute_favour(), by=by).then_refused("wrong_party", mentions="giver or receiver")


def test_disputing_again_changes_nothing() -> None:
    given(*DISPUTED).when(dispute_favour(reason="Really not."), by=BEN).then_nothing_happened()


@pytest.mark.parametrize("by", [ANNA, CORA, None])
def test_a_dispute_is_not_raised_twice(by: UUID | None) -> None:
    given(*DISPUTED).when(dispute_favour(), by=by).then_refused("favour_is_disputed")


@pytest.mark.parametrize("by", [ANNA, BEN])
def test_either_proposes_a_settlement(by: UUID) -> None:
    favour = given(*DISPUTED).when(SettleFavour(quantity=1), by=by).then(favour_settlement_proposed(by=by))
    assert favour.proposed == (by, 1)


def test_proposing_the_same_again_changes_nothing() -> None:
    past = (*DISPUTED, favour_settlement_proposed())
    given(*past).when(SettleFavour(quantity=1), by=ANNA).then_nothing_happened()


def test_another_proposal_takes_the_place_of_the_first() -> None:
    past = (*DISPUTED, favour_settlement_proposed(quantity=2))
    favour = given(*past).when(SettleFavour(quantity=3), by=ANNA).then(favour_settlement_proposed(quantity=3))
    assert favour.proposed == (ANNA, 3)


def test_a_counter_proposal_takes_the_place_of_what_it_answers() -> None:
    past = (*DISPUTED, favour_settlement_proposed(quantity=2))
    favour = given(*past).when(SettleFavour(quantity=3), by=BEN).then(favour_settlement_proposed(by=BEN, quantity=3))
    assert favour.proposed == (BEN, 3)


def test_a_dispute_ends_once_both_named_the_same_quantity() -> None:
    past = (favour_recorded(quantity=5), favour_disputed(quantity=5), favour_settlement_proposed(quantity=3))
    favour = given(*past).when(SettleFavour(quantity=3), by=BEN).then(favour_settled(was=5, quantity=3))
    assert (favour.status, favour.disputed_by, favour.proposed) == ("settled", None, None)
    assert favour.counts() == Posting("favour", 3, 1)


def test_a_dispute_may_end_at_nothing_given() -> None:
    past = (*DISPUTED, favour_settlement_proposed(by=BEN, quantity=0))
    favour = given(*past).when(SettleFavour(quantity=0), by=ANNA).then(favour_settled(by=ANNA, quantity=0))
    assert favour.counts() == Posting("favour")


def test_what_was_settled_at_nothing_is_disputed_without_a_posting_and_settled_anew() -> None:
    nothing = (*DISPUTED, favour_settlement_proposed(by=BEN, quantity=0), favour_settled(by=ANNA, quantity=0))
    given(*nothing).when(dispute_favour(), by=ANNA).then(favour_disputed(by=ANNA, posting=None))
    past = (*nothing, favour_disputed(by=ANNA, posting=None), favour_settlement_proposed(quantity=4))
    favour = given(*past).when(SettleFavour(quantity=4), by=BEN).then(favour_settled(was=0, quantity=4))
    assert favour.counts() == Posting("favour", 4, 1)


def test_settling_again_as_settled_changes_nothing() -> None:
    given(*SETTLED).when(SettleFavour(quantity=1), by=ANNA).then_nothing_happened()
    given(*SETTLED).when(SettleFavour(quantity=1), by=BEN).then_nothing_happened()


def test_settling_otherwise_takes_another_dispute() -> None:
    given(*SETTLED).when(SettleFavour(quantity=2), by=BEN).then_refused("favour_is_settled", allowed=OPEN_ACTS)
    given(*SETTLED).when(SettleFavour(quantity=1), by=CORA).then_refused("favour_is_settled")


@pytest.mark.parametrize("by", [CORA, None])
def test_nobody_else_settles(by: UUID | None) -> None:
    given(*DISPUTED).when(SettleFavour(quantity=1), by=by).then_refused("wrong_party", mentions="giver or receiver")


def test_a_settlement_is_within_the_limit() -> None:
    command = SettleFavour(quantity=POLICY.quantity_limit + 1)
    given(*DISPUTED).when(command, by=ANNA).then_refused("quantity_out_of_range")


def test_who_disputed_withdraws() -> None:
    past = (*DISPUTED, favour_settlement_proposed())
    favour = given(*past).when(WithdrawFavourDispute(), by=BEN).then(favour_dispute_withdrawn())
    assert (favour.status, favour.disputed_by, favour.proposed) == ("recorded", None, None)


def test_a_withdrawn_dispute_leads_back_to_what_was_settled() -> None:
    past = (*SETTLED, favour_disputed(by=ANNA))
    favour = given(*past).when(WithdrawFavourDispute(), by=ANNA).then(favour_dispute_withdrawn(by=ANNA))
    assert favour.status == "settled"


@pytest.mark.parametrize("by", [ANNA, CORA, None])
def test_nobody_else_withdraws_the_dispute(by: UUID | None) -> None:
    given(*DISPUTED).when(WithdrawFavourDispute(), by=by).then_refused("wrong_party", mentions="raised the dispute")


# ── retracting and reinstating ───────────────────────────────────────────────────────────────────────────────

THIRD, BY_KEY = who(CORA), who(None)


@pytest.mark.parametrize(
    ("author", "acts"),
    [
        (THIRD, THIRD),
        (THIRD, who(CORA, key=OTHER_KEY)),
        (THIRD, who(None, "admin", OTHER_KEY)),
        (BY_KEY, BY_KEY),
        (BY_KEY, who(DORA, "recorder")),
        (BY_KEY, who(None, "admin", OTHER_KEY)),
    ],
)
def test_who_recorded_it_or_an_administrator_retracts_and_reinstates(author: Who, acts: Who) -> None:
    recorded = favour_recorded(who=author)
    favour = (
        given(recorded)
        .when(RetractFavour(reason="Twice."), by=acts.by, capacity=acts.capacity, key=acts.key)
        .then(favour_retracted(who=acts, reason="Twice."))
    )
    assert favour.counts() == Posting("favour")
    assert favour.retracted_by == acts
    favour = (
        given(recorded, favour_retracted(who=acts))
        .when(ReinstateFavour(), by=acts.by, capacity=acts.capacity, key=acts.key)
        .then(favour_reinstated(who=acts))
    )
    assert favour.counts() == Posting("favour", 1, 1)


@pytest.mark.parametrize(
    ("author", "acts"),
    [
        (THIRD, who(ANNA)),
        (THIRD, who(BEN)),
        (THIRD, who(None)),
        (THIRD, who(None, "party")),
        (BY_KEY, who(None, "recorder", OTHER_KEY)),
        (BY_KEY, who(ANNA)),
        (BY_KEY, who(None, "party")),
    ],
)
def test_nobody_else_retracts(author: Who, acts: Who) -> None:
    given(favour_recorded(who=author)).when(
        RetractFavour(), by=acts.by, capacity=acts.capacity, key=acts.key
    ).then_refused("wrong_party", mentions="who recorded it")


@pytest.mark.parametrize("by", [ANNA, BEN, CORA, None])
def test_nobody_but_who_retracted_or_an_administrator_reinstates(by: UUID | None) -> None:
    past = (*RECORDED, favour_retracted(by=None, capacity="admin"))
    given(*past).when(ReinstateFavour(), by=by).then_refused("wrong_party", mentions="who retracted it")


def test_retracting_again_changes_nothing() -> None:
    given(*RETRACTED).when(RetractFavour(), by=ANNA).then_nothing_happened()
    given(*RETRACTED).when(RetractFavour(), capacity="admin").then_nothing_happened()


def test_who_may_not_retract_is_not_told_that_it_did() -> None:
    given(*RETRACTED).when(RetractFavour(), by=CORA).then_refused("favour_is_retracted", allowed=("favour.reinstate",))


def test_a_disputed_favour_is_retracted_and_reinstated_as_disputed() -> None:
    retracted = favour_retracted(posting=Posting("favour", disputed=-1))
    assert given(*DISPUTED).when(RetractFavour(), by=ANNA).then(retracted).counts() == Posting("favour")
    reinstated = favour_reinstated(posting=Posting("favour", disputed=1))
    favour = given(*DISPUTED, retracted).when(ReinstateFavour(), by=ANNA).then(reinstated)
    assert favour.counts() == Posting("favour", disputed=1)
    assert (favour.status, favour.disputed_by) == ("disputed", BEN)


# ── what is not open now ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("past", "standing", "allowed", "command"),
    [
        *(
            (past, standing, OPEN_ACTS, command)
            for past, standing in ((RECORDED, "recorded"), (SETTLED, "settled"))
            for command in (SettleFavour(quantity=9), WithdrawFavourDispute(), ReinstateFavour())
        ),
        *(
            (DISPUTED, "disputed", DISPUTE_ACTS, command)
            for command in (AcknowledgeFavour(), dispute_favour(by=ANNA), ReinstateFavour())
        ),
        (
            (*RECORDED, favour_acknowledged(), favour_disputed()),
            "disputed",
            DISPUTE_ACTS,
            AcknowledgeFavour(),
        ),
        *(
            (RETRACTED, "retracted", ("favour.reinstate",), command)
            for command in (
                AcknowledgeFavour(),
                dispute_favour(),
                SettleFavour(quantity=1),
                WithdrawFavourDispute(),
                RetractFavour(by=BEN),
            )
        ),
        (
            (*RECORDED, favour_acknowledged(), favour_retracted()),
            "retracted",
            ("favour.reinstate",),
            AcknowledgeFavour(),
        ),
        (
            (*DISPUTED, favour_retracted(posting=Posting("favour", disputed=-1))),
            "retracted",
            ("favour.reinstate",),
            dispute_favour(),
        ),
        (
            (
                *DISPUTED,
                favour_settlement_proposed(by=BEN),
                favour_retracted(posting=Posting("favour", disputed=-1)),
            ),
            "retracted",
            ("favour.reinstate",),
            SettleFavour(quantity=1),
        ),
    ],
    ids=lambda value: value.ACT if isinstance(value, Command) else None,
)
def test_what_its_standing_does_not_allow_is_refused(
    past: tuple[Event, ...], standing: str, allowed: tuple[str, ...], command: Command
) -> None:
    by = command.by or BEN
    given(*past).when(command, by=by).then_refused(f"favour_is_{standing}", mentions=standing, allowed=allowed)


ALL = (
    (RECORDED, AcknowledgeFavour(by=BEN)),
    (RECORDED, dispute_favour(by=BEN)),
    (DISPUTED, SettleFavour(by=BEN, quantity=1)),
    (DISPUTED, WithdrawFavourDispute(by=BEN)),
    (RECORDED, RetractFavour(by=ANNA)),
    (RETRACTED, ReinstateFavour(by=ANNA)),
)


@pytest.mark.parametrize("command", [command for _, command in ALL], ids=lambda command: command.ACT)
def test_a_favour_that_is_not_there_is_not_found(command: Command) -> None:
    given().when(command).then_refused("favour_not_found")


@pytest.mark.parametrize(("past", "command"), ALL, ids=[command.ACT for _, command in ALL])
def test_nothing_occurs_before_the_latest_event(past: tuple[Event, ...], command: Command) -> None:
    before = replace(command, occurred_at=later(-1))
    given(*past).when(before).then_refused("out_of_order", mentions=MOMENT.isoformat())


def test_its_words_are_about_both() -> None:
    assert favour_recorded().subjects == (ANNA, BEN)


def test_between_merged_parties_nothing_is_recorded_or_done() -> None:
    """Ben turned out to be Anna."""
    one = merged({BEN: ANNA})
    given().when(record_favour(), by=ANNA, merges=one).then_refused("same_party")
    given(favour_recorded()).when(AcknowledgeFavour(), by=BEN, merges=one).then_refused("same_party")


def test_a_merged_party_acts_for_the_one_it_was_merged_into_and_the_other_way() -> None:
    """Cora and Ben are one."""
    for merges in (merged({CORA: BEN}), merged({BEN: CORA})):
        given(favour_recorded()).when(AcknowledgeFavour(), by=CORA, merges=merges).then(favour_acknowledged(by=CORA))
        past = (favour_recorded(), favour_disputed())
        given(*past).when(dispute_favour(), by=CORA, merges=merges).then_nothing_happened()
        settling = (*past, favour_settlement_proposed(by=BEN))
        given(*settling).when(SettleFavour(quantity=1), by=CORA, merges=merges).then_nothing_happened()
        settled = (*settling, favour_settled(by=ANNA))
        given(*settled).when(SettleFavour(quantity=1), by=CORA, merges=merges).then_nothing_happened()
