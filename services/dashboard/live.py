"""Live pages: a stream that says of a ledger how far it has got, for as long as somebody looks.

A message says no more than a position: the page then asks for itself again, so what may be seen is decided where it
always is. The process's feed follows the logs, and ends all streams when the process is told to stop.
"""

from collections.abc import AsyncGenerator

from services.access.keys import AccessKey, find_key
from services.service import Service

RETRY_MS = 2_000


async def watch_ledger(service: Service, key: AccessKey) -> AsyncGenerator[bytes]:
    """A ledger's stream as server-sent events: where it is, and each time that it moved on, while the key holds.

    Raises ``TooManyReadersError`` where the key, or this process, has as many readers as it may.
    """
    feed = service.feed
    with feed.room(key.ledger_id, key.key_id):
        async with feed.watching(key.ledger_id) as channel:
            yield f"retry: {RETRY_MS}\n\n".encode()
            told = 0
            while not feed.ended:
                if await channel.passes(told, feed.limits.heartbeat_s):
                    told = channel.head
                    yield f"id: {told}\nevent: moved\ndata: {told}\n\n".encode()
                    continue
                stored = await find_key(service.ledgers, key.ledger_id, key.key_id)
                if stored is None or not stored.key.holds_at(service.clock()):
                    return
                yield b": alive\n\n"
