"""What may be asked of a promise: its commands. The table says by whom and when (``table.py``)."""

from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from domain.command import Command, Moment, Note, Topic, Unit, What
from domain.promise.events import Assessment, Declined, Settlement
from domain.promise.state import Promise

Fraction = Annotated[float, Meta(gt=0, lt=1, description="The share that was delivered.")]
Evidence = Annotated[str, Meta(min_length=1, max_length=2000, description="Where it can be seen: a link or a text.")]
Quantity = Annotated[int, Meta(description="In the unit's smallest division; at least 1.")]


class Proposal(Command, frozen=True, kw_only=True):
    """Base of the commands that begin a promise."""

    CREATES: ClassVar[bool] = True

    promisor: UUID
    promisee: UUID
    what: What
    assessor: UUID | None = None
    unit: Unit | None = None
    quantity: Quantity = 1
    due: Moment | None = None
    topic: Topic | None = None
    note: Note | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """Promisor, promisee, the assessor if any, and whoever acts."""
        return tuple(party for party in (self.promisor, self.promisee, self.assessor, self.by) if party is not None)

    def needs_open_promises(self, state: object) -> tuple[UUID, ...]:
        """The promisor's, already where it is only asked for: it may be agreed to at once."""
        del state
        return (self.promisor,)


class RequestPromise(Proposal, frozen=True, kw_only=True):
    """Ask for a promise. For the promisee, who names itself in 'by'."""

    ACT: ClassVar[str] = "promise.request"


class OfferPromise(Proposal, frozen=True, kw_only=True):
    """Offer a promise, which binds once the promisee agrees. For the promisor."""

    ACT: ClassVar[str] = "promise.offer"


class MakePromise(Proposal, frozen=True, kw_only=True):
    """Make a promise outright. For the promisor, or a recorder on its behalf (then without 'by')."""

    ACT: ClassVar[str] = "promise.make"


class CounterPromise(Command, frozen=True, kw_only=True):
    """Answer a request, an offer or a counter with other terms; what is left out stays as it is."""

    ACT: ClassVar[str] = "promise.counter"

    unit: Unit | None = None
    quantity: Quantity | None = None
    due: Moment | None = None
    what: What | None = None
    note: Note | None = None


class AgreeToPromise(Command, frozen=True, kw_only=True):
    """Agree to what is asked for, offered or countered, as it stands: from here it is a promise."""

    ACT: ClassVar[str] = "promise.agree"

    note: Note | None = None

    def needs_open_promises(self, state: object) -> tuple[UUID, ...]:
        """The promisor's."""
        return (state.promisor,) if isinstance(state, Promise) else ()


class DeclinePromise(Command, frozen=True, kw_only=True):
    """Decline a request, an offer or a counter, and say why."""

    ACT: ClassVar[str] = "promise.decline"

    reason: Declined
    note: Note | None = None


class WithdrawPromise(Command, frozen=True, kw_only=True):
    """Take back what one asked for, offered or countered."""

    ACT: ClassVar[str] = "promise.withdraw"

    note: Note | None = None


class ReportProgress(Command, frozen=True, kw_only=True):
    """Say that work is under way, and whether it is behind."""

    ACT: ClassVar[str] = "promise.report_progress"

    behind: bool = False
    note: Note | None = None


class ReportDelivery(Command, frozen=True, kw_only=True):
    """The promisor says that it has delivered."""

    ACT: ClassVar[str] = "promise.report_delivery"

    note: Note | None = None
    evidence: Evidence | None = None


class TakeBackReport(Command, frozen=True, kw_only=True):
    """The promisor takes the report of its delivery back."""

    ACT: ClassVar[str] = "promise.take_back_report"

    note: Note | None = None


class AcceptDelivery(Command, frozen=True, kw_only=True):
    """The promisee accepts the delivery."""

    ACT: ClassVar[str] = "promise.accept"

    note: Note | None = None


class AcceptInPart(Command, frozen=True, kw_only=True):
    """The promisee accepts a share of what was promised."""

    ACT: ClassVar[str] = "promise.accept_in_part"

    fraction: Fraction
    note: Note | None = None


class RejectDelivery(Command, frozen=True, kw_only=True):
    """The promisee does not accept the delivery."""

    ACT: ClassVar[str] = "promise.reject"

    reason: Note | None = None


class DeclareBroken(Command, frozen=True, kw_only=True):
    """The promisee calls a promise broken whose due date and grace have gone by."""

    ACT: ClassVar[str] = "promise.declare_broken"

    reason: Note | None = None


class ReleasePromise(Command, frozen=True, kw_only=True):
    """The promisee frees the promisor."""

    ACT: ClassVar[str] = "promise.release"

    note: Note | None = None


class RenegePromise(Command, frozen=True, kw_only=True):
    """The promisor says beforehand that it will not keep the promise."""

    ACT: ClassVar[str] = "promise.renege"

    reason: Note | None = None


class ProposeTerms(Command, frozen=True, kw_only=True):
    """Propose new terms for a promise; what is left out stays as it is."""

    ACT: ClassVar[str] = "promise.propose_terms"

    unit: Unit | None = None
    quantity: Quantity | None = None
    due: Moment | None = None
    what: What | None = None
    note: Note | None = None


