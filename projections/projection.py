"""What a read model is, and what it is folded from."""

from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct


class Entry(NamedTuple):
    """One stored event as its table holds it: the typed columns, in their order, and the canonical bytes."""

    ledger_id: str
    position: int
    stream_id: UUID
    version: int
    topic: str
    giver: UUID | None
    receiver: UUID | None
    third: UUID | None
    unit: str | None
    quantity: int
    counted: int
    """The column ``count``; a tuple has a method of that name."""
    disputed: int
    occurred_at: datetime
    recorded_at: datetime
    state: bytes


Rows = MutableMapping[tuple[Any, ...], tuple[Any, ...]]
"""The rows of a batch, by their key."""

Fold = Callable[[Rows, Entry, Any], None]
"""Adds what an entry says to the rows; the last argument is the stream's state after it."""


class Sums(Struct, frozen=True):
    """A query that adds up the typed columns of a stretch of a ledger's log, to the rows that the fold leads to.

    Its parameters: the ledger's id, the position it begins after, the last position, and ``arguments``. It answers each
    row as a value of the row type, ``folded``, beside the number of ``events`` in it.
    """

    path: str
    arguments: tuple[Any, ...]


class Projection(Struct, frozen=True):
    """A read model: ``fold`` turns entries into rows, and the SQL at ``path`` merges rows into the tables.

    The SQL holds one statement for each of ``tables``, parted by semicolons; each merges ``{rows}``, a set of rows of
    ``row_type``, into ``{table}``. Merging has to be associative: any split of the log into batches leads to the same
    tables.
    """

    name: str
    fold: Fold
    topics: frozenset[str] | None
    """The topics it reads; ``None``: every entry that has a posting."""
    reads_state: bool
    """Whether it needs the stream's state; else the typed columns are enough, and rebuilding decodes nothing."""
    row_type: str
    tables: tuple[str, ...]
    path: str
    sums: Sums | None = None
    """The same for whole logs, where the fold adds up typed columns and nothing else."""
