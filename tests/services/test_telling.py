"""Events told in a sentence."""

from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

from domain.catalogue import TOPICS
from domain.event import Event, Posting, Who
from services.dashboard.render import amount, number
from services.dashboard.telling import SENTENCES, tell
from tests.services.golden_events import golden

NAMES = ["Anna", "Ben", "Cara"]


def test_every_event_can_be_told() -> None:
    assert set(SENTENCES) <= set(TOPICS)
    for kind in TOPICS.values():
        event = golden(kind).event
        told = tell(1, event, NAMES[: len(event.parties)], {})
        assert "{" not in told.sentence


class BreadBaked(Event, frozen=True, kw_only=True):
    TOPIC: ClassVar[str] = "bread.baked_again"

    baker: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        return (self.baker,)


def test_a_new_event_is_told_by_its_topic() -> None:
    event = BreadBaked(
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        who=Who("recorder", "k"),
        posting=Posting("loaf", 2, 1),
        baker=UUID(int=1),
    )
    told = tell(7, event, ["Anna"], {"note": "Rye."})
    assert (told.sentence, told.words, told.amount) == ("Bread baked again: Anna", "Rye.", (2, "loaf"))


def test_numbers_read_well() -> None:
    assert number(-1234567) == "\N{MINUS SIGN}1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"
    assert amount(1, "favour") == "1 favour"
    assert amount(3, "minute") == "3 minutes"
    assert amount(3, "eur") == "3 eur"
