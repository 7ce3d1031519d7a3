"""Google Contacts CSV, as it was until 2024 and as it has been since: every row becomes a party."""

from collections.abc import Iterator

from services.imports.formats.reading import NOTE_LIMIT, Item, LeftOutError, Person, Told, Unreadable, settle
from services.imports.formats.tables import Row, find_header, named, read_table
from services.imports.formats.text import addresses_of, decode, join_words, line_of, name_of, phones_of

NEW = frozenset(["First Name", "Last Name", "Name Prefix", "File As", "Labels"])
OLD = frozenset(["Name", "Given Name", "Family Name", "Group Membership"])
SEVERAL = " ::: "
NAMES = {
    True: ("Name Prefix", "First Name", "Middle Name", "Last Name", "Name Suffix"),
    False: ("Name Prefix", "Given Name", "Additional Name", "Family Name", "Name Suffix"),
}
"""The parts of a name as it is spoken, by whether the file is of the new kind."""
ORGANISATION = {
    True: ("Organization Title", "Organization Name", "Organization Department"),
    False: ("Organization 1 - Title", "Organization 1 - Name", "Organization 1 - Department"),
}


def recognise(content: bytes) -> bool:
    """Whether the file has the header of either kind."""
    text = decode(content)
    return find_header(text, NEW) is not None or find_header(text, OLD) is not None


def read(content: bytes, told: Told) -> Iterator[Item]:
    """The people of the file; an entry's place is the line it begins on."""
    del told
    text = decode(content)
    is_new = find_header(text, NEW) is not None
    table = read_table(text, NEW if is_new else OLD)
    for row in table.rows:
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            cells = named(row, table.header)
        except ValueError as error:
            yield Unreadable(row.line, str(error))
        else:
            yield from settle(row.line, _person(row, cells, is_new=is_new))


def _person(row: Row, cells: dict[str, str], *, is_new: bool) -> Iterator[Person]:
    del row
    emails, phones = _values(cells, "E-mail"), _values(cells, "Phone")
    parts = " ".join(cells[part] for part in NAMES[is_new] if part in cells)
    organisation = line_of(", ".join(cells[part] for part in ORGANISATION[is_new] if part in cells), NOTE_LIMIT)
    company = cells.get(ORGANISATION[is_new][1], "")
    spoken = cells.get("Name", "") or parts or cells.get("File As", "") or cells.get("Nickname", "")
    name = name_of(spoken) or name_of(company) or name_of(next(iter(emails), ""))
    if not name:
        raise LeftOutError("it names nobody")
    is_company = not name_of(spoken) and bool(name_of(company))
    yield Person(
        name,
        addresses_of(emails),
        "organisation" if is_company else "person",
        join_words(organisation if organisation != name else None, cells.get("Notes"), limit=NOTE_LIMIT),
        phones_of(phones),
    )


def _values(cells: dict[str, str], group: str) -> list[str]:
    """The values of a numbered group, ``E-mail 1 - Value`` and on; a cell may hold several."""
    columns = [name for name in cells if name.startswith(f"{group} ") and name.endswith(" - Value")]
    return [one for name in columns for one in cells[name].split(SEVERAL)]
