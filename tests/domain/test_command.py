"""What commands have in common: when they took place, who may give them, how much they may say."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from domain.catalogue import STREAM_TYPE_OF
from domain.command import (
    Command,
    act_for,
    already_exists,
    declared,
    in_utc,
    is_author,
    not_found,
    require_author,
    require_in_order,
    require_one_of,
    require_quantity,
)
from domain.event import Event, Posting, Who, difference
from domain.favour.commands import AcknowledgeFavour, RecordFavour
from domain.merges import Merges
from domain.refusal import Refusal
from tests.examples import (
    ADMIN,
    ANNA,
    BEN,
    CORA,
    DORA,
    MOMENT,
    NOBODY,
    OTHER_KEY,
    POLICY,
    RECORDER,
    STREAM,
    facts,
    later,
    merged,
    who,
)

EAST = timezone(timedelta(hours=5, minutes=30))
FIRST, LAST = datetime.min.replace(tzinfo=EAST), datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))


def test_a_command_takes_place_now_unless_it_says_when() -> None:
    act = act_for(STREAM, who(), AcknowledgeFavour(), MOMENT, Merges())
    assert (act.stream, act.who, act.now, act.occurred_at) == (STREAM, who(), MOMENT, MOMENT)


def test_a_command_takes_place_when_it_says_in_utc() -> None:
    act = act_for(STREAM, who(), AcknowledgeFavour(occurred_at=MOMENT.astimezone(EAST)), later(1), Merges())
    assert (act.now, act.occurred_at, act.occurred_at.tzinfo) == (later(1), MOMENT, UTC)


def test_a_command_may_take_place_this_very_moment_but_not_later() -> None:
    assert act_for(STREAM, who(), AcknowledgeFavour(occurred_at=MOMENT), MOMENT, Merges()).occurred_at == MOMENT
    with pytest.raises(Refusal) as refused:
        act_for(STREAM, who(), AcknowledgeFavour(occurred_at=MOMENT + timedelta(microseconds=1)), MOMENT, Merges())
    assert refused.value.code == "occurs_in_future"


@pytest.mark.parametrize("moment", [FIRST, LAST, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_moment_that_is_outside_the_calendar_in_utc_is_refused(moment: datetime) -> None:
    with pytest.raises(Refusal, match="time_out_of_range") as refused:
        in_utc(moment, "due")
    assert refused.value.message.startswith("due ")
    with pytest.raises(Refusal, match="time_out_of_range"):
        act_for(STREAM, who(), AcknowledgeFavour(occurred_at=moment), MOMENT, Merges())


def test_a_command_needs_no_facts_unless_it_says_so() -> None:
    assert AcknowledgeFavour(by=BEN).needs_parties() == ()
    assert AcknowledgeFavour(by=BEN).needs_references() == ()
    assert AcknowledgeFavour(by=BEN).needs_streams() == ()


def test_parties_have_to_be_registered() -> None:
    facts().require_registered(ANNA, None, BEN)
    with pytest.raises(Refusal, match="unknown_party") as refused:
        facts().require_registered(ANNA, NOBODY)
    assert str(NOBODY) in refused.value.message


def test_the_role_is_that_of_the_party_that_acts() -> None:
    act = act_for(STREAM, who(BEN), AcknowledgeFavour(), MOMENT, Merges())
    assert require_one_of(act, {"giver": ANNA, "receiver": BEN}) == "receiver"


@pytest.mark.parametrize("acts", [who(CORA), RECORDER, ADMIN, who(None, "party")])
def test_who_is_none_of_the_roles_is_refused(acts: Who) -> None:
    act = act_for(STREAM, acts, AcknowledgeFavour(), MOMENT, Merges())
    with pytest.raises(Refusal, match="wrong_party") as refused:
        require_one_of(act, {"giver": ANNA, "receiver": BEN, "assessor": None})
    assert "giver or receiver" in refused.value.message


@pytest.mark.parametrize(
    ("author", "acts", "same"),
    [
        (who(ANNA), who(ANNA), True),
        (who(ANNA), who(ANNA, key=OTHER_KEY), True),
        (who(ANNA), who(BEN), False),
        (who(ANNA, "recorder"), who(ANNA), True),
        (who(ANNA, "recorder"), who(BEN, "recorder"), True),
        (RECORDER, RECORDER, True),
        (RECORDER, who(None, "recorder", OTHER_KEY), False),
        (RECORDER, who(None, "party"), False),
        (RECORDER, who(ANNA), False),
        (who(None, "party"), who(None, "party"), False),
        (who(ANNA), who(None, "admin", OTHER_KEY), True),
    ],
)
def test_the_author_is_the_same_party_the_same_recorder_or_an_administrator(
    author: Who, acts: Who, *, same: bool
) -> None:
    act = act_for(STREAM, acts, AcknowledgeFavour(), MOMENT, Merges())
    assert is_author(act, author) is same
    if same:
        require_author(act, author, "said so")
    else:
        with pytest.raises(Refusal, match="wrong_party") as refused:
            require_author(act, author, "said so")
        assert "who said so" in refused.value.message


def test_acts_come_in_order() -> None:
    act = act_for(STREAM, who(), AcknowledgeFavour(), MOMENT, Merges())
    require_in_order(MOMENT, act)
    with pytest.raises(Refusal, match="out_of_order"):
        require_in_order(later(0, seconds=1), act)


@pytest.mark.parametrize("quantity", [1, 1_000])
def test_quantities_up_to_the_limit_are_accepted(quantity: int) -> None:
    require_quantity(POLICY, "minute", quantity)


@pytest.mark.parametrize("quantity", [-1, 0, 1_001, 10**40])
def test_quantities_beyond_it_are_refused(quantity: int) -> None:
    with pytest.raises(Refusal, match="quantity_out_of_range") as refused:
        require_quantity(POLICY, "minute", quantity)
    assert "1000" in refused.value.message


def test_a_unit_that_the_ledger_does_not_use_is_refused() -> None:
    with pytest.raises(Refusal, match="unknown_unit") as refused:
        require_quantity(POLICY, "mile", 1)
    assert "favour, minute" in refused.value.message
    assert "mile" not in refused.value.message


def test_refusals_of_streams_that_are_not_there_or_there_already() -> None:
    assert (not_found("favour").code, already_exists("favour").code) == ("favour_not_found", "favour_exists")


def test_a_difference_leads_from_one_posting_to_another() -> None:
    before, after = Posting("minute", 5, 1), Posting("minute", 0, 0, 5)
    assert difference(before, after) == Posting("minute", -5, -1, 5)
    assert difference(after, after) is None
    assert difference(Posting("minute", 5, 1), Posting("minute", 5, 2)) == Posting("minute", 0, 1)
    assert difference(Posting("minute", disputed=1), Posting("minute", disputed=2)) == Posting("minute", disputed=1)


def test_an_event_has_no_parties_unless_it_says_so() -> None:
    class Happened(Event, frozen=True, kw_only=True):
        TOPIC = "test.happened"

    happened = Happened(occurred_at=MOMENT, who=who(UUID(int=1)))
    assert happened.parties == happened.subjects == ()


def test_merged_parties_act_as_one() -> None:
    """Cora was merged into Ben, and he into Anna; Dora is nobody's duplicate."""
    merges = merged({CORA: BEN, BEN: ANNA})
    known = facts(merges=merges)
    assert [known.root(party) for party in (ANNA, BEN, CORA, DORA)] == [ANNA, ANNA, ANNA, DORA]
    assert known.same(CORA, ANNA)
    assert not known.same(CORA, DORA)
    assert set(merges.set_of(BEN)) == {ANNA, BEN, CORA}
    assert (merges.set_of(CORA)[0], merges.set_of(DORA)) == (ANNA, (DORA,))
    act = act_for(STREAM, who(CORA), AcknowledgeFavour(), MOMENT, merges)
    assert require_one_of(act, {"receiver": ANNA}) == "receiver"
    assert is_author(act, who(BEN))
    assert not act.is_by(DORA)
    assert not act.is_by(None)
    assert not known.same(None, ANNA)


def test_what_a_command_has_to_know_is_told_by_its_class() -> None:
    """And by each of its instances, whatever they are: what is not declared asks for nothing."""
    assert declared(AcknowledgeFavour) == set()
    assert declared(RecordFavour) == {"needs_parties", "needs_gifts"}
    known = {name for kind in STREAM_TYPE_OF if issubclass(kind, Command) for name in declared(kind)}
    assert known == {name for name in vars(Command) if name.startswith("needs_")}


def test_what_takes_different_parties_refuses_merged_ones() -> None:
    facts().require_apart(ANNA, BEN, CORA)
    facts(merges=merged({CORA: BEN})).require_apart(ANNA, BEN, DORA)
    for refusing, parties in ((facts(), (ANNA, ANNA)), (facts(merges=merged({CORA: BEN})), (ANNA, BEN, CORA))):
        with pytest.raises(Refusal, match="same_party"):
            refusing.require_apart(*parties)


def test_merges_are_taken_note_of_and_taken_back() -> None:
    merges = Merges()
    merges.note(BEN, ANNA, MOMENT)
    assert merges == merged({BEN: ANNA}, MOMENT)
    merges.note(BEN, None, later(1))
    assert merges == merged({}, later(1))
