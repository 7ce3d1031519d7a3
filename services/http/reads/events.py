"""Reading the log itself: for keys with the scope ``audit``, since it keeps nothing back."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from services.http.guards import requires
from services.http.reads.base import ReadController, page_after
from services.reading.events import EVENTS_LIMIT, EventAnswer, EventPage, list_events, read_event
from services.reading.pages import Page
from services.reading.reader import Reader
from services.reading.snapshot import Look

WithWords = Annotated[
    bool, QueryParameter(description="Open what people wrote, beside the sealed bytes.", examples=[Example(value=True)])
]
Position = Annotated[int, PathParameter(ge=1, examples=[Example(value=1)])]


class EventReads(ReadController):
    """The ledger's events by position."""

    path = "/events"
    tags = ["events"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("audit")]  # noqa: RUF012 - the same

    @get(
        "/",
        operation_id="event_list",
        summary="The log, by position",
        dependencies={"page": page_after("1", EVENTS_LIMIT)},
    )
    async def list(
        self,
        look: NamedDependency[Look],
        page: NamedDependency[Page],
        reader: NamedDependency[Reader],
        *,
        words: WithWords = False,
    ) -> EventPage:
        """List events in their canonical form, without a gap; `after` is the position after which to begin.

        A key that is bound to parties is not shown what is another party's own matter: how one answered to an
        introduction, and how close one says that others are. Such an event is null.
        """
        async with look() as snapshot:
            return await list_events(snapshot, page, words=words, reader=reader)

    @get("/{position:int}", operation_id="event_read", summary="One event of the log")
    async def read(
        self,
        position: Position,
        look: NamedDependency[Look],
        reader: NamedDependency[Reader],
        *,
        words: WithWords = False,
    ) -> EventAnswer:
        """Read the event at a position in its canonical form."""
        async with look() as snapshot:
            return await read_event(snapshot, position, words=words, reader=reader)