class AgreeToTerms(Command, frozen=True, kw_only=True):
    """Agree to the new terms that the other proposed."""

    ACT: ClassVar[str] = "promise.agree_to_terms"

    note: Note | None = None


class RefuseTerms(Command, frozen=True, kw_only=True):
    """Refuse the new terms that the other proposed."""

    ACT: ClassVar[str] = "promise.refuse_terms"

    note: Note | None = None


class TakeBackTerms(Command, frozen=True, kw_only=True):
    """Take back the new terms that one proposed."""

    ACT: ClassVar[str] = "promise.take_back_terms"


class AskForDate(Command, frozen=True, kw_only=True):
    """Ask by when; without an answer, the end of the ledger's window becomes the due date."""

    ACT: ClassVar[str] = "promise.ask_for_date"

    note: Note | None = None


class NameDate(Command, frozen=True, kw_only=True):
    """Say by when, where the promisee asked."""

    ACT: ClassVar[str] = "promise.name_date"

    due: Moment


class Handover(Command, frozen=True, kw_only=True):
    """Base of the commands by which one of the two would hand its place to another party."""

    to: UUID
    note: Note | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """Who would take the place."""
        return (self.to,)


class DelegatePromise(Handover, frozen=True, kw_only=True):
    """Hand the promise to another promisor, once that one consents. For the promisor."""

    ACT: ClassVar[str] = "promise.delegate"

    def needs_open_promises(self, state: object) -> tuple[UUID, ...]:
        """The newcomer's, who may consent at once."""
        del state
        return (self.to,)


class AssignPromise(Handover, frozen=True, kw_only=True):
    """Hand the promise to another promisee, once that one consents. For the promisee."""

    ACT: ClassVar[str] = "promise.assign"


class ConsentToHandover(Command, frozen=True, kw_only=True):
    """Take the place that one is handed."""

    ACT: ClassVar[str] = "promise.consent_to_handover"

    note: Note | None = None

    def needs_open_promises(self, state: object) -> tuple[UUID, ...]:
        """The newcomer's."""
        return (state.handover[1],) if isinstance(state, Promise) and state.handover is not None else ()


class RefuseHandover(Command, frozen=True, kw_only=True):
    """Refuse the place that one is handed."""

    ACT: ClassVar[str] = "promise.refuse_handover"

    note: Note | None = None


class TakeBackHandover(Command, frozen=True, kw_only=True):
    """Keep the place that one would have handed over."""

    ACT: ClassVar[str] = "promise.take_back_handover"


class DisputePromise(Command, frozen=True, kw_only=True):
    """Say that how it ended, or that nobody answered, is not so."""

    ACT: ClassVar[str] = "promise.dispute"

    reason: Note


class SettlePromise(Command, frozen=True, kw_only=True):
    """Name how the dispute may end: it does once both named the same, or the assessor named it."""

    ACT: ClassVar[str] = "promise.settle"

    outcome: Settlement
    fraction: Fraction | None = None


class WithdrawPromiseDispute(Command, frozen=True, kw_only=True):
    """Take back a dispute that one raised."""

    ACT: ClassVar[str] = "promise.withdraw_dispute"


class AssessPromise(Command, frozen=True, kw_only=True):
    """The assessor says how the promise stands: kept, partly kept, broken or still promised."""

    ACT: ClassVar[str] = "promise.assess"

    outcome: Assessment
    in_progress: bool = False
    fraction: Fraction | None = None
    note: Note | None = None
    evidence: Evidence | None = None


class RewordPromise(Command, frozen=True, kw_only=True):
    """Correct the words. For who recorded the promise, or an administrator."""

    ACT: ClassVar[str] = "promise.reword"

    what: What
    note: Note | None = None


class RetractPromise(Command, frozen=True, kw_only=True):
    """Say that it had been recorded in error.

    For who recorded it, as long as no other party acted; after that for the promisee if it acted, the assessor, or an
    administrator: nobody erases alone what another has spoken on.
    """

    ACT: ClassVar[str] = "promise.retract"

    reason: Note | None = None


class ReinstatePromise(Command, frozen=True, kw_only=True):
    """Take a retraction back. For who retracted, or an administrator."""

    ACT: ClassVar[str] = "promise.reinstate"


PromiseCommand = (
    RequestPromise
    | OfferPromise
    | MakePromise
    | CounterPromise
    | AgreeToPromise
    | DeclinePromise
    | WithdrawPromise
    | ReportProgress
    | ReportDelivery
    | TakeBackReport
    | AcceptDelivery
    | AcceptInPart
    | RejectDelivery
    | DeclareBroken
    | ReleasePromise
    | RenegePromise
    | ProposeTerms
    | AgreeToTerms
    | RefuseTerms
    | TakeBackTerms
    | AskForDate
    | NameDate
    | DelegatePromise
    | AssignPromise
    | ConsentToHandover
    | RefuseHandover
    | TakeBackHandover
    | DisputePromise
    | SettlePromise
    | WithdrawPromiseDispute
    | AssessPromise
    | RewordPromise
    | RetractPromise
    | ReinstatePromise
)
