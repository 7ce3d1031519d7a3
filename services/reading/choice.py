"""Which events of a log are wanted: by topic, and by a party that they are about."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from domain.catalogue import STREAM_TYPES, TOPICS
from services.reading.question import BadQuestionError

PATTERNS_LIMIT = 50
EVERY = "*"


class Choice(Struct, frozen=True):
    """The events that are wanted; ``None`` leaves open what it says."""

    topics: frozenset[str] | None = None
    party: UUID | None = None

    @property
    def is_all(self) -> bool:
        """Whether every event is wanted."""
        return self.topics is None and self.party is None

    def fits(self, topic: str, parties: Iterable[UUID]) -> bool:
        """Whether an event is wanted."""
        return (self.topics is None or topic in self.topics) and (self.party is None or self.party in parties)


ALL = Choice()


def topics_of(patterns: Sequence[str] | None, parameter: str = "topic") -> frozenset[str] | None:
    """The topics that patterns mean: ``favour.recorded``, or ``favour.*`` for all of a stream's.

    ``None`` stands for all, as no patterns do, and ``*``. Raises ``BadQuestionError`` where there is no such topic.
    """
    if not patterns or EVERY in patterns:
        return None
    return frozenset(topic for pattern in patterns for topic in _meant(pattern, parameter))


def _meant(pattern: str, parameter: str) -> Iterable[str]:
    if pattern in TOPICS:
        return (pattern,)
    stream, _, rest = pattern.partition(".")
    if rest == "*" and any(kind.name == stream for kind in STREAM_TYPES):
        return (topic for topic in TOPICS if topic.startswith(f"{stream}."))
    raise BadQuestionError(
        parameter,
        "There is no such topic; give one as 'favour.recorded', all of a kind of stream as 'favour.*', or '*'.",
    )
