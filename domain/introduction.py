"""Introductions: one party brings two others together, with the consent of both."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, assert_never
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from domain.command import (
    Act,
    Command,
    Facts,
    Note,
    What,
    already_exists,
    is_author,
    not_found,
    require_author,
    require_in_order,
    require_one_of,
)
from domain.event import Event, Posting, Who, difference
from domain.favour.state import Favour
from domain.promise.state import Promise
from domain.refusal import Refusal

Outcome = Literal["met", "useful", "led_to", "came_to_nothing"]
LedTo = Annotated[tuple[UUID, ...], Meta(max_length=20, description="Favours and promises that grew from it.")]
Status = Literal["proposed", "consented", "declined", "made", "retracted"]


class IntroductionEvent(Event, frozen=True, kw_only=True):
    """Base of an introduction's events."""

    introducer: UUID
    first: UUID
    second: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Introducer, then the two introduced."""
        return (self.introducer, self.first, self.second)


class IntroductionProposed(IntroductionEvent, frozen=True, kw_only=True):
    """The introducer would like the two to know each other."""

    TOPIC: ClassVar[str] = "introduction.proposed"
    WORDS: ClassVar[tuple[str, ...]] = ("why",)

    why: str | None = None


class IntroductionConsented(IntroductionEvent, frozen=True, kw_only=True):
    """One of the two said yes."""

    TOPIC: ClassVar[str] = "introduction.consented"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    party: UUID
    note: str | None = None

    @property
    def private_to(self) -> UUID:
        """Who answered."""
        return self.party


class IntroductionDeclined(IntroductionEvent, frozen=True, kw_only=True):
    """One of the two said no."""

    TOPIC: ClassVar[str] = "introduction.declined"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    party: UUID
    note: str | None = None

    @property
    def private_to(self) -> UUID:
        """Who answered."""
        return self.party


class IntroductionMade(IntroductionEvent, frozen=True, kw_only=True):
    """The two were brought together: the introducer gave to each of them. The posting holds for either."""

    TOPIC: ClassVar[str] = "introduction.made"
    WORDS: ClassVar[tuple[str, ...]] = ("details",)

    details: str | None = None


class IntroductionOutcomeRecorded(IntroductionEvent, frozen=True, kw_only=True):
    """One of the two said what became of it."""

    TOPIC: ClassVar[str] = "introduction.outcome_recorded"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    party: UUID
    outcome: Outcome
    led_to: tuple[UUID, ...] = ()
    note: str | None = None


class IntroductionRetracted(IntroductionEvent, frozen=True, kw_only=True):
    """It had been recorded in error and counts no longer; it stays on record. The posting takes back what was given."""

    TOPIC: ClassVar[str] = "introduction.retracted"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class IntroductionReinstated(IntroductionEvent, frozen=True, kw_only=True):
    """The retraction was itself an error: all is as it was before it."""

    TOPIC: ClassVar[str] = "introduction.reinstated"


AnyIntroductionEvent = (
    IntroductionProposed
    | IntroductionConsented
    | IntroductionDeclined
    | IntroductionMade
    | IntroductionOutcomeRecorded
    | IntroductionRetracted
    | IntroductionReinstated
)


class ProposeIntroduction(Command, frozen=True, kw_only=True):
    """The introducer proposes that two parties get to know each other."""

    ACT: ClassVar[str] = "introduction.propose"
    CREATES: ClassVar[bool] = True

    introducer: UUID
    first: UUID
    second: UUID
    why: What | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """All three."""
        return (self.introducer, self.first, self.second)


class ConsentToIntroduction(Command, frozen=True, kw_only=True):
    """One of the two says yes, privately."""

    ACT: ClassVar[str] = "introduction.consent"

    note: Note | None = None


class DeclineIntroduction(Command, frozen=True, kw_only=True):
    """One of the two says no, privately."""

    ACT: ClassVar[str] = "introduction.decline"

    note: Note | None = None


class MakeIntroduction(Command, frozen=True, kw_only=True):
    """The introducer brings the two together, once both said yes."""

    ACT: ClassVar[str] = "introduction.make"

    details: Note | None = None


class RecordOutcome(Command, frozen=True, kw_only=True):
    """One of the two says what became of it; ``led_to`` names favours and promises between them that grew from it."""

    ACT: ClassVar[str] = "introduction.record_outcome"

    outcome: Outcome
    led_to: LedTo = ()
    note: Note | None = None

    def needs_streams(self) -> tuple[UUID, ...]:
        """What grew from it."""
        return self.led_to


class RetractIntroduction(Command, frozen=True, kw_only=True):
    """Say that it had been recorded in error. For who recorded its proposal, or an administrator."""

    ACT: ClassVar[str] = "introduction.retract"

    reason: Note | None = None


class ReinstateIntroduction(Command, frozen=True, kw_only=True):
    """Take a retraction back. For who retracted, or an administrator."""

    ACT: ClassVar[str] = "introduction.reinstate"


IntroductionCommand = (
    ProposeIntroduction
    | ConsentToIntroduction
    | DeclineIntroduction
    | MakeIntroduction
    | RecordOutcome
    | RetractIntroduction
    | ReinstateIntroduction
)


class Introduction(Struct, frozen=True):
    """What decisions need to know of an introduction."""

    introducer: UUID
    first: UUID
    second: UUID
    latest: datetime
    proposed_by: Who
    given: Posting | None = None
    """What the introducer gave either of the two: set once it was made."""
    answers: tuple[tuple[UUID, bool], ...] = ()
    """Who said yes or no."""
    outcomes: tuple[tuple[UUID, Outcome, tuple[UUID, ...]], ...] = ()
    retracted_by: Who | None = None
    """Set while retracted."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Introducer, then the two introduced."""
        return (self.introducer, self.first, self.second)

    @property
    def status(self) -> Status:
        """Declined only once both spoke: until then nobody learns who said no."""
        if self.retracted_by is not None:
            return "retracted"
        if self.given is not None:
            return "made"
        if len(self.answers) < 2:
            return "proposed"
        return "consented" if all(yes for _, yes in self.answers) else "declined"

    def counts(self) -> Posting | None:
        """What it adds to what the introducer gave, as it stands; ``None`` until it was made."""
        if self.given is None or self.retracted_by is None:
            return self.given
        return Posting(self.given.unit)


initial = None

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


def evolve(introduction: Introduction | None, event: AnyIntroductionEvent) -> Introduction:
    """The introduction after an event."""
    if isinstance(event, IntroductionProposed):
        return Introduction(event.introducer, event.first, event.second, event.occurred_at, event.who)
    assert introduction is not None
    introduction = replace(introduction, latest=event.occurred_at)
    match event:
        case IntroductionConsented(party=party):
            return replace(introduction, answers=(*introduction.answers, (party, True)))
        case IntroductionDeclined(party=party):
            return replace(introduction, answers=(*introduction.answers, (party, False)))
        case IntroductionMade(posting=posting):
            return replace(introduction, given=posting)
        case IntroductionOutcomeRecorded(party=party, outcome=outcome, led_to=led_to):
            return replace(introduction, outcomes=(*introduction.outcomes, (party, outcome, led_to)))
        case IntroductionRetracted(who=who):
            return replace(introduction, retracted_by=who)
        case IntroductionReinstated():
            return replace(introduction, retracted_by=None)
        case _:
            assert_never(event)
