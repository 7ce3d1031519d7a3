"""vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): every card becomes a party.

vobject reads the cards. Before it does, each is cut out by itself, so that a broken one spoils no other; what it has
no use for here (pictures, keys) is left behind; and quoted-printable text, whose soft line breaks vobject does not
follow within folded lines, is decoded.
"""

import logging
import quopri
import re
from collections.abc import Iterator

import vobject
from vobject.base import VObjectError

from domain.command import Reference
from services.imports.formats.reading import (
    NOTE_LIMIT,
    REFERENCE_LIMIT,
    Item,
    LeftOutError,
    Person,
    Told,
    UnreadableEntryError,
    UnreadableFileError,
    reference,
    settle,
)
from services.imports.formats.text import CONTROL, addresses_of, decode, join_words, line_of, name_of, phones_of

BEGIN, END = re.compile(r"begin\s*:\s*vcard\s*", re.IGNORECASE), re.compile(r"end\s*:\s*vcard\s*", re.IGNORECASE)
PROPERTY = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<parameters>(?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(?P<value>.*)", re.DOTALL
)
QUOTED_PRINTABLE = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:]|$)", re.IGNORECASE)
CHARSET = re.compile(r";CHARSET=\"?([\w.:-]+)\"?", re.IGNORECASE)
TAKEN = frozenset(
    ["VERSION", "N", "FN", "NICKNAME", "EMAIL", "TEL", "UID", "ORG", "TITLE", "ROLE", "NOTE", "KIND", "X-ABSHOWAS"]
)
STRUCTURED = frozenset(["N", "ORG"])
BASE64 = re.compile(r";(?:ENCODING=)?(?:B|BASE64)(?=;|$)", re.IGNORECASE)
BARE_COMMA = re.compile(r"(?<!\\),")
"""A comma that stands for itself, as Gmail and Outlook write it; vobject ends the text there."""
LINE_LIMIT = 65_536
logging.getLogger("vobject.base").disabled = True  # it would write lines of the card to the log
BROKEN = (VObjectError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What vobject raises on cards that are none."""


def recognise(content: bytes) -> bool:
    """Whether the file begins with a card."""
    try:
        return BEGIN.fullmatch(next(iter(decode(content[:65_536]).lstrip().splitlines()), "")) is not None
    except UnreadableFileError:
        return False


def read(content: bytes, told: Told) -> Iterator[Item]:
    """The people of a file of cards; an entry's place is the card's number."""
    del told
    number = 0
    for number, card in enumerate(_cards(decode(content)), 1):
        yield from settle(number, _person(card))
    if not number:
        raise UnreadableFileError("there is no card in it: no line BEGIN:VCARD")


def _cards(text: str) -> Iterator[list[str] | None]:
    """The lines of each card, unfolded; ``None`` for one that does not end."""
    card: list[str] | None = None
    for line in re.split(r"\r\n|\n|\r", text):
        if BEGIN.fullmatch(line):
            if card is not None:
                yield None
            card = []
        elif card is None:
            continue
        elif END.fullmatch(line):
            yield card
            card = None
        elif line[:1] in (" ", "\t") and card:
            if len(card[-1]) < LINE_LIMIT:
                card[-1] += line[1:]
        elif card and card[-1].endswith("=") and QUOTED_PRINTABLE.search(card[-1].partition(":")[0]):
            card[-1] = card[-1][:-1] + line
        else:
            card.append(line)
    if card is not None:
        yield None


def _plain(lines: list[str]) -> Iterator[str]:
    """The properties that are of use, decoded."""
    for line in lines:
        found = PROPERTY.fullmatch(line[:LINE_LIMIT])
        if found is None or found["name"].upper() not in TAKEN:
            continue
        parameters, value = found["parameters"], found["value"]
        if QUOTED_PRINTABLE.search(parameters):
            value = _from_quoted_printable(value, parameters)
        if found["name"].upper() not in STRUCTURED:
            value = BARE_COMMA.sub(r"\\,", value)
        # Of parameters vobject gets none but this: it takes for ever over many that are not quite right.
        encoding = ";ENCODING=b" if BASE64.search(parameters) else ""
        yield f"{found['name']}{encoding}:{value}"


def _from_quoted_printable(value: str, parameters: str) -> str:
    """The text that stands for itself; its line breaks as vCard 3.0 writes them."""
    charset = CHARSET.search(parameters)
    raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    try:
        text = raw.decode("utf-8" if charset is None else charset[1])
    except (UnicodeDecodeError, LookupError):
        text = raw.decode("cp1252", "replace")
    return re.sub(r"\r\n|\r|\n", r"\\n", CONTROL.sub("", text))


def _person(lines: list[str] | None) -> Iterator[Person]:
    if lines is None:
        raise UnreadableEntryError("the card does not end: a line END:VCARD is missing")
    try:
        text = "\r\n".join(["BEGIN:VCARD", *_plain(lines), "END:VCARD", ""])
        card = vobject.readOne(text, ignoreUnreadable=True)
        texts = {name: [_text(line.value) for line in found] for name, found in card.contents.items()}
        parts = _name_parts(card)
    except BROKEN:
        raise UnreadableEntryError("not a vCard that can be read") from None

    def first(name: str) -> str:
        return next((text for text in texts.get(name, ()) if text.strip()), "")

    kind = first("kind").strip().lower()
    if kind == "group":
        raise LeftOutError("a group of other cards")
    organisation = kind == "org" or first("x-abshowas").strip().upper() == "COMPANY"
    emails, org = texts.get("email", []), name_of(first("org"))
    name = name_of(first("fn")) or name_of(parts) or name_of(first("nickname"))
    if not name and org:
        name, organisation = org, True
    name = name or name_of(next(iter(emails), ""))
    if not name:
        raise UnreadableEntryError("the card names nobody: FN, N, ORG and EMAIL are empty")
    work = ", ".join(part for part in (line_of(first("title")), org if org != name else "") if part)
    yield Person(
        name,
        (*_uid(first("uid")), *addresses_of(emails)),
        "organisation" if organisation else "person",
        join_words(work, first("note"), limit=NOTE_LIMIT),
        phones_of(texts.get("tel", [])),
    )


def _uid(uid: str) -> tuple[Reference, ...]:
    """The card's own id; the prefix that some address books put before it is none of it."""
    uid = line_of(uid, 4 * REFERENCE_LIMIT).removeprefix("urn:uuid:")
    return (reference("vcard", uid),) if uid else ()


def _name_parts(card: vobject.base.Component) -> str:
    """What N says, as it is spoken."""
    if not hasattr(card, "n") or not isinstance(card.n.value, vobject.vcard.Name):
        return ""
    name = card.n.value
    return " ".join(_text(part) for part in (name.prefix, name.given, name.additional, name.family, name.suffix))


def _text(value: object) -> str:
    """A value as text; one of several parts with commas in between."""
    if isinstance(value, list | tuple):
        return ", ".join(part for one in value if (part := _text(one).strip()))
    return value if isinstance(value, str) else str(value)
