"""Writes docs/events.md, the catalogue of all events: ``uv run python -m tests.docs.events``."""

import inspect
import pathlib
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from domain.catalogue import ACTS, STREAM_TYPES, StreamType
from domain.causes import LEADS_TO, POSTING
from domain.command import Command
from domain.event import Event
from domain.promise.table import ROWS
from tests.docs.fields import MEANINGS

FILE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "events.md"
OF_EVERY_EVENT = tuple(field.name for field in msgspec.structs.fields(Event))
TYPES = {"datetime": "time", "Who": "who", "UUID": "id"}

PREFACE = """\
# Events

All that a ledger remembers is events: what happened, stored once and never changed. Read models are folds of them. This
page is written from the code by `uv run just events`; do not edit it.

A stored event is canonical JSON. Around the fields below it says `ledger`, `stream` (the one favour, promise … that it
belongs to), `version` (its place in the stream), `topic`, `class_version` (of the fields; older versions are read for
ever) and `recorded_at`. [decisions/event-bytes.md](decisions/event-bytes.md) has the bytes.

Fields marked **sealed** hold what people typed. They are encrypted under keys of those the event is about, and absent
once such a key is gone. A time is RFC 3339 in UTC. An id is a UUID. What has a default is left out where it has it.

Every event has:

"""


def write() -> str:
    """The whole page."""
    base = [_field_line(field, words=(), topic="") for field in msgspec.structs.fields(Event)]
    index = [f"| [{kind.name}](#{kind.name}) | {_topics(kind)} |" for kind in STREAM_TYPES]
    parts = [PREFACE + "\n".join(base), "\n".join(["| stream | topics |", "|---|---|", *index])]
    for kind in STREAM_TYPES:
        parts += _stream(kind)
    return "\n\n".join(parts) + "\n"


def _topics(kind: StreamType) -> str:
    return ", ".join(f"`{event.TOPIC.partition('.')[2]}`" for event in kind.events)


def _stream(kind: StreamType) -> Iterator[str]:
    """The section of one type of streams: what all its events have, then each of them."""
    own = [[field.name for field in _own_fields(event)] for event in kind.events]
    common = [name for name in own[0] if all(name in names for names in own)]
    yield f"## {kind.name}"
    if common and len(own) > 1:
        fields = [field for field in _own_fields(kind.events[0]) if field.name in common]
        lines = (_field_line(field, kind.events[0].WORDS, kind.events[0].TOPIC) for field in fields)
        yield "All of these have:\n\n" + "\n".join(lines)
    for event in kind.events:
        yield f"### {event.TOPIC}"
        yield _doc(event)
        yield "\n".join(_event(event, common if len(own) > 1 else []))


def _event(event: type[Event], common: list[str]) -> Iterator[str]:
    yield f"- class version {event.VERSION}" + (f"; {event.VERSION - 1} and older are read" if event.UPCASTS else "")
    yield "- may have a posting" if event.TOPIC in POSTING else "- has no posting"
    for act, topics in LEADS_TO.items():
        if event.TOPIC in topics:
            yield f"- by `{act}`: {_doc(ACTS[act])}"
            yield from (f"  - {row}" for row in _rows(ACTS[act]))
    for field in _own_fields(event):
        if field.name not in common:
            yield _field_line(field, event.WORDS, event.TOPIC)


def _rows(command: type[Command]) -> Iterator[str]:
    """What the promise table says of an act: from where, by whom, and where it leads."""
    for row in ROWS.get(command, ()):
        start = "anew" if row.start == ("none",) else f"where it is {_either(row.start)}"
        when = f", {row.when}" if row.when else ""
        yield f"{start}{when}; by the {_either(row.by)}; leads to: {row.to.replace('_', ' ')}"


def _either(words: tuple[str, ...]) -> str:
    *most, last = (word.replace("_", " ") for word in words)
    return f"{', '.join(most)} or {last}" if most else last


def _own_fields(event: type[Event]) -> list[Any]:
    return [field for field in msgspec.structs.fields(event) if field.name not in OF_EVERY_EVENT]


def _field_line(field: Any, words: tuple[str, ...], topic: str) -> str:
    sealed = ", **sealed**" if field.name in words else ""
    meaning = MEANINGS.get(f"{topic}.{field.name}") or MEANINGS[field.name]
    return f"- `{field.name}` ({_type(field.type)}{sealed}): {meaning}"


def _type(found: Any) -> str:
    """A field's type as a reader of JSON would name it."""
    origin, arguments = get_origin(found), get_args(found)
    if origin is Literal:
        return " \\| ".join(f'"{one}"' for one in arguments).replace("\\|", "|")
    if origin in (Union, UnionType):
        return _type(next(one for one in arguments if one is not NoneType)) + ", optional"
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    return TYPES.get(
        found.__name__, {"str": "text", "int": "integer", "bool": "true or false"}.get(found.__name__)
    ) or ("number" if found is float else found.__name__.lower())


def _doc(documented: type) -> str:
    """The first paragraph of what the code says of it, in Markdown's quotes."""
    text, _, _ = inspect.cleandoc(documented.__doc__ or "").partition("\n\n")
    return " ".join(text.split()).replace("``", "`")


def main() -> None:
    """Write the page."""
    FILE.write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
