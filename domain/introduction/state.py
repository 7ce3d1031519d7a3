"""How an introduction stands."""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.event import Posting, Who
from domain.introduction.events import (
    AnyIntroductionEvent,
    IntroductionConsented,
    IntroductionDeclined,
    IntroductionMade,
    IntroductionOutcomeRecorded,
    IntroductionProposed,
    IntroductionReinstated,
    IntroductionRetracted,
    Outcome,
)

Status = Literal["proposed", "consented", "declined", "made", "retracted"]


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
