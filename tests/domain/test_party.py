"""Parties: registered, named, referenced; what they like, know and belong to; merged and parted."""

from uuid import UUID

import msgspec
import pytest

from domain.command import Command, Reference
from domain.event import Capacity, Event
from domain.party import (
    ALIAS_LIMIT,
    ORGANISATIONS_LIMIT,
    AddReference,
    ClearReminders,
    EraseParty,
    JoinOrganisation,
    LeaveOrganisation,
    ListInterests,
    ListKnowledge,
    MergeParty,
    Party,
    PartyRegistered,
    RenameParty,
    RetractParty,
    SetFindable,
    SetReminders,
    UnmergeParty,
)
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    CRM,
    DORA,
    MOMENT,
    add_reference,
    later,
    merged,
    party_erased,
    party_findable_set,
    party_interests_listed,
    party_joined,
    party_knowledge_listed,
    party_left,
    party_merged,
    party_referenced,
    party_registered,
    party_reminders_cleared,
    party_reminders_set,
    party_renamed,
    party_unmerged,
    register_party,
)
from tests.spec import given

FORUM = Reference(source="forum", id="anna")
INTERESTS = ListInterests(interests=("sailing",))
KNOWLEDGE = ListKnowledge(knows_about=("bee-keeping", "tax"))
LIBRARY = party_registered(party=DORA, kind="organisation")


def test_a_party_is_registered() -> None:
    party = given().when(register_party(), stream=ANNA).then(party_registered())
    assert party == Party(ANNA, "person", MOMENT, MOMENT, party_registered().who)


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


def test_other_parties_are_facts_to_load() -> None:
    assert MergeParty(into=BEN).needs_streams() == (BEN,)
    assert JoinOrganisation(organisation=DORA).needs_streams() == (DORA,)
    assert LeaveOrganisation(organisation=DORA).needs_streams() == ()


def test_the_first_version_of_a_registration_reads_as_a_person() -> None:
    assert PartyRegistered.VERSION == 2
    assert PartyRegistered.UPCASTS[1]({"party": str(ANNA)}) == {"party": str(ANNA), "kind": "person"}


def test_its_words_are_about_itself() -> None:
    assert party_registered().subjects == party_registered().parties == (ANNA,)


@pytest.mark.parametrize(
    "command", [RenameParty(name="Nobody"), INTERESTS, KNOWLEDGE, JoinOrganisation(organisation=DORA)]
)
def test_a_party_speaks_for_itself_only(command: Command) -> None:
    given(party_registered()).when(command, stream=ANNA, by=BEN).then_refused("wrong_party", mentions="itself")
    may: tuple[tuple[UUID | None, Capacity], ...] = ((ANNA, "party"), (BEN, "recorder"), (None, "admin"))
    for by, capacity in may:
        answer = given(party_registered()).when(command, stream=ANNA, by=by, capacity=capacity, others=[LIBRARY]).answer
        assert isinstance(answer, tuple)
        assert len(answer) == 1


@pytest.mark.parametrize("command", [register_party(), add_reference(), MergeParty(into=BEN), UnmergeParty()])
def test_who_a_party_is_is_not_for_a_party_to_say(command: Command) -> None:
    given().when(command, stream=ANNA, by=ANNA).then_refused("recorder_only")


# ── what it likes, knows, and belongs to ─────────────────────────────────────────────────────────────────────


def test_interests_and_knowledge_are_listed_whole() -> None:
    past = (party_registered(), party_interests_listed())
    party = given(*past).when(KNOWLEDGE, stream=ANNA, by=ANNA).then(party_knowledge_listed())
    assert (party.interests_in, party.knowledge_in) == (2, 3)
    nothing = ListInterests(interests=())
    party = given(*past).when(nothing, stream=ANNA, by=ANNA).then(party_interests_listed(interests=()))
    assert party.interests_in == 3


@pytest.mark.parametrize("command", [ListInterests(interests=("tax", "tax")), ListKnowledge(knows_about=("a", "a"))])
def test_a_subject_is_listed_once(command: Command) -> None:
    given(party_registered()).when(command, stream=ANNA, by=ANNA).then_refused("subject_twice")


def test_a_party_agrees_to_be_found_and_takes_it_back() -> None:
    agrees, no = SetFindable(findable=True), SetFindable(findable=False)
    asked = given(party_registered())
    asked.when(no, stream=ANNA, by=ANNA).then_nothing_happened()
    party = asked.when(agrees, stream=ANNA, by=ANNA).then(party_findable_set())
    assert party.findable is True
    agreed = given(party_registered(), party_findable_set())
    agreed.when(agrees, stream=ANNA, by=ANNA).then_nothing_happened()
    taken_back = agreed.when(no, stream=ANNA, by=ANNA).then(party_findable_set(findable=False))
    assert taken_back.findable is False


