"""What holds for every text that comes in, whichever way it comes."""

import ast
import re
from collections.abc import Mapping

from domain.command import Source, Topic
from domain.party.commands import MailAddress
from domain.policy import UnitName

MATCHING = re.compile(r"(?:Expected )?`str` matching regex (?P<pattern>'.*'|\".*\")", re.DOTALL)
ALTERNATIVES = re.compile(r"\^\((?P<words>[a-z0-9|-]+)\)\$")
VISIBLE = r"^[\x21-\x7e]+$"
SUBJECT = r"^[a-z0-9][a-z0-9-]*$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
CURRENCY = r"^[A-Z]{3}$"
KEY_ID = r"^[a-z0-9]*$"
ID_OR_NONE = r"^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|none)$"
LABEL = r"^[^\x00-\x1f\x7f]*$(?!\n)"
TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
TAGS = rf"{TAG}(?:[ \t]*,[ \t]*{TAG})*"
IF_MATCH = rf"^(?:\*|{TAGS})$"


def _pattern(kind: object) -> str:
    """The pattern of an annotated text."""
    return next(str(meta.pattern) for meta in kind.__metadata__)  # type: ignore[attr-defined]


FORMS: Mapping[str, str] = {
    VISIBLE: "letters, digits and signs of ASCII, without spaces",
    SUBJECT: "lower-case letters, digits and hyphens of ASCII, beginning with a letter or digit",
    DAY: "a day as 2024-01-31",
    CURRENCY: "three capital letters, as EUR",
    KEY_ID: "lower-case letters and digits of ASCII",
    ID_OR_NONE: "an id, or the word none",
    LABEL: "a text without control characters",
    IF_MATCH: 'versions as "v7", with commas between them, or *',
    _pattern(Topic): "lower-case letters, digits and hyphens of ASCII, beginning with a letter or digit",
    _pattern(Source): "lower-case letters, digits, dots, hyphens and underscores of ASCII, beginning with a letter or"
    " digit",
    _pattern(UnitName): "lower-case letters, digits, hyphens and underscores of ASCII, beginning with a letter",
    _pattern(MailAddress): "a mail address, as anna@village.example",
}
"""By pattern: what it asks for, for people."""


def in_words(message: str) -> str:
    """What a validator says, with the rule in words instead of a regular expression."""
    return MATCHING.sub(lambda found: f"Expected {_words(ast.literal_eval(found['pattern']))}", message)


def _words(pattern: str) -> str:
    if alternatives := ALTERNATIVES.fullmatch(pattern):
        return f"one of: {', '.join(alternatives['words'].split('|'))}"
    return FORMS.get(pattern, "another form")


def has_nul(value: object) -> bool:
    """Whether a text in plain values has the NUL character, which many systems that read ours cannot take."""
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(map(has_nul, value.values()))
        case list() | tuple():
            return any(map(has_nul, value))
        case _:
            return False
