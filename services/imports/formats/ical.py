"""iCalendar (RFC 5545): each meeting becomes contacts between whoever called it and those who came.

Whoever declined, was invited for information only, or handed the invitation on did not meet anyone; rooms and mailing
lists are no people. A meeting without an organiser was called by whoever the calendar belongs to.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.imports.formats.reading import (
    ME,
    NEEDS_ME,
    Deed,
    Item,
    LeftOutError,
    Person,
    Someone,
    Step,
    Told,
    UnreadableEntryError,
    UnreadableFileError,
    reference,
    settle,
)
from services.imports.formats.recurrence import Expander, in_utc, without
from services.imports.formats.text import address_of, decode, name_of

if TYPE_CHECKING:
    from icalendar import Component

WINDOW = timedelta(days=730)
ATTENDEES_LIMIT = 200
MEETINGS_LIMIT = 50_000
BROKEN = (ValueError, LookupError, AttributeError, TypeError, OverflowError, RecursionError, OSError)
"""What icalendar raises on calendars that are none, and the system on names of zones that no file can have."""
NOT_THERE = frozenset(["DECLINED", "DELEGATED"])
NOBODY = frozenset(["ROOM", "RESOURCE", "GROUP"])


def recognise(content: bytes) -> bool:
    """Whether the file begins with a calendar or an event."""
    try:
        first = next(iter(decode(content[:65_536]).lstrip().splitlines()), "")
    except UnreadableFileError:
        return False
    return first.strip().upper() in ("BEGIN:VCALENDAR", "BEGIN:VEVENT")


def read(content: bytes, told: Told) -> Iterator[Item]:
    """The contacts of a calendar; an entry's place is the event's number."""
    events = _events(decode(content))
    expander = Expander(told.since or told.now - WINDOW, told.now)
    moved = _moved(events)
    meetings = 0
    for place, (zone, event) in enumerate(events, 1):
        for item in settle(place, _guarded(_meetings(event, zone, told, expander, moved))):
            meetings += 1
            if meetings > MEETINGS_LIMIT:
                raise UnreadableFileError(f"more than {MEETINGS_LIMIT:,} contacts; import it in parts")
            yield item


def _events(text: str) -> "list[tuple[tzinfo, Component]]":
    """The events of all calendars in a file, each with its calendar's zone."""
    from icalendar import Component  # noqa: PLC0415 - large: loaded when first needed

    try:
        components = Component.from_ical(text, multiple=True)
        events = [(_zone(whole), event) for whole in components for event in whole.walk("VEVENT")]
    except BROKEN:
        raise UnreadableFileError("not a calendar that can be read (RFC 5545)") from None
    if not events:
        raise UnreadableFileError("there is no event in it")
    return events


def _guarded(meetings: Iterator[Deed]) -> Iterator[Deed]:
    """The same; what icalendar raises on values that are none makes the event unreadable."""
    try:
        yield from meetings
    except (UnreadableEntryError, UnreadableFileError):
        raise
    except BROKEN:
        raise UnreadableEntryError("not an event that can be read") from None


