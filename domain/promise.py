"""Promises: from being made to being kept, partly kept, broken, reneged or released.

A conversation for action (Winograd & Flores 1986) between promisor and promisee, with an assessor where the ledger
has one. ``TABLE`` is the state machine; a row of it is one line of the design's promise table. Requests, offers,
counters, new terms, delegation and disputes take their rows here too once they are built.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, assert_never
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from domain.command import (
    Act,
    Command,
    Facts,
    Moment,
    Note,
    Unit,
    What,
    already_exists,
    in_utc,
    is_author,
    not_found,
    require_in_order,
    require_quantity,
)
from domain.event import Event, Posting, Who, difference
from domain.refusal import Refusal

Status = Literal["promised", "reported", "kept", "partly_kept", "broken", "reneged", "released"]
Assessment = Literal["promised", "kept", "partly_kept", "broken"]
Fraction = Annotated[float, Meta(gt=0, lt=1, description="The share that was delivered.")]
Evidence = Annotated[str, Meta(min_length=1, max_length=2000, description="Where it can be seen: a link or a text.")]


class PromiseEvent(Event, frozen=True, kw_only=True):
    """Base of a promise's events. The posting is what the change of status adds to what the promisor gave."""

    promisor: UUID
    promisee: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Promisor, then promisee."""
        return (self.promisor, self.promisee)


class PromiseMade(PromiseEvent, frozen=True, kw_only=True):
    """The promisor bound itself to give ``quantity`` of ``unit`` to the promisee, by ``due`` where one is set."""

    TOPIC: ClassVar[str] = "promise.made"
    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    unit: str
    quantity: int
    due: datetime | None = None
    assessor: UUID | None = None
    what: str | None = None
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
    PromiseMade
    | PromiseProgressed
    | PromiseReported
    | PromiseAccepted
    | PromiseAcceptedInPart
    | PromiseRejected
    | PromiseBroken
    | PromiseReleased
    | PromiseReneged
    | PromiseAssessed
    | PromiseReworded
    | PromiseRetracted
    | PromiseReinstated
)


class MakePromise(Command, frozen=True, kw_only=True):
    """Make a promise outright. For the promisor, or a recorder on its behalf (then without 'by')."""

    ACT: ClassVar[str] = "promise.make"
    CREATES: ClassVar[bool] = True

    promisor: UUID
    promisee: UUID
    what: What
    assessor: UUID | None = None
    unit: Unit | None = None
    quantity: Annotated[int, Meta(description="In the unit's smallest division; at least 1.")] = 1
    due: Moment | None = None
    note: Note | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """Promisor, promisee, the assessor if any, and whoever makes it."""
        return tuple(party for party in (self.promisor, self.promisee, self.assessor, self.by) if party is not None)


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
    MakePromise
    | ReportProgress
    | ReportDelivery
    | AcceptDelivery
    | AcceptInPart
    | RejectDelivery
    | DeclareBroken
    | ReleasePromise
    | RenegePromise
    | AssessPromise
    | RewordPromise
    | RetractPromise
    | ReinstatePromise
)


class Promise(Struct, frozen=True):
    """How a promise stands: what decisions and the read model need to know of it."""

    promisor: UUID
    promisee: UUID
    assessor: UUID | None
    unit: str
    quantity: int
    due: datetime | None
    made_at: datetime
    latest: datetime
    made_by: Who
    status: Status = "promised"
    started: bool = False
    behind: bool = False
    fraction: float | None = None
    delivered_at: datetime | None = None
    """When delivery was reported, or assessed where nobody reported; set in reported, kept and partly kept."""
    reported_at: datetime | None = None
    """When delivery was reported, unless it was rejected or assessed as not delivered; outlasts release and breach."""
    ended_at: datetime | None = None
    """When it was accepted, assessed as ended, broken, reneged or released."""
    retracted_by: Who | None = None
    """Set while retracted."""
    acted: tuple[UUID, ...] = ()
    """The parties that acted on it since it was made."""
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

    def counts(self) -> Posting:
        """What this promise adds to what the promisor gave the promisee as it stands: the share that was kept."""
        if self.retracted_by is None and self.status == "kept":
            return Posting(self.unit, self.quantity, 1)
        if self.retracted_by is None and self.status == "partly_kept" and self.fraction is not None:
            return Posting(self.unit, round(self.quantity * self.fraction), 1)
        return Posting(self.unit)


initial = None


class Row(NamedTuple):
    """One line of the promise table: which act, from which standings, by whom, and where it leads."""

    act: type[Command]
    start: tuple[str, ...]
    by: tuple[str, ...]
    to: str


OPEN = ("promised", "reported")
ENDED = ("kept", "partly_kept", "broken", "reneged", "released")

TABLE = (
    Row(MakePromise, ("none",), ("promisor", "recorder"), "promised"),
    Row(ReportProgress, ("promised",), ("promisor", "assessor", "recorder"), "promised"),
    Row(ReportDelivery, ("promised",), ("promisor",), "reported"),
    Row(AcceptDelivery, ("reported",), ("promisee",), "kept"),
    Row(AcceptInPart, ("reported",), ("promisee",), "partly_kept"),
    Row(RejectDelivery, ("reported",), ("promisee",), "promised"),
    Row(DeclareBroken, ("promised",), ("promisee",), "broken"),
    Row(ReleasePromise, OPEN, ("promisee",), "released"),
    Row(RenegePromise, ("promised",), ("promisor",), "reneged"),
    Row(AssessPromise, (*OPEN, *ENDED), ("assessor",), "as assessed"),
    Row(RewordPromise, (*OPEN, *ENDED, "retracted"), ("author",), "the same"),
    Row(RetractPromise, (*OPEN, *ENDED), ("author while alone", "promisee that acted", "assessor"), "retracted"),
    Row(ReinstatePromise, ("retracted",), ("retractor",), "as before"),
)
ROWS = {row.act: row for row in TABLE}


def decide(command: PromiseCommand, promise: Promise | None, facts: Facts, act: Act) -> tuple[AnyPromiseEvent, ...]:
    """What a command about a promise leads to: its row of ``TABLE`` says by whom and whether, then its own rule."""
    if isinstance(command, MakePromise):
        if promise is not None:
            raise already_exists("promise")
        return (_make(command, facts, act),)
    if promise is None:
        raise not_found("promise")
    row = ROWS[type(command)]
    if not _roles(promise, act) & set(row.by):
        raise Refusal("wrong_party", f"Only this promise's {' or '.join(row.by)} may do this; name that party in 'by'.")
    if promise.standing not in row.start:
        if _holds(command, promise, row):
            return ()
        raise _not_now(promise.standing)
    require_in_order(promise.latest, act)
    return (_answer(command, promise, facts, act),)


def _holds(command: PromiseCommand, promise: Promise, row: Row) -> bool:
    """Whether the command's effect is there already; another fraction is another effect."""
    if isinstance(command, AcceptInPart) and command.fraction != promise.fraction:
        return False
    return promise.standing == row.to != "promised"