def test_reminders_are_set_moved_and_cleared() -> None:
    sets, clears = SetReminders(mail="anna@village.example"), ClearReminders()
    given(party_registered()).when(clears, stream=ANNA, by=ANNA).then_nothing_happened()
    party = given(party_registered()).when(sets, stream=ANNA, by=ANNA).then(party_reminders_set())
    assert party.reminded_in == 2
    reminded = given(party_registered(), party_reminders_set())
    moved = reminded.when(SetReminders(mail="a@b.example\n"), stream=ANNA, by=ANNA)
    assert moved.then(party_reminders_set(mail="a@b.example")).reminded_in == 3
    assert reminded.when(clears, stream=ANNA, by=ANNA).then(party_reminders_cleared()).reminded_in is None
    reminded.when(clears, stream=ANNA, by=BEN).then_refused("wrong_party")
    reminded.when(clears, stream=ANNA, capacity="recorder").then(party_reminders_cleared(by=None))
    erased = reminded.when(EraseParty(), stream=ANNA, by=ANNA).then_happened()
    assert erased.reminded_in is None


def test_where_a_party_gets_its_mail_is_its_own_matter() -> None:
    assert (party_reminders_set().private_to, party_reminders_cleared().private_to) == (ANNA, ANNA)


def test_nobody_agrees_for_another_but_a_recorder_may_note_it() -> None:
    agrees = SetFindable(findable=True)
    given(party_registered()).when(agrees, stream=ANNA).then(party_findable_set(by=None))
    given(party_registered()).when(agrees, stream=ANNA, by=BEN, capacity="recorder").then_refused("wrong_party")
    given(party_registered()).when(agrees, stream=ANNA, by=BEN).then_refused("wrong_party")


def test_a_party_joins_an_organisation_and_leaves_it() -> None:
    join, leave = JoinOrganisation(organisation=DORA), LeaveOrganisation(organisation=DORA)
    of_anna = given(party_registered())
    party = of_anna.when(join, stream=ANNA, by=ANNA, others=[LIBRARY]).then(party_joined())
    assert party.organisations == (DORA,)
    of_anna.when(leave, stream=ANNA, by=ANNA).then_nothing_happened()
    member = given(party_registered(), party_joined())
    member.when(join, stream=ANNA, by=ANNA).then_nothing_happened()
    member.when(leave, stream=ANNA, by=BEN).then_refused("wrong_party")
    for says in (ANNA, DORA):
        assert member.when(leave, stream=ANNA, by=says).then(party_left(by=says)).organisations == ()


def test_what_a_party_joins_is_an_organisation_and_another_one() -> None:
    join = JoinOrganisation(organisation=DORA)
    of_anna = given(party_registered())
    of_anna.when(join, stream=ANNA, by=ANNA).then_refused("unknown_party")
    person = party_registered(party=DORA)
    of_anna.when(join, stream=ANNA, by=ANNA, others=[person]).then_refused("no_organisation")
    of_anna.when(join, stream=ANNA, by=ANNA, others=[LIBRARY], merges=merged({ANNA: DORA})).then_refused("same_party")


def test_a_merged_organisation_is_joined_once_and_left_as_a_whole() -> None:
    merges = merged({CORA: DORA})
    member = given(party_registered(), party_joined())
    member.when(JoinOrganisation(organisation=CORA), stream=ANNA, by=ANNA, merges=merges).then_nothing_happened()
    both = given(party_registered(), party_joined(), party_joined(organisation=CORA))
    party = both.when(LeaveOrganisation(organisation=CORA), stream=ANNA, by=CORA, merges=merges).then(
        party_left(by=CORA), party_left(by=CORA, organisation=CORA)
    )
    assert party.organisations == ()


def test_memberships_at_a_time_are_limited() -> None:
    joined = [party_joined(organisation=UUID(int=n)) for n in range(ORGANISATIONS_LIMIT)]
    command = JoinOrganisation(organisation=DORA)
    refused = given(party_registered(), *joined).when(command, stream=ANNA, by=ANNA, others=[LIBRARY])
    refused.then_refused("too_many_organisations")


# ── merging ──────────────────────────────────────────────────────────────────────────────────────────────────

BEN_REGISTERED = party_registered(party=BEN)


def test_a_party_is_merged_into_another_and_parted_from_it() -> None:
    party = (
        given(party_registered()).when(MergeParty(into=BEN), stream=ANNA, others=[BEN_REGISTERED]).then(party_merged())
    )
    assert party.merged_into == BEN
    given(party_registered()).when(UnmergeParty(), stream=ANNA).then_nothing_happened()
    past = (party_registered(), party_merged())
    one = merged({ANNA: BEN})
    given(*past).when(MergeParty(into=BEN), stream=ANNA, merges=one).then_nothing_happened()
    assert given(*past).when(UnmergeParty(), stream=ANNA, merges=one).then(party_unmerged()).merged_into is None


