"""The promise table: which act, from which standings, by whom and when, and where it leads.

It is the state machine: ``decide`` looks up who may do what in here, the documentation prints it, and tests go
through it cell by cell.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from domain.command import Act, Command, Facts, is_author
from domain.promise import commands as c
from domain.promise.events import Side
from domain.promise.state import ASKED, ENDED, NEVER_MADE, OPEN, Promise
from domain.refusal import Refusal


class Row(NamedTuple):
    """One line of the promise table."""

    act: type[Command]
    start: tuple[str, ...]
    by: tuple[str, ...]
    to: str
    when: str = ""
    """What has to be so besides: one of ``CONDITIONS``."""


OTHER: dict[Side, Side] = {"promisor": "promisee", "promisee": "promisor"}
ANYTHING = (*ASKED, *NEVER_MADE, *OPEN, *ENDED, "disputed")

TABLE = (
    Row(c.RequestPromise, ("none",), ("promisee",), "requested"),
    Row(c.OfferPromise, ("none",), ("promisor",), "offered"),
    Row(c.MakePromise, ("none",), ("promisor", "recorder"), "promised"),
    Row(c.CounterPromise, ("requested",), ("promisor",), "countered"),
    Row(c.CounterPromise, ("offered", "countered"), ("promisee",), "requested"),
    Row(c.AgreeToPromise, ("requested",), ("promisor",), "promised"),
    Row(c.AgreeToPromise, ("offered", "countered"), ("promisee",), "promised"),
    Row(c.DeclinePromise, ("requested",), ("promisor",), "declined"),
    Row(c.DeclinePromise, ("offered", "countered"), ("promisee",), "declined"),
    Row(c.WithdrawPromise, ("requested",), ("promisee",), "withdrawn"),
    Row(c.WithdrawPromise, ("offered", "countered"), ("promisor",), "withdrawn"),
    Row(c.ReportProgress, ("promised",), ("promisor", "assessor", "recorder"), "promised"),
    Row(c.ReportDelivery, ("promised",), ("promisor",), "reported"),
    Row(c.TakeBackReport, ("reported",), ("promisor",), "promised"),
    Row(c.AcceptDelivery, ("reported",), ("promisee",), "kept"),
    Row(c.AcceptInPart, ("reported",), ("promisee",), "partly_kept"),
    Row(c.RejectDelivery, ("reported",), ("promisee",), "promised"),
    Row(c.DeclareBroken, ("promised",), ("promisee",), "broken", "past its date and grace"),
    Row(c.ReleasePromise, OPEN, ("promisee",), "released"),
    Row(c.RenegePromise, ("promised",), ("promisor",), "reneged"),
    Row(c.ProposeTerms, ("promised",), ("promisor", "promisee"), "the same", "no terms proposed"),
    Row(c.AgreeToTerms, ("promised",), ("other side",), "the same", "terms proposed"),
    Row(c.RefuseTerms, ("promised",), ("other side",), "the same", "terms proposed"),
    Row(c.TakeBackTerms, ("promised",), ("proposer of the terms",), "the same", "terms proposed"),
    Row(c.AskForDate, ("promised",), ("promisee",), "the same", "no due date"),
    Row(c.NameDate, ("promised",), ("promisor",), "the same", "a date asked for"),
    Row(c.DelegatePromise, ("promised",), ("promisor",), "the same", "no handover proposed"),
    Row(c.AssignPromise, ("promised",), ("promisee",), "the same", "no handover proposed"),
    Row(c.ConsentToHandover, ("promised",), ("newcomer",), "the same", "a handover proposed"),
    Row(c.RefuseHandover, ("promised",), ("newcomer",), "the same", "a handover proposed"),
    Row(c.TakeBackHandover, ("promised",), ("proposer of the handover",), "the same", "a handover proposed"),
    Row(c.DisputePromise, ("kept", "partly_kept", "broken", "reneged"), ("promisor", "promisee"), "disputed"),
    Row(c.DisputePromise, OPEN, ("promisor", "promisee"), "disputed", "unconfirmed"),
    Row(c.SettlePromise, ("disputed",), ("promisor", "promisee", "assessor"), "as settled"),
    Row(c.WithdrawPromiseDispute, ("disputed",), ("who raised the dispute",), "as before"),
    Row(c.AssessPromise, (*OPEN, *ENDED, "disputed"), ("assessor",), "as assessed"),
    Row(c.RewordPromise, (*ANYTHING, "retracted"), ("author",), "the same"),
    Row(c.RetractPromise, ANYTHING, ("author while alone", "promisee that acted", "assessor"), "retracted"),
    Row(c.ReinstatePromise, ("retracted",), ("retractor",), "as before"),
)

STAYING = ("promised", "requested", "countered", "the same", "as settled", "as before", "as assessed")
"""Where acts lead that may be done again: their effect is never there already."""

ROWS: dict[type[Command], tuple[Row, ...]] = {act: tuple(row for row in TABLE if row.act is act) for act, *_ in TABLE}

Holds = Callable[[Promise, Facts, Act], bool]


class Condition(NamedTuple):
    """What has to be so besides a standing, and the refusal where it is not."""

    holds: Holds
    refusal: Callable[[Promise, Facts], Refusal]


def _says(code: str, message: str) -> Callable[[Promise, Facts], Refusal]:
    """A refusal that is the same for every promise."""
    return lambda _promise, _facts: Refusal(code, message)


def _not_past(promise: Promise, facts: Facts) -> Refusal:
    """Why a promise is not broken yet."""
    due = promise.due_by(facts.policy)
    if due is None:
        return Refusal(
            "no_due_date",
            "This promise has no due date, so it cannot be past it; ask for one, release it, or have it assessed.",
        )
    return Refusal(
        "not_yet_overdue",
        f"A promise is broken once {due.isoformat()} and {facts.policy.grace_days} days of grace are past.",
    )


CONDITIONS: dict[str, Condition] = {
    "past its date and grace": Condition(
        lambda promise, facts, act: promise.is_past(facts.policy, act.occurred_at),
        _not_past,
    ),
    "unconfirmed": Condition(
        lambda promise, facts, act: promise.is_unconfirmed(facts.policy, act.occurred_at),
        _says(
            "not_unconfirmed",
            "A promise that is open is disputed once an answer has been awaited for the ledger's window.",
        ),
    ),
    "no terms proposed": Condition(
        lambda promise, _, __: promise.terms is None,
        _says(
            "terms_pending",
            "New terms are proposed already; they have to be agreed to, refused or taken back first.",
        ),
    ),
    "terms proposed": Condition(
        lambda promise, _, __: promise.terms is not None,
        _says(
            "no_terms_pending",
            "No new terms wait for an answer; promise.propose_terms proposes some.",
        ),
    ),
    "no due date": Condition(
        lambda promise, _, __: promise.due is None and promise.date_asked_at is None,
        _says(
            "due_date_set",
            "This promise has a due date, or was asked for one; promise.propose_terms proposes another.",
        ),
    ),
    "a date asked for": Condition(
        lambda promise, _, __: promise.date_asked_at is not None,
        _says(
            "no_date_asked",
            "Nobody asked for a date; promise.propose_terms proposes one.",
        ),
    ),
    "no handover proposed": Condition(
        lambda promise, _, __: promise.handover is None,
        _says(
            "handover_pending",
            "A handover is proposed already; it has to be consented to, refused or taken back first.",
        ),
    ),
    "a handover proposed": Condition(
        lambda promise, _, __: promise.handover is not None,
        _says(
            "no_handover_pending",
            "No handover waits for an answer; promise.delegate or promise.assign proposes one.",
        ),
    ),
}


def is_open(row: Row, promise: Promise, facts: Facts, act: Act) -> bool:
    """Whether a row's standing and condition hold, whoever acts."""
    return promise.standing in row.start and (not row.when or CONDITIONS[row.when].holds(promise, facts, act))


