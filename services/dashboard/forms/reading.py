"""Reading a form that came back: from what was typed to a command, or to what is wrong with which field."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from domain.command import Command
from services.dashboard.forms.fields import BY, Field, Kind, as_id
from services.dashboard.language import translate as _
from services.dashboard.names import Names
from services.dashboard.query import read_date, read_time
from services.reading.directory import normal
from services.reading.snapshot import Snapshot
from services.text import has_nul, in_words

CANDIDATES = 12


class Wrong(Exception):  # noqa: N818 - it is what the fields are
    """Something does not fit; the fields say what."""


async def read_command(
    command: type[Command], fields: Sequence[Field], typed: Mapping[str, str], snapshot: Snapshot, names: Names
) -> Command:
    """The command that a form amounts to. Raises ``Wrong`` with what is wrong written into the fields."""
    values: dict[str, Any] = {}
    for field in fields:
        text = typed.get(field.name, "").strip()
        field.value = text
        if not text:
            if field.kind == "list" and field.required:
                values[field.name] = ()
            elif field.kind == "check" and field.required:
                values[field.name] = False
            elif field.required:
                field.error = _("Please fill this in.")
            continue
        values[field.name] = await _read(field, text, typed, snapshot, names)
    if any(field.error for field in fields):
        raise Wrong
    by = as_id(typed.get(BY, ""))
    if by is not None:
        values[BY] = by
    return _convert(command, values, fields)


def _convert(command: type[Command], values: Mapping[str, Any], fields: Sequence[Field]) -> Command:
    if has_nul(msgspec.to_builtins(values)):
        raise Wrong
    try:
        return msgspec.convert(values, command)
    except msgspec.ValidationError as error:
        text, _dash, place = in_words(str(error)).partition(" - at ")
        name = place.strip("`").removeprefix("$.").partition("[")[0]
        for field in fields:
            if field.name == name:
                field.error = _("This does not fit: %(what)s.", what=text.replace("`", ""))
        raise Wrong from None


async def _read(field: Field, text: str, typed: Mapping[str, str], snapshot: Snapshot, names: Names) -> object:
    if field.kind == "party":
        return await _party(field, text, snapshot, names)
    return READERS[field.kind](field, text, typed.get("zone"))


async def _party(field: Field, text: str, snapshot: Snapshot, names: Names) -> UUID | None:
    """Whom a text means: an id, a name in full, or the beginning of one that fits only one party."""
    known = as_id(text)
    if known is not None:
        return known
    found = await names.find(snapshot, text, CANDIDATES)
    exact = [one for one in found if one.sought == normal(text)]
    fitting = exact if len(exact) == 1 else found
    if len(fitting) == 1:
        field.value, field.shown = str(fitting[0].party), fitting[0].name
        return fitting[0].party
    if found:
        field.options = [(str(one.party), one.name) for one in found]
        field.error = _("Several fit: choose one.")
    else:
        field.error = _("Nobody here is called that.")
    return None


def _whole(field: Field, text: str) -> int | None:
    try:
        return int(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        field.error = _("Give a whole number.")
        return None


def _share(field: Field, text: str) -> float | None:
    try:
        value = float(text.rstrip("% ").replace(",", ".")) / 100
    except ValueError:
        field.error = _("Give a number of per cent.")
        return None
    if not 0 < value < 1:
        field.error = _("More than 0 and less than 100 per cent.")
        return None
    return value


def _known(field: Field, value: object, hint: str) -> object:
    if value is None:
        field.error = hint
    return value


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _ids(field: Field, text: str) -> object:
    ids = [as_id(word) for word in text.split()]
    return ids if None not in ids else _known(field, None, _("These have to be ids, one a line."))


READERS: Mapping[Kind, Callable[[Field, str, str | None], object]] = {
    "text": lambda _field, text, _zone: text,
    "long": lambda _field, text, _zone: text,
    "choice": lambda _field, text, _zone: text,
    "number": lambda field, text, _zone: _whole(field, text),
    "percent": lambda field, text, _zone: _share(field, text),
    "check": lambda _field, _text, _zone: True,
    "day": lambda field, text, zone: _known(field, read_date(text, zone), _("Give a day, as 2026-05-31.")),
    "moment": lambda field, text, zone: _known(field, read_time(text, zone), _("Give a time, as 2026-05-31T18:00.")),
    "list": lambda _field, text, _zone: _lines(text),
    "ids": lambda field, text, _zone: _ids(field, text),
}
"""By kind of field: how what was typed is read, in the reader's time zone."""