@pytest.mark.parametrize(
    ("past", "into", "others", "into_of", "code"),
    [
        ((), CORA, (), {}, "unknown_party"),
        ((), ANNA, (party_registered(),), {}, "same_party"),
        ((), BEN, (BEN_REGISTERED,), {BEN: ANNA}, "same_party"),
        ((), BEN, (BEN_REGISTERED,), {BEN: CORA, CORA: ANNA}, "same_party"),
        ((), DORA, (party_registered(party=DORA, kind="organisation"),), {}, "kinds_differ"),
        ((party_merged(),), CORA, (party_registered(party=CORA),), {ANNA: BEN}, "party_is_merged"),
    ],
)
def test_a_party_is_not_merged(
    past: tuple[Event, ...], into: UUID, others: tuple[PartyRegistered, ...], into_of: dict[UUID, UUID], code: str
) -> None:
    command = MergeParty(into=into)
    given(party_registered(), *past).when(command, stream=ANNA, others=others, merges=merged(into_of)).then_refused(
        code
    )


def test_one_party_has_so_many_ids_at_most() -> None:
    for room in (1, 0):
        merges = merged({UUID(int=n): BEN for n in range(1, ALIAS_LIMIT - room)})
        answer = given(party_registered()).when(
            MergeParty(into=BEN), stream=ANNA, others=[BEN_REGISTERED], merges=merges
        )
        if room:
            answer.then(party_merged())
        else:
            answer.then_refused("too_many_aliases")


def test_merges_of_a_ledger_occur_in_order() -> None:
    merges = merged({}, later(2))
    past = given(party_registered())
    command = MergeParty(into=BEN, occurred_at=later(1))
    past.when(command, stream=ANNA, at=later(3), others=[BEN_REGISTERED], merges=merges).then_refused("out_of_order")
    unmerge = UnmergeParty(occurred_at=later(1))
    given(party_registered(), party_merged()).when(unmerge, stream=ANNA, at=later(3), merges=merges).then_refused(
        "out_of_order", mentions="merge of this ledger"
    )


def test_a_merged_party_has_the_references_of_the_one_it_was_merged_into() -> None:
    past = given(party_registered(), party_merged())
    past.when(add_reference(), stream=ANNA, owners={CRM: BEN}, merges=merged({ANNA: BEN})).then_nothing_happened()


def test_a_source_has_no_line_break() -> None:
    with pytest.raises(msgspec.ValidationError, match="line break"):
        msgspec.convert({"source": "crm\n", "id": "7"}, Reference)


# ── erasing ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_party_is_forgotten_under_all_its_ids() -> None:
    given(party_registered()).when(EraseParty(), capacity="admin", stream=ANNA).then(party_erased())
    given(party_registered()).when(EraseParty(), by=ANNA, stream=ANNA).then(party_erased(by=ANNA, capacity="party"))
    given(party_registered()).when(EraseParty(), capacity="admin", stream=ANNA, merges=merged({BEN: ANNA})).then(
        party_erased(others=(BEN,))
    )


@pytest.mark.parametrize(("by", "capacity"), [(None, "recorder"), (ANNA, "recorder"), (BEN, "party")])
def test_nobody_else_forgets_a_party(by: UUID | None, capacity: Capacity) -> None:
    given(party_registered()).when(EraseParty(), by=by, capacity=capacity, stream=ANNA).then_refused("admin_only")


def test_nothing_more_is_said_of_who_was_forgotten() -> None:
    past, left = (party_registered(), party_erased()), (BEN, CORA)
    given(*past).when(EraseParty(), capacity="admin", stream=ANNA, registered=left).then_nothing_happened()
    for command in (UnmergeParty(), RenameParty(name="Anna"), INTERESTS):
        when = given(*past).when(command, capacity="admin", stream=ANNA, registered=left)
        when.then_refused("party_is_erased")


def test_a_party_that_was_registered_in_error_is_forgotten() -> None:
    registered = party_registered(by=None)
    nothing = {ANNA: False}
    assert RetractParty().needs_standing()
    assert not EraseParty().needs_standing()
    given(registered).when(RetractParty(), stream=ANNA, standing=nothing).then(party_erased(capacity="recorder"))
    given(registered).when(RetractParty(), capacity="admin", stream=ANNA, standing=nothing).then(
        party_erased(capacity="admin")
    )
    given(registered, party_erased()).when(RetractParty(), stream=ANNA, registered=(BEN,)).then_nothing_happened()


def test_nobody_else_retracts_a_party() -> None:
    registered, nothing = party_registered(by=None), {ANNA: False}
    given(registered).when(RetractParty(), key="other", stream=ANNA, standing=nothing).then_refused("wrong_party")
    given(registered).when(RetractParty(), by=ANNA, stream=ANNA, standing=nothing).then_refused("recorder_only")
    given().when(RetractParty(), stream=ANNA).then_refused("party_not_found")


@pytest.mark.parametrize("past", [(), (party_renamed(),), (party_findable_set(findable=False),)])
def test_a_party_of_which_more_is_recorded_is_not_retracted(past: tuple[Event, ...]) -> None:
    when = given(party_registered(by=None), *past).when(RetractParty(), stream=ANNA, standing={ANNA: not past})
    when.then_refused("party_is_involved", allowed=("party.erase",))
