"""What is known of a ledger's network, as plain bytes: small to keep, and to hand from one process to another.

Parties are numbered from 0 in the order of their ids; every array goes by that number. A party that was merged into
another has the number of the one that stands for it.
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
    """Their ids, in order, without those that were merged."""
    merged: bytes
    """The ids of those that were, in order."""
    stand_ins: bytes
    """And the numbers of the parties that stand for them."""
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
    spanning: bytes
    """Ties between organisations, in the same form."""
    organisations: tuple[tuple[int, int, int], ...]
    """Pairs of organisations and how many ties there are between those who belong to them, most first."""

    def __len__(self) -> int:
        """How many parties."""
        return len(self.parties) // UUID_BYTES

    def party(self, number: int) -> UUID:
        """The id of a party."""
        return _id_at(self.parties, number)

    def number(self, party: UUID) -> int | None:
        """The number of a party, or of the one that stands for it; ``None`` where it came after ``position``."""
        merged = _place_of(self.merged, party)
        return _place_of(self.parties, party) if merged is None else whole_numbers(self.stand_ins)[merged]

    def ties(self, number: int) -> Sequence[int]:
        """With whom a party has a tie."""
        starts = whole_numbers(self.starts)
        return whole_numbers(self.others)[starts[number] : starts[number + 1]]


class Pairs(Sequence[tuple[int, int]]):
    """Pairs of numbers, the smaller first, in order: ``bridges`` or ``spanning``."""

    def __init__(self, array: bytes) -> None:
        self._numbers = whole_numbers(array)

    def __len__(self) -> int:
        return len(self._numbers) // 2

    def __getitem__(self, place: int) -> tuple[int, int]:  # type: ignore[override] # slices are not needed
        return self._numbers[2 * place], self._numbers[2 * place + 1]

    def holds(self, a: int, b: int) -> bool:
        """Whether the two are one of the pairs."""
        pair = (min(a, b), max(a, b))
        place = bisect.bisect_left(self, pair)
        return place < len(self) and self[place] == pair


def whole_numbers(array: bytes) -> Sequence[int]:
    """An array of 4-byte numbers, as it lies there."""
    return cast("Sequence[int]", memoryview(array).cast("i"))


def fractions(array: bytes) -> Sequence[float]:
    """An array of 8-byte fractions, as it lies there."""
    return cast("Sequence[float]", memoryview(array).cast("d"))


def _id_at(array: bytes, place: int) -> UUID:
    return UUID(bytes=array[UUID_BYTES * place : UUID_BYTES * (place + 1)])


def _place_of(array: bytes, party: UUID) -> int | None:
    places = range(len(array) // UUID_BYTES)
    place = bisect.bisect_left(places, party, key=lambda number: _id_at(array, number))
    return place if place < len(places) and _id_at(array, place) == party else None
