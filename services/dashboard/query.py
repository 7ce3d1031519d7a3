"""What an address or a form says, field by field; a field that is empty is not there.

Forms send every field, also those that were left alone, so an empty one means nothing rather than an empty text.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.dashboard.errors import PageError
from services.dashboard.language import translate as _
from services.reading.as_of import NOW, Asked, Clock, parse_asked, write_moment
from services.reading.pages import CURSOR_LENGTH, Page

TEXT_LIMIT = 200


class Query:
    """The fields of an address."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.fields: Mapping[str, str] = {name: value.strip() for name, value in fields if value.strip()}

    def text(self, name: str, limit: int = TEXT_LIMIT) -> str | None:
        """A text of so many characters at most. Raises ``PageError``."""
        value = self.fields.get(name)
        if value is not None and (len(value) > limit or "\0" in value):
            raise misread(name)
        return value

    def party(self, name: str) -> UUID | None:
        """An id. Raises ``PageError``."""
        value = self.text(name)
        try:
            return None if value is None else UUID(value)
        except ValueError:
            raise misread(name) from None

    def one_of(self, name: str, choices: Sequence[str]) -> str | None:
        """One of several words. Raises ``PageError``."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise misread(name)
        return value

    def number(self, name: str) -> int | None:
        """A whole number. Raises ``PageError``."""
        value = self.text(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) <= 18):
            raise misread(name)
        return int(value)

    def page(self, limit: int) -> Page:
        """The page that begins after the place named, of so many items."""
        return Page(self.text("after", CURSOR_LENGTH), limit)

    def asked(self, now: datetime) -> Asked:
        """The moment asked about: the end of a day (``as_of``), a time, a position or both, by either clock.

        Raises ``PageError``, and ``BadQuestionError`` where that makes no sense.
        """
        value = self.text("as_of")
        clock: Clock = "occurred" if self.one_of("clock", ("recorded", "occurred")) == "occurred" else "recorded"
        if value is None:
            return NOW
        if value.isascii() and value.isdecimal():
            return Asked(position=int(value))
        if len(value) == 10:
            day = read_date(value)
            if day is None:
                raise misread("as_of")
            value = write_moment(day)
        asked = parse_asked(value, clock)
        moment = asked.recorded or asked.occurred
        return NOW if moment is not None and moment > now and asked.position is None else asked


def read_date(text: str, zone: str | None = None) -> datetime | None:
    """The end of a day, in a zone; UTC where none is named. ``None`` where the text is no date."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        midnight = datetime.combine(day, time(), tzinfo=zone_of(zone)) + timedelta(days=1)
        return (midnight - timedelta(seconds=1)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_time(text: str, zone: str | None = None) -> datetime | None:
    """A time of a day without a zone, as browsers send it, in a zone. ``None`` where the text is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or zone_of(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zone_of(name: str | None) -> ZoneInfo:
    """A time zone by its name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def misread(name: str) -> PageError:
    """What is said of a field that makes no sense."""
    return PageError(
        400, _("This address cannot be read"), _("Its field %(name)s makes no sense. Go back and try again.", name=name)
    )
