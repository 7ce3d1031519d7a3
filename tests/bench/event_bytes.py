"""Canonical event bytes as JSON, and what they would be as msgpack: size, and time to encode and decode.

``uv run python -m tests.bench.event_bytes``. The figures stand in docs/decisions/event-bytes.md.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import uuid_utils.compat as uuid_utils
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from domain.event import Event, Posting, Who
from domain.favour.events import FavourRecorded
from domain.promise.events import PromiseMade
from services.ledger.keyring import Keyring
from services.ledger.mapper import _Read, _Written, encode

ROUNDS = 15
TIMES = 20_000
NOW = datetime(2026, 1, 31, 12, 34, 56, 789012, tzinfo=UTC)
A, B, C, STREAM = (UUID(str(uuid_utils.uuid7())) for _ in range(4))
WHO = Who("recorder", "k1b2c3d4")
EVENTS = (
    FavourRecorded(
        occurred_at=NOW,
        who=WHO,
        giver=A,
        receiver=B,
        posting=Posting("favour", 1, 1),
        what="Drove the children to school for a week",
    ),
    PromiseMade(
        occurred_at=NOW,
        who=WHO,
        promisor=A,
        promisee=B,
        assessor=C,
        unit="favour",
        quantity=1,
        due=NOW,
        what="To mend the roof of the barn before the snow",
    ),
)
FORMS: dict[str, tuple[Callable[[Any], bytes], Any]] = {
    "json": (msgspec.json.Encoder().encode, msgspec.json.Decoder),
    "msgpack": (msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder),
    "msgpack, binary ids": (msgspec.msgpack.Encoder(uuid_format="bytes").encode, msgspec.msgpack.Decoder),
}


def per_call_ns(call: Callable[[], object]) -> float:
    """How long one of many calls takes."""
    start = time.perf_counter_ns()
    for _ in range(TIMES):
        call()
    return (time.perf_counter_ns() - start) / TIMES


def compare(event: Event, keyring: Keyring, table: Table) -> dict[str, float]:
    """One event in every form: rows for people, ratios to JSON for the last line."""
    words = {name: value for name in event.WORDS if (value := getattr(event, name)) is not None}
    sealed = keyring.seal(event.subjects, NOW.date(), STREAM, 1, words)
    bare = replace(event, **dict.fromkeys(words))
    written = _Written("village", STREAM, 1, event.TOPIC, event.VERSION, NOW, bare, sealed)
    sizes = {form: len(encoder(written)) for form, (encoder, _) in FORMS.items()}
    encoding: dict[str, list[float]] = {form: [] for form in FORMS}
    decoding: dict[str, list[float]] = {form: [] for form in FORMS}
    whole = []
    for _ in range(ROUNDS):
        for form, (encoder, decoder) in FORMS.items():
            data, outer, inner = encoder(written), decoder(_Read).decode, decoder(type(event)).decode
            encoding[form].append(per_call_ns(lambda encoder=encoder: encoder(written)))  # type: ignore[misc]
            decoding[form].append(per_call_ns(lambda d=data, o=outer, i=inner: i(o(d).event)))  # type: ignore[misc]
        whole.append(per_call_ns(lambda: encode("village", STREAM, 1, NOW, event, keyring)))
    ratios: dict[str, float] = {}
    for form in FORMS:
        size = sizes[form] / sizes["json"]
        write = statistics.median(a / b for a, b in zip(encoding[form], encoding["json"], strict=True))
        read = statistics.median(a / b for a, b in zip(decoding[form], decoding["json"], strict=True))
        table.add_row(event.TOPIC, form, str(sizes[form]), f"{size:.2f}", f"{write:.2f}", f"{read:.2f}")
        if form != "json":
            name = f"{event.TOPIC} {form}"
            ratios |= {f"{name} size": size, f"{name} encode": write, f"{name} decode": read}
    share = statistics.median(a / b for a, b in zip(encoding["json"], whole, strict=True))
    return {**ratios, f"{event.TOPIC} json_per_sealing_and_json": share}


def main() -> None:
    """Print the comparison; the last line is JSON."""
    keyring = Keyring("village", os.urandom(32))
    keyring.keys |= {party: os.urandom(32) for party in (A, B, C)}
    keyring.begin_day(NOW.date(), os.urandom(32))
    table = Table(
        "event", "form", "bytes", "size", "encode", "decode", title="Each per JSON, medians of interleaved rounds"
    )
    figures: dict[str, float] = {}
    for event in EVENTS:
        figures |= compare(event, keyring, table)
    Console().print(table)
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


if __name__ == "__main__":
    main()
