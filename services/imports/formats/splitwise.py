"""Splitwise's CSV: each expense becomes favours of those who paid more than their share to those who paid less.

A person's cell is what they paid less their share. The header is in the user's language, so the file is known by its
shape: a day, three texts and a currency, then a number for each person.
"""

from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from domain.command import LAST_MOMENT
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
from services.imports.formats.text import cut, decode, line_of, name_of, read_money, read_number, read_time

FIXED = 5
"""Day, description, category, cost and currency; the people follow."""
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")
PEOPLE_LIMIT = 200
Share = tuple[str, int]


def recognise(content: bytes) -> bool:
    """Whether the file has this shape."""
    return _delimiter(decode(content)) is not None


def _delimiter(text: str) -> str | None:
    for delimiter, rows in zip(DELIMITERS, first_rows(text, 2), strict=True):
        if len(rows) == 2 and len(rows[0].cells) > FIXED + 1 and len(rows[1].cells) == len(rows[0].cells):
            try:
                _expense(rows[1], rows[0].cells, LAST_MOMENT)
            except (LeftOutError, UnreadableEntryError):
                continue
            return delimiter
    return None


def read(content: bytes, told: Told) -> Iterator[Item]:
    """The favours of the file; an entry's place is the line it begins on."""
    text = decode(content)
    rows = read_cells(text, _delimiter(text) or ",")
    header = next(rows, None)
    if not isinstance(header, Row) or len(header.cells) <= FIXED + 1:
        raise UnreadableFileError("there is no header with a day, a currency and at least two people")
    people = header.cells[FIXED:]
    if len(set(people)) < len(people) or not all(people) or len(people) > PEOPLE_LIMIT:
        raise UnreadableFileError(f"its people cannot be told apart: each takes one name, {PEOPLE_LIMIT} at most")
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            identity, what, day, unit, shares = _expense(row, header.cells, told.now)
        except UnreadableEntryError as error:
            yield Unreadable(row.line, str(error))
        except LeftOutError as error:
            yield LeftOut(row.line, str(error))
        else:
            seen[identity] += 1
            for giver, receiver, quantity in settle_shares(shares):
                step = Step(
                    "favour.record",
                    {"giver": _person(giver), "receiver": _person(receiver)},
                    {"unit": unit, "quantity": quantity, "what": what, "occurred_at": day},
                )
                yield Found(row.line, Deed((*identity, str(seen[identity]), giver, receiver), (step,)))


def _expense(
    row: Row, header: tuple[str, ...], now: datetime
) -> tuple[tuple[str, ...], str, datetime, str, list[Share]]:
    """What a row says: what names it, its description, its day, the unit, and who is owed how much of it."""
    if len(row.cells) != len(header):
        raise UnreadableEntryError(f"the row has {len(row.cells)} cells where {len(header)} are due")
    day, description, category, cost, currency = row.cells[:FIXED]
    try:
        moment = read_time(day, *DAYS)
    except ValueError:
        raise UnreadableEntryError("the first column should hold a day like 2026-01-31") from None
    if moment > now:
        raise LeftOutError("not yet")
    if not cost:
        raise LeftOutError("the balance of all, which follows from the rest")
    amounts = [_amount(cell) for cell in row.cells[FIXED:]]
    if sum(amounts):
        raise UnreadableEntryError("what was paid and the shares do not add up")
    money = [read_money(amount, currency) for amount in amounts]
    shares = [(name, quantity) for name, (_, quantity) in zip(header[FIXED:], money, strict=True) if quantity]
    if not shares:
        raise LeftOutError("nobody owes anybody anything for it")
    of_each = [f"{name}={quantity}" for name, quantity in sorted(shares)]
    identity = ("splitwise", moment.isoformat(), description, category, currency, *of_each)
    return identity, cut(line_of(description, WHAT_LIMIT), WHAT_LIMIT) or "Shared expense", moment, money[0][0], shares


def _amount(cell: str) -> Decimal:
    try:
        return read_number(cell) if cell else Decimal(0)
    except ValueError:
        raise UnreadableEntryError("a person's column should hold a number") from None


def settle_shares(shares: list[Share]) -> Iterator[tuple[str, str, int]]:
    """Who gave whom how much, so that everybody's shares come out: each giver gives to the next who received.

    With one who paid it is what each of the others owes; with several it is one of the ways to put it, with as few
    favours as there are people less one, and always the same for the same shares.
    """
    givers = deque((name, quantity) for name, quantity in shares if quantity > 0)
    receivers = deque((name, -quantity) for name, quantity in shares if quantity < 0)
    while givers and receivers:
        (giver, given), (receiver, received) = givers.popleft(), receivers.popleft()
        quantity = min(given, received)
        yield giver, receiver, quantity
        if given > quantity:
            givers.appendleft((giver, given - quantity))
        if received > quantity:
            receivers.appendleft((receiver, received - quantity))


def _person(name: str) -> Person:
    return Person(name_of(name), (reference("splitwise", name),))
