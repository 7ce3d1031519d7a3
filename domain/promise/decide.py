"""What a command about a promise leads to: its row of the table says by whom and whether, then its own rule."""

from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from msgspec.structs import replace

from domain.command import Act, Facts, already_exists, in_utc, not_found, require_in_order, require_quantity
from domain.event import difference
from domain.promise import commands as c
from domain.promise import events as e
from domain.promise.state import Promise, evolve
from domain.promise.table import find_row
from domain.refusal import Refusal

BEGINNINGS: dict[type[c.Proposal], type[e.PromiseRequested | e.PromiseOffered | e.PromiseMade]] = {
    c.RequestPromise: e.PromiseRequested,
    c.OfferPromise: e.PromiseOffered,
    c.MakePromise: e.PromiseMade,
}


def decide(command: c.PromiseCommand, promise: Promise | None, facts: Facts, act: Act) -> tuple[e.AnyPromiseEvent, ...]:
    """What a command about a promise leads to. Raises ``Refusal``."""
    if isinstance(command, c.RequestPromise | c.OfferPromise | c.MakePromise):
        if promise is not None:
            raise already_exists("promise")
        return (_begin(command, facts, act),)
    if promise is None:
        raise not_found("promise")
    if find_row(type(command), promise, facts, act) is None:
        if isinstance(command, c.AcceptInPart) and command.fraction != promise.fraction:
            raise Refusal("other_fraction", "It was accepted in another part; what was accepted stands.")
        return ()
    facts.require_apart(promise.promisor, promise.promisee)
    require_in_order(promise.latest, act)
    event = _answer(command, promise, facts, act)
    return () if event is None else (_posted(event, promise),)


def _answer(command: c.PromiseCommand, promise: Promise, facts: Facts, act: Act) -> e.AnyPromiseEvent | None:
    match command:
        case c.CounterPromise() | c.AgreeToPromise() | c.DeclinePromise() | c.WithdrawPromise():
            return _bargain(command, promise, facts, act)
        case c.ProposeTerms() | c.AgreeToTerms() | c.RefuseTerms() | c.TakeBackTerms() | c.AskForDate() | c.NameDate():
            return _renegotiate(command, promise, facts, act)
        case c.DelegatePromise() | c.AssignPromise():
            return _propose_handover(command, promise, facts, act)
        case c.ConsentToHandover() | c.RefuseHandover() | c.TakeBackHandover():
            return _answer_handover(command, promise, facts, act)
        case c.DisputePromise() | c.SettlePromise() | c.WithdrawPromiseDispute():
            return _dispute(command, promise, act)
        case c.RequestPromise() | c.OfferPromise() | c.MakePromise():
            raise AssertionError
        case _:
            return _carry_out(command, promise, act)


def _posted(event: e.AnyPromiseEvent, promise: Promise) -> e.AnyPromiseEvent:
    """The event with its posting: what counts after it, less what counts now."""
    return replace(event, posting=difference(promise.counts(), evolve(promise, event).counts()))


def _common(promise: Promise, act: Act) -> dict[str, Any]:
    """The fields that every event carries."""
    return {
        "occurred_at": act.occurred_at,
        "who": act.who,
        "promisor": promise.promisor,
        "promisee": promise.promisee,
    }


# ── beginning ────────────────────────────────────────────────────────────────────────────────────────────────


def _begin(
    command: c.RequestPromise | c.OfferPromise | c.MakePromise, facts: Facts, act: Act
) -> e.PromiseRequested | e.PromiseOffered | e.PromiseMade:
    if facts.same(command.promisor, command.promisee):
        raise Refusal("same_party", "Promisor and promisee are the same party; a promise is made to another.")
    if facts.same(command.promisor, command.assessor):
        raise Refusal("same_party", "Promisor and assessor are the same party; nobody assesses their own promise.")
    _require_beginner(command, act)
    unit = facts.policy.units[0] if command.unit is None else command.unit
    require_quantity(facts.policy, unit, command.quantity)
    due = _due(command.due, act)
    facts.require_registered(command.promisor, command.promisee, command.assessor)
    if isinstance(command, c.MakePromise):
        _require_room(command.promisor, facts)
    return BEGINNINGS[type(command)](
        occurred_at=act.occurred_at,
        who=act.who,
        promisor=command.promisor,
        promisee=command.promisee,
        assessor=command.assessor,
        unit=unit,
        quantity=command.quantity,
        due=due,
        topic=command.topic,
        what=command.what,
        note=command.note,
    )


def _require_beginner(command: c.Proposal, act: Act) -> None:
    """A promise binds only who makes it; who asks for one asks for itself."""
    if isinstance(command, c.RequestPromise):
        if not act.is_by(command.promisee):
            raise Refusal("wrong_party", "A promise is asked for by who would receive it: name the promisee in 'by'.")
        return
    recorded = isinstance(command, c.MakePromise) and act.who.by is None and act.who.capacity != "party"
    if not recorded and not act.is_by(command.promisor):
        leave_out = ", or leave 'by' out as a recorder" if isinstance(command, c.MakePromise) else ""
        raise Refusal("wrong_party", f"A promise binds only who makes it: name the promisor in 'by'{leave_out}.")


