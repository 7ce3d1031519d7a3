"""Opening words: names, what, notes. They lie sealed in the events, and are gone where a subject's key is gone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from services.database.pool import load_sql
from services.ledger.keyring import day_of
from services.ledger.mapper import Recorded, decode, open_words
from services.reading.pseudonym import pseudonym
from services.reading.snapshot import Snapshot, sql

Words = dict[str, Any]
"""An event's words by field name."""


async def open_all(snapshot: Snapshot, events: Sequence[Recorded]) -> list[Words | None]:
    """The words of each event by field name; ``None`` where a subject's key is gone, empty where there are none."""
    sealed = [event for event in events if event.sealed]
    await snapshot.together.all(
        _load_keys(snapshot, {party for event in sealed for party in event.event.subjects}),
        _load_day_keys(snapshot, {day_of(event.recorded_at) for event in sealed if not event.event.LASTING}),
    )
    return [open_words(event, snapshot.keyring) for event in events]


Listed = Literal["named_in", "interests_in", "knowledge_in", "reminded_in"]
"""Words that a party has one event for at a time: by the column that says which."""


async def read_names(snapshot: Snapshot, parties: Iterable[UUID]) -> dict[UUID, str]:
    """What parties are called now, by id; an erased one by its pseudonym. Those that are not known are left out."""
    found = await read_words(snapshot, set(parties), "named_in")
    return {party: name_in(snapshot, party, words) for party, words in found.items()}


def name_in(snapshot: Snapshot, party: UUID, words: Mapping[str, Any] | None) -> str:
    """The name that a party's words hold; its pseudonym where they cannot be read. Its key is looked for by then."""
    return word(words, "name") or pseudonym(snapshot.ledger_id, party, erased=is_erased(snapshot, party))


def is_erased(snapshot: Snapshot, party: UUID) -> bool:
    """Whether a party has no key any more, of those whose words were asked for in this snapshot."""
    return party not in snapshot.keyring.keys


async def read_words(
    snapshot: Snapshot, parties: Iterable[UUID], listed: Listed
) -> dict[UUID, Mapping[str, Any] | None]:
    """What was last said of each party by one kind of event; ``None`` where its key is gone. Others are left out."""
    wanted = list(parties)
    if not wanted:
        return {}
    rows = await snapshot.fetch(sql("words_in").format(version=listed), snapshot.ledger_id, wanted)
    _put_on_ring(snapshot, [(row["party_id"], row["wrapped"]) for row in rows if row["wrapped"] is not None])
    words = await open_all(snapshot, [decode(row["state"]) for row in rows])
    return {row["party_id"]: opened for row, opened in zip(rows, words, strict=True)}


def word(words: Mapping[str, Any] | None, name: str) -> str | None:
    """One of an event's words, or ``None``."""
    text: str | None = None if words is None else words.get(name)
    return text


async def _load_keys(snapshot: Snapshot, subjects: Iterable[UUID]) -> None:
    """Put the subjects' keys on the snapshot's ring, as far as they are not there and exist."""
    keys = snapshot.keyring.keys
    missing = [subject for subject in subjects if subject not in keys]
    if not missing:
        return
    rows = await snapshot.fetch(sql("keys"), snapshot.ledger_id, missing)
    _put_on_ring(snapshot, [(row["subject_id"], row["wrapped"]) for row in rows])


def _put_on_ring(snapshot: Snapshot, wrapped: Iterable[tuple[UUID, bytes]]) -> None:
    keys = snapshot.keyring.keys
    for subject, key in wrapped:
        if subject not in keys:
            keys[subject] = snapshot.master_key.unwrap(snapshot.ledger_id, subject, key)


async def _load_day_keys(snapshot: Snapshot, days: set[date]) -> None:
    """The same for the keys of days."""
    keys = snapshot.keyring.day_keys
    missing = days.difference(keys)
    if not missing:
        return
    rows = await snapshot.fetch(load_sql("services/ledger/sql/day_keys.sql"), snapshot.ledger_id, list(missing))
    for day, wrapped in rows:
        keys[day] = snapshot.master_key.unwrap(snapshot.ledger_id, day, wrapped)
