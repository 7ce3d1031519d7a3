"""message-db: an event store in SQL functions, driven over the same driver and as many connections as callers."""

import itertools
import uuid
from collections.abc import Sequence

import asyncpg
import msgspec

from tests.bench.harness import Run, drive
from tests.bench.peers.node import modules

FILES = (
    "roles/message-store",
    "schema/message-store",
    "tables/messages",
    "types/message",
    "functions/message-store-version",
    "functions/hash-64",
    "functions/acquire-lock",
    "functions/category",
    "functions/is-category",
    "functions/id",
    "functions/cardinal-id",
    "functions/stream-version",
    "functions/write-message",
    "indexes/messages-id",
    "indexes/messages-stream",
    "indexes/messages-category",
)
"""What its install.sh runs, in its order, without views, privileges and pgcrypto: PostgreSQL has what it uses of it."""
SEARCH_PATH = "SET search_path TO message_store, public"
WRITE = "SELECT message_store.write_message($1, $2, 'FavourRecorded', $3)"


async def prepare_message_db(connections: Sequence[asyncpg.Connection], categories: int, what: str) -> Run:
    """Append one message per call, to a stream of its own, over so many categories: it locks the category."""
    database = modules() / "@eventide" / "message-db" / "database"
    for opened in connections:
        await opened.execute(SEARCH_PATH)
    for name in FILES:
        await connections[0].execute((database / f"{name}.sql").read_text(encoding="utf-8"))
    writes = [await opened.prepare(WRITE) for opened in connections]
    numbers = itertools.count()
    data = msgspec.json.encode({"what": what, "giver": str(uuid.uuid4()), "receiver": str(uuid.uuid4())}).decode()

    async def once(caller: int) -> None:
        n = next(numbers)
        await writes[caller].fetch(str(uuid.uuid4()), f"favour{n * 7 % categories}-{n}", data)

    return lambda running, seconds: drive(running, seconds, once)
