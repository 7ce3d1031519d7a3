"""Names: something that is seen, on one line, and that reads the same for everybody.

Two names that look alike and differ in characters that nobody sees are how one party is taken for another; characters
that turn text around make a name, and what stands beside it, read as something else (Unicode Technical Report 36,
Security Considerations, 2.5 and 2.10). What scripts need stays: the joiners of Arabic, Persian, Indic scripts and
emoji, as RFC 5892 (A.1, A.2) has it in the main, marks of direction, flags.
"""

import re
import unicodedata
from collections.abc import Iterator

from domain.refusal import Refusal

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates."""
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing: fillers, and the Braille pattern without dots."""
JOINERS = frozenset("\u200c\u200d")
HARMLESS = frozenset(
    "\u061c\u200e\u200f"  # marks of direction
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"  # signs that are seen
)
"""Format characters that scripts need and that pass for nothing else."""
UNJOINED = ("CJK", "CYRILLIC", "GREEK", "HANGUL", "HIRAGANA", "KATAKANA", "LATIN")
"""Scripts whose letters are never joined by a character of its own."""
VIRAMA = 9
"""The combining class of signs after which a joiner may stand, even as the last."""
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
"""The flag of a region, such as Wales: its letters are characters that are not seen (UTS 51, ED-14a)."""


def require_name(name: str, field: str = "name") -> None:
    """Refuse a name that has a character which is not fit for one, or shows nothing at all; the message names both."""
    flagless = FLAG.sub("\U0001f3f4", name)
    for character, wrong in _unfit(flagless):
        spelled = unicodedata.name(character, "a control character")
        raise Refusal(
            "unfit_name", f"{field} has the character U+{ord(character):04X} ({spelled}), which {wrong}; leave it out."
        )
    if not any(map(_is_seen, flagless)):
        raise Refusal("unfit_name", f"{field} shows nothing; give at least one letter, digit or sign that is seen.")


def fit_name(text: str) -> str:
    """A name as ``require_name`` takes it: without the characters that are not fit; empty, where nothing is seen then.

    For names that come from files, where nobody is there to leave a character out.
    """
    parts = FLAG.split(text)
    flags = [*FLAG.findall(text), ""]
    fit = "".join(_fit(part) + flag for part, flag in zip(parts, flags, strict=True))
    return fit if any(map(_is_seen, fit)) else ""


def _fit(text: str) -> str:
    """Once more after each round: a joiner may be left with nothing to join."""
    while unfit := {place for place, *_ in _unfit_places(text)}:
        text = "".join(character for place, character in enumerate(text) if place not in unfit)
    return text


def _unfit(name: str) -> Iterator[tuple[str, str]]:
    """The characters that are not fit, and what is wrong with each."""
    return ((character, wrong) for _, character, wrong in _unfit_places(name))


def _unfit_places(name: str) -> Iterator[tuple[int, str, str]]:
    """The same with where each of them stands."""
    for place, character in enumerate(name):
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp"}:
            yield place, character, "controls the text instead of being part of it"
        elif character in TURNING:
            yield place, character, "turns the text around"
        elif character in JOINERS:
            if not _may_join(name[:place][-1:], name[place + 1 :][:1]):
                yield place, character, "is not seen, and joins nothing where it stands"
        elif character in BLANK or (category == "Cf" and character not in HARMLESS):
            yield place, character, "is not seen"


def _may_join(before: str, after: str) -> bool:
    """Whether a joiner makes sense between two characters, either of which may be missing."""
    if before and unicodedata.combining(before) == VIRAMA:
        return True
    return all(one and not one.isascii() and _is_inked(one) for one in (before, after))


def _is_inked(character: str) -> bool:
    """Whether a joiner beside it may show."""
    return unicodedata.category(character)[0] not in "CZ" and not unicodedata.name(character, "").startswith(UNJOINED)


def _is_seen(character: str) -> bool:
    """Whether it shows by itself."""
    return unicodedata.category(character)[0] in "LNPS" and character not in BLANK
