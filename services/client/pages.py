"""Lists that go on: iterate over all their items, or take them by the page."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Generic, Protocol, TypeVar

from msgspec.structs import replace

from services.client.transport import AsyncTransport, Call, Transport

ItemT_co = TypeVar("ItemT_co", covariant=True)
PageT = TypeVar("PageT", bound="AnyPage")


class AnyPage(Protocol):
    """A part of a list."""

    @property
    def items(self) -> tuple[Any, ...]:
        """What is on the page."""

    @property
    def next(self) -> str | None:
        """The ``after`` of the page that follows, where there is one."""


class Pages(Generic[ItemT_co, PageT]):
    """A list of the service's; nothing is fetched before it is asked for. May be gone through more than once."""

    def __init__(self, transport: Transport, call: Call, page: type[PageT]) -> None:
        self._transport = transport
        self._call = call
        self._page = page

    def __iter__(self) -> Iterator[ItemT_co]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[PageT]:
        """Every page, from the one that the call asked for."""
        page = self.page()
        yield page
        while page.next is not None:
            page = self._transport.send(after(self._call, page.next), self._page)
            yield page

    def page(self) -> PageT:
        """The one page that the call asked for."""
        return self._transport.send(self._call, self._page)


class AsyncPages(Generic[ItemT_co, PageT]):
    """The same, awaited."""

    def __init__(self, transport: AsyncTransport, call: Call, page: type[PageT]) -> None:
        self._transport = transport
        self._call = call
        self._page = page

    async def __aiter__(self) -> AsyncIterator[ItemT_co]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[PageT]:
        """Every page, from the one that the call asked for."""
        page = await self.page()
        yield page
        while page.next is not None:
            page = await self._transport.send(after(self._call, page.next), self._page)
            yield page

    async def page(self) -> PageT:
        """The one page that the call asked for."""
        return await self._transport.send(self._call, self._page)


def after(call: Call, cursor: str) -> Call:
    """The same call from a cursor on."""
    return replace(call, query={**call.query, "after": cursor})
