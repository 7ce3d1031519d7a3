"""What is known of a ledger's network, as plain bytes: small to keep, and to hand from one process to another.

Parties are numbered from 0 in the order of their ids; every array goes by that number.
"""

import bisect
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from msgspec import Struct

SUGGESTIONS = 3
"""How many introductions are kept ready for each party."""
PARTY_LIMIT = 100_000
PAIR_LIMIT = 500_000
"""Of giver and receiver. A network beyond either is not looked at."""
UUID_BYTES = 16


class Errand(Struct, frozen=True):
    """Which ledger's network to compute, and in which database it is."""

    url: str
    ledger_id: str


class TooLarge(Struct, frozen=True, tag=True):
    """A network of more parties, or more pairs, than are looked at."""


class Figures(Struct, frozen=True, kw_only=True, tag=True):
    """The network as of one position. Arrays of whole numbers have 4 bytes an item, those of fractions 8."""

    position: int
    recorded_at: datetime
    """Of the event at ``position``."""
    took_s: float
    """How long it took to read and to compute."""
    parties: bytes
    """Their ids, in order."""
    starts: bytes
    """Where in ``others`` each party's ties begin; one more item than there are parties."""
    others: bytes
    """With whom each party has a tie, in order."""
    given: int
    """Pairs (giver, receiver) of which the first gave the second anything."""
    reciprocity: float | None
    """The share of them that go both ways; ``None`` where there is none."""
    reciprocities: bytes
    """The same of each party's own pairs; NaN where it has none."""
    constraint: bytes
    """Burt's; NaN for a party without ties."""
    effective_size: bytes
    """Burt's, as Borgatti simplified it; NaN for a party without ties."""
    suggested: bytes
    """The best next introductions of each party, ``SUGGESTIONS`` items each; -1: no more."""
    gains: bytes
    """By how much each would raise the party's effective size."""
    gains_of_other: bytes
    """And that of the other."""
    bridges: bytes
    """Ties without which the network falls apart further: two numbers each, the smaller first, in order."""

    def __len__(self) -> int:
        """How many parties."""
        return len(self.parties) // UUID_BYTES

    def party(self, number: int) -> UUID:
        """The id of a party."""
        return UUID(bytes=self.parties[UUID_BYTES * number : UUID_BYTES * (number + 1)])

    def number(self, party: UUID) -> int | None:
        """The number of a party; ``None`` where it came after ``position``."""
        place = bisect.bisect_left(range(len(self)), party, key=self.party)
        return place if place < len(self) and self.party(place) == party else None

    def ties(self, number: int) -> Sequence[int]:
        """With whom a party has a tie."""
        starts = whole_numbers(self.starts)
        return whole_numbers(self.others)[starts[number] : starts[number + 1]]

    def bridge_count(self) -> int:
        """How many bridges."""
        return len(self.bridges) // 8

    def bridge(self, place: int) -> tuple[int, int]:
        """The bridge at a place in their order."""
        a, b = whole_numbers(self.bridges)[2 * place : 2 * place + 2]
        return a, b

    def is_bridge(self, a: int, b: int) -> bool:
        """Whether the tie between two parties is a bridge."""
        tie = (min(a, b), max(a, b))
        place = bisect.bisect_left(range(self.bridge_count()), tie, key=self.bridge)
        return place < self.bridge_count() and self.bridge(place) == tie


def whole_numbers(array: bytes) -> Sequence[int]:
    """An array of 4-byte numbers, as it lies there."""
    return cast("Sequence[int]", memoryview(array).cast("i"))


def fractions(array: bytes) -> Sequence[float]:
    """An array of 8-byte fractions, as it lies there."""
    return cast("Sequence[float]", memoryview(array).cast("d"))
