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
source leads to the same stream, so that one file can make promises and another report on them. With ``party.register``
it becomes the party's reference in that source; any other act on a party finds the party by it.
"""

import pathlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from domain.catalogue import ACTS, LEDGER, PARTY, STREAM_TYPE_OF
from domain.command import Command, Reference, Source
from domain.party import RegisterParty
from services.text import in_words

Format = Literal["text", "rfc3339", "date", "unix"]
Delimiter = Annotated[str, Meta(min_length=1, max_length=1, pattern=r'[^"\r\n]', description="One character.")]
EXTERNAL_ID_LIMIT = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)


class MappingError(ValueError):
    """The mapping does not fit the command or the file. The message says what would."""


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field's value comes from: a column, read in a format, or one value for all rows."""

    column: str | None = None
    format: Format = "text"
    value: str | int | float | bool | None = None

    def __post_init__(self) -> None:
        """Where the value comes from has to be said once."""
        if (self.column is None) == (self.value is None):
            raise ValueError("give either 'column' or 'value'")


class CsvMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """The mapping as its file holds it."""

    act: str
    fields: dict[str, str | Column]
    source: Source = "import"
    delimiter: Delimiter = ","
    header: tuple[str, ...] | None = None
    register: bool = True
    when: dict[str, list[str]] = {}


def read_mapping(path: pathlib.Path) -> CsvMapping:
    """Read and check a mapping file. Raises ``MappingError``."""
    try:
        mapping = msgspec.toml.decode(path.read_bytes(), type=CsvMapping)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:  # a number too long to be read is a ValueError
        raise MappingError(f"{path.name} is not a mapping: {error}") from None
    command = ACTS.get(mapping.act)
    if command is None or command in LEDGER.commands:
        acts = ", ".join(act for act, one in ACTS.items() if one not in LEDGER.commands)
        raise MappingError(f"{path.name}: rows cannot become {mapping.act!r}; there are: {acts}.")
    fields = msgspec.structs.fields(command)
    known = {field.name for field in fields} | {"id"}
    unknown = sorted(mapping.fields.keys() - known)
    if unknown:
        raise MappingError(
            f"{path.name}: {mapping.act} has no {', '.join(unknown)}; it has: {', '.join(sorted(known))}."
        )
    if not command.CREATES and "id" not in mapping.fields:
        raise MappingError(f"{path.name}: {mapping.act} acts on something there is: name it with 'id'.")
    missing = [field.name for field in fields if field.required and field.name not in mapping.fields]
    if missing:
        raise MappingError(f"{path.name}: {mapping.act} needs {', '.join(missing)} too; say where it comes from.")
    return mapping


class Row(Struct, frozen=True):
    """A row as far as it goes without knowing the ledger: fields, external ids of parties, the stream's own id."""

    fields: dict[str, Any]
    parties: dict[str, str]
    """By field: the external id of a party."""
    own_id: str | None


class RowReader:
    """Turns a file's rows into ``Row`` by one mapping. Raises ``MappingError`` where the file lacks a column."""

    def __init__(self, mapping: CsvMapping, header: tuple[str, ...]) -> None:
        self.command: type[Command] = ACTS[mapping.act]
        self.type = STREAM_TYPE_OF[self.command]
        self.mapping = mapping
        self._header = header
        types = {field.name: field.type for field in msgspec.structs.fields(self.command)}
        self._fixed: dict[str, Any] = {}
        self._fixed_ids: dict[str, str] = {}
        self._id_places: list[tuple[str, int]] = []
        self._values: list[tuple[str, int, Format]] = []
        for field, given in mapping.fields.items():
            column = Column(column=given) if isinstance(given, str) else given
            party = field == "id" or _is_party(types[field])
            if column.column is None:
                if party:
                    self._fixed_ids[field] = str(column.value)
                else:
                    self._fixed[field] = column.value
            elif party:
                self._id_places.append((field, _place(header, column.column)))
            else:
                self._values.append((field, _place(header, column.column), column.format))
        self._when = [(_place(header, name), frozenset(values)) for name, values in mapping.when.items()]

    @property
    def acts_on_party(self) -> bool:
        """Whether the rows are about parties that are there already, whom ``id`` names."""
        return self.type is PARTY and not self.command.CREATES

    def read(self, cells: list[str]) -> Row | None:
        """The row; ``None`` where the mapping leaves it out. An empty cell leaves its field out.

        Raises ``ValueError``.
        """
        if len(cells) != len(self._header):
            raise ValueError(f"the row has {len(cells)} cells where {len(self._header)} are due")
        for place, values in self._when:
            if cells[place] not in values:
                return None
        fields = dict(self._fixed)
        for name, place, form in self._values:
            if cells[place]:
                fields[name] = self._value(cells[place], place, form)
        ids = self._ids(cells)
        own_id = ids.pop("id", None)
        if own_id is None and not self.command.CREATES:
            raise ValueError(f"{self.mapping.act} acts on something there is, and the row's id is empty")
        if own_id is not None and self.command is RegisterParty:
            fields["references"] = (Reference(self.mapping.source, own_id),)
        return Row(fields, ids, own_id)

    def _ids(self, cells: list[str]) -> dict[str, str]:
        """The file's own ids, of parties and under ``id`` of the stream."""
        ids = self._fixed_ids | {name: cells[place] for name, place in self._id_places if cells[place]}
        for name, one in ids.items():
            if len(one) > EXTERNAL_ID_LIMIT:
                raise ValueError(f"the id in {name} is longer than {EXTERNAL_ID_LIMIT} characters")
        return ids

    def convert(self, row: Row, parties: Mapping[str, UUID | None]) -> Command:
        """The command that a row gives, once its parties are known. Raises ``ValueError``."""
        try:
            return msgspec.convert({**row.fields, **parties}, self.command, strict=False)
        except msgspec.ValidationError as error:
            raise ValueError(f"the row does not fit {self.mapping.act}: {in_words(str(error))}") from None

    def check(self, row: Row) -> None:
        """Raise ``ValueError`` where the row would not fit whoever its parties are."""
        self.convert(row, dict.fromkeys(row.parties, NOBODY))

    def _value(self, cell: str, place: int, form: Format) -> Any:  # noqa: ANN401 - as the format has it
        read, due = READERS[form]
        try:
            return read(cell)
        except (ValueError, OverflowError):
            raise ValueError(f"column {self._header[place]!r} should hold {due}") from None


def _place(header: tuple[str, ...], name: str) -> int:
    match header.count(name):
        case 0:
            raise MappingError(f"the file has no column {name!r}; it has: {', '.join(header)}.")
        case 1:
            return header.index(name)
        case several:
            raise MappingError(f"the file has {several} columns {name!r}; name each once, with 'header' if need be.")


def _is_party(kind: Any) -> bool:  # noqa: ANN401 - a type as msgspec shows it
    return kind is UUID or kind == UUID | None


def _from_unix(cell: str) -> datetime:
    return EPOCH + timedelta(seconds=float(cell))


def _from_date(cell: str) -> datetime:
    return datetime.strptime(cell, "%Y-%m-%d").replace(tzinfo=UTC)


READERS: Mapping[Format, tuple[Callable[[str], Any], str]] = {
    "text": (str, "text"),
    "rfc3339": (str, "a moment like 2026-01-31T12:00:00Z"),
    "date": (_from_date, "a day like 2026-01-31"),
    "unix": (_from_unix, "seconds since 1970"),
}
"""How a cell is read, and what it should hold."""
