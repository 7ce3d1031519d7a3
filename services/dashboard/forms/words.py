"""What acts are called on a page, and what each of them means before one does it: also what saying no means."""

from typing import NamedTuple

from domain.catalogue import ACTS
from services.dashboard.language import mark
from services.dashboard.language import translate as _


class Said(NamedTuple):
    """How an act is put to a person."""

    title: str
    button: str
    meaning: str
    grave: bool = False
    """Whether it cannot be taken back, or speaks against someone."""


SAID = {
    "favour.record": Said(
        mark("Record a favour"),
        mark("Record it"),
        mark("What one did for the other goes on both balances at once. The other can acknowledge or dispute it."),
    ),
    "favour.acknowledge": Said(
        mark("Acknowledge this favour"),
        mark("Yes, it was so"),
        mark("You confirm that you received it. The balance stays as it is; it now rests on both your words."),
    ),
    "favour.thank": Said(
        mark("Say thank you"),
        mark("Say thank you"),
        mark("It moves no balance. Thanks are kept beside the favour."),
    ),
    "favour.dispute": Said(
        mark("Dispute this favour"),
        mark("Dispute it"),
        mark(
            "What is disputed leaves the balance and stands apart, until you both name the same quantity or the"
            " dispute is withdrawn. Your reason is read by the other party."
        ),
        grave=True,
    ),
    "favour.settle": Said(
        mark("Settle the dispute"),
        mark("Name this quantity"),
        mark("The dispute ends once both of you name the same quantity. 0 means that nothing was given."),
    ),
    "favour.withdraw_dispute": Said(
        mark("Withdraw the dispute"),
        mark("Withdraw it"),
        mark("The favour counts again as it was recorded. That it was disputed stays in the log."),
    ),
    "favour.retract": Said(
        mark("Retract this favour"),
        mark("It was recorded in error"),
        mark("It no longer counts, and stays in the log as recorded in error. It can be reinstated."),
        grave=True,
    ),
    "favour.reinstate": Said(
        mark("Reinstate this favour"), mark("It counts again"), mark("The retraction is taken back.")
    ),
    "contact.record": Said(
        mark("Record a contact"),
        mark("Record it"),
        mark("Who met whom, and how. It moves no balance; it resets the clock of whom to reach out to."),
    ),
    "contact.reword": Said(mark("Word it anew"), mark("Save"), mark("The earlier words stay in the log.")),
    "contact.retract": Said(
        mark("Retract this contact"), mark("It was recorded in error"), mark("It then did not happen."), grave=True
    ),
    "contact.reinstate": Said(mark("Reinstate"), mark("It happened after all"), mark("It counts again.")),
    "tie.declare": Said(
        mark("Say how close you are"),
        mark("Save"),
        mark("Only you see it. Close ties ask for your attention more often than loose ones, dormant ones never."),
    ),
    "tie.undeclare": Said(mark("Take it back"), mark("Take it back"), mark("You will not be reminded any more.")),
    "introduction.propose": Said(
        mark("Introduce two people"),
        mark("Ask both"),
        mark("Both are asked, each privately. They are brought together only if both say yes."),
    ),
    "introduction.consent": Said(
        mark("Say yes to this introduction"),
        mark("Yes, I would like that"),
        mark("Your answer is private. Nobody learns it unless the other says yes as well."),
    ),
    "introduction.decline": Said(
        mark("Say no to this introduction"),
        mark("No, thank you"),
        mark(
            "Your answer is private: neither the introducer nor the other party ever learns who said no, and it"
            " counts in nobody's record. It cannot be changed later."
        ),
    ),
    "introduction.make": Said(
        mark("Bring them together"),
        mark("They are introduced"),
        mark("Both said yes. The introduction counts as given to each of them."),
    ),
    "introduction.record_outcome": Said(
        mark("Say what became of it"), mark("Save"), mark("It helps the introducer to introduce well.")
    ),
    "introduction.retract": Said(
        mark("Retract this introduction"),
        mark("It was recorded in error"),
        mark("It no longer counts, and stays in the log as recorded in error. It can be reinstated."),
        grave=True,
    ),
    "introduction.reinstate": Said(
        mark("Reinstate this introduction"), mark("It counts again"), mark("The retraction is taken back.")
    ),
    "promise.request": Said(
        mark("Ask for a promise"),
        mark("Ask"),
        mark("The other may promise, decline, or name other terms. Nothing binds until they agree."),
    ),
    "promise.offer": Said(
        mark("Offer a promise"), mark("Offer"), mark("It binds you once the other agrees to it as it stands.")
    ),
    "promise.make": Said(
        mark("Make a promise"),
        mark("Promise it"),
        mark("It binds from now on. Only promise what you can deliver: how it ends is kept for good."),
    ),
    "promise.counter": Said(
        mark("Name other terms"), mark("Propose these terms"), mark("The other may agree, decline or counter again.")
    ),
    "promise.agree": Said(
        mark("Agree"), mark("Agree to it as it stands"), mark("From here on it is a promise and binds its promisor.")
    ),
    "promise.decline": Said(
        mark("Decline"),
        mark("Decline"),
        mark(
            "Declining is no broken promise and weighs nothing in anybody's record. 'Improper' says that one was"
            " asked for something that one knows to be wrong: that is counted with who asked."
        ),
    ),
    "promise.withdraw": Said(
        mark("Withdraw"), mark("Withdraw"), mark("What was asked for or offered no longer stands. It weighs nothing.")
    ),
    "promise.report_progress": Said(
        mark("Say how it goes"), mark("Tell them"), mark("To say early that you are behind costs nothing.")
    ),
    "promise.report_delivery": Said(
        mark("Report delivery"),
        mark("I have delivered"),
        mark("The other then accepts it, in whole or in part, or sends it back. What counts is today's date."),
    ),
    "promise.take_back_report": Said(
        mark("Take the report back"), mark("Not delivered after all"), mark("The promise is open again.")
    ),
    "promise.accept": Said(
        mark("Accept the delivery"),
        mark("Accept"),
        mark("The promise is kept: it counts as given to you, and as evidence for the one who promised."),
    ),
    "promise.accept_in_part": Said(
        mark("Accept a part"),
        mark("Accept this part"),
        mark("That share counts as given. The rest weighs against the one who promised."),
    ),
    "promise.reject": Said(
        mark("Send it back"),
        mark("Send it back"),
        mark("The promise is open again, with the same date. It is not broken yet, and nobody's record changes."),
        grave=True,
    ),
    "promise.declare_broken": Said(
        mark("Call it broken"),
        mark("It is broken"),
        mark("It weighs against the one who promised, who may dispute it. Releasing them instead weighs nothing."),
        grave=True,
    ),
    "promise.release": Said(
        mark("Release from it"), mark("Release"), mark("The promise ends without weighing on anybody.")
    ),
    "promise.renege": Said(
        mark("Take the promise back"),
        mark("I will not keep it"),
        mark("It weighs against you, up to half as little the earlier you say so. Asking for new terms may be better."),
        grave=True,
    ),
    "promise.propose_terms": Said(
        mark("Renegotiate"),
        mark("Propose these terms"),
        mark("The old terms hold until the other agrees. A refusal changes nothing, and weighs on nobody."),
    ),
    "promise.agree_to_terms": Said(
        mark("Agree to the new terms"), mark("Agree"), mark("The new terms hold; the old ones stay in its history.")
    ),
    "promise.refuse_terms": Said(
        mark("Refuse the new terms"),
        mark("Refuse"),
        mark("The promise goes on as it was. Refusing weighs on nobody's record."),
    ),
    "promise.take_back_terms": Said(
        mark("Take the new terms back"), mark("Take them back"), mark("The promise goes on as it was.")
    ),
    "promise.ask_for_date": Said(
        mark("Ask by when"),
        mark("Ask"),
        mark("If no date is named within the ledger's window, the end of the window becomes the due date."),
    ),
    "promise.name_date": Said(mark("Name a date"), mark("Name it"), mark("It becomes the due date.")),
    "promise.delegate": Said(
        mark("Hand it on"), mark("Ask them"), mark("You stay bound until the other takes it over.")
    ),
    "promise.assign": Said(
        mark("Let another have it"), mark("Ask them"), mark("It stays yours until the other agrees to have it.")
    ),
    "promise.consent_to_handover": Said(
        mark("Take it over"), mark("Take it over"), mark("From here on the promise is yours.")
    ),
    "promise.refuse_handover": Said(
        mark("Do not take it over"), mark("No, thank you"), mark("It stays where it was, and weighs on nobody.")
    ),
    "promise.take_back_handover": Said(mark("Keep it"), mark("Keep it"), mark("The promise stays where it was.")),
    "promise.dispute": Said(
        mark("Dispute how it ended"),
        mark("Dispute it"),
        mark("A disputed promise is no evidence for or against anyone until it is settled."),
        grave=True,
    ),
    "promise.settle": Said(
        mark("Settle the dispute"),
        mark("Name this outcome"),
        mark("It ends once both name the same outcome, or the assessor names one."),
    ),
    "promise.withdraw_dispute": Said(
        mark("Withdraw the dispute"), mark("Withdraw it"), mark("How it ended stands again as it was said.")
    ),
    "promise.assess": Said(
        mark("Assess it"), mark("Save the assessment"), mark("For its assessor. A later one supersedes; all stay.")
    ),
    "promise.reword": Said(mark("Correct the words"), mark("Save"), mark("The earlier words stay in the log.")),
    "promise.retract": Said(
        mark("Retract this promise"),
        mark("It was recorded in error"),
        mark("It counts nowhere any more, and stays listed as recorded in error."),
        grave=True,
    ),
    "promise.reinstate": Said(mark("Reinstate it"), mark("It counts again"), mark("The retraction is taken back.")),
    "party.register": Said(
        mark("Add someone"), mark("Add"), mark("A person or an organisation that the ledger is to know.")
    ),
    "party.rename": Said(mark("Change the name"), mark("Save"), mark("Earlier names stay in the log.")),
    "party.list_interests": Said(
        mark("Say what you are interested in"), mark("Save"), mark("It takes the place of what was listed before.")
    ),
    "party.list_knowledge": Said(
        mark("Say what you know about"), mark("Save"), mark("Others find you by it when they look for who knows.")
    ),
    "party.set_findable": Said(
        mark("Be found as an introducer"),
        mark("Save"),
        mark("Nobody is named as a way to others unless they agreed. You can take it back at any time."),
    ),
    "party.join": Said(mark("Join an organisation"), mark("Join"), mark("Bridges between organisations count by it.")),
    "party.leave": Said(mark("Leave an organisation"), mark("Leave"), mark("What was done as a member stays so.")),
    "party.merge": Said(
        mark("Merge a duplicate"),
        mark("They are the same"),
        mark("Both records count as one from here on. It can be taken back."),
    ),
    "party.unmerge": Said(mark("Take a merge back"), mark("They are not the same"), mark("All is as without it.")),
    "party.retract": Said(
        mark("Retract this party"),
        mark("It was registered in error"),
        mark("It is forgotten for good. It can be done only as long as nothing else stands to its name."),
        grave=True,
    ),
    "party.erase": Said(
        mark("Erase this party"),
        mark("Erase for good"),
        mark(
            "Its name, and every word ever written about it, become unreadable for good, for everyone: nobody can"
            " take that back. What was given and promised stays as numbers, and so do the others' balances. Keys"
            " that act for it end, and it can never be unmerged."
        ),
        grave=True,
    ),
}


