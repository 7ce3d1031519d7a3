"""How a promise stands: what its events add up to."""

from datetime import datetime, timedelta
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.event import Posting, Who
from domain.policy import Policy
from domain.promise.events import (
    AnyPromiseEvent,
    Declined,
    HandoverEvent,
    PromiseAccepted,
    PromiseAcceptedInPart,
    PromiseAgreed,
    PromiseAssessed,
    PromiseBroken,
    PromiseCountered,
    PromiseDateAsked,
    PromiseDateNamed,
    PromiseDeclined,
    PromiseDisputed,
    PromiseDisputeWithdrawn,
    PromiseHandedOver,
    PromiseHandoverProposed,
    PromiseHandoverRefused,
    PromiseHandoverTakenBack,
    PromiseMade,
    PromiseOffered,
    PromiseProgressed,
    PromiseReinstated,
    PromiseRejected,
    PromiseReleased,
    PromiseReneged,
    PromiseReported,
    PromiseReportTakenBack,
    PromiseRequested,
    PromiseRetracted,
    PromiseReworded,
    PromiseSettled,
    PromiseSettlementProposed,
    PromiseTermsAgreed,
    PromiseTermsProposed,
    PromiseTermsRefused,
    PromiseTermsTakenBack,
    PromiseWithdrawn,
    Settlement,
    Side,
)

Status = Literal[
    "requested",
    "offered",
    "countered",
    "declined",
    "withdrawn",
    "promised",
    "reported",
    "kept",
    "partly_kept",
    "broken",
    "reneged",
    "released",
    "disputed",
]
ASKED: tuple[Status, ...] = ("requested", "offered", "countered")
OPEN: tuple[Status, ...] = ("promised", "reported")
ENDED: tuple[Status, ...] = ("kept", "partly_kept", "broken", "reneged", "released")
NEVER_MADE: tuple[Status, ...] = ("declined", "withdrawn")


class Terms(Struct, frozen=True):
    """What one side proposed to promise instead."""

    side: Side
    unit: str
    quantity: int
    due: datetime | None
    worded_in: int | None
    """The version whose event holds the words that go with them, where there are any."""


class Dispute(Struct, frozen=True):
    """Who raised it, how the promise stood before, and how each would end it."""

    by: UUID | None
    before: Status
    proposed: tuple[tuple[UUID | None, Settlement, float | None], ...] = ()


class Promise(Struct, frozen=True):
    """How a promise stands: what decisions and the read model need to know of it."""

    promisor: UUID
    promisee: UUID
    assessor: UUID | None
    unit: str
    quantity: int
    due: datetime | None
    topic: str | None
    begun_at: datetime
    """When it was asked for, offered or made."""
    latest: datetime
    made_by: Who
    """Who asked for it, offered it or made it outright: the author of its words."""
    status: Status
    made_at: datetime | None
    """Since when it is a promise; ``None`` where it has not been one so far."""
    started: bool = False
    behind: bool = False
    fraction: float | None = None
    delivered_at: datetime | None = None
    """When delivery was reported, or assessed where nobody reported; set in reported, kept and partly kept."""
    reported_at: datetime | None = None
    """When delivery was reported, unless it was rejected or assessed as not delivered; outlasts release and breach."""
    ended_at: datetime | None = None
    """When it was accepted, assessed or settled as ended, broken, reneged, released, declined or withdrawn."""
    declined: Declined | None = None
    """Why it was declined."""
    terms: Terms | None = None
    """New terms that wait for an answer."""
    terms_changed: int = 0
    """How often new terms were agreed to; a promise that was made under the first ones has 0."""
    date_asked_at: datetime | None = None
    """When the promisee asked by when, where no date was named since."""
    handover: tuple[Side, UUID] | None = None
    """Whose place would be taken by whom, where that waits for an answer."""
    earlier: tuple[tuple[Side, UUID], ...] = ()
    """Who had which side's place before it was handed over."""
    dispute: Dispute | None = None
    retracted_by: Who | None = None
    """Set while retracted."""
    acted: tuple[UUID, ...] = ()
    """The parties that acted on it since it began."""
    version: int = 1
    worded_in: int = 1
    """The version whose event holds the words."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Promisor, then promisee."""
        return (self.promisor, self.promisee)

    @property
    def standing(self) -> str:
        """The status, or ``retracted``."""
        return self.status if self.retracted_by is None else "retracted"

    @property
    def is_open(self) -> bool:
        """Whether it is a promise that did not end so far, as far as was said; the clock ends none."""
        return self.status in OPEN and self.retracted_by is None

    def side(self, side: Side) -> UUID:
        """The party that has a side's place."""
        return self.promisor if side == "promisor" else self.promisee

    def due_by(self, policy: Policy) -> datetime | None:
        """The due date; where it was only asked for, the end of the window in which an answer is waited for."""
        if self.due is None and self.date_asked_at is not None:
            return after(self.date_asked_at, policy.window_days)
        return self.due

    def is_past(self, policy: Policy, moment: datetime) -> bool:
        """Whether its due date and the ledger's grace have gone by."""
        due = self.due_by(policy)
        return due is not None and moment - due > timedelta(days=policy.grace_days)

    def is_unconfirmed(self, policy: Policy, moment: datetime) -> bool:
        """Whether an answer to its delivery, or any word after its date, has been waited for longer than the window."""
        window = timedelta(days=policy.window_days)
        if self.status == "reported":
            return self.delivered_at is not None and moment - self.delivered_at > window
        due = self.due_by(policy)
        if self.status != "promised" or due is None:
            return False
        return moment - self.latest > window and moment - due > window + timedelta(days=policy.grace_days)

    def counts(self) -> Posting:
        """What this promise adds to what the promisor gave the promisee as it stands: the share that was kept."""
        if self.retracted_by is not None:
            return Posting(self.unit)
        if self.status == "disputed" and self.dispute is not None:
            return Posting(self.unit, disputed=self._share(self.dispute.before))
        kept = self.status in ("kept", "partly_kept")
        return Posting(self.unit, self._share(self.status), 1 if kept else 0)

    def _share(self, status: Status) -> int:
        if status == "kept":
            return self.quantity
        return round(self.quantity * self.fraction) if status == "partly_kept" and self.fraction is not None else 0