def _require_room(promisor: UUID, facts: Facts) -> None:
    """Refuse to take on one more where the policy limits how many may be open. What is reopened always comes back."""
    limit = facts.policy.open_promises_limit
    if limit is not None and facts.open_promises_of(promisor) >= limit:
        raise Refusal(
            "no_capacity_left",
            f"This promisor has as many promises open as this ledger allows: {limit}. One of them has to end first.",
        )


def _due(due: datetime | None, act: Act) -> datetime | None:
    """A due date in UTC. Refuses one that lies before the act."""
    due = None if due is None else in_utc(due, "due")
    if due is not None and due < act.occurred_at:
        raise Refusal("due_before_made", "The due date lies before this happens; it may not.")
    return due


# ── bargaining ───────────────────────────────────────────────────────────────────────────────────────────────


def _bargain(
    command: c.CounterPromise | c.AgreeToPromise | c.DeclinePromise | c.WithdrawPromise,
    promise: Promise,
    facts: Facts,
    act: Act,
) -> e.AnyPromiseEvent:
    match command:
        case c.CounterPromise():
            return e.PromiseCountered(
                **_common(promise, act), **_terms(command, promise, facts, act), what=command.what, note=command.note
            )
        case c.AgreeToPromise():
            _due(promise.due, act)
            _require_room(promise.promisor, facts)
            return e.PromiseAgreed(**_common(promise, act), note=command.note)
        case c.DeclinePromise():
            return e.PromiseDeclined(**_common(promise, act), reason=command.reason, note=command.note)
        case c.WithdrawPromise():
            return e.PromiseWithdrawn(**_common(promise, act), note=command.note)
        case _:
            assert_never(command)


def _terms(command: c.CounterPromise | c.ProposeTerms, promise: Promise, facts: Facts, act: Act) -> dict[str, Any]:
    """The terms that a command proposes: what it leaves out stays as it is. Refuses those that change nothing."""
    unit = promise.unit if command.unit is None else command.unit
    quantity = promise.quantity if command.quantity is None else command.quantity
    require_quantity(facts.policy, unit, quantity)
    due = promise.due if command.due is None else _due(command.due, act)
    if command.what is None and (unit, quantity, due) == (promise.unit, promise.quantity, promise.due):
        raise Refusal("nothing_new", "These are the terms as they stand; name another quantity, unit, due or what.")
    side: e.Side = "promisor" if act.is_by(promise.promisor) else "promisee"
    return {"side": side, "unit": unit, "quantity": quantity, "due": due, "reworded": command.what is not None}


# ── new terms, dates ─────────────────────────────────────────────────────────────────────────────────────────


def _renegotiate(
    command: c.ProposeTerms | c.AgreeToTerms | c.RefuseTerms | c.TakeBackTerms | c.AskForDate | c.NameDate,
    promise: Promise,
    facts: Facts,
    act: Act,
) -> e.AnyPromiseEvent:
    common = _common(promise, act)
    match command:
        case c.ProposeTerms():
            terms = _terms(command, promise, facts, act)
            return e.PromiseTermsProposed(**common, **terms, what=command.what, note=command.note)
        case c.AgreeToTerms():
            return e.PromiseTermsAgreed(**common, note=command.note)
        case c.RefuseTerms():
            return e.PromiseTermsRefused(**common, note=command.note)
        case c.TakeBackTerms():
            return e.PromiseTermsTakenBack(**common)
        case c.AskForDate():
            return e.PromiseDateAsked(**common, note=command.note)
        case c.NameDate(due=named):
            due = _due(named, act)
            assert due is not None
            return e.PromiseDateNamed(**common, due=due)
        case _:
            assert_never(command)


# ── handing over ─────────────────────────────────────────────────────────────────────────────────────────────


def _propose_handover(
    command: c.DelegatePromise | c.AssignPromise, promise: Promise, facts: Facts, act: Act
) -> e.PromiseHandoverProposed:
    side: e.Side = "promisor" if isinstance(command, c.DelegatePromise) else "promisee"
    _require_newcomer(side, command.to, promise, facts)
    return e.PromiseHandoverProposed(**_common(promise, act), side=side, other=command.to, note=command.note)


