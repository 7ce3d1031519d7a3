"""What every event and every command owes, whatever it is about."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from domain.catalogue import ACTS, STREAM_TYPE_OF, STREAM_TYPES, TOPICS
from domain.command import Command
from domain.contact import RecordContact
from domain.event import Event
from domain.favour.commands import AcknowledgeFavour, RecordFavour, SettleFavour
from domain.introduction.commands import RecordOutcome
from domain.party import RegisterParty
from domain.policy import Policy
from domain.promise.commands import AcceptInPart, AssessPromise, MakePromise
from domain.tie import DeclareTie
from tests import examples
from tests.examples import ANNA, BEN

EVENTS = [event for kind in STREAM_TYPES for event in kind.events]
COMMANDS = [command for kind in STREAM_TYPES for command in kind.commands]
NAME = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")


def subclasses(base: type[Any], attribute: str) -> Iterator[type[Any]]:
    """All classes of the domain below a base that have the attribute."""
    for subclass in base.__subclasses__():
        yield from subclasses(subclass, attribute)
        if hasattr(subclass, attribute) and subclass.__module__.startswith("domain."):
            yield subclass


def test_the_catalogue_knows_every_event_and_command_once() -> None:
    assert set(EVENTS) == set(subclasses(Event, "TOPIC"))
    assert set(COMMANDS) == set(subclasses(Command, "ACT"))
    assert len(TOPICS) == len(EVENTS) == len(set(EVENTS))
    assert len(ACTS) == len(COMMANDS) == len(set(COMMANDS))
    assert len({kind.name for kind in STREAM_TYPES}) == len(STREAM_TYPES)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_a_topic_of_its_own_that_starts_with_its_stream_type(event: type[Event]) -> None:
    assert "TOPIC" in vars(event)
    assert NAME.fullmatch(event.TOPIC)
    assert event.TOPIC.partition(".")[0] == STREAM_TYPE_OF[event].name
    assert TOPICS[event.TOPIC] is event


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_act_of_its_own_that_starts_with_its_stream_type(command: type[Command]) -> None:
    assert "ACT" in vars(command)
    assert NAME.fullmatch(command.ACT)
    assert command.ACT.partition(".")[0] == STREAM_TYPE_OF[command].name
    assert ACTS[command.ACT] is command


@pytest.mark.parametrize("kind", STREAM_TYPES, ids=lambda kind: kind.name)
def test_every_stream_type_has_commands_that_create_and_they_come_first(kind: Any) -> None:
    creating = [command for command in kind.commands if command.CREATES]
    assert creating
    assert tuple(creating) == kind.commands[: len(creating)]


@pytest.mark.parametrize("documented", [*EVENTS, *COMMANDS])
def test_every_event_and_every_command_says_what_it_means(documented: type) -> None:
    assert (vars(documented).get("__doc__") or "").strip().endswith(".")


@pytest.mark.parametrize("event", EVENTS)
def test_words_are_fields_that_may_be_absent(event: type[Event]) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(event)}
    assert len(set(event.WORDS)) == len(event.WORDS)
    for word in event.WORDS:
        assert fields[word].default is None
    texts = {name for name, field in fields.items() if field.type in (str, str | None)}
    assert texts - set(event.WORDS) <= {"unit", "topic"}, "what a person typed is sealed"


@pytest.mark.parametrize("event", EVENTS)
def test_every_older_version_has_its_upcast(event: type[Event]) -> None:
    assert sorted(event.UPCASTS) == list(range(1, event.VERSION))


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_an_example_that_survives_its_encoding(event: type[Event]) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()
    example = getattr(examples, name)()
    assert type(example) is event
    assert msgspec.json.decode(msgspec.json.encode(example), type=event) == example
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(msgspec.json.encode({**msgspec.to_builtins(example), "more": 1}), type=event)


def test_what_is_one_partys_own_matter_names_that_party() -> None:
    private = {}
    for event in EVENTS:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()
        example = getattr(examples, name)()
        if example.private_to is not None:
            private[event.TOPIC] = example.private_to == example.who.by
    own = {
        "introduction.consented",
        "introduction.declined",
        "party.reminders_cleared",
        "party.reminders_set",
        "tie.declared",
        "tie.undeclared",
    }
    assert private == dict.fromkeys(own, True)


@pytest.mark.parametrize("command", [examples.record_favour(), examples.record_contact()])
def test_a_command_needs_no_fact_that_it_does_not_declare(command: Command) -> None:
    assert (command.needs_references(), command.needs_streams(), command.needs_gifts()) == ((), (), None)
    assert (command.needs_open_promises(None), command.stream_id()) == ((), None)


# ── limits on everything ─────────────────────────────────────────────────────────────────────────────────────


def unlimited(info: inspect.Type, path: str) -> Iterator[str]:
    """The places below a type that take text, lists or numbers of any size."""
    match info:
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from unlimited(field.type, f"{path}.{field.encode_name}")
        case inspect.Metadata(type=inner):
            yield from unlimited(inner, path)
        case inspect.UnionType(types=types):
            for member in types:
                yield from unlimited(member, path)
        case inspect.VarTupleType(item_type=item, max_length=length):
            if length is None:
                yield path
            yield from unlimited(item, f"{path}[]")
        case inspect.StrType(max_length=None):
            yield path
        case inspect.IntType(ge=low, le=high) | inspect.FloatType(gt=low, lt=high) if low is None or high is None:
            yield path


@pytest.mark.parametrize("command", COMMANDS)
def test_all_that_a_command_takes_has_a_limit(command: type[Command]) -> None:
    terms = ("make", "request", "offer", "counter", "propose_terms")
    by_policy = {"favour.record.quantity", "favour.settle.quantity", *(f"promise.{act}.quantity" for act in terms)}
    assert set(unlimited(inspect.type_info(command), command.ACT)) <= by_policy


def test_the_policy_has_limits_too() -> None:
    assert list(unlimited(inspect.type_info(Policy), "policy")) == []


BETWEEN = {"giver": str(ANNA), "receiver": str(BEN)}
MET = {"initiator": str(ANNA), "other": str(BEN), "channel": "call"}
PROMISED = {"promisor": str(ANNA), "promisee": str(BEN), "what": "Paint"}
REFERENCE = {"source": "crm", "id": "1"}


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (RecordFavour, {**BETWEEN, "quantity": True}),
        (RecordFavour, {**BETWEEN, "quantity": 1.5}),
        (RecordFavour, {**BETWEEN, "quantity": "1"}),
        (RecordFavour, {**BETWEEN, "giver": "Anna"}),
        (RecordFavour, {**BETWEEN, "what": ""}),
        (RecordFavour, {**BETWEEN, "what": "x" * 501}),
        (RecordFavour, {**BETWEEN, "note": "x" * 4001}),
        (RecordFavour, {**BETWEEN, "occurred_at": "2026-03-02T09:00:00"}),
        (RecordFavour, {**BETWEEN, "colour": "red"}),
        (RecordFavour, {**BETWEEN, "topic": "Not a slug"}),
        (RecordFavour, {**BETWEEN, "topic": "garden\n"}),
        (RecordFavour, {**BETWEEN, "topic": "x" * 41}),
        (RecordFavour, {**BETWEEN, "gift": "bribe"}),
        (RecordContact, {**MET, "felt": 0}),
        (RecordContact, {**MET, "felt": 6}),
        (RecordContact, {**MET, "channel": "smoke"}),
        (DeclareTie, {"party": str(ANNA), "other": str(BEN), "closeness": "married"}),
        (SettleFavour, {"quantity": -1}),
        (AcknowledgeFavour, {"value": 11}),
        (AcknowledgeFavour, {"value": -11}),
        (AcknowledgeFavour, {"value": True}),
        (AcceptInPart, {"fraction": 0}),
        (AcceptInPart, {"fraction": 1}),
        (AssessPromise, {"outcome": "reneged"}),
        (AssessPromise, {"outcome": "kept", "in_progress": 1}),
        (MakePromise, {**PROMISED, "quantity": False}),
        (MakePromise, {**PROMISED, "due": "2026-03-02"}),
        (RegisterParty, {"name": ""}),
        (RegisterParty, {"name": "Anna", "kind": "robot"}),
        (RegisterParty, {"name": "Anna", "references": [REFERENCE] * 21}),
        (RegisterParty, {"name": "Anna", "references": [{**REFERENCE, "source": "Not a source"}]}),
        (RecordOutcome, {"outcome": "led_to", "led_to": [str(ANNA)] * 21}),
    ],
)
def test_what_a_command_does_not_take_is_not_read(command: type[Command], fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(fields), type=command)