def find_row(act_class: type[Command], promise: Promise, facts: Facts, act: Act) -> Row | None:
    """The row by which the acting party may do this now; ``None`` where its effect is there already.

    Raises ``Refusal``: this party may not, or not as the promise stands; it says what would be allowed.
    """
    rows, held = ROWS[act_class], roles(promise, facts, act)
    standing = [row for row in rows if promise.standing in row.start]
    if not standing:
        if any(row.to == promise.standing and row.to not in STAYING and held & set(row.by) for row in rows):
            return None
        _require_role(rows, held)
        raise _not_now(promise, facts, act, held)
    fitting = [row for row in standing if is_open(row, promise, facts, act)]
    if not fitting:
        raise CONDITIONS[standing[0].when].refusal(promise, facts)
    _require_role(fitting, held)
    return next(row for row in fitting if held & set(row.by))


def roles(promise: Promise, facts: Facts, act: Act) -> set[str]:
    """All the roles in which the acting party, or the acting key, stands to the promise.

    While it is not retracted anyone passes as its retractor: the standing refuses then, and says what is so.
    """
    alone = not any(not facts.same(party, promise.made_by.by) for party in promise.acted)
    author = is_author(act, promise.made_by)

    held = {
        "promisor": act.is_by(promise.promisor),
        "promisee": act.is_by(promise.promisee),
        "assessor": act.is_by(promise.assessor),
        "recorder": act.who.by is None and act.who.capacity != "party",
        "author": author,
        "author while alone": author and (alone or act.who.capacity == "admin"),
        "promisee that acted": act.is_by(promise.promisee) and any(act.is_by(party) for party in promise.acted),
        "retractor": promise.retracted_by is None or is_author(act, promise.retracted_by),
    }
    if promise.terms is not None:
        held["proposer of the terms"] = act.is_by(promise.side(promise.terms.side))
        held["other side"] = act.is_by(promise.side(OTHER[promise.terms.side]))
    if promise.handover is not None:
        side, newcomer = promise.handover
        held["proposer of the handover"] = act.is_by(promise.side(side))
        held["newcomer"] = act.is_by(newcomer)
    if promise.dispute is not None:
        held["who raised the dispute"] = act.is_by(promise.dispute.by)
    return {role for role, holds in held.items() if holds}


def _require_role(rows: Sequence[Row], held: set[str]) -> None:
    allowed = list(dict.fromkeys(role for row in rows for role in row.by))
    if not held & set(allowed):
        raise Refusal(
            "wrong_party", f"Only this promise's {' or '.join(allowed)} may do this; name that party in 'by'."
        )


def open_acts(promise: Promise, facts: Facts, act: Act) -> tuple[str, ...]:
    """What the acting party may do with a promise now, in the table's order."""
    return _open_to(promise, facts, act, roles(promise, facts, act))


def _open_to(promise: Promise, facts: Facts, act: Act, held: set[str]) -> tuple[str, ...]:
    rows = [row for row in TABLE if held & set(row.by) and is_open(row, promise, facts, act)]
    return tuple(dict.fromkeys(row.act.ACT for row in rows))


def _not_now(promise: Promise, facts: Facts, act: Act, held: set[str]) -> Refusal:
    allowed = _open_to(promise, facts, act, held)
    now = f"you may now do: {', '.join(allowed)}" if allowed else "there is nothing that you may do with it now"
    return Refusal(f"promise_is_{promise.standing}", f"This promise is {promise.standing}; {now}.", allowed)
