"""The ledger's own stream: opened once, its policy replaced; both for administrators."""

import msgspec
import pytest
from msgspec.structs import replace

from domain.command import Command
from domain.event import Capacity
from domain.ledger import LEDGER_STREAM, ChangePolicy, Ledger
from domain.policy import Policy
from tests.examples import ADMIN, ANNA, MOMENT, POLICY, later, ledger_opened, open_ledger, policy_changed
from tests.spec import given

OTHER = replace(POLICY, grace_days=7, units=("favour", "minute", "mile"))


def test_a_ledger_is_opened() -> None:
    ledger = given().when(open_ledger(title="Ours"), capacity="admin").then(ledger_opened(title="Ours"))
    assert ledger == Ledger(POLICY, MOMENT)


def test_a_ledger_needs_no_title_but_one_that_can_be_read() -> None:
    given().when(open_ledger(title=None), capacity="admin").then(ledger_opened(title=None))
    given().when(open_ledger(title="\u200b"), capacity="admin").then_refused("unfit_name", mentions="title")


def test_a_ledger_is_opened_once() -> None:
    given(ledger_opened()).when(open_ledger(), capacity="admin").then_refused("ledger_exists")


def test_the_policy_is_replaced() -> None:
    change = given(ledger_opened()).when(ChangePolicy(policy=OTHER), capacity="admin", at=later(1))
    assert change.then(policy_changed(policy=OTHER, at=later(1))) == Ledger(OTHER, later(1))


def test_the_same_policy_changes_nothing() -> None:
    given(ledger_opened()).when(ChangePolicy(policy=POLICY), capacity="admin").then_nothing_happened()


def test_another_unit_may_come_first() -> None:
    turned = replace(POLICY, units=("minute", "favour"))
    given(ledger_opened()).when(ChangePolicy(policy=turned), capacity="admin").then(policy_changed(policy=turned))


def test_a_unit_may_not_be_taken_away() -> None:
    poorer = replace(POLICY, units=("favour",))
    given(ledger_opened()).when(ChangePolicy(policy=poorer), capacity="admin").then_refused(
        "unit_in_use", mentions="minute"
    )


def test_a_ledger_that_is_not_open_has_no_policy_to_change() -> None:
    given().when(ChangePolicy(policy=POLICY), capacity="admin").then_refused("ledger_not_found")


def test_the_policy_does_not_change_before_the_latest_change() -> None:
    past = (ledger_opened(), policy_changed(policy=OTHER, at=later(2)))
    command = ChangePolicy(policy=POLICY, occurred_at=later(1))
    given(*past).when(command, capacity="admin", at=later(3)).then_refused("out_of_order")


@pytest.mark.parametrize("capacity", ["party", "recorder"])
@pytest.mark.parametrize("command", [open_ledger(), ChangePolicy(policy=OTHER)], ids=lambda command: command.ACT)
def test_only_an_administrator_may(command: Command, capacity: Capacity) -> None:
    given().when(command, by=ANNA, capacity=capacity).then_refused("admin_only")
    given(ledger_opened()).when(command, by=ANNA, capacity=capacity).then_refused("admin_only")


def test_a_ledger_has_no_parties_and_its_words_no_subjects() -> None:
    assert ledger_opened().parties == ledger_opened().subjects == Ledger(POLICY, MOMENT).parties == ()
    assert ledger_opened().who == ADMIN
    assert LEDGER_STREAM.int == 0


@pytest.mark.parametrize("units", [["favour", "favour"], ["favour\n"]])
def test_a_policy_names_each_unit_once_and_on_one_line(units: list[str]) -> None:
    with pytest.raises(msgspec.ValidationError, match="unit"):
        msgspec.convert({"units": units}, Policy)


def test_a_policy_limits_gifts_in_a_unit_that_it_names() -> None:
    limits = {"unit": "minute", "one": 5}
    with pytest.raises(msgspec.ValidationError, match="name it among the units"):
        msgspec.convert({"units": ["favour"], "gifts": limits}, Policy)
    policy = msgspec.convert({"units": ["favour", "minute"], "gifts": limits}, Policy)
    assert policy.gifts is not None
    assert (policy.gifts.year, policy.cadence.loose) == (None, 365)