def after(moment: datetime, days: int) -> datetime:
    """So many days later; the last moment of the calendar where that would leave it."""
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def evolve(promise: Promise | None, event: AnyPromiseEvent) -> Promise:
    """The promise after an event."""
    if isinstance(event, PromiseRequested | PromiseOffered | PromiseMade):
        return _begin(event)
    assert promise is not None
    by = event.who.by
    acted = promise.acted if by is None or by in promise.acted else (*promise.acted, by)
    promise = replace(promise, latest=event.occurred_at, acted=acted, version=promise.version + 1)
    match event:
        case PromiseReworded():
            return replace(promise, worded_in=promise.version)
        case PromiseRetracted(who=who):
            return replace(promise, retracted_by=who)
        case PromiseReinstated():
            return replace(promise, retracted_by=None)
        case PromiseCountered() | PromiseAgreed() | PromiseDeclined() | PromiseWithdrawn():
            return _bargained(promise, event)
        case PromiseTermsProposed() | PromiseTermsAgreed() | PromiseTermsRefused() | PromiseTermsTakenBack():
            return _renegotiated(promise, event)
        case PromiseDateAsked(occurred_at=when):
            return replace(promise, date_asked_at=when)
        case PromiseDateNamed(due=due):
            return replace(promise, due=due, date_asked_at=None)
        case HandoverEvent():
            return _handed(promise, event)
        case PromiseDisputed() | PromiseSettlementProposed() | PromiseSettled() | PromiseDisputeWithdrawn():
            return _disputed(promise, event)
        case _:
            return _carried_out(promise, event)


def _begin(event: PromiseRequested | PromiseOffered | PromiseMade) -> Promise:
    status: Status = "promised"
    if isinstance(event, PromiseRequested):
        status = "requested"
    elif isinstance(event, PromiseOffered):
        status = "offered"
    return Promise(
        promisor=event.promisor,
        promisee=event.promisee,
        assessor=event.assessor,
        unit=event.unit,
        quantity=event.quantity,
        due=event.due,
        topic=event.topic,
        begun_at=event.occurred_at,
        latest=event.occurred_at,
        made_by=event.who,
        status=status,
        made_at=event.occurred_at if status == "promised" else None,
    )


def _bargained(
    promise: Promise, event: PromiseCountered | PromiseAgreed | PromiseDeclined | PromiseWithdrawn
) -> Promise:
    match event:
        case PromiseCountered(side=side):
            return replace(
                promise,
                status="countered" if side == "promisor" else "requested",
                unit=event.unit,
                quantity=event.quantity,
                due=event.due,
                worded_in=promise.version if event.reworded else promise.worded_in,
            )
        case PromiseAgreed(occurred_at=when):
            return replace(promise, status="promised", made_at=when)
        case PromiseDeclined(occurred_at=when, reason=reason):
            return replace(promise, status="declined", declined=reason, ended_at=when)
        case PromiseWithdrawn(occurred_at=when):
            return replace(promise, status="withdrawn", ended_at=when)
        case _:
            assert_never(event)


