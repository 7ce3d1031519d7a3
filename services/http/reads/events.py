"""Reading the log itself: for keys with the scope ``audit``, since it keeps nothing back.

A page of it, a page that waits until there is something (long polling), or a stream that does not end (server-sent
events); each in our own form or in that of CloudEvents.
"""

import functools
import time
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import FromPath, HeaderParameter, PathParameter, QueryParameter
from msgspec import Struct

from services.access.keys import AccessKey
from services.feeds.cloud_events import BATCH, ONE, cloud_event
from services.feeds.feed import Feed
from services.feeds.stream import Stream, Wanted
from services.http.guards import admit, provide_access_key, requires
from services.http.problems import ProblemError
from services.http.reads.base import PartyChoice, ReadController, page_after, provide_look, provide_reader
from services.http.streaming import MEDIA_TYPE, StreamResponse
from services.reading.choice import PATTERNS_LIMIT, Choice, topics_of
from services.reading.events import EVENTS_LIMIT, EventAnswer, EventPage, list_events, place_of, read_event
from services.reading.pages import Page
from services.reading.question import BadQuestionError
from services.reading.reader import Reader
from services.reading.snapshot import Look
from services.service import Service

JSON = "application/json"
Form = Literal["plain", "cloudevents"]
FormChoice = Annotated[
    Form,
    QueryParameter(
        name="format",
        description="In our own form, or each event as a CloudEvent 1.0; the header `Accept` may ask for that too.",
        examples=[Example(value="plain")],
    ),
]
WithWords = Annotated[
    bool, QueryParameter(description="Open what people wrote, beside the sealed bytes.", examples=[Example(value=True)])
]
Position = Annotated[int, PathParameter(ge=1, examples=[Example(value=1)])]
Topics = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=60)]] | None,
    QueryParameter(
        name="topic",
        max_items=PATTERNS_LIMIT,
        description="Only these: `favour.recorded`, or `favour.*` for all of a kind of stream. May be given again.",
        examples=[Example(value=["party.*"])],
    ),
]
Wait = Annotated[
    int,
    QueryParameter(
        ge=0,
        le=30,
        description="For how many seconds to wait until there is something to answer, where there is nothing yet.",
        examples=[Example(value=1)],
    ),
]
LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        max_length=40,
        description="Of a stream: the position after which to go on. It counts for more than `after`.",
        examples=[Example(value="1")],
    ),
]


class Telling(Struct, frozen=True, kw_only=True):
    """How the log is to be told: which events, to whom, and in which form."""

    choice: Choice
    words: bool
    reader: Reader
    origin: str | None
    """What the log is called, where the form of CloudEvents is wanted."""


def provide_telling(  # noqa: PLR0913 - each of them is a parameter of the address
    *,
    ledger: FromPath[str],
    request: Request[Any, Any, Any],
    service: NamedDependency[Service],
    reader: NamedDependency[Reader],
    topic: Topics = None,
    party: PartyChoice = None,
    words: WithWords = False,
    form: FormChoice = "plain",
) -> Telling:
    """How the address and its header ask for the log."""
    in_envelopes = form == "cloudevents" or best_of(request, JSON, MEDIA_TYPE, BATCH) == BATCH
    return Telling(
        choice=Choice(topics_of(topic), party),
        words=words,
        reader=reader,
        origin=service.notary.origin(ledger) if in_envelopes else None,
    )


def best_of(request: Request[Any, Any, Any], *offered: str) -> str:
    """The form among those offered that the header ``Accept`` likes best; the first where it likes none."""
    return request.accept.best_match(list(offered), offered[0])


