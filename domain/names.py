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


def _unfit(name: str) -> Iterator[tuple[str, str]]:
    """The characters that are not fit, and what is wrong with each."""
    for place, character in enumerate(name):
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp"}:
            yield character, "controls the text instead of being part of it"
        elif character in TURNING:
            yield character, "turns the text around"
        elif character in JOINERS:
            if not _may_join(name[:place][-1:], name[place + 1 :][:1]):
                yield character, "is not seen, and joins nothing where it stands"
        elif character in BLANK or (category == "Cf" and character not in HARMLESS):
            yield character, "is not seen"


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
