"""The rules about parties.

Who a party is (registering, references, merging) is for those who keep the ledger: a recorder or an administrator.
What is said of it (its name, what it likes and knows, where it belongs) a party may say itself. Merges are claims, one
of each merged party at most: the party is the one it was merged into, whatever that one is merged into in turn. So
taking any of them back, in whatever order, leaves just what the others say.
"""

from typing import Any, assert_never
from uuid import UUID

from domain.command import (
    Act,
    Command,
    Facts,
    already_exists,
    not_found,
    require_author,
    require_in_order,
    unknown_party,
)
from domain.names import require_name
from domain.party.commands import (
    AddReference,
    ClearReminders,
    EraseParty,
    JoinOrganisation,
    LeaveOrganisation,
    ListInterests,
    ListKnowledge,
    MergeParty,
    PartyCommand,
    RegisterParty,
    RenameParty,
    RetractParty,
    SetFindable,
    SetReminders,
    UnmergeParty,
)
from domain.party.events import (
    AnyPartyEvent,
    PartyErased,
    PartyFindableSet,
    PartyInterestsListed,
    PartyJoined,
    PartyKnowledgeListed,
    PartyLeft,
    PartyMerged,
    PartyReferenced,
    PartyRegistered,
    PartyRemindersCleared,
    PartyRemindersSet,
    PartyRenamed,
    PartyUnmerged,
)
from domain.party.state import Party
from domain.refusal import Refusal

ORGANISATIONS_LIMIT = 50
"""Of how many organisations a party may be a member at a time."""
ALIAS_LIMIT = 20
"""Under how many ids one party may be recorded."""

OF_THE_KEEPERS = (RegisterParty, AddReference, MergeParty, UnmergeParty, RetractParty)


def decide(command: PartyCommand, party: Party | None, facts: Facts, act: Act) -> tuple[AnyPartyEvent, ...]:
    """What a command about a party leads to."""
    _require_may(command, act)
    if isinstance(command, RegisterParty):
        return _register(command, party, facts, act)
    if party is None:
        raise not_found("party")
    if act.stream not in facts.registered:
        if isinstance(command, EraseParty | RetractParty):
            return ()
        raise Refusal("party_is_erased", "This party was erased; nothing more is said of it.")
    require_in_order(party.latest, act)
    common: dict[str, Any] = {"occurred_at": act.occurred_at, "who": act.who, "party": act.stream}
    match command:
        case AddReference(reference=reference):
            owner = facts.owners.get(reference)
            if facts.same(owner, act.stream):
                return ()
            _require_free(owner)
            return (PartyReferenced(**common, references=(reference,)),)
        case RenameParty(name=name):
            require_name(name)
            return (PartyRenamed(**common, name=name),)
        case ListInterests(interests=interests):
            _require_once(interests)
            return (PartyInterestsListed(**common, interests=interests),)
        case ListKnowledge(knows_about=knows_about):
            _require_once(knows_about)
            return (PartyKnowledgeListed(**common, knows_about=knows_about),)
        case SetFindable():
            return _set_findable(command, party, act, common)
        case SetReminders(mail=mail):
            return (PartyRemindersSet(**common, mail=mail.strip()),)  # a pattern lets a last line break pass
        case ClearReminders():
            return () if party.reminded_in is None else (PartyRemindersCleared(**common),)
        case JoinOrganisation() | LeaveOrganisation():
            return _change_membership(command, party, facts, common)
        case MergeParty(into=into):
            return _merge(party, into, facts, act, common)
        case UnmergeParty():
            return _unmerge(party, facts, act, common)
        case EraseParty():
            others = tuple(one for one in facts.merges.set_of(party.party) if one != party.party)
            return (PartyErased(**common, others=others),)
        case RetractParty():
            _require_nothing_else(party, facts, act)
            return (PartyErased(**common),)
        case _:
            assert_never(command)


def _require_may(command: Command, act: Act) -> None:
    """Refuse what is not for this key."""
    if isinstance(command, EraseParty) and not (act.who.capacity == "admin" or _is_itself(act)):
        raise Refusal("admin_only", "A party is erased by its own key, or by an administrator's.")
    if act.who.capacity != "party":
        return
    if isinstance(command, OF_THE_KEEPERS):
        raise Refusal(
            "recorder_only", "Who a party is, is for a recorder's or an administrator's key to say, not for a party's."
        )
    if isinstance(command, LeaveOrganisation) and act.is_by(command.organisation):
        return
    if not act.is_by(act.stream):
        raise Refusal("wrong_party", "A party speaks of itself only; a recorder may do so of all.")


