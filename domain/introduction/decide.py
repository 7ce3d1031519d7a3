"""The rules of introductions."""

from typing import Any, assert_never
from uuid import UUID

from msgspec.structs import replace

from domain.command import (
    Act,
    Facts,
    already_exists,
    is_author,
    not_found,
    require_author,
    require_in_order,
    require_one_of,
)
from domain.event import Posting, difference
from domain.favour.state import Favour
from domain.introduction.commands import (
    ConsentToIntroduction,
    DeclineIntroduction,
    IntroductionCommand,
    MakeIntroduction,
    ProposeIntroduction,
    RecordOutcome,
    ReinstateIntroduction,
    RetractIntroduction,
)
from domain.introduction.events import (
    AnyIntroductionEvent,
    IntroductionConsented,
    IntroductionDeclined,
    IntroductionMade,
    IntroductionOutcomeRecorded,
    IntroductionProposed,
    IntroductionReinstated,
    IntroductionRetracted,
)
from domain.introduction.state import Introduction, Status
from domain.promise.state import Promise
from domain.refusal import Refusal

ALLOWED: dict[Status, tuple[str, ...]] = {
    "proposed": ("introduction.consent", "introduction.decline", "introduction.retract"),
    "consented": ("introduction.make", "introduction.retract"),
    "declined": ("introduction.retract",),
    "made": ("introduction.record_outcome", "introduction.retract"),
    "retracted": ("introduction.reinstate",),
}
"""Which acts an introduction's status allows."""


def decide(
    command: IntroductionCommand, introduction: Introduction | None, facts: Facts, act: Act
) -> tuple[AnyIntroductionEvent, ...]:
    """What a command about an introduction leads to."""
    if isinstance(command, ProposeIntroduction):
        if introduction is not None:
            raise already_exists("introduction")
        return (_propose(command, facts, act),)
    if introduction is None:
        raise not_found("introduction")
    if _holds(command, introduction, act):
        return ()
    allowed = ALLOWED[introduction.status]
    if command.ACT not in allowed:
        message = f"This introduction is {introduction.status}; now allowed: {', '.join(allowed)}."
        raise Refusal(f"introduction_is_{introduction.status}", message, allowed)
    facts.require_apart(*introduction.parties)
    require_in_order(introduction.latest, act)
    match command:
        case ConsentToIntroduction() | DeclineIntroduction():
            return _answer(command, introduction, act)
        case MakeIntroduction():
            require_one_of(act, {"introducer": introduction.introducer})
            posting = Posting(facts.policy.units[0], 1, 1)
            return (IntroductionMade(**_common(introduction, act), posting=posting, details=command.details),)
        case RecordOutcome():
            return _outcome(command, introduction, facts, act)
        case RetractIntroduction():
            require_author(act, introduction.proposed_by, "recorded it")
            taken_back = _posting(introduction, retracted_by=act.who)
            return (IntroductionRetracted(**_common(introduction, act), posting=taken_back, reason=command.reason),)
        case ReinstateIntroduction():
            assert introduction.retracted_by is not None
            require_author(act, introduction.retracted_by, "retracted it")
            return (
                IntroductionReinstated(**_common(introduction, act), posting=_posting(introduction, retracted_by=None)),
            )
        case _:
            assert_never(command)


def _posting(introduction: Introduction, **change: Any) -> Posting | None:
    """What a change of standing adds: what counts after it, less what counts now."""
    before, after = introduction.counts(), replace(introduction, **change).counts()
    return None if before is None or after is None else difference(before, after)


def _holds(command: IntroductionCommand, introduction: Introduction, act: Act) -> bool:
    """Whether the command's effect is there already, and it is for the acting party to say so."""
    if introduction.retracted_by is not None:
        return isinstance(command, RetractIntroduction) and is_author(act, introduction.proposed_by)
    match command:
        case ConsentToIntroduction():
            return any(act.is_by(party) and yes for party, yes in introduction.answers)
        case DeclineIntroduction():
            return any(act.is_by(party) and not yes for party, yes in introduction.answers)
        case MakeIntroduction():
            return introduction.given is not None and act.is_by(introduction.introducer)
        case _:
            return False


def _propose(command: ProposeIntroduction, facts: Facts, act: Act) -> IntroductionProposed:
    three = (command.introducer, command.first, command.second)
    facts.require_apart(*three)
    require_one_of(act, {"introducer": command.introducer})
    facts.require_registered(*three)
    return IntroductionProposed(
        occurred_at=act.occurred_at,
        who=act.who,
        introducer=command.introducer,
        first=command.first,
        second=command.second,
        why=command.why,
    )


def _answer(
    command: ConsentToIntroduction | DeclineIntroduction, introduction: Introduction, act: Act
) -> tuple[AnyIntroductionEvent, ...]:
    party = _introduced(introduction, act)
    if any(party == who for who, _ in introduction.answers):
        raise Refusal("already_answered", "This party has already answered; an answer stands.")
    common = _common(introduction, act)
    if isinstance(command, ConsentToIntroduction):
        return (IntroductionConsented(**common, party=party, note=command.note),)
    return (IntroductionDeclined(**common, party=party, note=command.note),)


def _outcome(
    command: RecordOutcome, introduction: Introduction, facts: Facts, act: Act
) -> tuple[AnyIntroductionEvent, ...]:
    party = _introduced(introduction, act)
    _require_grown(command, introduction, facts)
    if command.note is None and (party, command.outcome, command.led_to) in introduction.outcomes:
        return ()
    return (
        IntroductionOutcomeRecorded(
            **_common(introduction, act),
            party=party,
            outcome=command.outcome,
            led_to=command.led_to,
            note=command.note,
        ),
    )


def _require_grown(command: RecordOutcome, introduction: Introduction, facts: Facts) -> None:
    """Refuse unless what is said to have grown from it are favours and promises between the two."""
    if command.led_to and command.outcome != "led_to":
        raise Refusal("led_to_without_outcome", "'led_to' goes with the outcome 'led_to'; leave it out otherwise.")
    for grown in command.led_to:
        state = facts.state_of(grown, Favour) or facts.state_of(grown, Promise)
        if state is None:
            raise Refusal("unknown_led_to", f"There is no favour or promise {grown} in this ledger.")
        if not all(any(facts.same(one, party) for party in state.parties) for one in introduction.parties[1:]):
            raise Refusal("led_to_elsewhere", f"{grown} is not between the two who were introduced; name one that is.")


def _introduced(introduction: Introduction, act: Act) -> UUID:
    role = require_one_of(act, {"first": introduction.first, "second": introduction.second})
    return introduction.first if role == "first" else introduction.second


def _common(introduction: Introduction, act: Act) -> dict[str, Any]:
    return {
        "occurred_at": act.occurred_at,
        "who": act.who,
        "introducer": introduction.introducer,
        "first": introduction.first,
        "second": introduction.second,
    }
