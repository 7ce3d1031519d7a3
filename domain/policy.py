"""A ledger's policy: the numbers that its rules and read models use."""

from typing import Annotated

from msgspec import Meta, Struct

UnitName = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]
Days = Annotated[int, Meta(ge=0, le=3650)]


class Cadence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how many days without any event a tie wants attention, by its closeness; 0: never.

    At first a month, a quarter and a year, as people keep in touch (see ``domain/tie.py``). A dormant tie never asks.
    """

    close: Days = 30
    good: Days = 90
    loose: Days = 365


class GiftLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gift may be worth before it is drawn attention to: nothing is refused.

    Gifts from one source within 12 months count together, as NHS England has it (Managing conflicts of interest in the
    NHS: 50 pounds either way).
    """

    unit: UnitName
    one: Annotated[int, Meta(ge=0, le=1_000_000_000_000)] | None = None
    """The limit for one gift, in the unit's smallest division."""
    year: Annotated[int, Meta(ge=0, le=1_000_000_000_000)] | None = None
    """The limit for all that a receiver takes from the same giver within 12 months."""


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ledger's members agreed on. Stored whole: no default may speak for an old event.

    Quantities are integers in the unit's smallest division.
    """

    units: Annotated[tuple[UnitName, ...], Meta(min_length=1, max_length=50)] = ("favour",)
    """The units in use; the first is the default, in which introductions count."""
    grace_days: Days = 0
    """How long after its due date a promise is not yet overdue, and a delivery still on time."""
    window_days: Annotated[int, Meta(ge=1, le=3650)] = 14
    """How long an answer is waited for before a promise reads as unconfirmed."""
    half_life_days: Annotated[int, Meta(ge=1, le=36500)] = 365
    """In how many days the weight of evidence halves."""
    base_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    """What is expected of someone about whom nothing is known (Jøsang's a)."""
    quantity_limit: Annotated[int, Meta(ge=1, le=1_000_000_000_000)] = 1_000_000_000
    """The largest quantity of one favour or promise."""
    open_promises_limit: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """How many promises a party may have open at a time, where that is limited."""
    words_kept_days: Annotated[int, Meta(ge=1, le=36500)] | None = None
    """For how many days what people wrote about what happened can be read, where that is limited; then it is forgotten
    for good. Names, titles and what parties say of themselves stay, and so does what no words say."""
    cadence: Cadence = Cadence()
    """How often ties want attention."""
    gifts: GiftLimits | None = None
    """The limits of the gift register, where there are any."""

    def __post_init__(self) -> None:
        """Refuse a unit that is named twice, or ends in a line break, which a pattern's end lets through."""
        if len(set(self.units)) < len(self.units):
            raise ValueError("the same unit is named twice; name each once")
        if any(unit.endswith("\n") for unit in self.units):
            raise ValueError("a unit's name has no line break")
        if self.gifts is not None and self.gifts.unit not in self.units:
            raise ValueError("gifts are limited in a unit that is not named; name it among the units")
