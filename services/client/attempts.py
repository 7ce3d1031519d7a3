"""When a call is tried again, and after which pause."""

import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from msgspec import Struct

PASSING = frozenset({429, 502, 503, 504})
"""The statuses that say: not now."""
UNDER_WAY = "still_under_way"
"""The code that says: the same write, by its key, is not answered as yet."""


class Retries(Struct, frozen=True, kw_only=True):
    """How often and how long a call is tried: reads, and writes that have an idempotency key.

    The pause before the n-th repetition is drawn between 0 and ``first_s`` doubled n-1 times, at most ``longest_s``
    ("full jitter"), and at least what ``Retry-After`` asks for.
    """

    tries: int = 6
    first_s: float = 0.25
    longest_s: float = 8.0
    within_s: float = 60.0
    """No try is begun later than this after the first."""


PATIENT = Retries()
NEVER = Retries(tries=1)
"""For who would rather repeat calls on his own."""


class Attempts:
    """The tries of one call."""

    def __init__(self, retries: Retries, *, repeatable: bool) -> None:
        self._retries = retries
        self._left = retries.tries - 1 if repeatable else 0
        self._longest_s = retries.first_s
        self._until = time.monotonic() + retries.within_s

    def pause_s(self, response: httpx.Response | None) -> float | None:
        """How long to wait before the next try, after a response or none; ``None``: this one is the answer."""
        if not self._left or not (response is None or _is_passing(response)):
            return None
        self._left -= 1
        pause_s = random.uniform(0, min(self._longest_s, self._retries.longest_s))  # noqa: S311 - only spreads the load
        self._longest_s *= 2
        if response is not None:
            pause_s = max(pause_s, retry_after_s(response.headers.get("Retry-After", ""), datetime.now(UTC)))
        return pause_s if time.monotonic() + pause_s < self._until else None


def _is_passing(response: httpx.Response) -> bool:
    if response.status_code in PASSING:
        return True
    return response.status_code == 409 and UNDER_WAY.encode() in response.content


def retry_after_s(header: str, now: datetime) -> float:
    """How many seconds a ``Retry-After`` header asks to wait (RFC 9110, 10.2.3); 0 where it says nothing."""
    if header.isascii() and header.isdecimal():
        return float(header[:9])
    try:
        moment = parsedate_to_datetime(header)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return 0.0
