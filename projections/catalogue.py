"""All read models."""

from functools import cache

from projections.aliases import ALIASES
from projections.attention import ATTENTION
from projections.balance import BALANCE
from projections.directory import DIRECTORY
from projections.gifts import GIFTS
from projections.introductions import INTRODUCTIONS
from projections.memberships import MEMBERSHIPS
from projections.projection import Entry, Projection, Rows
from projections.promises import PROMISES

PROJECTIONS: tuple[Projection, ...] = (
    BALANCE,
    PROMISES,
    DIRECTORY,
    ALIASES,
    MEMBERSHIPS,
    INTRODUCTIONS,
    ATTENTION,
    GIFTS,
)


def fold_entry(rows: dict[str, Rows], entry: Entry, state: object) -> None:
    """Fold one entry into every read model that it concerns; ``rows`` is by the read model's name."""
    for projection in _concerned(entry.topic, entry.unit is not None):
        projection.fold(rows.setdefault(projection.name, {}), entry, state)


def concerns(projection: Projection, entry: Entry) -> bool:
    """Whether a read model reads this entry."""
    return projection in _concerned(entry.topic, entry.unit is not None)


@cache
def _concerned(topic: str, posted: bool) -> tuple[Projection, ...]:  # noqa: FBT001 - a part of the cache's key
    return tuple(one for one in PROJECTIONS if (posted if one.topics is None else topic in one.topics))
