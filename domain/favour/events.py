"""What happens to a favour: what one party did for another, among it gifts."""

from typing import ClassVar
from uuid import UUID

from domain.event import Event


class FavourEvent(Event, frozen=True, kw_only=True):
    """Base of a favour's events."""

    giver: UUID
    receiver: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Giver, then receiver."""
        return (self.giver, self.receiver)


class FavourRecorded(FavourEvent, frozen=True, kw_only=True):
    """The giver did something for the receiver; the posting says how much."""

    TOPIC: ClassVar[str] = "favour.recorded"
    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    topic: str | None = None
    what: str | None = None
    note: str | None = None


class FavourGiftDeclared(FavourRecorded, frozen=True, kw_only=True):
    """The favour was a gift, and is declared as one; the posting says what it was worth."""

    TOPIC: ClassVar[str] = "favour.gift_declared"


class FavourGiftRefused(FavourEvent, frozen=True, kw_only=True):
    """The giver offered a gift, and it was not taken: it is on the register and in no balance."""

    TOPIC: ClassVar[str] = "favour.gift_refused"
    WORDS: ClassVar[tuple[str, ...]] = ("what", "note")

    unit: str
    quantity: int
    topic: str | None = None
    what: str | None = None
    note: str | None = None


class FavourGiftOverLimit(FavourEvent, frozen=True, kw_only=True):
    """The gift was worth more than the policy's limit for one."""

    TOPIC: ClassVar[str] = "favour.gift_over_limit"
    NOTICE: ClassVar[str] = "This gift is worth more than the limit that this ledger's policy sets for one gift."

    quantity: int
    """What it was worth."""
    limit: int


class FavourGiftsOverYearLimit(FavourEvent, frozen=True, kw_only=True):
    """With the gift, what the receiver took from the giver within 12 months was worth more than the policy's limit."""

    TOPIC: ClassVar[str] = "favour.gifts_over_year_limit"
    NOTICE: ClassVar[str] = (
        "With this gift, those from the same giver to the same receiver within 12 months are worth more than the limit"
        " that this ledger's policy sets."
    )

    quantity: int
    """The largest sum within 12 months that the gift is in."""
    limit: int


class FavourAcknowledged(FavourEvent, frozen=True, kw_only=True):
    """The receiver said that it was so, and perhaps what it was worth (from -10 to 10)."""

    TOPIC: ClassVar[str] = "favour.acknowledged"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    value: int | None = None
    note: str | None = None


class FavourThanked(FavourEvent, frozen=True, kw_only=True):
    """The receiver said thank you."""

    TOPIC: ClassVar[str] = "favour.thanked"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    note: str | None = None


class FavourDisputed(FavourEvent, frozen=True, kw_only=True):
    """One of the two said that it was not so; its quantity counts as disputed from here."""

    TOPIC: ClassVar[str] = "favour.disputed"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class FavourSettlementProposed(FavourEvent, frozen=True, kw_only=True):
    """One of the two said at which quantity the dispute could end."""

    TOPIC: ClassVar[str] = "favour.settlement_proposed"

    quantity: int


class FavourSettled(FavourEvent, frozen=True, kw_only=True):
    """Both named the same quantity: it counts from here, and the dispute is over."""

    TOPIC: ClassVar[str] = "favour.settled"

    quantity: int


class FavourDisputeWithdrawn(FavourEvent, frozen=True, kw_only=True):
    """Who raised the dispute took it back; all is as before."""

    TOPIC: ClassVar[str] = "favour.dispute_withdrawn"


class FavourRetracted(FavourEvent, frozen=True, kw_only=True):
    """It had been recorded in error and counts no longer; it stays on record."""

    TOPIC: ClassVar[str] = "favour.retracted"
    WORDS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str | None = None


class FavourReinstated(FavourEvent, frozen=True, kw_only=True):
    """The retraction was itself an error: all is as it was before it."""

    TOPIC: ClassVar[str] = "favour.reinstated"


AnyFavourEvent = (
    FavourRecorded
    | FavourGiftDeclared
    | FavourGiftRefused
    | FavourGiftOverLimit
    | FavourGiftsOverYearLimit
    | FavourAcknowledged
    | FavourThanked
    | FavourDisputed
    | FavourSettlementProposed
    | FavourSettled
    | FavourDisputeWithdrawn
    | FavourRetracted
    | FavourReinstated
)
