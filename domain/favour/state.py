"""How a favour stands."""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.event import Posting, Who
from domain.favour.commands import Gift
from domain.favour.events import (
    AnyFavourEvent,
    FavourAcknowledged,
    FavourDisputed,
    FavourDisputeWithdrawn,
    FavourGiftDeclared,
    FavourGiftOverLimit,
    FavourGiftRefused,
    FavourGiftsOverYearLimit,
    FavourRecorded,
    FavourReinstated,
    FavourRetracted,
    FavourSettled,
    FavourSettlementProposed,
    FavourThanked,
)

Status = Literal["recorded", "disputed", "settled"]


class Favour(Struct, frozen=True):
    """What decisions need to know of a favour."""

    giver: UUID
    receiver: UUID
    unit: str
    quantity: int
    """What counts, or is under dispute, now."""
    latest: datetime
    recorded_by: Who
    occurred_at: datetime
    """When it was given; ``latest`` is its last event's."""
    gift: Gift | None = None
    topic: str | None = None
    status: Status = "recorded"
    undisputed: Status = "recorded"
    """The status that a withdrawn dispute leads back to."""
    acknowledged: bool = False
    thanked: bool = False
    value: int | None = None
    disputed_by: UUID | None = None
    proposed: tuple[UUID, int] | None = None
    """Who named which quantity for the settlement last."""
    retracted_by: Who | None = None
    """Set while retracted."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Giver, then receiver."""
        return (self.giver, self.receiver)

    def counts(self) -> Posting:
        """What this favour adds to the balance as it stands."""
        if self.retracted_by is not None or self.gift == "refused":
            return Posting(self.unit)
        if self.status == "disputed":
            return Posting(self.unit, disputed=self.quantity)
        return Posting(self.unit, self.quantity, 1 if self.quantity else 0)


def evolve(favour: Favour | None, event: AnyFavourEvent) -> Favour:
    """The favour after an event."""
    if isinstance(event, FavourRecorded | FavourGiftRefused):
        return _begin(event)
    assert favour is not None
    favour = replace(favour, latest=event.occurred_at)
    match event:
        case FavourAcknowledged(value=value):
            return replace(favour, acknowledged=True, value=value)
        case FavourThanked():
            return replace(favour, thanked=True)
        case FavourGiftOverLimit() | FavourGiftsOverYearLimit():
            return favour
        case FavourDisputed(who=who):
            return replace(favour, status="disputed", undisputed=favour.status, disputed_by=who.by, proposed=None)
        case FavourSettlementProposed(who=who, quantity=quantity):
            assert who.by is not None
            return replace(favour, proposed=(who.by, quantity))
        case FavourSettled(quantity=quantity):
            return replace(favour, status="settled", quantity=quantity, proposed=None, disputed_by=None)
        case FavourDisputeWithdrawn():
            return replace(favour, status=favour.undisputed, proposed=None, disputed_by=None)
        case FavourRetracted(who=who):
            return replace(favour, retracted_by=who)
        case FavourReinstated():
            return replace(favour, retracted_by=None)
        case _:
            assert_never(event)


def _begin(event: FavourRecorded | FavourGiftRefused) -> Favour:
    gift: Gift | None = None
    if isinstance(event, FavourGiftRefused):
        gift, unit, quantity = "refused", event.unit, event.quantity
    else:
        assert event.posting is not None
        gift = "declared" if isinstance(event, FavourGiftDeclared) else None
        unit, quantity = event.posting.unit, event.posting.quantity
    return Favour(
        giver=event.giver,
        receiver=event.receiver,
        unit=unit,
        quantity=quantity,
        latest=event.occurred_at,
        recorded_by=event.who,
        occurred_at=event.occurred_at,
        gift=gift,
        topic=event.topic,
    )
