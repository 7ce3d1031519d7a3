"""TimeOverflow, a time bank: its report of transfers, and the file that its own importer of transfers takes.

Each transfer becomes a favour in minutes, of who was paid to who paid: whoever receives hours gave the time. The
report's header is in the user's language, so both files are known by their shape.
"""

import re
from collections import Counter
from collections.abc import Iterator

from services.imports.formats.reading import (
    WHAT_LIMIT,
    Deed,
    Found,
    Item,
    LeftOut,
    LeftOutError,
    Person,
    Step,
    Told,
    Unreadable,
    UnreadableEntryError,
    UnreadableFileError,
    reference,
)
from services.imports.formats.tables import DELIMITERS, Row, first_rows, read_cells
from services.imports.formats.text import decode, line_of, name_of, read_time

UNIT = "minute"
MEMBER = re.compile(r"(?P<name>.*\S)\s*\((?P<uid>\d{1,18})\)")
DURATION = re.compile(r"(?P<sign>-?)(?P<hours>\d{1,7}):(?P<minutes>[0-5]\d)(?::00)?")
TIMES = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%d/%m/%Y %H:%M",
    "%Y-%m-%d %H:%M",
)
REPORT, IMPORTED = 5, 8
"""How many columns the report has, and the importer's file."""
SECONDS = re.compile(r"-?\d{1,12}")
Transfer = tuple[str, Person, Person, int, str]
"""When, who paid, who was paid, how many minutes, what for."""


def recognise(content: bytes) -> bool:
    """Whether the file has the shape of either."""
    return _shape(decode(content)) is not None


def _shape(text: str) -> tuple[int, str] | None:
    """The number of columns and the delimiter."""
    for delimiter, rows in zip(DELIMITERS, first_rows(text, 2), strict=True):
        cells = [row.cells for row in rows]
        if len(cells) == 2 and len(cells[0]) == len(cells[1]) == REPORT and DURATION.fullmatch(cells[1][4]):
            return REPORT, delimiter
        if cells and len(cells[0]) == IMPORTED and all(SECONDS.fullmatch(cells[0][n]) for n in (0, 2, 4)):
            return IMPORTED, delimiter
    return None


def read(content: bytes, told: Told) -> Iterator[Item]:
    """The transfers of the file; an entry's place is the line it begins on."""
    text = decode(content)
    shape = _shape(text)
    if shape is None:
        raise UnreadableFileError("it is neither TimeOverflow's report of transfers nor its importer's file")
    columns, delimiter = shape
    rows = read_cells(text, delimiter)
    if columns == REPORT:
        next(rows)
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            yield _transfer(row, columns, told, seen)
        except UnreadableEntryError as error:
            yield Unreadable(row.line, str(error))
        except LeftOutError as error:
            yield LeftOut(row.line, str(error))


def _transfer(row: Row, columns: int, told: Told, seen: Counter[tuple[str, ...]]) -> Found:
    if len(row.cells) != columns:
        raise UnreadableEntryError(f"the row has {len(row.cells)} cells where {columns} are due")
    when, payer, paid, minutes, what = (_reported if columns == REPORT else _imported)(row)
    try:
        moment = read_time(when, *TIMES)
    except ValueError:
        raise UnreadableEntryError("its date should be like 2026-01-31 or 31/01/2026") from None
    if moment > told.now:
        raise LeftOutError("not yet")
    if minutes == 0:
        raise LeftOutError("a transfer of nothing")
    if minutes < 0:
        payer, paid, minutes = paid, payer, -minutes
    roles = {"giver": paid, "receiver": payer}
    fields = {"unit": UNIT, "quantity": minutes, "occurred_at": moment}
    if what:
        fields["what"] = what
    identity = ("timeoverflow", moment.isoformat(), paid.references[0].id, payer.references[0].id, str(minutes), what)
    seen[identity] += 1
    return Found(row.line, Deed((*identity, str(seen[identity])), (Step("favour.record", roles, fields),)))


def _reported(row: Row) -> Transfer:
    date, payer, paid, post, quantity = row.cells
    duration = DURATION.fullmatch(quantity)
    if duration is None:
        raise UnreadableEntryError("its quantity should be hours and minutes, like 1:30")
    minutes = int(duration["hours"]) * 60 + int(duration["minutes"])
    return date, _member(payer), _member(paid), -minutes if duration["sign"] else minutes, line_of(post, WHAT_LIMIT)


def _imported(row: Row) -> Transfer:
    source, source_type, destination, destination_type, amount, created, reason, _ = row.cells
    if not SECONDS.fullmatch(amount) or int(amount) % 60:
        raise UnreadableEntryError("its amount should be seconds that make whole minutes")
    payer, paid = _account(source, source_type), _account(destination, destination_type)
    return created, payer, paid, int(amount) // 60, line_of(reason, WHAT_LIMIT)


def _member(text: str) -> Person:
    """A member as the report writes one, ``Anna Abel (17)``; without a number it is the time bank itself."""
    found = MEMBER.fullmatch(text)
    if found is not None:
        return Person(name_of(found["name"]), (reference("timeoverflow", found["uid"]),))
    if not text:
        raise UnreadableEntryError("it does not say who took part")
    return Person(name_of(text), (reference("timeoverflow", f"organization:{text}"),), "organisation")


def _account(number: str, kind: str) -> Person:
    if not SECONDS.fullmatch(number):
        raise UnreadableEntryError("who took part should be told by a number")
    if kind.lower() == "organization":
        return Person(f"Time bank {number}", (reference("timeoverflow", f"organization:{number}"),), "organisation")
    return Person(f"Member {number}", (reference("timeoverflow", number),))
