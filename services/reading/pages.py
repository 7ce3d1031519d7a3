"""Keyset pages: a cursor names the place after which the next page begins, in parts that can be read."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from services.reading.question import BadQuestionError

PAGE_LIMIT = 200
CURSOR_LENGTH = 200
SEPARATOR = "~"

Row = TypeVar("Row")


class Page(Struct, frozen=True):
    """Which page of a list: the one that begins after a place, with so many items at most."""

    after: str | None = None
    limit: int = 100


FIRST = Page()


def write_cursor(*parts: object) -> str:
    """The cursor of a place."""
    return SEPARATOR.join(map(str, parts))


def read_cursor(cursor: str, *kinds: Callable[[str], Any]) -> list[Any]:
    """The parts of a cursor. Raises ``BadQuestionError`` where it is none of this list's."""
    try:
        cursor.encode("ascii")  # Python reads digits of any script as numbers
        return [kind(part) for kind, part in zip(kinds, cursor.split(SEPARATOR), strict=True)]
    except ValueError:
        raise BadQuestionError("after", "This is no place in this list; take it from 'next' of a page.") from None


def a_number(text: str) -> int:
    """A number as a cursor holds it. Raises ``ValueError`` where it is none, or longer than 63 bits."""
    if not text.isdecimal() or (number := int(text)) >= 2**63:
        raise ValueError(text)
    return number


def cut(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], Row | None]:
    """A page of rows, of which one more than ``limit`` was asked for, and its last row where more follow."""
    return (rows[:limit], rows[limit - 1]) if len(rows) > limit else (rows, None)