def _renegotiated(
    promise: Promise,
    event: PromiseTermsProposed | PromiseTermsAgreed | PromiseTermsRefused | PromiseTermsTakenBack,
) -> Promise:
    match event:
        case PromiseTermsProposed():
            worded_in = promise.version if event.reworded else None
            return replace(promise, terms=Terms(event.side, event.unit, event.quantity, event.due, worded_in))
        case PromiseTermsAgreed():
            assert promise.terms is not None
            return replace(
                promise,
                unit=promise.terms.unit,
                quantity=promise.terms.quantity,
                due=promise.terms.due,
                worded_in=promise.terms.worded_in or promise.worded_in,
                terms=None,
                terms_changed=promise.terms_changed + 1,
                date_asked_at=promise.date_asked_at if promise.terms.due is None else None,
            )
        case PromiseTermsRefused() | PromiseTermsTakenBack():
            return replace(promise, terms=None)
        case _:
            assert_never(event)


def _handed(promise: Promise, event: HandoverEvent) -> Promise:
    match event:
        case PromiseHandoverProposed(side=side, other=other):
            return replace(promise, handover=(side, other))
        case PromiseHandedOver(side=side, other=other):
            return replace(
                promise,
                promisor=event.promisor,
                promisee=event.promisee,
                handover=None,
                earlier=(*promise.earlier, (side, other)),
            )
        case PromiseHandoverRefused() | PromiseHandoverTakenBack():
            return replace(promise, handover=None)
        case _:
            raise AssertionError


def _disputed(
    promise: Promise,
    event: PromiseDisputed | PromiseSettlementProposed | PromiseSettled | PromiseDisputeWithdrawn,
) -> Promise:
    match event:
        case PromiseDisputed(who=who):
            return replace(_closed(promise), status="disputed", dispute=Dispute(who.by, promise.status))
        case PromiseSettlementProposed(who=who, outcome=outcome, fraction=fraction):
            assert promise.dispute is not None
            others = tuple(one for one in promise.dispute.proposed if one[0] != who.by)
            proposed = (*others, (who.by, outcome, fraction))
            return replace(promise, dispute=replace(promise.dispute, proposed=proposed))
        case PromiseSettled(occurred_at=when, outcome=outcome, fraction=fraction):
            return _ended_as(replace(promise, dispute=None), outcome, fraction, when)
        case PromiseDisputeWithdrawn():
            assert promise.dispute is not None
            return replace(promise, status=promise.dispute.before, dispute=None)
        case _:
            assert_never(event)


def _carried_out(promise: Promise, event: AnyPromiseEvent) -> Promise:
    match event:
        case PromiseProgressed(behind=behind):
            return replace(promise, started=True, behind=behind)
        case PromiseReported(occurred_at=when):
            return replace(_closed(promise), status="reported", started=True, delivered_at=when, reported_at=when)
        case PromiseRejected() | PromiseReportTakenBack():
            return replace(promise, status="promised", delivered_at=None, reported_at=None)
        case PromiseAccepted(occurred_at=when):
            return replace(promise, status="kept", ended_at=when)
        case PromiseAcceptedInPart(occurred_at=when, fraction=fraction):
            return replace(promise, status="partly_kept", fraction=fraction, ended_at=when)
        case PromiseBroken(occurred_at=when):
            return replace(_closed(promise), status="broken", ended_at=when)
        case PromiseReneged(occurred_at=when):
            return replace(_closed(promise), status="reneged", ended_at=when)
        case PromiseReleased(occurred_at=when):
            return replace(_closed(promise), status="released", delivered_at=None, ended_at=when)
        case PromiseAssessed():
            return _assessed(promise, event)
        case _:
            raise AssertionError


def _closed(promise: Promise) -> Promise:
    """The promise without what waited for an answer while it was open."""
    return replace(promise, terms=None, handover=None)


def _assessed(promise: Promise, event: PromiseAssessed) -> Promise:
    """An assessment overrules what was said before it; what was reported as delivered stays its date of delivery."""
    promise = replace(promise, dispute=None, behind=False)
    if event.outcome != "promised":
        return _ended_as(promise, event.outcome, event.fraction, event.occurred_at)
    return replace(
        promise,
        status="promised",
        started=event.in_progress,
        fraction=None,
        delivered_at=None,
        reported_at=None,
        ended_at=None,
    )


def _ended_as(promise: Promise, outcome: Settlement, fraction: float | None, when: datetime) -> Promise:
    """How an assessment or a settlement lets it end."""
    delivered_at = promise.delivered_at or promise.reported_at or when
    return replace(
        _closed(promise),
        status=outcome,
        fraction=fraction,
        delivered_at=delivered_at if outcome in ("kept", "partly_kept") else None,
        ended_at=when,
    )