def _require_nothing_else(party: Party, facts: Facts, act: Act) -> None:
    """Refuse unless the party was registered by who acts, and nothing has been said of it, or with it, since then."""
    require_author(act, party.registered_by, "registered it")
    if party.version > 1 or facts.standing[party.party]:
        raise Refusal(
            "party_is_involved",
            "More is recorded of this party than that it was registered; retract that first. What was said of the party"
            " itself cannot be retracted: an administrator's key may forget it all the same, with party.erase.",
            ("party.erase",),
        )


def _is_itself(act: Act) -> bool:
    return act.who.capacity == "party" and act.is_by(act.stream)


def _register(command: RegisterParty, party: Party | None, facts: Facts, act: Act) -> tuple[AnyPartyEvent, ...]:
    if party is not None:
        raise already_exists("party")
    require_name(command.name)
    if len(set(command.references)) < len(command.references):
        raise Refusal("reference_twice", "The same reference is given twice; give each once.")
    for reference in command.references:
        _require_free(facts.owners.get(reference))
    return (
        PartyRegistered(
            occurred_at=act.occurred_at,
            who=act.who,
            party=act.stream,
            kind=command.kind,
            name=command.name,
            note=command.note,
            references=command.references or None,
        ),
    )


def _require_free(owner: UUID | None) -> None:
    if owner is not None:
        raise Refusal(
            "reference_taken",
            f"Party {owner} already has one of these references; a reference names one party.",
        )


def _require_once(subjects: tuple[str, ...]) -> None:
    if len(set(subjects)) < len(subjects):
        raise Refusal("subject_twice", "The same subject is listed twice; list each once.")


def _set_findable(command: SetFindable, party: Party, act: Act, common: dict[str, Any]) -> tuple[PartyFindableSet, ...]:
    """Consent is one's own: a recorder may note it, but no other party gives it."""
    if act.who.by is not None and not act.is_by(party.party):
        raise Refusal("wrong_party", "Only the party itself agrees to be found; name it in 'by', or nobody.")
    return () if party.findable == command.findable else (PartyFindableSet(**common, findable=command.findable),)


def _known(party: UUID, facts: Facts) -> Party:
    """Another party. Refuses one that is not there."""
    known = facts.state_of(party, Party)
    if known is None:
        raise unknown_party(party)
    return known


def _change_membership(
    command: JoinOrganisation | LeaveOrganisation, party: Party, facts: Facts, common: dict[str, Any]
) -> tuple[AnyPartyEvent, ...]:
    """A member joins no more, and who is none does not leave; the organisation left is named as it was joined."""
    joined = [one for one in party.organisations if facts.same(one, command.organisation)]
    if isinstance(command, LeaveOrganisation):
        return tuple(PartyLeft(**common, organisation=organisation) for organisation in joined)
    if joined:
        return ()
    if _known(command.organisation, facts).kind != "organisation":
        raise Refusal("no_organisation", "What a party joins has to be an organisation; this is a person.")
    facts.require_apart(party.party, command.organisation)
    if len(party.organisations) >= ORGANISATIONS_LIMIT:
        raise Refusal(
            "too_many_organisations", f"A party is a member of {ORGANISATIONS_LIMIT} organisations at most; leave one."
        )
    return (PartyJoined(**common, organisation=command.organisation),)


def _merge(
    party: Party, into: UUID, facts: Facts, act: Act, common: dict[str, Any]
) -> tuple[PartyMerged | PartyUnmerged, ...]:
    if party.merged_into == into:
        return ()
    other = _known(into, facts)
    if party.merged_into is not None:
        raise Refusal(
            "party_is_merged",
            f"This party is merged into {party.merged_into}; merge that one, or take this back first: party.unmerge.",
            ("party.unmerge",),
        )
    facts.require_apart(party.party, into)
    if party.kind != other.kind:
        raise Refusal("kinds_differ", "A person and an organisation are never one party; merge two of a kind.")
    merges = facts.merges
    if len(merges.set_of(party.party)) + len(merges.set_of(into)) > ALIAS_LIMIT:
        raise Refusal("too_many_aliases", f"One party is recorded under {ALIAS_LIMIT} ids at most.")
    require_in_order(merges.latest, act, "merge of this ledger")
    return (PartyMerged(**common, into=into),)


def _unmerge(party: Party, facts: Facts, act: Act, common: dict[str, Any]) -> tuple[PartyMerged | PartyUnmerged, ...]:
    if party.merged_into is None:
        return ()
    require_in_order(facts.merges.latest, act, "merge of this ledger")
    return (PartyUnmerged(**common, into=party.merged_into),)
