"""What can be asked for about an introduction."""

from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from domain.command import Command, Note, What
from domain.introduction.events import Outcome

LedTo = Annotated[tuple[UUID, ...], Meta(max_length=20, description="Favours and promises that grew from it.")]


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
