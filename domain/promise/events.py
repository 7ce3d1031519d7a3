"""What may happen to a promise: its events. The table says when each may (``table.py``)."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from domain.event import Event

Side = Literal["promisor", "promisee"]
"""One of the two between whom a promise is."""
Assessment = Literal["promised", "kept", "partly_kept", "broken"]
Settlement = Literal["kept", "partly_kept", "broken", "released"]
Declined = Literal["no_capacity", "not_mine", "improper", "other"]
"""Why someone declines: *improper* is what one knows to be wrong."""


class PromiseEvent(Event, frozen=True, kw_only=True):
    """Base of a promise's events. The posting is what the change of status adds to what the promisor gave."""

    promisor: UUID
    promisee: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Promisor, then promisee."""
        return (self.promisor, self.promisee)


class ProposalEvent(PromiseEvent, frozen=True, kw_only=True):
    """Base of the events that begin a promise: what it would be, or is, about."""

    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    unit: str
    quantity: int
    due: datetime | None = None
    assessor: UUID | None = None
    topic: str | None = None
    what: str | None = None
    note: str | None = None


class PromiseRequested(ProposalEvent, frozen=True, kw_only=True):
    """The promisee asked for a promise."""

    TOPIC: ClassVar[str] = "promise.requested"


class PromiseOffered(ProposalEvent, frozen=True, kw_only=True):
    """The promisor offered a promise."""

    TOPIC: ClassVar[str] = "promise.offered"


class PromiseMade(ProposalEvent, frozen=True, kw_only=True):
    """The promisor bound itself to give ``quantity`` of ``unit`` to the promisee, by ``due`` where one is set."""

    TOPIC: ClassVar[str] = "promise.made"


class PromiseCountered(PromiseEvent, frozen=True, kw_only=True):
    """One of the two, ``side``, answered a request or an offer with other terms."""

    TOPIC: ClassVar[str] = "promise.countered"
    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    side: Side
    unit: str
    quantity: int
    due: datetime | None = None
    reworded: bool = False
    """Whether it brings words of its own for what is promised."""
    what: str | None = None
    note: str | None = None


class PromiseAgreed(PromiseEvent, frozen=True, kw_only=True):
    """The other agreed to what was asked for, offered or countered: it is a promise from here."""

    TOPIC: ClassVar[str] = "promise.agreed"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseDeclined(PromiseEvent, frozen=True, kw_only=True):
    """A request, an offer or a counter was declined."""

    TOPIC: ClassVar[str] = "promise.declined"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    reason: Declined
    note: str | None = None


class PromiseWithdrawn(PromiseEvent, frozen=True, kw_only=True):
    """Who asked, offered or countered took it back."""

    TOPIC: ClassVar[str] = "promise.withdrawn"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseProgressed(PromiseEvent, frozen=True, kw_only=True):
    """Work on it is under way; ``behind`` says that it is feared to come late."""

    TOPIC: ClassVar[str] = "promise.progressed"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    behind: bool = False
    note: str | None = None


class PromiseReported(PromiseEvent, frozen=True, kw_only=True):
    """The promisor said that it has delivered; the promisee's answer is awaited."""

    TOPIC: ClassVar[str] = "promise.reported"
    WORDS: ClassVar[tuple[str, ...]] = ("note", "evidence")

    note: str | None = None
    evidence: str | None = None


class PromiseReportTakenBack(PromiseEvent, frozen=True, kw_only=True):
    """The promisor took the report of its delivery back: the promise is open again."""

    TOPIC: ClassVar[str] = "promise.report_taken_back"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseAccepted(PromiseEvent, frozen=True, kw_only=True):
    """The promisee accepted the delivery: the promise is kept."""

    TOPIC: ClassVar[str] = "promise.accepted"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseAcceptedInPart(PromiseEvent, frozen=True, kw_only=True):
    """The promisee accepted a share of what was promised: the promise is partly kept."""

    TOPIC: ClassVar[str] = "promise.accepted_in_part"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    fraction: float
    note: str | None = None


class PromiseRejected(PromiseEvent, frozen=True, kw_only=True):
    """The promisee did not accept the delivery: the promise is open again."""

    TOPIC: ClassVar[str] = "promise.rejected"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class PromiseBroken(PromiseEvent, frozen=True, kw_only=True):
    """Its date and the ledger's grace went by, and the promisee called it broken."""

    TOPIC: ClassVar[str] = "promise.broken"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class PromiseReleased(PromiseEvent, frozen=True, kw_only=True):
    """The promisee freed the promisor."""

    TOPIC: ClassVar[str] = "promise.released"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseReneged(PromiseEvent, frozen=True, kw_only=True):
    """The promisor said beforehand that it will not keep it; the time left until the due date is the notice."""

    TOPIC: ClassVar[str] = "promise.reneged"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class PromiseTermsProposed(PromiseEvent, frozen=True, kw_only=True):
    """One of the two, ``side``, proposed new terms; the old ones hold until the other agrees."""

    TOPIC: ClassVar[str] = "promise.terms_proposed"
    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    side: Side
    unit: str
    quantity: int
    due: datetime | None = None
    reworded: bool = False
    """Whether it brings words of its own for what is promised."""
    what: str | None = None
    note: str | None = None


