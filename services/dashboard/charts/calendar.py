"""A calendar of weeks: on which days promises come due."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from services.reading.promise_lines import PromiseLine

FULL = 4
"""From so many on a day is as dark as it gets."""


class Day(Struct, frozen=True, kw_only=True):
    """A day and what comes due on it."""

    date: date
    due: tuple[PromiseLine, ...]
    is_today: bool
    is_past: bool

    @property
    def level(self) -> int:
        """How dark it is shown, from 0 to ``FULL``."""
        return min(FULL, len(self.due))


def weeks_of(now: datetime, days: int, lines: Iterable[PromiseLine]) -> list[list[Day]]:
    """Whole weeks, Monday first, from the one of now on. What was due before stands in no day."""
    today = now.astimezone(UTC).date()
    by_day: dict[date, list[PromiseLine]] = {}
    for line in lines:
        if line.due is not None:
            by_day.setdefault(line.due.astimezone(UTC).date(), []).append(line)
    monday = today - timedelta(days=today.weekday())
    weeks = range(0, days, 7)
    return [[_day(monday + timedelta(days=start + place), today, by_day) for place in range(7)] for start in weeks]


def _day(day: date, today: date, by_day: dict[date, list[PromiseLine]]) -> Day:
    return Day(date=day, due=tuple(by_day.get(day, ())), is_today=day == today, is_past=day < today)
