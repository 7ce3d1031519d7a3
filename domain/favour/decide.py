"""What a command about a favour leads to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from domain.command import (
    Act,
    DeclaredGift,
    Facts,
    already_exists,
    is_author,
    not_found,
    require_author,
    require_in_order,
    require_one_of,
    require_quantity,
)
from domain.event import Posting, difference
from domain.favour.commands import (
    AcknowledgeFavour,
    DisputeFavour,
    FavourCommand,
    RecordFavour,
    ReinstateFavour,
    RetractFavour,
    SettleFavour,
    ThankFavour,
    WithdrawFavourDispute,
)
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
from domain.favour.state import Favour
from domain.refusal import Refusal

YEAR = timedelta(days=365)
"""The 12 months of the gift register."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "recorded": ("favour.acknowledge", "favour.thank", "favour.dispute", "favour.retract"),
    "settled": ("favour.acknowledge", "favour.thank", "favour.dispute", "favour.retract"),
    "disputed": ("favour.settle", "favour.withdraw_dispute", "favour.retract"),
    "retracted": ("favour.reinstate",),
}
"""Which acts a favour's standing allows."""


def decide(command: FavourCommand, favour: Favour | None, facts: Facts, act: Act) -> tuple[AnyFavourEvent, ...]:
    """What a command about a favour leads to."""
    if isinstance(command, RecordFavour):
        if favour is not None:
            raise already_exists("favour")
        return _record(command, facts, act)
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


def _record(command: RecordFavour, facts: Facts, act: Act) -> tuple[AnyFavourEvent, ...]:
    facts.require_apart(command.giver, command.receiver)
    unit = facts.policy.units[0] if command.unit is None else command.unit
    require_quantity(facts.policy, unit, command.quantity)
    facts.require_registered(command.giver, command.receiver, command.by)
    if command.gift is not None:
        return _gift(command, unit, facts, act)
    recorded = FavourRecorded(
        occurred_at=act.occurred_at,
        who=act.who,
        giver=command.giver,
        receiver=command.receiver,
        posting=Posting(unit, command.quantity, 1),
        topic=command.topic,
        what=command.what,
        note=command.note,
    )
    return (recorded,)


def _gift(command: RecordFavour, unit: str, facts: Facts, act: Act) -> tuple[AnyFavourEvent, ...]:
    common: dict[str, Any] = {
        "occurred_at": act.occurred_at,
        "who": act.who,
        "giver": command.giver,
        "receiver": command.receiver,
    }
    said: dict[str, Any] = {"topic": command.topic, "what": command.what, "note": command.note}
    if command.gift == "refused":
        return (FavourGiftRefused(**common, unit=unit, quantity=command.quantity, **said),)
    declared = FavourGiftDeclared(**common, posting=Posting(unit, command.quantity, 1), **said)
    return (declared, *_limits_crossed(command, unit, facts, act, common))


def _limits_crossed(
    command: RecordFavour, unit: str, facts: Facts, act: Act, common: dict[str, Any]
) -> tuple[AnyFavourEvent, ...]:
    """Which of the policy's limits a gift crosses: its own value's, and that of all from its giver in 12 months."""
    limits = facts.policy.gifts
    if limits is None or limits.unit != unit:
        return ()
    crossed: list[AnyFavourEvent] = []
    if limits.one is not None and command.quantity > limits.one:
        crossed.append(FavourGiftOverLimit(**common, quantity=command.quantity, limit=limits.one))
    if limits.year is not None:
        earlier = (gift for gift in facts.gifts_from(command.giver, command.receiver) if gift.unit == unit)
        total = sum_in_year(earlier, act.occurred_at, command.quantity)
        if total > limits.year:
            crossed.append(FavourGiftsOverYearLimit(**common, quantity=total, limit=limits.year))
    return tuple(crossed)


def sum_in_year(gifts: Iterable[DeclaredGift], occurred_at: datetime, quantity: int) -> int:
    """The largest sum within 12 months of which a gift is a part; gifts may be recorded long after they were given."""
    near = [(gift.occurred_at, gift.quantity) for gift in gifts if abs(gift.occurred_at - occurred_at) < YEAR]
    near = sorted([*near, (occurred_at, quantity)])
    largest = running = oldest = 0
    for moment, value in near:
        running += value
        while near[oldest][0] <= moment - YEAR:
            running -= near[oldest][1]
            oldest += 1
        if moment >= occurred_at:
            largest = max(largest, running)
    return largest


def _holds(command: FavourCommand, favour: Favour, act: Act) -> bool:
    """Whether the command's effect is there already, and it is for the acting party to say so."""
    disputed = favour.status == "disputed"
    if favour.retracted_by is not None:
        return isinstance(command, RetractFavour) and is_author(act, favour.recorded_by)
    match command:
        case AcknowledgeFavour(value=value, note=None):
            return favour.acknowledged and favour.value == value and act.is_by(favour.receiver) and not disputed
        case ThankFavour(note=None):
            return favour.thanked and act.is_by(favour.receiver) and not disputed
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
        case ThankFavour():
            require_one_of(act, {"receiver": favour.receiver})
            return FavourThanked(**common, note=command.note)
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