def _answer_handover(
    command: c.ConsentToHandover | c.RefuseHandover | c.TakeBackHandover, promise: Promise, facts: Facts, act: Act
) -> e.PromiseHandedOver | e.PromiseHandoverRefused | e.PromiseHandoverTakenBack:
    assert promise.handover is not None
    side, newcomer = promise.handover
    common = _common(promise, act)
    match command:
        case c.ConsentToHandover():
            _require_newcomer(side, newcomer, promise, facts)
            if side == "promisor":
                _require_room(newcomer, facts)
            after = {**common, side: newcomer}
            return e.PromiseHandedOver(**after, side=side, other=promise.side(side), note=command.note)
        case c.RefuseHandover():
            return e.PromiseHandoverRefused(**common, side=side, other=newcomer, note=command.note)
        case c.TakeBackHandover():
            return e.PromiseHandoverTakenBack(**common, side=side, other=newcomer)
        case _:
            assert_never(command)


def _require_newcomer(side: e.Side, newcomer: UUID, promise: Promise, facts: Facts) -> None:
    facts.require_registered(newcomer)
    if any(facts.same(newcomer, party) for party in promise.parties):
        raise Refusal("same_party", "This party is the promisor or the promisee already; name another.")
    if side == "promisor" and facts.same(newcomer, promise.assessor):
        raise Refusal("same_party", "This party is the assessor; nobody assesses their own promise.")


# ── disputes ─────────────────────────────────────────────────────────────────────────────────────────────────


def _dispute(
    command: c.DisputePromise | c.SettlePromise | c.WithdrawPromiseDispute, promise: Promise, act: Act
) -> e.AnyPromiseEvent | None:
    match command:
        case c.DisputePromise():
            return e.PromiseDisputed(**_common(promise, act), reason=command.reason)
        case c.SettlePromise():
            return _settle(command, promise, act)
        case c.WithdrawPromiseDispute():
            return e.PromiseDisputeWithdrawn(**_common(promise, act))
        case _:
            assert_never(command)


def _settle(
    command: c.SettlePromise, promise: Promise, act: Act
) -> e.PromiseSettled | e.PromiseSettlementProposed | None:
    """Agreement is both naming the same end, whoever names it first; the assessor decides alone."""
    _require_fraction(command.outcome, command.fraction)
    assert promise.dispute is not None
    end = command.outcome, command.fraction
    named = {(party, outcome, fraction) for party, outcome, fraction in promise.dispute.proposed}
    if (act.who.by, *end) in named:
        return None
    by_other = any(
        not act.is_by(party) and (outcome, fraction) == end for party, outcome, fraction in promise.dispute.proposed
    )
    if by_other or act.is_by(promise.assessor):
        return e.PromiseSettled(**_common(promise, act), outcome=command.outcome, fraction=command.fraction)
    return e.PromiseSettlementProposed(**_common(promise, act), outcome=command.outcome, fraction=command.fraction)


# ── carrying out ─────────────────────────────────────────────────────────────────────────────────────────────


def _carry_out(command: c.PromiseCommand, promise: Promise, act: Act) -> e.AnyPromiseEvent:
    common = _common(promise, act)
    match command:
        case c.ReportProgress():
            return e.PromiseProgressed(**common, behind=command.behind, note=command.note)
        case c.ReportDelivery():
            return e.PromiseReported(**common, note=command.note, evidence=command.evidence)
        case c.TakeBackReport():
            return e.PromiseReportTakenBack(**common, note=command.note)
        case c.AcceptDelivery():
            return e.PromiseAccepted(**common, note=command.note)
        case c.AcceptInPart():
            return e.PromiseAcceptedInPart(**common, fraction=command.fraction, note=command.note)
        case c.RejectDelivery():
            return e.PromiseRejected(**common, reason=command.reason)
        case c.DeclareBroken():
            return e.PromiseBroken(**common, reason=command.reason)
        case c.ReleasePromise():
            return e.PromiseReleased(**common, note=command.note)
        case c.RenegePromise():
            return e.PromiseReneged(**common, reason=command.reason)
        case c.AssessPromise():
            return _assess(command, common)
        case c.RewordPromise():
            return e.PromiseReworded(**common, what=command.what, note=command.note)
        case c.RetractPromise():
            return e.PromiseRetracted(**common, reason=command.reason)
        case c.ReinstatePromise():
            return e.PromiseReinstated(**common)
        case _:
            raise AssertionError


def _assess(command: c.AssessPromise, common: dict[str, Any]) -> e.PromiseAssessed:
    _require_fraction(command.outcome, command.fraction)
    if command.in_progress and command.outcome != "promised":
        raise Refusal("in_progress_mismatch", "in_progress belongs to the outcome promised, and only to it.")
    return e.PromiseAssessed(
        **common,
        outcome=command.outcome,
        in_progress=command.in_progress,
        fraction=command.fraction,
        note=command.note,
        evidence=command.evidence,
    )


def _require_fraction(outcome: str, fraction: float | None) -> None:
    if (fraction is not None) != (outcome == "partly_kept"):
        raise Refusal("fraction_mismatch", "A fraction belongs to the outcome partly_kept, and only to it.")