def said(act: str) -> Said:
    """How an act is put to a person, in the language spoken; by its command where nothing else is said."""
    known = SAID.get(act)
    if known is not None:
        return Said(_(known.title), _(known.button), _(known.meaning), known.grave)
    noun, _dot, verb = act.partition(".")
    title = f"{verb.replace('_', ' ')} ({noun})".capitalize()
    return Said(title, title, (ACTS[act].__doc__ or "").partition("\n")[0])


CHOICES = {
    "declared": mark("taken"),
    "refused": mark("refused"),
    "in_person": mark("in person"),
    "call": mark("call"),
    "video": mark("video"),
    "message": mark("message"),
    "mail": mark("letter or mail"),
    "social": mark("where others read along"),
    "other": mark("other"),
    "close": mark("close"),
    "good": mark("good"),
    "loose": mark("loose"),
    "dormant": mark("dormant"),
    "no_capacity": mark("no capacity"),
    "not_mine": mark("not mine to do"),
    "improper": mark("improper"),
    "kept": mark("kept"),
    "partly_kept": mark("partly kept"),
    "broken": mark("broken"),
    "released": mark("released"),
    "promised": mark("still promised"),
    "met": mark("they met"),
    "useful": mark("it was useful"),
    "led_to": mark("it led to something"),
    "came_to_nothing": mark("it came to nothing"),
    "person": mark("a person"),
    "organisation": mark("an organisation"),
}
"""Words that a command takes, as people say them."""
