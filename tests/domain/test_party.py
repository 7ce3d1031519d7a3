"""Parties: registered with their references, referenced, renamed."""

from uuid import UUID

import msgspec
import pytest

from domain.command import Command, Reference
from domain.event import Capacity
from domain.party import AddReference, Party, PartyRegistered, RenameParty
from tests.examples import (
    ANNA,
    BEN,
    CRM,
    MOMENT,
    add_reference,
    later,
    party_referenced,
    party_registered,
    party_renamed,
    register_party,
)
from tests.spec import given

FORUM = Reference(source="forum", id="anna")


def test_a_party_is_registered() -> None:
    party = given().when(register_party(), stream=ANNA).then(party_registered())
    assert party == Party(ANNA, "person", MOMENT, MOMENT)


def test_a_party_is_registered_with_all_that_is_known_of_it() -> None:
    known = {"name": "Library", "kind": "organisation", "note": "Open on Mondays.", "references": (CRM, FORUM)}
    given().when(register_party(**known), stream=ANNA).then(party_registered(**known))


def test_a_party_is_registered_once() -> None:
    given(party_registered()).when(register_party(), stream=ANNA).then_refused("party_exists")


def test_a_reference_is_given_once() -> None:
    given().when(register_party(references=(CRM, FORUM, CRM)), stream=ANNA).then_refused("reference_twice")


def test_a_party_is_not_registered_under_the_reference_of_another() -> None:
    command = register_party(references=(FORUM, CRM))
    given().when(command, stream=ANNA, owners={CRM: BEN}).then_refused("reference_taken", mentions=str(BEN))


def test_a_refusal_does_not_repeat_the_reference() -> None:
    refused = given().when(register_party(references=(CRM,)), stream=ANNA, owners={CRM: BEN}).answer
    assert CRM.id not in str(vars(refused))
    assert CRM.source not in str(vars(refused))


def test_a_reference_is_added() -> None:
    party = (
        given(party_registered()).when(add_reference(), stream=ANNA, at=later(1)).then(party_referenced(at=later(1)))
    )
    assert (party.version, party.named_in, party.latest) == (2, 1, later(1))


def test_a_reference_of_its_own_changes_nothing() -> None:
    past = (party_registered(), party_referenced())
    given(*past).when(add_reference(), stream=ANNA, owners={CRM: ANNA}).then_nothing_happened()


def test_a_reference_of_another_is_not_added() -> None:
    given(party_registered()).when(add_reference(), stream=ANNA, owners={CRM: BEN}).then_refused("reference_taken")


def test_a_party_is_renamed() -> None:
    past = (party_registered(), party_referenced())
    party = given(*past).when(RenameParty(name="Anna B."), stream=ANNA, at=later(1)).then(party_renamed(at=later(1)))
    assert (party.version, party.named_in, party.latest) == (3, 3, later(1))


@pytest.mark.parametrize("command", [add_reference(), RenameParty(name="Anna B.")], ids=lambda command: command.ACT)
def test_an_unknown_party_is_not_changed(command: Command) -> None:
    given().when(command, stream=ANNA).then_refused("party_not_found")


@pytest.mark.parametrize(
    "command",
    [AddReference(reference=CRM, occurred_at=MOMENT), RenameParty(name="Anna B.", occurred_at=MOMENT)],
    ids=lambda command: command.ACT,
)
def test_a_party_does_not_change_before_its_latest_change(command: Command) -> None:
    past = (party_registered(), party_renamed(at=later(1)))
    given(*past).when(command, stream=ANNA, at=later(2)).then_refused("out_of_order")


def test_the_references_are_facts_to_load() -> None:
    assert register_party(references=(CRM, FORUM)).needs_references() == (CRM, FORUM)
    assert add_reference().needs_references() == (CRM,)
    assert RenameParty(name="Anna B.").needs_references() == ()


def test_the_first_version_of_a_registration_reads_as_a_person() -> None:
    assert PartyRegistered.VERSION == 2
    assert PartyRegistered.UPCASTS[1]({"party": str(ANNA)}) == {"party": str(ANNA), "kind": "person"}


def test_its_words_are_about_itself() -> None:
    assert party_registered().subjects == party_registered().parties == (ANNA,)


@pytest.mark.parametrize("command", [RenameParty(name="Nobody"), add_reference()])
def test_a_party_speaks_for_itself_only(command: Command) -> None:
    given(party_registered()).when(command, stream=ANNA, by=BEN).then_refused("wrong_party", mentions="itself")
    may: tuple[tuple[UUID | None, Capacity], ...] = ((ANNA, "party"), (BEN, "recorder"), (None, "admin"))
    for by, capacity in may:
        answer = given(party_registered()).when(command, stream=ANNA, by=by, capacity=capacity).answer
        assert isinstance(answer, tuple)
        assert len(answer) == 1


def test_a_source_has_no_line_break() -> None:
    with pytest.raises(msgspec.ValidationError, match="line break"):
        msgspec.convert({"source": "crm\n", "id": "7"}, Reference)
