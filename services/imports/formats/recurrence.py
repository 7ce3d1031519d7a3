"""When a recurring meeting took place: its rule expanded (RFC 5545, 3.8.5) within a window, and never without end.

dateutil expands the rules. It looks for the next occurrence until the year 9999, so a rule that has none keeps it for
up to a second; a rule of hours, minutes or seconds would for much longer, is of no meeting, and is refused.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo

from dateutil.rrule import rrulestr

from services.imports.formats.reading import UnreadableEntryError, UnreadableFileError

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
OCCURRENCES_LIMIT = 20_000
"""Of one meeting, within the window and before it: a daily one has as many in 54 years."""
SECONDS_LIMIT = 20.0
"""Of computing, for all rules of a file."""
RULE_LIMIT = 1_000


class Expander:
    """Expands the rules of one file."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since = since
        self.until = until
        self._spent_s = 0.0

    def expand(self, start: datetime, rule: str) -> Iterator[datetime]:
        """The occurrences of a rule between the two moments, in UTC, the first of all being ``start``.

        They keep their time of day in the zone of ``start``. Raises ``UnreadableEntryError`` where the rule is none,
        and ``UnreadableFileError`` where the file's rules take too long.
        """
        parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
        if parts.get("FREQ") not in FREQUENCIES or len(rule) > RULE_LIMIT:
            raise UnreadableEntryError(
                f"it recurs by a rule that is none of meetings; they are {', '.join(FREQUENCIES)}"
            )
        zone = start.tzinfo or UTC
        try:
            until = parts.pop("UNTIL", None)
            last = self.until if until is None else min(self.until, _until(until, zone))
            local = rrulestr(
                ";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start.replace(tzinfo=None)
            )
            yield from self._within(iter(local), zone, last)
        except (ValueError, TypeError, AttributeError, OverflowError, ZeroDivisionError):
            raise UnreadableEntryError("it recurs by a rule that cannot be read") from None

    def _within(self, occurrences: Iterator[datetime], zone: tzinfo, last: datetime) -> Iterator[datetime]:
        for _ in range(OCCURRENCES_LIMIT):
            begun = time.thread_time()
            local = next(occurrences, None)
            self._spent_s += time.thread_time() - begun
            if self._spent_s > SECONDS_LIMIT:
                raise UnreadableFileError(f"its recurring meetings take more than {SECONDS_LIMIT:.0f} s to work out")
            if local is None:
                return
            moment = local.replace(tzinfo=zone).astimezone(UTC)
            if moment > last:
                return
            if moment >= self.since:
                yield moment
        raise UnreadableEntryError(f"it recurs more than {OCCURRENCES_LIMIT:,} times until now")


def _until(text: str, zone: tzinfo) -> datetime:
    """The last moment that a rule allows; a day counts whole."""
    if len(text) == len("20261231"):
        day = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - the zone follows
        return day.replace(hour=23, minute=59, second=59, tzinfo=zone).astimezone(UTC)
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the same
    return moment.replace(tzinfo=UTC if text.endswith("Z") else zone).astimezone(UTC)


def in_utc(moment: date, zone: tzinfo = UTC) -> datetime:
    """A moment in UTC: a day's first; one without a zone is taken to be of the calendar's.

    Raises ``UnreadableEntryError`` where it lies outside the years 1 to 9999.
    """
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    try:
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise UnreadableEntryError("its time lies outside the years 1 to 9999") from None


def without(moments: Iterable[datetime], left_out: Iterable[date]) -> Iterator[datetime]:
    """The moments but those left out, by their time or, where only a day is given, by their day."""
    times = {in_utc(one) for one in left_out if isinstance(one, datetime)}
    days = {one for one in left_out if not isinstance(one, datetime)}
    return (one for one in moments if one not in times and one.date() not in days)
