"""The event catalogue says what the code says."""

import msgspec

from domain.catalogue import ACTS, TOPICS
from domain.causes import LEADS_TO, POSTING
from tests.docs.events import FILE, write
from tests.docs.fields import MEANINGS


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == write(), "uv run just events"


def test_every_act_leads_somewhere_and_every_event_comes_from_one() -> None:
    assert LEADS_TO.keys() == ACTS.keys()
    assert {topic for topics in LEADS_TO.values() for topic in topics} == TOPICS.keys()
    assert TOPICS.keys() >= POSTING


def test_no_meaning_is_left_over() -> None:
    fields = {(topic, field.name) for topic, event in TOPICS.items() for field in msgspec.structs.fields(event)}
    names = {name for _, name in fields}
    assert {key for key in MEANINGS if "." not in key} <= names
    assert {tuple(key.rsplit(".", 1)) for key in MEANINGS if "." in key} <= fields
