"""What one process allows its callers: how many requests a key may send, and how long one may take.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. The counting is in memory and each process's own, so
with several workers a key may send up to so many times as much.
"""

import math
import time
from collections.abc import Callable

from msgspec import Struct

POLICY = "key"
BUCKETS_KEPT = 10_000

Place = tuple[str, str]
"""A ledger and the id of one of its keys."""


class Rate(Struct, frozen=True):
    """So many requests in so many seconds, as a token bucket: all of them may come at once, then as it fills again."""

    requests: int
    seconds: int


class Limits(Struct, frozen=True, kw_only=True):
    """How an application treats its callers."""

    rate: Rate | None = None
    """Of each key; ``None``: as many requests as it likes."""
    must_match: bool = False
    """Whether an act has to say with ``If-Match`` which version it builds on."""
    request_s: float = 60.0
    """How long a request may take until its answer begins."""
    statement_s: float = 20.0
    """How long the database may take over one statement of a question."""


class Taken(Struct, frozen=True):
    """How a key stands after a request."""

    rate: Rate
    allowed: bool
    remaining: int
    """How many requests it may send now."""
    full_in_s: int
    """Until it may send all of them again, if it sends none meanwhile."""
    next_in_s: int
    """Until it may send one; 0: now."""

    @property
    def headers(self) -> dict[str, str]:
        """What the response says of it."""
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.rate.requests};w={self.rate.seconds}',
            "RateLimit": f'"{POLICY}";r={self.remaining};t={self.full_in_s}',
        }


class Meter:
    """Counts the requests of keys."""

    def __init__(self, rate: Rate, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._seconds = seconds
        self._per_s = rate.requests / rate.seconds
        self._buckets: dict[Place, tuple[float, float]] = {}
        """By key: how many requests were left, and when that was."""

    def take(self, place: Place) -> Taken:
        """Count a request of a key."""
        now, full = self._seconds(), float(self._rate.requests)
        left, at = self._buckets.get(place, (full, now))
        left = min(full, left + (now - at) * self._per_s)
        if allowed := left >= 1:
            left -= 1
        if place not in self._buckets and len(self._buckets) >= BUCKETS_KEPT:
            self._forget_full(now)
        self._buckets[place] = (left, now)
        wait_s = 0 if left >= 1 else math.ceil((1 - left) / self._per_s)
        return Taken(self._rate, allowed, int(left), math.ceil((full - left) / self._per_s), wait_s)

    def _forget_full(self, now: float) -> None:
        """Keys that may send all their requests again need not be known; should that be none, all start anew."""
        since = now - self._rate.seconds
        self._buckets = {place: bucket for place, bucket in self._buckets.items() if bucket[1] > since}
        if len(self._buckets) >= BUCKETS_KEPT:
            self._buckets.clear()
