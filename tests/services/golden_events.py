"""One event of every topic with every field filled, and the keys under which golden words are sealed."""

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from domain.command import Reference
from domain.event import Event, Posting, Who
from domain.ledger import LEDGER_STREAM
from domain.policy import Cadence, GiftLimits, Policy
from services.ledger.keyring import Keyring
from services.ledger.mapper import Recorded

LEDGER = "golden"
ANNA, BEN, CARLA = (UUID(int=n) for n in (0xA, 0xB, 0xC))
STREAM = UUID(int=0xF)
OCCURRED_AT = datetime(2026, 3, 29, 1, 30, 0, 250_000, UTC)
RECORDED_AT = datetime(2026, 4, 1, tzinfo=UTC)

FIELDS = MappingProxyType(
    {
        "occurred_at": OCCURRED_AT,
        "who": Who("recorder", "k1", ANNA),
        "posting": Posting("minute", 90, 1, -90),
        "policy": Policy(
            units=("favour", "minute"),
            grace_days=3,
            window_days=21,
            half_life_days=180,
            base_rate=0.25,
            quantity_limit=10_000,
            open_promises_limit=12,
            words_kept_days=730,
            cadence=Cadence(close=14, good=60, loose=180),
            gifts=GiftLimits(unit="minute", one=50, year=500),
        ),
        "title": "The village's book, the “Dorfbuch”",
        "party": ANNA,
        "others": (BEN,),
        "kind": "organisation",
        "name": "Bäckerei Čapek & Söhne",
        "references": (Reference("crm", "A-17"), Reference("hr.v2", "0042")),
        "interests": ("Sailing", "Bäume pflanzen"),
        "knows_about": ("keep bees", "Čapek's plays"),
        "findable": True,
        "mail": "anna@village.example",
        "organisation": BEN,
        "into": CARLA,
        "giver": ANNA,
        "receiver": BEN,
        "introducer": ANNA,
        "first": BEN,
        "second": CARLA,
        "promisor": ANNA,
        "promisee": BEN,
        "assessor": CARLA,
        "unit": "minute",
        "quantity": 90,
        "value": -3,
        "fraction": 0.1,
        "side": "promisee",
        "other": CARLA,
        "topic": "woodwork",
        "reworded": True,
        "due": datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
        "behind": True,
        "in_progress": True,
        "initiator": ANNA,
        "channel": "social",
        "felt": 5,
        "learnt": "She knows about hives.",
        "closeness": "loose",
        "limit": 50,
        "led_to": (UUID(int=0x10), UUID(int=0x11)),
        "details": "anna@example.org",
        "why": "Both keep bees.",
        "what": 'Said "yes" \\ no\n\tto 🐝',
        "note": "Naïve, coöperative",
        "reason": "It was another day.",
        "evidence": "https://example.org/minutes?id=7#2",
    }
)
OUTCOMES = MappingProxyType(
    {
        "introduction.outcome_recorded": "led_to",
        "promise.assessed": "promised",
        "promise.settlement_proposed": "partly_kept",
        "promise.settled": "partly_kept",
    }
)
ADDED = MappingProxyType({"promise.made": ("topic",), "favour.recorded": ("topic",)})
"""Fields that came later, by topic: a golden file stays as it was written, without them."""


def keyring() -> Keyring:
    """The keys of the golden ledger: fixed, so that what was sealed once can be opened for ever."""
    ring = Keyring(LEDGER, bytes(range(32)))
    ring.keys.update({party: bytes([party.int]) * 32 for party in (ANNA, BEN, CARLA)})
    ring.begin_day(RECORDED_AT.date(), b"d" * 32)
    return ring


def golden(event_class: type[Event]) -> Recorded:
    """The event of this class that the golden files hold."""
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(event_class):
        fields[field.name] = OUTCOMES[event_class.TOPIC] if field.name == "outcome" else FIELDS[field.name]
    if event_class.TOPIC == "promise.declined":
        fields["reason"] = "improper"
    for name in ADDED.get(event_class.TOPIC, ()):
        del fields[name]
    stream = LEDGER_STREAM if event_class.TOPIC.startswith("ledger.") else STREAM
    return Recorded(LEDGER, stream, 7, RECORDED_AT, event_class(**fields))
