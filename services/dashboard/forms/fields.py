"""The fields of a command's form, made from what the command takes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec.inspect
from msgspec import Struct

from domain.command import Command
from services.dashboard.forms.words import CHOICES
from services.dashboard.language import mark
from services.dashboard.language import translate as _

Kind = Literal["party", "text", "long", "number", "percent", "choice", "check", "day", "moment", "list", "ids"]

BY = "by"
NOT_ASKED = frozenset({BY, "references"})
"""Fields that a form treats apart, or leaves to the API."""


class Label(NamedTuple):
    """What a field is called, and what helps to fill it in."""

    text: str
    hint: str = ""


LABELS = {
    "giver": Label(mark("Who gave")),
    "receiver": Label(mark("Who received")),
    "promisor": Label(mark("Who promises")),
    "promisee": Label(mark("To whom")),
    "assessor": Label(mark("Assessor"), mark("A third party who may say how it ended.")),
    "introducer": Label(mark("Who introduces")),
    "first": Label(mark("One of the two")),
    "second": Label(mark("The other")),
    "initiator": Label(mark("Who got in touch")),
    "other": Label(mark("With whom")),
    "party": Label(mark("Who says so")),
    "to": Label(mark("To whom")),
    "organisation": Label(mark("Organisation")),
    "into": Label(mark("Is the same as")),
    "what": Label(mark("What")),
    "why": Label(mark("Why they should meet")),
    "note": Label(mark("Note")),
    "reason": Label(mark("Reason")),
    "learnt": Label(mark("What was learnt")),
    "details": Label(mark("Details")),
    "evidence": Label(mark("Evidence"), mark("Where it can be seen: a link, or a few words.")),
    "unit": Label(mark("Unit")),
    "quantity": Label(mark("Quantity"), mark("A whole number, in the unit's smallest division.")),
    "gift": Label(mark("As a gift"), mark("For the gift register.")),
    "topic": Label(mark("Topic"), mark("One word in small letters, such as gardening.")),
    "value": Label(mark("What it was worth to you"), mark("From \N{MINUS SIGN}10 to 10.")),
    "due": Label(mark("Due"), mark("By the end of this day.")),
    "behind": Label(mark("It is behind")),
    "fraction": Label(mark("Share delivered"), mark("In per cent.")),
    "outcome": Label(mark("Outcome")),
    "in_progress": Label(mark("Work is under way")),
    "led_to": Label(mark("What grew from it"), mark("Ids of favours and promises, one a line.")),
    "channel": Label(mark("How")),
    "felt": Label(mark("How it felt"), mark("1: dreadful, 5: a joy.")),
    "closeness": Label(mark("How close")),
    "name": Label(mark("Name")),
    "kind": Label(mark("Kind")),
    "interests": Label(mark("Interests"), mark("One a line.")),
    "knows_about": Label(mark("Knows about"), mark("One a line.")),
    "findable": Label(mark("May be named as a way to others")),
    "occurred_at": Label(mark("When it happened"), mark("Now, if left empty.")),
}
NAMED: Mapping[str, Kind] = {"unit": "choice", "occurred_at": "moment"}
PLAIN: Mapping[type[msgspec.inspect.Type], Kind] = {
    msgspec.inspect.UUIDType: "party",
    msgspec.inspect.BoolType: "check",
    msgspec.inspect.LiteralType: "choice",
    msgspec.inspect.DateTimeType: "day",
    msgspec.inspect.FloatType: "percent",
    msgspec.inspect.IntType: "number",
}
LONG = 500
"""A text that may be longer than so many characters has a box of several lines."""
MAIN = frozenset({"what", "quantity", "unit", "due", "reason", "why", "learnt", "behind", "findable", "name"})
"""Shown at once, also where they may be left out; the others are under "More"."""


class Field(Struct, kw_only=True):
    """A field as a form shows it."""

    name: str
    kind: Kind
    label: str
    hint: str
    required: bool
    main: bool
    options: Sequence[tuple[str, str]] = ()
    longest: int | None = None
    lowest: float | None = None
    highest: float | None = None
    value: str = ""
    shown: str = ""
    """What a party is called whose id is ``value``."""
    error: str = ""


@cache
def kinds_of(command: type[Command]) -> Mapping[str, tuple[Kind, msgspec.inspect.Type, bool]]:
    """A command's fields: the kind of each, its type, and whether it has to be filled in."""
    info = msgspec.inspect.type_info(command)
    assert isinstance(info, msgspec.inspect.StructType)
    own = [field for field in info.fields if field.name not in {*NOT_ASKED, "occurred_at"}]
    last = [field for field in info.fields if field.name == "occurred_at"]
    return {
        field.name: (_kind(field.name, _bare(field.type)), _bare(field.type), field.required) for field in (*own, *last)
    }


def fields_of(command: type[Command], units: Sequence[str]) -> list[Field]:
    """The fields of a command's form, empty."""
    return [_field(name, kind, bare, required, units) for name, (kind, bare, required) in kinds_of(command).items()]


def _bare(kind: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """A field's type without ``None`` and annotations."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return _bare(next(one for one in kind.types if not isinstance(one, msgspec.inspect.NoneType)))
    return kind


def _kind(name: str, kind: msgspec.inspect.Type) -> Kind:
    named = NAMED.get(name) or PLAIN.get(type(kind))
    if named is not None:
        return named
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return "ids" if isinstance(kind.item_type, msgspec.inspect.UUIDType) else "list"
    return "long" if (_longest(kind) or 0) > LONG else "text"


def _longest(kind: msgspec.inspect.Type) -> int | None:
    return kind.max_length if isinstance(kind, msgspec.inspect.StrType) else None


def _field(name: str, kind: Kind, bare: msgspec.inspect.Type, required: bool, units: Sequence[str]) -> Field:  # noqa: FBT001 - as it is inspected
    label = LABELS.get(name, Label(name.replace("_", " ")))
    field = Field(
        name=name,
        kind=kind,
        label=_(label.text),
        hint=_(label.hint) if label.hint else "",
        required=required,
        main=required or name in MAIN,
        longest=_longest(bare),
    )
    if isinstance(bare, msgspec.inspect.LiteralType):
        field.options = [(str(value), _(CHOICES.get(str(value), str(value)))) for value in bare.values]
    elif name == "unit":
        field.options = [(unit, _(unit)) for unit in units]
    if isinstance(bare, msgspec.inspect.IntType):
        field.lowest, field.highest = bare.ge, bare.le
    return field


def show_values(fields: Sequence[Field], values: Mapping[str, str], names: Mapping[UUID, str | None]) -> None:
    """Put values into a form: what was typed, or what the address proposes."""
    for field in fields:
        field.value = values.get(field.name, "")[:5000]
        if field.kind == "party" and field.value:
            party = as_id(field.value)
            if party is not None:
                field.shown = names.get(party) or ""


def as_id(text: str) -> UUID | None:
    """The id that a text is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def plain(value: Any) -> str:  # noqa: ANN401 - whatever a stream's state holds
    """A value as a form's field takes it."""
    return "" if value is None else str(value)
