"""A clock that can be put forward."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the machine's time, and what was added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def put_forward(self, **time: float) -> None:
        """Let this much time go by."""
        self._ahead += timedelta(**time)
