"""Favours: what one party did for another."""

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
    Unit,
    What,
    already_exists,
    is_author,
    not_found,
    require_author,
    require_in_order,
    require_one_of,
    require_quantity,
)
from domain.event import Event, Posting, Who, difference
from domain.refusal import Refusal

Value = Annotated[int, Meta(ge=-10, le=10, description="How much it was worth to the receiver.")]
Quantity = Annotated[int, Meta(description="In the unit's smallest division; at least 1.")]
Status = Literal["recorded", "disputed", "settled"]


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

    what: str | None = None
    note: str | None = None


class FavourAcknowledged(FavourEvent, frozen=True, kw_only=True):
    """The receiver said that it was so, and perhaps what it was worth (from -10 to 10)."""

    TOPIC: ClassVar[str] = "favour.acknowledged"
    WORDS: ClassVar[tuple[str, ...]] = ("note",)

    value: int | None = None
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
    | FavourAcknowledged
    | FavourDisputed
    | FavourSettlementProposed
    | FavourSettled
    | FavourDisputeWithdrawn
    | FavourRetracted
    | FavourReinstated
)


class RecordFavour(Command, frozen=True, kw_only=True):
    """Record that the giver did something for the receiver. The giver, the receiver or a third party may say so."""

    ACT: ClassVar[str] = "favour.record"
    CREATES: ClassVar[bool] = True

    giver: UUID
    receiver: UUID
    unit: Unit | None = None
    quantity: Quantity = 1
    what: What | None = None
    note: Note | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """Giver and receiver, and whoever says so."""
        return (self.giver, self.receiver) if self.by is None else (self.giver, self.receiver, self.by)


class AcknowledgeFavour(Command, frozen=True, kw_only=True):
    """The receiver says that it was so, and perhaps what it was worth."""

    ACT: ClassVar[str] = "favour.acknowledge"

    value: Value | None = None
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
    | DisputeFavour
    | SettleFavour
    | WithdrawFavourDispute
    | RetractFavour
    | ReinstateFavour
)


class Favour(Struct, frozen=True):
    """What decisions need to know of a favour."""

    giver: UUID
    receiver: UUID
    unit: str
    quantity: int
    """What counts, or is under dispute, now."""
    latest: datetime
    recorded_by: Who
    status: Status = "recorded"
    undisputed: Status = "recorded"
    """The status that a withdrawn dispute leads back to."""
    acknowledged: bool = False
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
        if self.retracted_by is not None:
            return Posting(self.unit)
        if self.status == "disputed":
            return Posting(self.unit, disputed=self.quantity)
        return Posting(self.unit, self.quantity, 1 if self.quantity else 0)


initial = None

ALLOWED: dict[str, tuple[str, ...]] = {
    "recorded": ("favour.acknowledge", "favour.dispute", "favour.retract"),
    "settled": ("favour.acknowledge", "favour.dispute", "favour.retract"),
    "disputed": ("favour.settle", "favour.withdraw_dispute", "favour.retract"),
    "retracted": ("favour.reinstate",),
}
"""Which acts a favour's standing allows."""


def decide(command: FavourCommand, favour: Favour | None, facts: Facts, act: Act) -> tuple[AnyFavourEvent, ...]:
    """What a command about a favour leads to."""
    if isinstance(command, RecordFavour):
        if favour is not None:
            raise already_exists("favour")
        return (_record(command, facts, act),)
    if favour is None:
        raise not_found("favour")
    if _holds(command, favour, act):
        return ()
    standing = "retracted" if favour.retracted_by is not None else favour.status
    if command.ACT not in ALLOWED[standing]:
        allowed = ALLOWED[standing]
        raise Refusal(
            f"favour_is_{standing}", f"This favour is {standing}; now allowed: {', '.join(allowed)}.", allowed
        )
    facts.require_apart(favour.giver, favour.receiver)
    require_in_order(favour.latest, act)
    return (_answer(command, favour, facts, act),)


