"""Orders that came before: found by their idempotency key, answered as the first time."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.database.ledgers import Reads
from services.database.pool import load_sql
from services.ledger.book import Shelf
from services.ledger.decision import hash_body, hash_key
from services.ledger.order import IdempotencyMismatchError, Order, Receipt, ReceiptEvent, notices_of


async def find_repeated(
    connection: asyncpg.Connection, shelf: Shelf, orders: Sequence[Order], now: datetime
) -> list[Receipt | IdempotencyMismatchError | None]:
    """For each order: its first receipt, an error where its key stands for another command, or ``None`` if new.

    Keys past their time are forgotten on the way. Runs with the heads locked, so that nothing changes meanwhile.
    """
    places = _places(shelf, orders)
    ledger_ids, keys = _columns(places)
    if not keys:
        return [None] * len(orders)
    await connection.execute(load_sql("services/ledger/sql/forget_keys.sql"), ledger_ids, keys, now)
    rows = await connection.fetch(load_sql("services/ledger/sql/idempotency.sql"), ledger_ids, keys)
    found = {(row["ledger_id"], row["key"]): row for row in rows}
    receipts = await _first_receipts(connection, rows)
    outcomes: list[Receipt | IdempotencyMismatchError | None] = []
    for order, place in zip(orders, places, strict=True):
        row = None if place is None else found.get(place)
        book = shelf.get(order.ledger_id)
        if row is None or book is None:
            outcomes.append(None)
        elif row["body"] != hash_body(book.keyring, order):
            outcomes.append(IdempotencyMismatchError())
        else:
            outcomes.append(receipts[row["ledger_id"], row["key"]])
    return outcomes


async def find_known(reads: Reads, shelf: Shelf, orders: Sequence[Order]) -> list[bool]:
    """For each order: whether its key is known, so that it may be a repeat."""
    places = _places(shelf, orders)
    ledger_ids, keys = _columns(places)
    if not keys:
        return [False] * len(orders)
    rows = await reads.fetch(load_sql("services/ledger/sql/idempotency.sql"), ledger_ids, keys)
    known = {(row["ledger_id"], row["key"]) for row in rows}
    return [place in known for place in places]


def _places(shelf: Shelf, orders: Sequence[Order]) -> list[tuple[str, bytes] | None]:
    """Where each order's key would be; ``None`` without a key or a ledger."""
    books = [shelf.get(order.ledger_id) if order.idempotency_key is not None else None for order in orders]
    return [
        None if book is None else (book.ledger_id, hash_key(book.keyring, order))
        for order, book in zip(orders, books, strict=True)
    ]


def _columns(places: Sequence[tuple[str, bytes] | None]) -> tuple[list[str], list[bytes]]:
    keyed = [place for place in places if place is not None]
    return [ledger_id for ledger_id, _ in keyed], [key for _, key in keyed]


async def _first_receipts(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]
) -> dict[tuple[str, bytes], Receipt]:
    """The answers of the first time by ledger and key, put together from the events they led to."""
    columns = [[row[name] for row in rows] for name in ("ledger_id", "stream_id", "position", "events")]
    led_to: dict[int, list[asyncpg.Record]] = {}
    for event in await connection.fetch(load_sql("services/ledger/sql/receipts.sql"), *columns):
        led_to.setdefault(event["n"], []).append(event)
    return {(row["ledger_id"], row["key"]): _first_receipt(row, led_to[n]) for n, row in enumerate(rows, 1)}


def _first_receipt(row: asyncpg.Record, led_to: Sequence[asyncpg.Record]) -> Receipt:
    """One of them; ``led_to`` are its stream's last events, newest first."""
    events = [ReceiptEvent(one["position"], one["topic"]) for one in reversed(led_to)]
    led_to_these = tuple(events[-row["events"] :]) if row["events"] else ()
    return Receipt(
        ledger=row["ledger_id"],
        id=row["stream_id"],
        version=led_to[0]["version"],
        position=row["position"],
        recorded_at=led_to[0]["recorded_at"],
        events=led_to_these,
        notices=notices_of(led_to_these),
    )
