"""How a CSV file's columns become the fields of one kind of command: read from a TOML file.

    act = "favour.record"          # the command that each row gives
    source = "mathoverflow"        # whose ids the party columns hold
    delimiter = ","
    header = ["u", "v", "t"]       # where the file has none of its own
    register = true                # register parties that are not known yet

    [fields]                       # a column's name, or a table
    giver = "u"
    receiver = "v"
    occurred_at = { column = "t", format = "unix" }
    unit = { value = "favour" }    # the same in every row

    [when]                         # optional: only rows with one of these values
    status = ["A", "B"]

``id`` among the fields names the stream by the file's own id (a promise's number, say): the same id in the same
source leads to the same stream, so that one file can make promises and another report on them.
"""

import pathlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.catalogue import ACTS, STREAM_TYPE_OF
from domain.command import Command, Source

Format = Literal["text", "rfc3339", "date", "unix"]


class MappingError(ValueError):
    """The mapping does not fit the command or the file. The message says what would."""


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field's value comes from: a column, read in a format, or one value for all rows."""

    column: str | None = None
    format: Format = "text"
    value: str | int | float | bool | None = None


class CsvMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """The mapping as its file holds it."""

    act: str
    fields: dict[str, str | Column]
    source: Source = "import"
    delimiter: str = ","
    header: tuple[str, ...] | None = None
    register: bool = True
    when: dict[str, list[str]] = {}


def read_mapping(path: pathlib.Path) -> CsvMapping:
    """Read and check a mapping file. Raises ``MappingError``."""
    try:
        mapping = msgspec.toml.decode(path.read_bytes(), type=CsvMapping)
    except msgspec.MsgspecError as error:
        raise MappingError(f"{path.name} is not a mapping: {error}") from None
    command = ACTS.get(mapping.act)
    if command is None:
        raise MappingError(f"{path.name}: there is no act {mapping.act!r}; there are: {', '.join(ACTS)}.")
    known = {field.name for field in msgspec.structs.fields(command)} | {"id"}
    unknown = sorted(mapping.fields.keys() - known)
    if unknown:
        raise MappingError(f"{path.name}: {mapping.act} has no {', '.join(unknown)}; it has: {', '.join(sorted(known))}.")
    if not command.CREATES and "id" not in mapping.fields:
        raise MappingError(f"{path.name}: {mapping.act} acts on something there is: name it with 'id'.")
    return mapping


class Row(Struct, frozen=True):
    """A row as far as it goes without knowing the ledger: fields, external ids of parties, the stream's own id."""

    fields: dict[str, Any]
    parties: dict[str, str]
    """By field: the external id of a party."""
    own_id: str | None


class RowReader:
    """Turns a file's rows into ``Row`` by one mapping."""

    def __init__(self, mapping: CsvMapping, header: tuple[str, ...]) -> None:
        self.command: type[Command] = ACTS[mapping.act]
        self.kind = STREAM_TYPE_OF[self.command].name
        self.mapping = mapping
        self._width = len(header)
        places = {name: n for n, name in enumerate(header)}
        types = {field.name: field.type for field in msgspec.structs.fields(self.command)}
        self._fixed: dict[str, Any] = {}
        self._fixed_parties: dict[str, Any] = {}
        self._parties: list[tuple[str, int]] = []
        self._values: list[tuple[str, int, Callable[[str], Any]]] = []
        self._own_id: int | None = None
        for field, given in mapping.fields.items():
            column = Column(column=given) if isinstance(given, str) else given
            party = field != "id" and _is_party(types[field])
            if column.column is None:
                (self._fixed_parties if party else self._fixed)[field] = column.value
                continue
            place = _place(places, column.column)
            if field == "id":
                self._own_id = place
            elif party:
                self._parties.append((field, place))
            else:
                self._values.append((field, place, READERS[column.format]))
        self._when = [(_place(places, name), frozenset(values)) for name, values in mapping.when.items()]

    def read(self, cells: list[str]) -> Row | None:
        """The row; ``None`` where the mapping leaves it out. An empty cell leaves its field out. Raises ``ValueError``."""
        if len(cells) != self._width:
            raise ValueError(f"the row has {len(cells)} cells where {self._width} are due")
        for place, values in self._when:
            if cells[place] not in values:
                return None
        fields = dict(self._fixed)
        for name, place, read in self._values:
            if cells[place]:
                fields[name] = read(cells[place])
        parties = {name: str(value) for name, value in self._fixed_parties.items()}
        parties |= {name: cells[place] for name, place in self._parties if cells[place]}
        return Row(fields, parties, None if self._own_id is None else cells[self._own_id])


def _place(places: Mapping[str, int], name: str) -> int:
    if name not in places:
        raise MappingError(f"the file has no column {name!r}; it has: {', '.join(places)}.")
    return places[name]


def _is_party(kind: Any) -> bool:  # noqa: ANN401 - a type as msgspec shows it
    return kind is UUID or kind == UUID | None


def _from_unix(cell: str) -> datetime:
    return datetime.fromtimestamp(float(cell), UTC)


def _from_date(cell: str) -> datetime:
    return datetime.strptime(cell, "%Y-%m-%d").replace(tzinfo=UTC)


READERS: Mapping[Format, Callable[[str], Any]] = {
    "text": str,
    "rfc3339": str,
    "date": _from_date,
    "unix": _from_unix,
}