def _record(command: RecordFavour, facts: Facts, act: Act) -> FavourRecorded:
    facts.require_apart(command.giver, command.receiver)
    unit = facts.policy.units[0] if command.unit is None else command.unit
    require_quantity(facts.policy, unit, command.quantity)
    facts.require_registered(command.giver, command.receiver, command.by)
    return FavourRecorded(
        occurred_at=act.occurred_at,
        who=act.who,
        giver=command.giver,
        receiver=command.receiver,
        posting=Posting(unit, command.quantity, 1),
        what=command.what,
        note=command.note,
    )


def _holds(command: FavourCommand, favour: Favour, act: Act) -> bool:
    """Whether the command's effect is there already, and it is for the acting party to say so."""
    disputed = favour.status == "disputed"
    if favour.retracted_by is not None:
        return isinstance(command, RetractFavour) and is_author(act, favour.recorded_by)
    match command:
        case AcknowledgeFavour(value=value, note=None):
            return favour.acknowledged and favour.value == value and act.is_by(favour.receiver) and not disputed
        case DisputeFavour():
            return disputed and act.is_by(favour.disputed_by)
        case SettleFavour(quantity=quantity):
            if favour.status == "settled":
                return favour.quantity == quantity and any(act.is_by(party) for party in favour.parties)
            return favour.proposed is not None and favour.proposed[1] == quantity and act.is_by(favour.proposed[0])
        case _:
            return False


def _answer(command: FavourCommand, favour: Favour, facts: Facts, act: Act) -> AnyFavourEvent:
    two = {"giver": favour.giver, "receiver": favour.receiver}
    common = _common(favour, act)
    match command:
        case AcknowledgeFavour():
            require_one_of(act, {"receiver": favour.receiver})
            return FavourAcknowledged(**common, value=command.value, note=command.note)
        case DisputeFavour():
            require_one_of(act, two)
            return FavourDisputed(**common, posting=_posting(favour, status="disputed"), reason=command.reason)
        case SettleFavour():
            require_one_of(act, two)
            if command.quantity:
                require_quantity(facts.policy, favour.unit, command.quantity)
            return _settle(command.quantity, favour, act)
        case WithdrawFavourDispute():
            require_one_of(act, {"party that raised the dispute": favour.disputed_by})
            return FavourDisputeWithdrawn(**common, posting=_posting(favour, status=favour.undisputed))
        case RetractFavour():
            require_author(act, favour.recorded_by, "recorded it")
            return FavourRetracted(**common, posting=_posting(favour, retracted_by=act.who), reason=command.reason)
        case ReinstateFavour():
            assert favour.retracted_by is not None
            require_author(act, favour.retracted_by, "retracted it")
            return FavourReinstated(**common, posting=_posting(favour, retracted_by=None))
        case RecordFavour():
            raise AssertionError
        case _:
            assert_never(command)


def _common(favour: Favour, act: Act) -> dict[str, Any]:
    return {"occurred_at": act.occurred_at, "who": act.who, "giver": favour.giver, "receiver": favour.receiver}


def _settle(quantity: int, favour: Favour, act: Act) -> FavourSettlementProposed | FavourSettled:
    """Agreement is both naming the same quantity, whoever names it first."""
    common = _common(favour, act)
    agreed = favour.proposed is not None and favour.proposed[1] == quantity
    if not agreed:
        return FavourSettlementProposed(**common, quantity=quantity)
    return FavourSettled(**common, posting=_posting(favour, status="settled", quantity=quantity), quantity=quantity)


def _posting(favour: Favour, **change: Any) -> Posting | None:
    """What a change of standing adds: what counts after it, less what counts now."""
    return difference(favour.counts(), replace(favour, **change).counts())


def evolve(favour: Favour | None, event: AnyFavourEvent) -> Favour:
    """The favour after an event."""
    if isinstance(event, FavourRecorded):
        assert event.posting is not None
        return Favour(
            giver=event.giver,
            receiver=event.receiver,
            unit=event.posting.unit,
            quantity=event.posting.quantity,
            latest=event.occurred_at,
            recorded_by=event.who,
        )
    assert favour is not None
    favour = replace(favour, latest=event.occurred_at)
    match event:
        case FavourAcknowledged(value=value):
            return replace(favour, acknowledged=True, value=value)
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
