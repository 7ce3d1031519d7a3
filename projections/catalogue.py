"""All read models."""

from projections.balance import BALANCE
from projections.directory import DIRECTORY
from projections.projection import Entry, Projection, Rows
from projections.promises import PROMISES

PROJECTIONS: tuple[Projection, ...] = (BALANCE, PROMISES, DIRECTORY)


def fold_entry(rows: dict[str, Rows], entry: Entry, state: object) -> None:
    """Fold one entry into every read model that it concerns; ``rows`` is by the read model's name."""
    for projection in PROJECTIONS:
        if concerns(projection, entry):
            projection.fold(rows.setdefault(projection.name, {}), entry, state)


def concerns(projection: Projection, entry: Entry) -> bool:
    """Whether a read model reads this entry."""
    if projection.topics is None:
        return entry.unit is not None
    return entry.topic in projection.topics