def _zone(calendar: "Component") -> tzinfo:
    """The calendar's own zone, for times that name none."""
    try:
        return ZoneInfo(str(calendar.get("X-WR-TIMEZONE", "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _moved(events: "list[tuple[tzinfo, Component]]") -> dict[str, list[date]]:
    """By UID: the occurrences that have an event of their own."""
    moved: dict[str, list[date]] = defaultdict(list)
    for zone, event in events:
        if "RECURRENCE-ID" in event:
            moved[_uid(event)].append(_zoned(_date(event, "RECURRENCE-ID"), zone))
    return moved


def _meetings(
    event: "Component", zone: tzinfo, told: Told, expander: Expander, moved: dict[str, list[date]]
) -> Iterator[Deed]:
    """The contacts that an event stands for."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        raise LeftOutError("cancelled")
    others = _attendees(event)
    caller = _organiser(event, told, others)
    others = [one for one in others if one != caller and not _same(one, caller)]
    if not others:
        raise LeftOutError("nobody else was there")
    start = _zoned(_date(event, "DTSTART"), zone)
    begun = in_utc(start, zone)
    if "RRULE" in event or "RDATE" in event:
        moments = list(_occurrences(event, start, zone, expander, moved.get(_uid(event), [])))
    elif begun > told.now:
        raise LeftOutError("not yet")
    else:
        moments = [begun]
    if not moments:
        raise LeftOutError("it recurs, but did not take place in the window")
    first = in_utc(_zoned(_date(event, "RECURRENCE-ID"), zone), zone) if "RECURRENCE-ID" in event else None
    channel = _channel(event)
    for moment in moments:
        identity = (_uid(event), (first or moment).isoformat())
        for other in others:
            fields = {"channel": channel, "occurred_at": moment}
            step = Step("contact.record", {"initiator": caller, "other": other}, fields)
            yield Deed(("ical", *identity, _key(caller), _key(other)), (step,))


def _occurrences(
    event: "Component", start: date, zone: tzinfo, expander: Expander, moved: list[date]
) -> Iterator[datetime]:
    """When a recurring event took place, without those moved elsewhere or taken out."""
    begun = in_utc(start, zone)
    rules = event.get("RRULE")
    if isinstance(rules, list):
        raise UnreadableEntryError("it has more than one rule by which it recurs")
    local = start if isinstance(start, datetime) else begun
    moments = set(() if rules is None else expander.expand(local, rules.to_ical().decode()))
    extra = {in_utc(_zoned(one, zone), zone) for one in _dates(event, "RDATE")} | {begun}
    moments |= {one for one in extra if expander.since <= one <= expander.until}
    left_out = [_zoned(one, zone) for one in _dates(event, "EXDATE")] + moved
    return without(sorted(moments), left_out)


def _date(event: "Component", name: str) -> date:
    value = event.get(name)
    moment = getattr(value, "dt", None)
    if not isinstance(moment, date):
        raise UnreadableEntryError(f"it has no {name} that can be read")
    return moment


def _dates(event: "Component", name: str) -> Iterator[date]:
    """All dates of a property that may stand several times, each with several; periods count by their beginning."""
    found: Any = event.get(name, [])
    for one in found if isinstance(found, list) else [found]:
        for value in one.dts:
            moment = value.dt[0] if isinstance(value.dt, tuple) else value.dt
            if isinstance(moment, date):
                yield moment


def _zoned(moment: date, zone: tzinfo) -> date:
    """A time without a zone is of the calendar's; days stay days."""
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    return moment


def _organiser(event: "Component", told: Told, attendees: list[Person]) -> Someone:
    organiser = event.get("ORGANIZER")
    if organiser is not None:
        found = _person(organiser[0] if isinstance(organiser, list) else organiser)
        if found is not None:
            if found.name != found.references[0].id:
                return found
            return next((one for one in attendees if one.references == found.references), found)
    if not told.has_me:
        if not attendees:
            raise LeftOutError("nobody else was there")
        raise LeftOutError(f"it has no organiser; {NEEDS_ME}")
    return ME


def _attendees(event: "Component") -> list[Person]:
    """Who may have come, each once."""
    listed: Any = event.get("ATTENDEE", [])
    listed = listed if isinstance(listed, list) else [listed]
    if len(listed) > ATTENDEES_LIMIT:
        raise LeftOutError(f"more than {ATTENDEES_LIMIT} were invited: no meeting of people with each other")
    found: dict[str, Person] = {}
    for attendee in listed:
        said = {name: str(attendee.params.get(name, "")).upper() for name in ("PARTSTAT", "CUTYPE", "ROLE")}
        if said["PARTSTAT"] in NOT_THERE or said["CUTYPE"] in NOBODY or said["ROLE"] == "NON-PARTICIPANT":
            continue
        if "DELEGATED-TO" in attendee.params:
            continue
        person = _person(attendee)
        if person is not None:
            found.setdefault(_key(person), person)
    return list(found.values())


def _person(address: Any) -> Person | None:  # noqa: ANN401 - as icalendar gives it
    """Who stands behind a calendar address; nobody where it is no e-mail address."""
    found = address_of(str(address))
    if found is None:
        return None
    name = name_of(str(address.params.get("CN", "")).strip("'\""))
    return Person(name or found.id, (found,))


def _same(one: Someone, other: Someone) -> bool:
    return _key(one) == _key(other)


def _key(someone: Someone) -> str:
    return someone.references[0].id if isinstance(someone, Person) else "me"


def _uid(event: "Component") -> str:
    """The event's own id; one that has none goes by what it says."""
    uid = str(event.get("UID", "")).strip()
    return reference("ical", uid or f"{event.get('SUMMARY', '')}\n{event.get('ORGANIZER', '')}", hashed=not uid).id


def _channel(event: "Component") -> str:
    """How they met: by video where there is an address to call, in person where there is a place."""
    location = str(event.get("LOCATION", "")).strip()
    if "CONFERENCE" in event or "X-GOOGLE-CONFERENCE" in event or "X-MICROSOFT-SKYPETEAMSMEETINGURL" in event:
        return "video"
    if location.lower().startswith(("http://", "https://")):
        return "video"
    return "in_person" if location else "other"
