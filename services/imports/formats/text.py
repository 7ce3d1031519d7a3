"""Text in files: its encoding, and the forms in which addresses, names and numbers are compared."""

import codecs
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

from babel.numbers import get_currency_precision

from domain.command import Reference
from domain.names import fit_name
from services.imports.formats.reading import (
    NAME_LIMIT,
    UnreadableEntryError,
    UnreadableFileError,
    reference,
)

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ADDRESS = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SPACES = re.compile(r"\s+")
NUMBER = re.compile(r"[+-]?\d[\d.,' \u00a0\u202f]*|[+-]?[.,]\d+")
CURRENCY = re.compile(r"[A-Z]{3}")
DIGITS_LIMIT = 18


def decode(content: bytes) -> str:
    """The text of a file: by its byte order mark; else UTF-8, UTF-16 without a mark, or Windows-1252.

    Control characters, which stand for nothing in text, are left out. Raises ``UnreadableFileError``.
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return _decode(content[len(mark) :], encoding)
    if b"\0" in content:
        return _decode(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    try:
        return CONTROL.sub("", content.decode())
    except UnicodeDecodeError:
        return _decode(content, "cp1252")


def _decode(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFileError("this is not text in UTF-8, UTF-16 or Windows-1252") from None
    if "\0" in text:
        raise UnreadableFileError("this is not text: it has the character U+0000")
    return CONTROL.sub("", text)


def line_of(text: str, limit: int = NAME_LIMIT) -> str:
    """A text in one line: without control characters and superfluous spaces, cut where it is too long."""
    return cut(SPACES.sub(" ", CONTROL.sub("", text)).strip(), limit)


def name_of(text: str) -> str:
    """A name in one line, without characters that no name may have: address books are full of marks nobody sees."""
    return fit_name(line_of(fit_name(SPACES.sub(" ", text))))  # cut off, what was fit may not be


def words_of(text: str, limit: int) -> str | None:
    """A text of several lines, cut where it is too long; ``None`` where it is blank."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return cut(text, limit) or None


def cut(text: str, limit: int) -> str:
    """A text, with an ellipsis where it goes on beyond the limit."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def join_words(*parts: str | None, limit: int) -> str | None:
    """Several texts as paragraphs; ``None`` where all are blank."""
    return words_of("\n".join(part for part in parts if part and part.strip()), limit)


def address_of(text: str) -> Reference | None:
    """An e-mail address as a reference; ``None`` where it is none, an Exchange server's inner name for instance.

    Compared in lower case: servers that tell ``Anna@`` from ``anna@`` are not met with (RFC 5321, 2.4, allows them).
    """
    address = unicodedata.normalize("NFC", text.strip()).casefold().removeprefix("mailto:")
    return reference("email", address) if ADDRESS.fullmatch(address) else None


def addresses_of(texts: "list[str]") -> tuple[Reference, ...]:
    """The e-mail addresses among some texts, each once."""
    return tuple(dict.fromkeys(found for text in texts if (found := address_of(text)) is not None))


def phones_of(texts: "list[str]") -> str:
    """Telephone numbers as they are compared: their digits, sorted."""
    digits = {"".join(char for char in text if char.isdigit()) for text in texts}
    return " ".join(sorted(digits - {""}))


def day_of(day: date) -> datetime:
    """A day's first moment in UTC: files with days say nothing of zones."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def read_time(text: str, *forms: str) -> datetime:
    """A time in one of these forms, in UTC. Raises ``ValueError`` where it is in none."""
    text = SPACES.sub(" ", text).strip()
    for form in forms:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    raise ValueError("no such form")


def read_number(text: str) -> Decimal:
    """A number in whichever locale: with a comma or a point, and thousands set apart or not.

    Where both stand, the last is the decimal sign; one that stands several times is none. Raises ``ValueError``.
    """
    text = text.strip().replace("\u2212", "-")
    if NUMBER.fullmatch(text) is None or len(text) > 2 * DIGITS_LIMIT:
        raise ValueError("not a number")
    text = re.sub(r"[' \u00a0\u202f]", "", text)
    sign = max(",.", key=text.rfind)
    if text.count(sign) > 1:
        sign = ""
    for other in ",.":
        if other != sign:
            text = text.replace(other, "")
    return Decimal(text.replace(",", "."))


def read_money(amount: Decimal, currency: str) -> tuple[str, int]:
    """A currency's unit and the amount in its smallest division (ISO 4217, by the CLDR's precisions).

    Raises ``UnreadableEntryError`` where the currency is none, or the amount has more decimals than it.
    """
    currency = currency.strip().upper()
    if CURRENCY.fullmatch(currency) is None:
        raise UnreadableEntryError("a currency is three letters, such as EUR")
    quantity = amount.scaleb(get_currency_precision(currency))
    if quantity != quantity.to_integral_value():
        raise UnreadableEntryError("the amount has more decimals than its currency")
    return currency.lower(), int(quantity)