def _roles(promise: Promise, act: Act) -> set[str]:
    """All the roles in which the acting party, or the acting key, stands to the promise.

    While it is not retracted anyone passes as its retractor: the standing refuses then, and says what is so.
    """
    by, recording = act.who.by, act.who.capacity != "party"
    alone = not set(promise.acted) - {promise.made_by.by}
    held = {
        "promisor": by == promise.promisor,
        "promisee": by == promise.promisee,
        "assessor": by is not None and by == promise.assessor,
        "recorder": by is None and recording,
        "author": is_author(act, promise.made_by),
        "author while alone": is_author(act, promise.made_by) and (alone or act.who.capacity == "admin"),
        "promisee that acted": by == promise.promisee and by in promise.acted,
        "retractor": promise.retracted_by is None or is_author(act, promise.retracted_by),
    }
    return {role for role, holds in held.items() if holds}


def _not_now(standing: str) -> Refusal:
    allowed = tuple(row.act.ACT for row in TABLE if standing in row.start)
    return Refusal(f"promise_is_{standing}", f"This promise is {standing}; now allowed: {', '.join(allowed)}.", allowed)


def _make(command: MakePromise, facts: Facts, act: Act) -> PromiseMade:
    if command.promisor == command.promisee:
        raise Refusal("same_party", "Promisor and promisee are the same party; a promise is made to another.")
    if command.promisor == command.assessor:
        raise Refusal("same_party", "Promisor and assessor are the same party; nobody assesses their own promise.")
    if not (act.who.by == command.promisor or (act.who.by is None and act.who.capacity != "party")):
        raise Refusal(
            "wrong_party",
            "A promise binds only who makes it: name the promisor in 'by', or leave 'by' out as a recorder.",
        )
    unit = facts.policy.units[0] if command.unit is None else command.unit
    require_quantity(facts.policy, unit, command.quantity)
    due = None if command.due is None else in_utc(command.due, "due")
    if due is not None and due < act.occurred_at:
        raise Refusal("due_before_made", "The due date lies before the promise is made; it may not.")
    facts.require_registered(command.promisor, command.promisee, command.assessor)
    return PromiseMade(
        occurred_at=act.occurred_at,
        who=act.who,
        promisor=command.promisor,
        promisee=command.promisee,
        assessor=command.assessor,
        unit=unit,
        quantity=command.quantity,
        due=due,
        what=command.what,
        note=command.note,
    )


