"""The language of a page: every text that a person reads goes through ``translate``, in Python and in the templates.

English is the source and needs no catalogue. Others lie in ``languages/<code>.po`` as gettext has them. Which one is
read aloud follows from the request, and holds for its task only.
"""

import importlib.resources
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import cache
from gettext import c2py
from io import BytesIO
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

SOURCE = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_current: ContextVar[str] = ContextVar("language", default=SOURCE)


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are, the source first."""
    folder = importlib.resources.files("services.dashboard").joinpath("languages")
    found = sorted(file.name.removesuffix(".po") for file in folder.iterdir() if file.name.endswith(".po"))
    return (SOURCE, *found)


def choose_language(wanted: Iterable[str]) -> str:
    """The first of the languages wanted, as ``Accept-Language`` names them, that there is."""
    for tag in wanted:
        code = tag.lower().partition("-")[0]
        if code in languages():
            return code
    return SOURCE


def accepted(header: str) -> list[str]:
    """The languages that an ``Accept-Language`` header names, the most wanted first."""
    weighed = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.partition(";")
        _, _, quality = weight.partition("=")
        try:
            weighed.append((-float(quality or 1), place, tag.strip()))
        except ValueError:
            continue
    return [tag for _, _, tag in sorted(weighed)]


def speak(code: str) -> None:
    """Have this task's texts read in a language."""
    _current.set(code)


def spoken() -> str:
    """The language that this task's texts are read in."""
    return _current.get()


def direction() -> str:
    """Which way the language is written."""
    return "rtl" if spoken() in RIGHT_TO_LEFT else "ltr"


def translate(message: str, **values: Any) -> str:  # noqa: ANN401 - whatever a text takes
    """A text in the language spoken, with its values put in."""
    text = _texts(spoken()).get(message) or message
    return text % values if values else text


def translate_plural(singular: str, plural: str, count: int, **values: Any) -> str:  # noqa: ANN401 - the same
    """The form of a text that goes with a number."""
    values = {"num": count, **values}
    code = spoken()
    forms = _plurals(code).get(singular)
    if forms is None:
        return (singular if count == 1 else plural) % values
    return forms[_rule(code)(count)] % values


def mark(message: str) -> str:
    """A text that is translated later: where it is read."""
    return message


@cache
def _catalogue(code: str) -> Catalog:
    if code == SOURCE:
        return Catalog(locale=code)
    file = importlib.resources.files("services.dashboard").joinpath("languages", f"{code}.po")
    return read_po(BytesIO(file.read_bytes()), locale=code)


@cache
def _rule(code: str) -> Callable[[int], int]:
    """Which form goes with a number."""
    return c2py(_catalogue(code).plural_expr)


@cache
def _texts(code: str) -> dict[str, str]:
    return {
        entry.id: entry.string
        for entry in _catalogue(code)
        if isinstance(entry.id, str) and entry.id and isinstance(entry.string, str)
    }


@cache
def _plurals(code: str) -> dict[str, tuple[str, ...]]:
    return {
        entry.id[0]: tuple(entry.string)
        for entry in _catalogue(code)
        if isinstance(entry.id, tuple | list) and isinstance(entry.string, tuple | list) and all(entry.string)
    }
