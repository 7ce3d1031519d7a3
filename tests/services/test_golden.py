"""Stored bytes are read for ever: one file of fixed bytes for every topic and class version, and what it says today.

``golden/<topic>.<class version>.stored`` is never changed once it is there. ``….read.json`` beside it is what those
bytes say to this version of Requite, words opened. After adding an event or a class version, write what is missing:

    REQUITE_WRITE_GOLDEN=1 uv run pytest tests/services/test_golden.py
"""

import os
import pathlib
import re

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent
from msgspec.structs import replace

from domain.catalogue import TOPICS
from domain.event import Event
from domain.party import PartyRegistered
from services.ledger.keyring import Keyring
from services.ledger.mapper import MsgspecMapper, Recorded, UnknownTopicError, decode, encode, open_words
from tests.services.golden_events import LEDGER, golden, keyring

GOLDEN = pathlib.Path(__file__).parent / "golden"
PRESENT = sorted((topic, event.VERSION) for topic, event in TOPICS.items())


def stored(event_class: type[Event]) -> bytes:
    """The bytes as which this version of Requite stores an event of this class."""
    return MsgspecMapper(keyring()).to_stored_event(golden(event_class)).state


if os.environ.get("REQUITE_WRITE_GOLDEN"):
    GOLDEN.mkdir(exist_ok=True)
    for _topic, _version in PRESENT:
        _file = GOLDEN / f"{_topic}.{_version}.stored"
        if not _file.exists():
            _file.write_bytes(stored(TOPICS[_topic]))

STORED = sorted(GOLDEN.glob("*.stored"))


def read(state: bytes) -> bytes:
    """What stored bytes say, as JSON to look at."""
    recorded = decode(state)
    said = {
        "ledger": recorded.ledger_id,
        "stream": recorded.originator_id,
        "version": recorded.originator_version,
        "recorded_at": recorded.recorded_at,
        "topic": recorded.event.TOPIC,
        "event": recorded.event,
        "words": open_words(recorded, keyring()),
    }
    return msgspec.json.format(msgspec.json.encode(said)) + b"\n"


def apart_from_sealing(state: bytes) -> bytes:
    """Sealing draws a nonce, so only the length of what is sealed is the same."""
    return re.sub(rb'(?<="sealed":")[^"]+', lambda sealed: b"?" * len(sealed[0]), state)


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_what_was_stored_says_the_same_for_ever(file: pathlib.Path) -> None:
    said = file.with_suffix(".read.json")
    if os.environ.get("REQUITE_WRITE_GOLDEN"):
        said.write_bytes(read(file.read_bytes()))
    assert read(file.read_bytes()) == said.read_bytes()


@pytest.mark.parametrize(("topic", "version"), PRESENT)
def test_the_same_event_is_stored_as_the_same_bytes(topic: str, version: int) -> None:
    file = GOLDEN / f"{topic}.{version}.stored"
    assert file.exists(), "REQUITE_WRITE_GOLDEN=1 uv run pytest tests/services/test_golden.py"
    written = stored(TOPICS[topic])
    assert apart_from_sealing(written) == apart_from_sealing(file.read_bytes())


def test_there_are_bytes_of_every_topic_and_class_version_and_of_no_others() -> None:
    versions = {f"{topic}.{n}" for topic, version in PRESENT for n in range(1, version + 1)}
    assert {file.stem for file in STORED} == versions


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_no_word_can_be_read_without_its_keys(file: pathlib.Path) -> None:
    recorded = decode(file.read_bytes())
    event_class = type(recorded.event)
    keyless = Keyring(LEDGER, bytes(32))
    if recorded.sealed is not None and recorded.event.subjects:
        assert open_words(recorded, keyless) is None
    assert all(getattr(recorded.event, name) is None for name in event_class.WORDS)
    for word in ("Čapek", "A-17", "Holle", "example.org", "Naïve", "another day", "keep bees", "Dorfbuch"):
        assert word.encode() not in file.read_bytes()
        assert msgspec.json.encode(word)[1:-1] not in file.read_bytes()


@pytest.mark.parametrize("topic", ["introduction.consented", "introduction.declined", "tie.declared", "tie.undeclared"])
def test_the_hash_of_what_is_one_partys_own_matter_cannot_be_guessed(topic: str) -> None:
    recorded = golden(TOPICS[topic])
    event = replace(recorded.event, note=None) if hasattr(recorded.event, "note") else recorded.event
    wordless = [
        encode(LEDGER, recorded.originator_id, 7, recorded.recorded_at, event, ring)
        for ring in (keyring(), keyring(), Keyring(LEDGER, bytes(32)))
    ]
    assert wordless[0] != wordless[1]
    assert open_words(decode(wordless[0]), keyring()) == {}
    assert b"sealed" not in wordless[2]  # nothing to seal under: a party was erased


def test_a_party_registered_before_there_were_organisations_is_a_person() -> None:
    state = (GOLDEN / "party.registered.1.stored").read_bytes()
    assert b'"kind"' not in state
    recorded = MsgspecMapper(keyring()).to_domain_event(
        StoredEvent(golden(PartyRegistered).originator_id, 7, "", state)
    )
    assert isinstance(recorded, Recorded)
    assert isinstance(recorded.event, PartyRegistered)
    assert recorded.event.kind == "person"
    assert open_words(recorded, keyring()) == {"name": "Frau Holle"}


def test_a_class_version_that_never_was_is_an_error() -> None:
    state = (GOLDEN / "party.registered.2.stored").read_bytes()
    with pytest.raises(UnknownTopicError, match="older"):
        decode(state.replace(b'"class_version":2', b'"class_version":3'))
    with pytest.raises(UnknownTopicError, match="never had version 0"):
        decode(state.replace(b'"class_version":2', b'"class_version":0'))


def test_every_step_between_class_versions_is_there() -> None:
    for topic, event in TOPICS.items():
        assert sorted(event.UPCASTS) == list(range(1, event.VERSION)), topic
