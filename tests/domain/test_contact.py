"""Contacts: who may say what when."""

from typing import Any
from uuid import UUID

import pytest

from domain.command import Command
from domain.contact import Contact, ReinstateContact, RetractContact, RewordContact
from domain.event import Capacity, Event
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    DORA,
    MOMENT,
    NOBODY,
    OTHER_KEY,
    contact_recorded,
    contact_reinstated,
    contact_retracted,
    contact_reworded,
    later,
    merged,
    record_contact,
    who,
)
from tests.spec import given

RECORDED = (contact_recorded(),)
RETRACTED = (*RECORDED, contact_retracted())


def test_a_contact_is_recorded() -> None:
    contact = given().when(record_contact(), by=ANNA).then(contact_recorded())
    assert contact == Contact(ANNA, BEN, "in_person", None, MOMENT, who(ANNA))


def test_a_contact_is_recorded_with_all_that_is_known_of_it() -> None:
    said: dict[str, Any] = {"channel": "social", "felt": 5, "learnt": "He keeps bees."}
    command = record_contact(initiator=BEN, other=ANNA, occurred_at=later(-3), **said)
    contact = given().when(command, by=ANNA).then(contact_recorded(initiator=BEN, other=ANNA, at=later(-3), **said))
    assert (contact.channel, contact.felt) == ("social", 5)


@pytest.mark.parametrize(
    ("by", "capacity"), [(ANNA, "party"), (BEN, "party"), (CORA, "party"), (None, "recorder"), (None, "admin")]
)
def test_either_of_the_two_a_third_party_or_a_recorder_may_record(by: UUID | None, capacity: Capacity) -> None:
    given().when(record_contact(), by=by, capacity=capacity).then(contact_recorded(by=by, capacity=capacity))


def test_one_is_not_in_contact_with_oneself() -> None:
    given().when(record_contact(other=ANNA), by=ANNA).then_refused("same_party")
    given().when(record_contact(), by=ANNA, merges=merged({BEN: ANNA})).then_refused("same_party")


@pytest.mark.parametrize("fields", [{"initiator": NOBODY}, {"other": NOBODY}, {"by": NOBODY}])
def test_all_parties_have_to_be_registered(fields: dict[str, Any]) -> None:
    given().when(record_contact(**fields)).then_refused("unknown_party", mentions=str(NOBODY))


def test_the_parties_are_facts_to_load() -> None:
    assert record_contact().needs_parties() == (ANNA, BEN)
    assert record_contact(by=CORA).needs_parties() == (ANNA, BEN, CORA)


def test_a_contact_is_recorded_once() -> None:
    given(*RECORDED).when(record_contact(), by=ANNA).then_refused("contact_exists")


def test_what_was_learnt_is_said_in_other_words_by_who_recorded_it() -> None:
    command = RewordContact(learnt="He keeps bees.")
    given(*RECORDED).when(command, by=ANNA).then(contact_reworded())
    given(*RECORDED).when(command, capacity="admin").then(contact_reworded(by=None, capacity="admin"))
    given(*RECORDED).when(command, by=BEN).then_refused("wrong_party", mentions="recorded it")
    given(contact_recorded(by=None)).when(command, key=OTHER_KEY).then_refused("wrong_party")


def test_a_retracted_one_comes_back_as_it_was() -> None:
    before = given().when(record_contact(felt=2), by=ANNA).then(contact_recorded(felt=2))
    past = (contact_recorded(felt=2),)
    retracted = given(*past).when(RetractContact(reason="It was Cora."), by=ANNA)
    assert retracted.then(contact_retracted(reason="It was Cora.")).status == "retracted"
    assert given(*past, contact_retracted()).when(ReinstateContact(), by=ANNA).then(contact_reinstated()) == before


def test_retracting_again_changes_nothing() -> None:
    given(*RETRACTED).when(RetractContact(), by=ANNA).then_nothing_happened()
    given(*RETRACTED).when(RetractContact(), by=DORA).then_refused(
        "contact_is_retracted", mentions="contact.reinstate", allowed=("contact.reinstate",)
    )


@pytest.mark.parametrize(
    ("past", "command", "allowed"),
    [
        (RETRACTED, RewordContact(learnt="?"), ("contact.reinstate",)),
        (RECORDED, ReinstateContact(), ("contact.reword", "contact.retract")),
    ],
)
def test_what_its_status_does_not_allow_is_refused(
    past: tuple[Event, ...], command: Command, allowed: tuple[str, ...]
) -> None:
    status = "retracted" if past is RETRACTED else "recorded"
    given(*past).when(command, by=ANNA).then_refused(f"contact_is_{status}", allowed=allowed)


@pytest.mark.parametrize("command", [RewordContact(learnt="?"), RetractContact(), ReinstateContact()])
def test_what_is_not_there_is_not_found_and_nobody_else_may(command: Command) -> None:
    given().when(command, by=ANNA).then_refused("contact_not_found")
    past = RETRACTED if isinstance(command, ReinstateContact) else RECORDED
    given(*past).when(command, by=DORA).then_refused("wrong_party")
    given(*past).when(command, by=ANNA, merges=merged({BEN: ANNA})).then_refused("same_party")


def test_nothing_occurs_before_the_latest_event() -> None:
    given(*RECORDED).when(RetractContact(occurred_at=later(-1)), by=ANNA).then_refused("out_of_order")
