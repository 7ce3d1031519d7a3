"""Events told in a sentence. One that has none in here is told by its topic, so a new event needs no change here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from domain.event import Event

SENTENCES = {
    "ledger.opened": "The ledger was opened",
    "ledger.policy_changed": "The ledger's policy changed",
    "party.registered": "{0} joined",
    "party.referenced": "{0} was matched with a partner's system",
    "party.renamed": "{0} goes by this name now",
    "party.interests_listed": "{0} said what it is interested in",
    "party.knowledge_listed": "{0} said what it knows about",
    "party.findable_set": "{0} said whether it may be found",
    "party.joined": "{0} joined {1}",
    "party.left": "{0} left {1}",
    "party.merged": "{0} is the same as {1}",
    "party.erased": "A party was forgotten",
    "party.unmerged": "{0} is not the same as {1} after all",
    "favour.recorded": "{0} did something for {1}",
    "favour.gift_declared": "{1} took a gift from {0}",
    "favour.gift_refused": "{1} did not take a gift from {0}",
    "favour.gift_over_limit": "A gift from {0} to {1} is worth more than the limit for one",
    "favour.gifts_over_year_limit": "Within a year, gifts from {0} to {1} are worth more than the limit",
    "favour.thanked": "{1} thanked {0}",
    "favour.acknowledged": "{1} acknowledged what {0} did",
    "favour.disputed": "A favour of {0} for {1} was disputed",
    "favour.settlement_proposed": "{0} or {1} proposed how to settle a dispute",
    "favour.settled": "{0} and {1} settled a dispute",
    "favour.dispute_withdrawn": "A dispute between {0} and {1} was withdrawn",
    "favour.retracted": "A favour of {0} for {1} was recorded in error",
    "favour.reinstated": "A favour of {0} for {1} counts again",
    "contact.recorded": "{0} got in touch with {1}",
    "contact.reworded": "A contact of {0} with {1} was worded anew",
    "contact.retracted": "A contact of {0} with {1} was recorded in error",
    "contact.reinstated": "A contact of {0} with {1} happened after all",
    "tie.declared": "{0} said how close {1} is",
    "tie.undeclared": "{0} took back how close {1} is",
    "introduction.proposed": "{0} would like {1} and {2} to meet",
    "introduction.consented": "One of {1} and {2} said yes to meeting",
    "introduction.declined": "One of {1} and {2} said no to meeting",
    "introduction.made": "{0} brought {1} and {2} together",
    "introduction.outcome_recorded": "{1} and {2}: what became of their meeting",
    "promise.requested": "{1} asked {0} for a promise",
    "promise.offered": "{0} offered {1} a promise",
    "promise.countered": "{0} and {1} bargained over a promise",
    "promise.agreed": "{0} and {1} agreed on a promise",
    "promise.declined": "A promise of {0} to {1} was declined",
    "promise.withdrawn": "A promise of {0} to {1} was withdrawn before it was made",
    "promise.report_taken_back": "{0} took back that a promise to {1} was delivered",
    "promise.terms_proposed": "New terms were proposed for a promise of {0} to {1}",
    "promise.terms_agreed": "{0} and {1} agreed on new terms",
    "promise.terms_refused": "New terms between {0} and {1} were refused",
    "promise.terms_taken_back": "New terms between {0} and {1} were taken back",
    "promise.date_asked": "{1} asked {0} by when",
    "promise.date_named": "{0} told {1} by when",
    "promise.handover_proposed": "A promise of {0} to {1} would pass to {2}",
    "promise.handed_over": "A promise that was {2}'s is now one of {0} to {1}",
    "promise.handover_refused": "{2} did not take over a promise of {0} to {1}",
    "promise.handover_taken_back": "A promise of {0} to {1} stays where it is",
    "promise.disputed": "{0} and {1} disagree on a promise",
    "promise.settlement_proposed": "{0} or {1} proposed how to settle a dispute",
    "promise.settled": "A dispute between {0} and {1} was settled",
    "promise.dispute_withdrawn": "A dispute between {0} and {1} was withdrawn",
    "promise.made": "{0} made a promise to {1}",
    "promise.progressed": "{0} is at work on a promise to {1}",
    "promise.reported": "{0} reported a promise to {1} as delivered",
    "promise.accepted": "{1} accepted what {0} had promised",
    "promise.accepted_in_part": "{1} accepted a part of what {0} had promised",
    "promise.rejected": "{1} sent back what {0} had promised",
    "promise.broken": "{1} called a promise of {0} broken",
    "promise.released": "{1} released {0} from a promise",
    "promise.reneged": "{0} took back a promise to {1}",
    "promise.assessed": "A promise of {0} to {1} was assessed",
    "promise.reworded": "A promise of {0} to {1} was worded anew",
    "promise.retracted": "A promise of {0} to {1} was recorded in error",
    "promise.reinstated": "A promise of {0} to {1} counts again",
}
"""By topic; the numbers are the event's parties in their order."""

WORDS = ("what", "why", "learnt", "reason", "note", "details", "title")
"""Which of an event's words to show: the first that it has."""


class Told(Struct, frozen=True, kw_only=True):
    """One event, told."""

    position: int
    at: datetime
    sentence: str
    words: str | None
    amount: tuple[int, str] | None
    """What it added to a balance: how much of which unit."""


def sentence_of(topic: str, names: Sequence[str]) -> str:
    """What happened, with the names of the event's parties in their order."""
    sentence = SENTENCES.get(topic)
    if sentence is None:
        noun, _, verb = topic.partition(".")
        sentence = f"{noun} {verb.replace('_', ' ')}".capitalize() + (": {}" if names else "")
        names = [", ".join(names)]
    return sentence.format(*names)


def tell(position: int, event: Event, names: Sequence[str], words: Mapping[str, Any]) -> Told:
    """An event in a sentence."""
    posting = event.posting
    return Told(
        position=position,
        at=event.occurred_at,
        sentence=sentence_of(event.TOPIC, names),
        words=next((words[name] for name in WORDS if words.get(name)), None),
        amount=(posting.quantity, posting.unit) if posting is not None and posting.quantity else None,
    )
