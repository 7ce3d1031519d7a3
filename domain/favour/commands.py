"""What can be asked for about a favour."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta

from domain.command import Command, Note, Topic, Unit, What

Value = Annotated[int, Meta(ge=-10, le=10, description="How much it was worth to the receiver.")]
Quantity = Annotated[int, Meta(description="In the unit's smallest division; at least 1.")]
Gift = Literal["declared", "refused"]


class RecordFavour(Command, frozen=True, kw_only=True):
    """Record that the giver did something for the receiver. The giver, the receiver or a third party may say so.

    As a gift it goes on the ledger's gift register: ``declared`` where it was taken, ``refused`` where it was not (it
    then moves no balance). The receipt's ``notices`` tell where a gift taken crosses one of the policy's limits.
    """

    ACT: ClassVar[str] = "favour.record"
    CREATES: ClassVar[bool] = True

    giver: UUID
    receiver: UUID
    unit: Unit | None = None
    quantity: Quantity = 1
    gift: Gift | None = None
    topic: Topic | None = None
    what: What | None = None
    note: Note | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """Giver and receiver, and whoever says so."""
        return (self.giver, self.receiver) if self.by is None else (self.giver, self.receiver, self.by)

    def needs_gifts(self) -> tuple[UUID, UUID] | None:
        """For a gift that was taken: those from the same giver before."""
        return (self.giver, self.receiver) if self.gift == "declared" else None


class AcknowledgeFavour(Command, frozen=True, kw_only=True):
    """The receiver says that it was so, and perhaps what it was worth."""

    ACT: ClassVar[str] = "favour.acknowledge"

    value: Value | None = None
    note: Note | None = None


class ThankFavour(Command, frozen=True, kw_only=True):
    """The receiver says thank you."""

    ACT: ClassVar[str] = "favour.thank"

    note: Note | None = None


class DisputeFavour(Command, frozen=True, kw_only=True):
    """The giver or the receiver says that it was not so."""

    ACT: ClassVar[str] = "favour.dispute"

    reason: Note


class SettleFavour(Command, frozen=True, kw_only=True):
    """Name the quantity at which the dispute may end; it ends once both named the same. 0: nothing was given."""

    ACT: ClassVar[str] = "favour.settle"

    quantity: Annotated[int, Meta(ge=0)]


class WithdrawFavourDispute(Command, frozen=True, kw_only=True):
    """Take back a dispute that one raised."""

    ACT: ClassVar[str] = "favour.withdraw_dispute"


class RetractFavour(Command, frozen=True, kw_only=True):
    """Say that it had been recorded in error. For who recorded it, or an administrator."""

    ACT: ClassVar[str] = "favour.retract"

    reason: Note | None = None


class ReinstateFavour(Command, frozen=True, kw_only=True):
    """Take a retraction back. For who retracted, or an administrator."""

    ACT: ClassVar[str] = "favour.reinstate"


FavourCommand = (
    RecordFavour
    | AcknowledgeFavour
    | ThankFavour
    | DisputeFavour
    | SettleFavour
    | WithdrawFavourDispute
    | RetractFavour
    | ReinstateFavour
)
