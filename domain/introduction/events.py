"""What has been said about an introduction."""

from typing import ClassVar, Literal
from uuid import UUID

from domain.event import Event

Outcome = Literal["met", "useful", "led_to", "came_to_nothing"]


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
