"""Reminders over HTTP: the address of a party's calendar, the calendar itself, and the link that stops its mails.

Mails themselves are set up by commands: ``party.set_reminders`` and ``party.clear_reminders``.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, Router, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, PathParameter
from msgspec import Struct

from services.dashboard.errors import answer_page_error
from services.dashboard.language import accepted, choose_language, speak
from services.dashboard.language import translate as _
from services.dashboard.render import page
from services.http.guards import requires
from services.http.reads.base import provide_look, provide_reader
from services.ledger.opening import LEDGER_ID
from services.reading.as_of import Answer
from services.reading.parties import require_parties
from services.reading.reader import Reader
from services.reading.snapshot import Look, open_snapshot
from services.reminders.calendar import address_made_at, create_address, find_calendar, read_calendar, revoke_address
from services.reminders.digest import find_reminded
from services.reminders.stopping import is_sealed, stop
from services.service import Service

ICALENDAR = "text/calendar"
StreamId = Annotated[UUID, PathParameter(name="id")]


class Reminders(Answer, frozen=True, kw_only=True):
    """How a party is reminded."""

    party: UUID
    mail: str | None
    """Where it gets a mail a day; null where it gets none."""
    calendar_since: datetime | None
    """Since when its calendar has the address that it has; null where it has none."""


class CalendarAddress(Struct, frozen=True, kw_only=True):
    """The address of a party's calendar. It is shown this once, and whoever has it may read the calendar."""

    path: str
    """To be given to a calendar program, after this service's own address."""


class ReminderController(Controller):
    """What a party is reminded by: for its own keys, and those of recorders."""

    path = "/parties/{id:uuid}"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form
    dependencies = {  # noqa: RUF012 - the same
        "look": Provide(provide_look, sync_to_thread=False),
        "reader": Provide(provide_reader, sync_to_thread=False),
    }

    @get(
        "/reminders",
        guards=[requires("read")],
        operation_id="party_reminders",
        summary="How a party is reminded",
    )
    async def read(
        self,
        ledger: FromPath[str],
        stream: StreamId,
        service: NamedDependency[Service],
        look: NamedDependency[Look],
        reader: NamedDependency[Reader],
    ) -> Reminders:
        """Read where a party gets its mails, and whether its calendar has an address."""
        reader.require_own(stream)
        return await _read(look, service, ledger, stream)

    @post(
        "/calendar",
        guards=[requires("record")],
        operation_id="party_create_calendar",
        summary="Give a party's calendar an address; it is shown this once",
    )
    async def create(
        self,
        ledger: FromPath[str],
        stream: StreamId,
        service: NamedDependency[Service],
        reader: NamedDependency[Reader],
    ) -> CalendarAddress:
        """Make a secret address under which calendar programs read a party's open promises. It ends the last one."""
        reader.require_own(stream)
        token = await create_address(service.ledgers, ledger, stream, service.clock())
        return CalendarAddress(path=f"/calendar/{token}.ics")

    @delete(
        "/calendar",
        status_code=200,
        guards=[requires("record")],
        operation_id="party_revoke_calendar",
        summary="End the address of a party's calendar",
    )
    async def revoke(
        self,
        ledger: FromPath[str],
        stream: StreamId,
        service: NamedDependency[Service],
        look: NamedDependency[Look],
        reader: NamedDependency[Reader],
    ) -> Reminders:
        """End the address: it answers with 404 from now on. May be repeated."""
        reader.require_own(stream)
        await revoke_address(service.ledgers, ledger, stream)
        return await _read(look, service, ledger, stream)


async def _read(look: Look, service: Service, ledger: str, party: UUID) -> Reminders:
    async with look() as snapshot:
        await require_parties(snapshot, party)
        reminded = await find_reminded(snapshot, party)
    since = await address_made_at(service.ledgers, ledger, party)
    return Reminders(
        position=snapshot.position,
        party=party,
        mail=None if reminded is None else reminded.mail,
        calendar_since=since,
    )


@get("/calendar/{file:str}", include_in_schema=False)
async def send_calendar(
    file: FromPath[str], request: Request[Any, Any, Any], service: NamedDependency[Service]
) -> Response[bytes]:
    """A party's calendar, for whoever knows its address."""
    found = await find_calendar(service.pool, file.removesuffix(".ics"))
    if found is None:
        raise NotFoundException
    ledger, party = found
    async with open_snapshot(service, ledger) as snapshot:
        feed = await read_calendar(snapshot, party, service.notary.name)
    headers = {"ETag": feed.tag, "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if feed.tag in known or "*" in known:
        return Response(b"", status_code=304, media_type=ICALENDAR, headers=headers)
    return Response(feed.content, media_type=ICALENDAR, headers=headers)


@get("/{ledger:str}/{party:uuid}/{version:int}/{seal:str}")
async def ask_to_stop(
    ledger: FromPath[str],
    party: FromPath[UUID],
    version: FromPath[int],
    seal: FromPath[str],
    request: Request[Any, Any, Any],
) -> Response[str]:
    """A button. Programs that look at links before people do would stop the mails, so looking does nothing."""
    del ledger, party, version, seal
    _speak(request)
    return page("stop.html")


@post("/{ledger:str}/{party:uuid}/{version:int}/{seal:str}", status_code=200)
async def stop_mails(
    ledger: FromPath[str],
    party: FromPath[UUID],
    version: FromPath[int],
    seal: FromPath[str],
    request: Request[Any, Any, Any],
    service: NamedDependency[Service],
) -> Response[str]:
    """Stop a party's mails: the button's, and what mail programs send for one click (RFC 8058)."""
    if LEDGER_ID.fullmatch(ledger) is None or not is_sealed(service.master_key, ledger, party, version, seal):
        raise NotFoundException
    await stop(service, ledger, party, version)
    _speak(request)
    return page("message.html", title=_("No more mails"), text=_("You get no more of these reminders."))


def _speak(request: Request[Any, Any, Any]) -> None:
    speak(choose_language(accepted(request.headers.get("accept-language", ""))))


STOP_MAILS = Router(
    "/reminders/stop",
    route_handlers=[ask_to_stop, stop_mails],
    exception_handlers={Exception: answer_page_error},
    include_in_schema=False,
)
