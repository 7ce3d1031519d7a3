"""Ties between organisations as a heat matrix: from eight on, anything with lines is a hairball."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from services.reading.network import Neighbour, OrganisationPair

ORGANISATIONS_LIMIT = 10
LEVELS = 4


class Matrix(Struct, frozen=True, kw_only=True):
    """Organisations, and how many ties there are between those who belong to them."""

    organisations: Sequence[Neighbour]
    ties: dict[tuple[UUID, UUID], int]

    def between(self, a: UUID, b: UUID) -> int:
        """How many ties there are between two."""
        return self.ties.get((a, b), 0)

    def level(self, a: UUID, b: UUID) -> int:
        """How dark a cell is shown, from 0 to ``LEVELS``."""
        most = max(self.ties.values(), default=0)
        count = self.between(a, b)
        return 0 if not count else max(1, round(LEVELS * count / most))


def matrix_of(pairs: Sequence[OrganisationPair]) -> Matrix:
    """The matrix of the organisations with the most ties."""
    weights: dict[UUID, int] = {}
    called: dict[UUID, Neighbour] = {}
    for pair in pairs:
        for one in (pair.a, pair.b):
            weights[one.id] = weights.get(one.id, 0) + pair.ties
            called[one.id] = one
    chosen = sorted(weights, key=lambda one: (-weights[one], one))[:ORGANISATIONS_LIMIT]
    ties = {(a.id, b.id): pair.ties for pair in pairs for a, b in ((pair.a, pair.b), (pair.b, pair.a))}
    return Matrix(organisations=[called[one] for one in chosen], ties=ties)
