"""Walking through all pages of a list."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.reading.pages import Page


async def every(read: Callable[[Page], Awaitable[Any]], limit: int) -> list[Any]:
    """All items of a list, page by page, none of which holds more than it may."""
    found: list[Any] = []
    after = None
    while True:
        page = await read(Page(after, limit))
        assert len(page.items) <= limit
        found += page.items
        after = page.next
        if after is None:
            return found