def _answer(command: PromiseCommand, promise: Promise, facts: Facts, act: Act) -> AnyPromiseEvent:
    match command:
        case ReportProgress():
            return PromiseProgressed(**_common(promise, act), behind=command.behind, note=command.note)
        case ReportDelivery():
            return PromiseReported(**_common(promise, act), note=command.note, evidence=command.evidence)
        case AcceptDelivery():
            return PromiseAccepted(**_common(promise, act, status="kept"), note=command.note)
        case AcceptInPart(fraction=fraction):
            change = _common(promise, act, status="partly_kept", fraction=fraction)
            return PromiseAcceptedInPart(**change, fraction=fraction, note=command.note)
        case RejectDelivery():
            return PromiseRejected(**_common(promise, act), reason=command.reason)
        case DeclareBroken():
            _require_overdue(promise, facts, act)
            return PromiseBroken(**_common(promise, act), reason=command.reason)
        case ReleasePromise():
            return PromiseReleased(**_common(promise, act), note=command.note)
        case RenegePromise():
            return PromiseReneged(**_common(promise, act), reason=command.reason)
        case AssessPromise():
            return _assess(command, promise, act)
        case RewordPromise():
            return PromiseReworded(**_common(promise, act), what=command.what, note=command.note)
        case RetractPromise():
            return PromiseRetracted(**_common(promise, act, retracted_by=act.who), reason=command.reason)
        case ReinstatePromise():
            return PromiseReinstated(**_common(promise, act, retracted_by=None))
        case MakePromise():
            raise AssertionError
        case _:
            assert_never(command)


def _require_overdue(promise: Promise, facts: Facts, act: Act) -> None:
    if promise.due is None:
        raise Refusal("no_due_date", "This promise has no due date, so it cannot be past it; release it or assess it.")
    grace_days = facts.policy.grace_days
    if act.occurred_at - promise.due <= timedelta(days=grace_days):  # not due + grace: it may leave the calendar
        raise Refusal(
            "not_yet_overdue",
            f"A promise is broken once {promise.due.isoformat()} and {grace_days} days of grace are past.",
        )


def _assess(command: AssessPromise, promise: Promise, act: Act) -> PromiseAssessed:
    if (command.fraction is not None) != (command.outcome == "partly_kept"):
        raise Refusal("fraction_mismatch", "A fraction belongs to the outcome partly_kept, and only to it.")
    if command.in_progress and command.outcome != "promised":
        raise Refusal("in_progress_mismatch", "in_progress belongs to the outcome promised, and only to it.")
    return PromiseAssessed(
        **_common(promise, act, status=command.outcome, fraction=command.fraction),
        outcome=command.outcome,
        in_progress=command.in_progress,
        fraction=command.fraction,
        note=command.note,
        evidence=command.evidence,
    )


def _common(promise: Promise, act: Act, **change: Any) -> dict[str, Any]:
    """The fields that every event carries; the posting is what ``change`` adds to what counts now."""
    after = replace(promise, **change).counts() if change else promise.counts()
    return {
        "occurred_at": act.occurred_at,
        "who": act.who,
        "promisor": promise.promisor,
        "promisee": promise.promisee,
        "posting": difference(promise.counts(), after),
    }


def evolve(promise: Promise | None, event: AnyPromiseEvent) -> Promise:
    """The promise after an event."""
    if isinstance(event, PromiseMade):
        return Promise(
            promisor=event.promisor,
            promisee=event.promisee,
            assessor=event.assessor,
            unit=event.unit,
            quantity=event.quantity,
            due=event.due,
            made_at=event.occurred_at,
            latest=event.occurred_at,
            made_by=event.who,
        )
    assert promise is not None
    by = event.who.by
    acted = promise.acted if by is None or by in promise.acted else (*promise.acted, by)
    promise = replace(promise, latest=event.occurred_at, acted=acted, version=promise.version + 1)
    match event:
        case PromiseProgressed(behind=behind):
            return replace(promise, started=True, behind=behind)
        case PromiseReported(occurred_at=when):
            return replace(promise, status="reported", started=True, delivered_at=when, reported_at=when)
        case PromiseAccepted(occurred_at=when):
            return replace(promise, status="kept", ended_at=when)
        case PromiseAcceptedInPart(occurred_at=when, fraction=fraction):
            return replace(promise, status="partly_kept", fraction=fraction, ended_at=when)
        case PromiseRejected():
            return replace(promise, status="promised", delivered_at=None, reported_at=None)
        case PromiseBroken(occurred_at=when):
            return replace(promise, status="broken", ended_at=when)
        case PromiseReleased(occurred_at=when):
            return replace(promise, status="released", delivered_at=None, ended_at=when)
        case PromiseReneged(occurred_at=when):
            return replace(promise, status="reneged", ended_at=when)
        case PromiseAssessed():
            return _assessed(promise, event)
        case PromiseReworded():
            return replace(promise, worded_in=promise.version)
        case PromiseRetracted(who=who):
            return replace(promise, retracted_by=who)
        case PromiseReinstated():
            return replace(promise, retracted_by=None)
        case _:
            assert_never(event)


def _assessed(promise: Promise, event: PromiseAssessed) -> Promise:
    """An assessment overrules what was said before it; what was reported as delivered stays its date of delivery."""
    delivered = event.outcome in ("kept", "partly_kept")
    delivered_at = promise.delivered_at or promise.reported_at or event.occurred_at
    return replace(
        promise,
        status=event.outcome,
        started=event.in_progress if event.outcome == "promised" else promise.started,
        behind=False,
        fraction=event.fraction,
        delivered_at=delivered_at if delivered else None,
        reported_at=None if event.outcome == "promised" else promise.reported_at,
        ended_at=None if event.outcome == "promised" else event.occurred_at,
    )
