"""Events told in a sentence. One that has none in here is told by its topic, so a new event needs no change here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from msgspec import Struct

from domain.event import Event, Posting
from services.dashboard.language import mark
from services.dashboard.language import translate as _

SENTENCES = {
    "ledger.opened": mark("The ledger was opened"),
    "ledger.policy_changed": mark("The ledger's policy changed"),
    "party.registered": mark("{0} joined"),
    "party.referenced": mark("{0} was matched with a partner's system"),
    "party.renamed": mark("{0} goes by this name now"),
    "party.interests_listed": mark("{0} said what it is interested in"),
    "party.knowledge_listed": mark("{0} said what it knows about"),
    "party.findable_set": mark("{0} said whether it may be found"),
    "party.reminders_set": mark("{0} is reminded by mail"),
    "party.reminders_cleared": mark("{0} is reminded by mail no longer"),
    "party.joined": mark("{0} joined {1}"),
    "party.left": mark("{0} left {1}"),
    "party.merged": mark("{0} is the same as {1}"),
    "party.erased": mark("A party was forgotten"),
    "party.unmerged": mark("{0} is not the same as {1} after all"),
    "favour.recorded": mark("{0} did something for {1}"),
    "favour.gift_declared": mark("{1} took a gift from {0}"),
    "favour.gift_refused": mark("{1} did not take a gift from {0}"),
    "favour.gift_over_limit": mark("A gift from {0} to {1} is worth more than the limit for one"),
    "favour.gifts_over_year_limit": mark("Within a year, gifts from {0} to {1} are worth more than the limit"),
    "favour.thanked": mark("{1} thanked {0}"),
    "favour.acknowledged": mark("{1} acknowledged what {0} did"),
    "favour.disputed": mark("A favour of {0} for {1} was disputed"),
    "favour.settlement_proposed": mark("{0} or {1} proposed how to settle a dispute"),
    "favour.settled": mark("{0} and {1} settled a dispute"),
    "favour.dispute_withdrawn": mark("A dispute between {0} and {1} was withdrawn"),
    "favour.retracted": mark("A favour of {0} for {1} was recorded in error"),
    "favour.reinstated": mark("A favour of {0} for {1} counts again"),
    "contact.recorded": mark("{0} got in touch with {1}"),
    "contact.reworded": mark("A contact of {0} with {1} was worded anew"),
    "contact.retracted": mark("A contact of {0} with {1} was recorded in error"),
    "contact.reinstated": mark("A contact of {0} with {1} happened after all"),
    "tie.declared": mark("{0} said how close {1} is"),
    "tie.undeclared": mark("{0} took back how close {1} is"),
    "introduction.proposed": mark("{0} would like {1} and {2} to meet"),
    "introduction.consented": mark("One of {1} and {2} said yes to meeting"),
    "introduction.declined": mark("One of {1} and {2} said no to meeting"),
    "introduction.made": mark("{0} brought {1} and {2} together"),
    "introduction.outcome_recorded": mark("{1} and {2}: what became of their meeting"),
    "introduction.retracted": mark("An introduction of {1} and {2} by {0} was recorded in error"),
    "introduction.reinstated": mark("An introduction of {1} and {2} by {0} happened after all"),
    "promise.requested": mark("{1} asked {0} for a promise"),
    "promise.offered": mark("{0} offered {1} a promise"),
    "promise.countered": mark("{0} and {1} bargained over a promise"),
    "promise.agreed": mark("{0} and {1} agreed on a promise"),
    "promise.declined": mark("A promise of {0} to {1} was declined"),
    "promise.withdrawn": mark("A promise of {0} to {1} was withdrawn before it was made"),
    "promise.report_taken_back": mark("{0} took back that a promise to {1} was delivered"),
    "promise.terms_proposed": mark("New terms were proposed for a promise of {0} to {1}"),
    "promise.terms_agreed": mark("{0} and {1} agreed on new terms"),
    "promise.terms_refused": mark("New terms between {0} and {1} were refused"),
    "promise.terms_taken_back": mark("New terms between {0} and {1} were taken back"),
    "promise.date_asked": mark("{1} asked {0} by when"),
    "promise.date_named": mark("{0} told {1} by when"),
    "promise.handover_proposed": mark("A promise of {0} to {1} would pass to {2}"),
    "promise.handed_over": mark("A promise that was {2}'s is now one of {0} to {1}"),
    "promise.handover_refused": mark("{2} did not take over a promise of {0} to {1}"),
    "promise.handover_taken_back": mark("A promise of {0} to {1} stays where it is"),
    "promise.disputed": mark("{0} and {1} disagree on a promise"),
    "promise.settlement_proposed": mark("{0} or {1} proposed how to settle a dispute"),
    "promise.settled": mark("A dispute between {0} and {1} was settled"),
    "promise.dispute_withdrawn": mark("A dispute between {0} and {1} was withdrawn"),
    "promise.made": mark("{0} made a promise to {1}"),
    "promise.progressed": mark("{0} is at work on a promise to {1}"),
    "promise.reported": mark("{0} reported a promise to {1} as delivered"),
    "promise.accepted": mark("{1} accepted what {0} had promised"),
    "promise.accepted_in_part": mark("{1} accepted a part of what {0} had promised"),
    "promise.rejected": mark("{1} sent back what {0} had promised"),
    "promise.broken": mark("{1} called a promise of {0} broken"),
    "promise.released": mark("{1} released {0} from a promise"),
    "promise.reneged": mark("{0} took back a promise to {1}"),
    "promise.assessed": mark("A promise of {0} to {1} was assessed"),
    "promise.reworded": mark("A promise of {0} to {1} was worded anew"),
    "promise.retracted": mark("A promise of {0} to {1} was recorded in error"),
    "promise.reinstated": mark("A promise of {0} to {1} counts again"),
}
"""By topic; the numbers are the event's parties in their order."""

WORDS = ("what", "why", "learnt", "reason", "note", "details", "title")
"""Which of an event's words to show: the first that it has."""


class Told(Struct, frozen=True, kw_only=True):
    """One event, told."""

    position: int
    topic: str
    at: datetime
    sentence: Markup
    words: str | None
    amount: tuple[int, str] | None
    """What it added to a balance: how much of which unit."""


def sentence_of(topic: str, names: Sequence[str]) -> Markup:
    """What happened, with the names of the event's parties in their order. Names that are markup already stay so."""
    sentence = SENTENCES.get(topic)
    if sentence is None:
        noun, _dot, verb = topic.partition(".")
        told = f"{noun} {verb.replace('_', ' ')}".capitalize() + (": {}" if names else "")
        names = [Markup(", ").join(names)]
    else:
        told = _(sentence)
    return Markup(told.format(*map(escape, names)))  # noqa: S704 - ours: what is put in is escaped


def tell(position: int, event: Event, names: Sequence[str], words: Mapping[str, Any] | None) -> Told:
    """An event in a sentence."""
    return tell_as(position, event.TOPIC, event.occurred_at, (names, words, event.posting))


Matter = tuple[Sequence[str], Mapping[str, Any] | None, Posting | None]
"""The parties' names, the words by field, and what went into a balance."""


def tell_as(position: int, topic: str, at: datetime, matter: Matter) -> Told:
    """The same from an event's parts."""
    names, words, posting = matter
    return Told(
        position=position,
        topic=topic,
        at=at,
        sentence=sentence_of(topic, names),
        words=next((words[name] for name in WORDS if isinstance(words.get(name), str)), None) if words else None,
        amount=(posting.quantity, posting.unit) if posting is not None and posting.quantity else None,
    )