class EventReads(ReadController):
    """The ledger's events by position."""

    path = "/events"
    tags = ["events"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("audit")]  # noqa: RUF012 - the same
    dependencies = {  # noqa: RUF012 - the same
        **ReadController.dependencies,
        "look": Provide(provide_look, sync_to_thread=False),  # it goes on where the primary's bell rings
    }

    @get(
        "/",
        operation_id="event_list",
        summary="The log, by position: a page, a page that waits, or a stream",
        dependencies={
            "page": page_after("1", EVENTS_LIMIT),
            "telling": Provide(provide_telling, sync_to_thread=False),
        },
    )
    async def list(  # noqa: PLR0913 - each of them is a parameter of the address
        self,
        ledger: FromPath[str],
        request: Request[Any, Any, Any],
        look: NamedDependency[Look],
        *,
        page: NamedDependency[Page],
        telling: NamedDependency[Telling],
        access_key: NamedDependency[AccessKey],
        service: NamedDependency[Service],
        wait: Wait = 0,
        last_event_id: LastEventId = None,
    ) -> Response[EventPage]:
        """List events in their canonical form, without a gap; `after` is the position after which to begin.

        With `wait` an answer that would be empty waits until there is something. With `Accept: text/event-stream` the
        answer does not end: a stream of server-sent events, each with its position as its id, which `Last-Event-ID`
        takes up again; `limit` and `wait` mean nothing there. Where only some topics or a party are asked for, a page
        may be empty and yet have a `next`.

        A key that is bound to parties is not shown what is another party's own matter: how one answered to an
        introduction, and how close one says that others are. Such an event is null, and left out where only some are
        asked for.
        """
        if best_of(request, JSON, MEDIA_TYPE, BATCH) == MEDIA_TYPE:
            service.feed.check_room(ledger, access_key.key_id)
            after = place_of(page) if last_event_id is None else _place_told(last_event_id)
            wanted = Wanted(after=after, choice=telling.choice, words=telling.words, origin=telling.origin)
            reader_now = functools.partial(_reader_now, request)
            return StreamResponse(service.feed, access_key, Stream(service.feed, look, wanted, reader_now))
        found = await _waited(request, service.feed, wait, page, functools.partial(_page, look, telling=telling))
        if telling.origin is None:
            return Response(found)
        batch: Any = msgspec.json.encode([cloud_event(telling.origin, item) for item in found.items])
        return Response(batch, media_type=BATCH, headers={"Link": f'<{_next_address(request, found)}>; rel="next"'})

    @get("/{position:int}", operation_id="event_read", summary="One event of the log")
    async def read(  # noqa: PLR0913 - each of them is a parameter of the address
        self,
        ledger: FromPath[str],
        request: Request[Any, Any, Any],
        position: Position,
        look: NamedDependency[Look],
        reader: NamedDependency[Reader],
        *,
        service: NamedDependency[Service],
        words: WithWords = False,
    ) -> Response[EventAnswer]:
        """Read the event at a position in its canonical form, or as a CloudEvent where `Accept` asks for that."""
        async with look() as snapshot:
            answer = await read_event(snapshot, position, words=words, reader=reader)
        if best_of(request, JSON, ONE) == JSON:
            return Response(answer)
        enveloped: Any = msgspec.json.encode(cloud_event(service.notary.origin(ledger), answer.event))
        return Response(enveloped, media_type=ONE)


async def _page(look: Look, page: Page, telling: Telling) -> EventPage:
    async with look() as snapshot:
        return await list_events(snapshot, page, choice=telling.choice, words=telling.words, reader=telling.reader)


async def _waited(
    request: Request[Any, Any, Any], feed: Feed, wait_s: float, page: Page, read: Callable[[Page], Awaitable[EventPage]]
) -> EventPage:
    """The first page from this one on that is not empty, or the last one when the time is over.

    Raises ``ProblemError`` where the key ended meanwhile, ``TooManyReadersError`` where too many wait already.
    """
    found = await read(page)
    if found.items or not wait_s:
        return found
    key = provide_access_key(request)
    until_s = time.monotonic() + min(wait_s, feed.limits.wait_s)
    with feed.room(key.ledger_id, key.key_id):
        async with feed.watching(key.ledger_id) as channel:
            while not found.items and not feed.ended and (left_s := until_s - time.monotonic()) > 0:
                if found.next is not None or await channel.passes(found.position, left_s):
                    found = await read(Page(found.next or str(found.position), page.limit))
    await admit(request, "audit")
    return found


async def _reader_now(request: Request[Any, Any, Any]) -> Reader | None:
    try:
        return provide_reader(await admit(request, "audit"))
    except ProblemError:
        return None


def _next_address(request: Request[Any, Any, Any], found: EventPage) -> str:
    """Where the log goes on after a page, whether or not it goes on already."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    query = urllib.parse.urlencode([*kept, ("after", found.next or found.position)])
    return f"{request.url.path}?{query}"


def _place_told(last_event_id: str) -> int:
    """The position up to which a reader was told. Raises ``BadQuestionError``."""
    try:
        return place_of(Page(last_event_id or None))
    except BadQuestionError:
        raise BadQuestionError("Last-Event-ID", "This is no position; leave it out to begin anew.") from None
