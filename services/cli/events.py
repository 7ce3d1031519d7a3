"""``requite events``: a ledger's log, event by event, and what is recorded as it is recorded."""

import functools
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from services.cli.ledgers import print_plainly, require_ledger
from services.cli.running import running_service
from services.feeds.cloud_events import cloud_event
from services.ledger.mapper import decode
from services.reading.choice import Choice, topics_of
from services.reading.events import EVENTS_LIMIT, LoggedEvent, list_events
from services.reading.pages import Page
from services.reading.snapshot import open_snapshot
from services.service import Service

LOOK_AGAIN_S = 30.0


async def events(  # noqa: PLR0913 - each of them is an option
    ledger: str,
    /,
    *,
    follow: Annotated[bool, Parameter(negative="")] = False,
    after: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    topic: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    party: UUID | None = None,
    words: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    cloudevents: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Print a ledger's events, one a line, in the order of their positions.

    Parameters
    ----------
    ledger
        The ledger's id.
    follow
        Go on with what is recorded from now on, until Ctrl-C.
    after
        Begin after this position.
    topic
        Only these: favour.recorded, or favour.* for all of a kind; may be given several times.
    party
        Only those about this party, by its id.
    words
        Open what people wrote. Without --json it is not printed.
    json
        Print each event as the API gives it.
    cloudevents
        Print each event as a CloudEvent.
    """
    choice = Choice(topics_of(topic, "--topic"), party)
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        origin = service.notary.origin(ledger) if cloudevents else None
        show = functools.partial(_show, json=json or words, origin=origin)
        place = await _tell(service, ledger, choice, after, words=words, show=show)
        if not follow:
            return
        async with service.feed.watching(ledger) as channel:
            while True:
                if await channel.passes(place, LOOK_AGAIN_S):
                    place = await _tell(service, ledger, choice, place, words=words, show=show)


async def _tell(
    service: Service,
    ledger: str,
    choice: Choice,
    place: int,
    *,
    words: bool,
    show: functools.partial[None],
) -> int:
    """Print what comes after a place; answers up to where that is all."""
    after: str | None = str(place)
    while after is not None:
        async with open_snapshot(service, ledger) as snapshot:
            page = await list_events(snapshot, Page(after, EVENTS_LIMIT), choice=choice, words=words)
        for item in page.items:
            show(item)
        after, place = page.next, page.position
    return place


def _show(item: LoggedEvent, *, json: bool, origin: str | None) -> None:
    if origin is not None:
        print_plainly(msgspec.json.encode(cloud_event(origin, item)).decode())
    elif json:
        print_plainly(msgspec.json.encode(item).decode())
    else:
        assert item.event is not None  # whoever is at the database is kept from nothing
        recorded = decode(bytes(item.event))
        moment = f"{recorded.recorded_at:%Y-%m-%d %H:%M:%S}"
        print_plainly(f"{item.position:>8}  {moment}  {recorded.event.TOPIC:<32}  {recorded.originator_id}")