class PromiseTermsAgreed(PromiseEvent, frozen=True, kw_only=True):
    """The other agreed to the new terms: they hold from here, the old ones stay on record."""

    TOPIC: ClassVar[str] = "promise.terms_agreed"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseTermsRefused(PromiseEvent, frozen=True, kw_only=True):
    """The other refused the new terms."""

    TOPIC: ClassVar[str] = "promise.terms_refused"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseTermsTakenBack(PromiseEvent, frozen=True, kw_only=True):
    """Who proposed new terms took them back."""

    TOPIC: ClassVar[str] = "promise.terms_taken_back"


class PromiseDateAsked(PromiseEvent, frozen=True, kw_only=True):
    """The promisee asked by when; without an answer, the end of the ledger's window is the due date."""

    TOPIC: ClassVar[str] = "promise.date_asked"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseDateNamed(PromiseEvent, frozen=True, kw_only=True):
    """The promisor said by when."""

    TOPIC: ClassVar[str] = "promise.date_named"

    due: datetime


class HandoverEvent(PromiseEvent, frozen=True, kw_only=True):
    """Base of the events by which another party takes a side's place."""

    side: Side
    """Whose place it is."""
    other: UUID
    """Who would take it; once handed over, who had it."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Promisor, promisee, and the third."""
        return (self.promisor, self.promisee, self.other)


class PromiseHandoverProposed(HandoverEvent, frozen=True, kw_only=True):
    """The promisor would delegate the promise to another, or the promisee assign it."""

    TOPIC: ClassVar[str] = "promise.handover_proposed"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseHandedOver(HandoverEvent, frozen=True, kw_only=True):
    """The newcomer consented: it is promisor, or promisee, from here."""

    TOPIC: ClassVar[str] = "promise.handed_over"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseHandoverRefused(HandoverEvent, frozen=True, kw_only=True):
    """The newcomer refused."""

    TOPIC: ClassVar[str] = "promise.handover_refused"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class PromiseHandoverTakenBack(HandoverEvent, frozen=True, kw_only=True):
    """Who would hand over took it back."""

    TOPIC: ClassVar[str] = "promise.handover_taken_back"


class PromiseDisputed(PromiseEvent, frozen=True, kw_only=True):
    """One of the two said that how it ended is not so; what it gave counts as disputed from here."""

    TOPIC: ClassVar[str] = "promise.disputed"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class PromiseSettlementProposed(PromiseEvent, frozen=True, kw_only=True):
    """One of the two said how the dispute could end."""

    TOPIC: ClassVar[str] = "promise.settlement_proposed"

    outcome: Settlement
    fraction: float | None = None


class PromiseSettled(PromiseEvent, frozen=True, kw_only=True):
    """Both named the same end, or the assessor named one: the dispute is over."""

    TOPIC: ClassVar[str] = "promise.settled"

    outcome: Settlement
    fraction: float | None = None


class PromiseDisputeWithdrawn(PromiseEvent, frozen=True, kw_only=True):
    """Who raised the dispute took it back; all is as before."""

    TOPIC: ClassVar[str] = "promise.dispute_withdrawn"


class PromiseAssessed(PromiseEvent, frozen=True, kw_only=True):
    """The assessor said how it stands; a later assessment supersedes, all stay on record."""

    TOPIC: ClassVar[str] = "promise.assessed"
    WORDS: ClassVar[tuple[str, ...]] = ("note", "evidence")

    outcome: Assessment
    in_progress: bool = False
    fraction: float | None = None
    note: str | None = None
    evidence: str | None = None


class PromiseReworded(PromiseEvent, frozen=True, kw_only=True):
    """Its words were corrected; what it means did not change."""

    TOPIC: ClassVar[str] = "promise.reworded"
    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    what: str | None = None
    note: str | None = None


class PromiseRetracted(PromiseEvent, frozen=True, kw_only=True):
    """It had been recorded in error: it counts nowhere, and is always listed."""

    TOPIC: ClassVar[str] = "promise.retracted"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class PromiseReinstated(PromiseEvent, frozen=True, kw_only=True):
    """The retraction was itself an error: the promise stands as it stood before."""

    TOPIC: ClassVar[str] = "promise.reinstated"


AnyPromiseEvent = (
    PromiseRequested
    | PromiseOffered
    | PromiseMade
    | PromiseCountered
    | PromiseAgreed
    | PromiseDeclined
    | PromiseWithdrawn
    | PromiseProgressed
    | PromiseReported
    | PromiseReportTakenBack
    | PromiseAccepted
    | PromiseAcceptedInPart
    | PromiseRejected
    | PromiseBroken
    | PromiseReleased
    | PromiseReneged
    | PromiseTermsProposed
    | PromiseTermsAgreed
    | PromiseTermsRefused
    | PromiseTermsTakenBack
    | PromiseDateAsked
    | PromiseDateNamed
    | PromiseHandoverProposed
    | PromiseHandedOver
    | PromiseHandoverRefused
    | PromiseHandoverTakenBack
    | PromiseDisputed
    | PromiseSettlementProposed
    | PromiseSettled
    | PromiseDisputeWithdrawn
    | PromiseAssessed
    | PromiseReworded
    | PromiseRetracted
    | PromiseReinstated
)
