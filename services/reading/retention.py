"""What a ledger's policy will have forgotten when: see ``services/ledger/forgetting.py``."""

from datetime import date, timedelta

from msgspec import Struct

from domain.catalogue import TOPICS
from services.reading.as_of import Answer
from services.reading.snapshot import Snapshot, sql

PASSING = [topic for topic, event in TOPICS.items() if not event.LASTING]
"""The topics whose words the policy may end."""


class KeptDay(Struct, frozen=True, kw_only=True):
    """A day whose words can be read."""

    day: date
    """In UTC, of recording."""
    events: int
    """How many of its events hold words that will be forgotten."""
    forgotten_on: date | None
    """From when on they can't be read; null where words are kept without a limit."""


class Retention(Answer, frozen=True, kw_only=True):
    """The days whose words can be read, the oldest first."""

    words_kept_days: int | None
    days: tuple[KeptDay, ...]


async def read_retention(snapshot: Snapshot, words_kept_days: int | None = None) -> Retention:
    """What will be forgotten when: by the policy in force, or as if it kept words for so many days."""
    kept = words_kept_days or snapshot.policy.words_kept_days
    rows = await snapshot.fetch(sql("retention"), snapshot.ledger_id, PASSING)
    days = tuple(
        KeptDay(day=day, events=events, forgotten_on=None if kept is None else day + timedelta(days=kept + 1))
        for day, events in rows
    )
    return Retention(position=snapshot.position, words_kept_days=kept, days=days)
