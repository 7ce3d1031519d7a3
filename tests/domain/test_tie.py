"""Ties: how close one party says that another is to it."""

from uuid import RFC_4122, UUID

import pytest
from msgspec.structs import replace

from domain.event import Who
from domain.merges import Merges
from domain.refusal import Refusal
from domain.tie import Tie, UndeclareTie, is_there_for, require_no_ties, tie_id
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    MOMENT,
    NOBODY,
    STREAM,
    TIE,
    declare_tie,
    later,
    merged,
    tie_declared,
    tie_undeclared,
)
from tests.spec import given


def test_a_party_says_how_close_another_is() -> None:
    tie = given().when(declare_tie(), by=ANNA, stream=TIE).then(tie_declared())
    assert tie == Tie(ANNA, BEN, MOMENT, "good")
    assert tie.status == "declared"


def test_what_is_said_later_replaces_it() -> None:
    command = declare_tie(closeness="dormant")
    tie = given(tie_declared()).when(command, by=ANNA, stream=TIE).then(tie_declared(closeness="dormant"))
    assert tie.closeness == "dormant"
    given(tie_declared()).when(declare_tie(), by=ANNA, stream=TIE).then_nothing_happened()
    early = replace(command, occurred_at=later(-1))
    given(tie_declared()).when(early, by=ANNA, stream=TIE).then_refused("out_of_order")


def test_each_direction_is_a_tie_of_its_own() -> None:
    assert len({tie_id(ANNA, BEN), tie_id(BEN, ANNA), tie_id(ANNA, CORA)}) == 3
    assert declare_tie().stream_id() == TIE
    given().when(declare_tie(), by=ANNA, stream=STREAM).then_refused("wrong_id", mentions=str(TIE))


def test_it_is_taken_back_and_may_be_said_anew() -> None:
    tie = given(tie_declared()).when(UndeclareTie(), by=ANNA, at=later(1)).then(tie_undeclared(at=later(1)))
    assert (tie.closeness, tie.status) == (None, "undeclared")
    past = (tie_declared(), tie_undeclared())
    given(*past).when(UndeclareTie(), by=ANNA).then_nothing_happened()
    given(*past).when(declare_tie(), by=ANNA, stream=TIE).then(tie_declared())
    given().when(UndeclareTie(), by=ANNA).then_refused("tie_not_found")
    given(tie_declared()).when(UndeclareTie(occurred_at=later(-1)), by=ANNA).then_refused("out_of_order")


@pytest.mark.parametrize("by", [BEN, CORA, None])
def test_nobody_says_it_for_another(by: UUID | None) -> None:
    given().when(declare_tie(), by=by, stream=TIE).then_refused("wrong_party")
    given(tie_declared()).when(UndeclareTie(), by=by).then_refused("wrong_party", mentions="party")


def test_both_are_registered_and_different() -> None:
    for fields in ({"other": NOBODY}, {"party": NOBODY}):
        command = declare_tie(**fields)
        given().when(command, by=command.party, stream=command.stream_id()).then_refused("unknown_party")
        assert NOBODY in command.needs_parties()
    given().when(declare_tie(other=ANNA), by=ANNA).then_refused("same_party")
    given().when(declare_tie(), by=ANNA, stream=TIE, merges=merged({BEN: ANNA})).then_refused("same_party")


def test_a_tie_is_there_for_its_party_and_for_recorders() -> None:
    tie = Tie(ANNA, BEN, MOMENT, "good")
    for who, is_there in (
        (Who("party", "k", ANNA), True),
        (Who("party", "k", BEN), False),
        (Who("recorder", "k", BEN), True),
        (Who("admin", "k"), True),
    ):
        assert is_there_for(tie, who, Merges()) is is_there
        assert is_there_for(None, who, Merges())
    assert is_there_for(tie, Who("party", "k", CORA), merged({CORA: ANNA}))


def test_no_other_stream_takes_a_ties_id() -> None:
    assert (TIE.version, TIE.variant) == (8, RFC_4122)
    with pytest.raises(Refusal) as refused:
        require_no_ties(TIE)
    assert refused.value.code == "reserved_id"
    assert "72712d74-6965" in refused.value.message
    require_no_ties(STREAM)
