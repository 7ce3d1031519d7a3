"""Meetings: who met whom, and when a recurring one took place."""

import json
import pathlib
from datetime import UTC, datetime
from typing import Any

import pytest

from services.imports.formats import find_format
from services.imports.formats.reading import Unreadable, UnreadableFileError
from tests.services.imports.files import NOW, deeds, read, reasons, told_of


def calendar(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}END:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{body}END:VCALENDAR\r\n".encode()


def event(*lines: str, uid: str = "e-1", start: str = "20260301T090000Z", organiser: bool = True) -> str:
    called = ["ORGANIZER;CN=Anna Abel:mailto:Anna@example.org"] if organiser else []
    return "".join(f"{line}\r\n" for line in [f"UID:{uid}", f"DTSTART:{start}", *called, *lines])


BEN = "ATTENDEE;CN=Ben Bold;PARTSTAT=ACCEPTED:mailto:ben@example.org"


def days(content: bytes, **told: Any) -> list[str]:
    return [one.steps[0].fields["occurred_at"].strftime("%m-%d %H:%M") for one in deeds(read(content, **told))]


EXPECTED = {
    "alarm_google_future.ics": 0,  # its one attendee is an alarm's
    "daily_recur.ics": 0,  # the same
    "duration_instead_of_dtend.ics": 0,
    "event_with_rsvp.ics": 0,  # without a time
    "example.ics": 3,
    "minimal.ics": 0,
    "parserv2.ics": 521,  # every weekday of two years, with one who is not the organiser
    "property_params.ics": 2,  # one of three is the organiser
    "rdate_exdate.ics": 0,  # nobody else
    "rfc_7256_multi_value_parameters.ics": 0,  # without a time
}


def test_every_real_calendar(shared_data: pathlib.Path) -> None:
    known = json.loads((shared_data / "icalendar" / "reference.json").read_text())
    assert known.keys() == EXPECTED.keys()
    for name, expected in known.items():
        content = (shared_data / "icalendar" / name).read_bytes()
        assert find_format(content).name == "icalendar"
        items = read(content)
        assert {item.place for item in items} == set(range(1, expected["events"] + 1)), name
        assert len(deeds(items)) == EXPECTED[name], name


def test_the_organiser_met_those_who_came() -> None:
    others = [
        "ATTENDEE;PARTSTAT=DECLINED:mailto:declined@example.org",
        "ATTENDEE;CUTYPE=ROOM:mailto:room@example.org",
        "ATTENDEE;ROLE=NON-PARTICIPANT:mailto:fyi@example.org",
        'ATTENDEE;DELEGATED-TO="mailto:ben@example.org":mailto:delegated@example.org',
        "ATTENDEE:urn:uuid:17",
        "ATTENDEE:mailto:ANNA@example.org",
    ]
    (deed,) = deeds(read(calendar(event(BEN, *others, "LOCATION:Library"))))
    assert told_of(deed) == [("contact.record", {"initiator": "Anna Abel", "other": "Ben Bold"})]
    assert deed.steps[0].fields == {"channel": "in_person", "occurred_at": datetime(2026, 3, 1, 9, tzinfo=UTC)}


@pytest.mark.parametrize("line", ["LOCATION:https://meet.example.org/x", "CONFERENCE:https://meet.example.org/x"])
def test_a_meeting_with_an_address_to_call_is_by_video(line: str) -> None:
    (deed,) = deeds(read(calendar(event(BEN, line))))
    assert deed.steps[0].fields["channel"] == "video"


def test_a_meeting_without_an_organiser_was_called_by_me() -> None:
    content = calendar(event(BEN, organiser=False))
    (deed,) = deeds(read(content))
    assert told_of(deed)[0][1] == {"initiator": "me", "other": "Ben Bold"}
    assert deeds(read(content, has_me=False)) == []


def test_what_is_no_meeting_is_left_out() -> None:
    crowd = [f"ATTENDEE:mailto:x{n}@example.org" for n in range(201)]
    content = calendar(
        event(BEN, "STATUS:CANCELLED"), event(BEN, start="20991231T000000Z"), event(*crowd), event(organiser=False)
    )
    assert [reason.split(":")[0] for _, reason in reasons(read(content, has_me=False))] == [
        "cancelled",
        "not yet",
        "more than 200 were invited",
        "nobody else was there",
    ]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["RRULE:FREQ=DAILY;COUNT=3"], ["03-01 09:00", "03-02 09:00", "03-03 09:00"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20260309"], ["03-01 09:00", "03-08 09:00"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20260308T090000Z"], ["03-01 09:00", "03-08 09:00"]),
        (["RRULE:FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:20260302"], ["03-01 09:00", "03-03 09:00", "03-04 09:00"]),
        (["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260302T090000Z"], ["03-01 09:00"]),
        (["RDATE:20260315T100000Z,20260316T100000Z"], ["03-01 09:00", "03-15 10:00", "03-16 10:00"]),
        (["RDATE;VALUE=PERIOD:20260315T100000Z/PT1H"], ["03-01 09:00", "03-15 10:00"]),
    ],
)
def test_a_recurring_meeting_took_place_on_its_days(lines: list[str], found: list[str]) -> None:
    assert days(calendar(event(BEN, *lines))) == found


def test_occurrences_keep_their_time_of_day_in_their_zone() -> None:
    content = calendar(
        event(BEN, "RRULE:FREQ=WEEKLY;COUNT=2", start="20260325T090000"), head="X-WR-TIMEZONE:Europe/Berlin\r\n"
    )
    assert days(content) == ["03-25 08:00", "04-01 07:00"]


def test_only_occurrences_within_the_window_count() -> None:
    content = calendar(event(BEN, "RRULE:FREQ=MONTHLY", start="20200101T090000Z"))
    assert len(days(content)) == 24
    assert len(days(content, since=datetime(2026, 9, 1, tzinfo=UTC))) == 3
    assert days(calendar(event(BEN, "RRULE:FREQ=DAILY;COUNT=2", start="20200101T090000Z"))) == []


def test_an_occurrence_that_was_moved_counts_where_it_is() -> None:
    content = calendar(
        event(BEN, "RRULE:FREQ=DAILY;COUNT=3"), event(BEN, "RECURRENCE-ID:20260302T090000Z", start="20260302T150000Z")
    )
    assert days(content) == ["03-01 09:00", "03-03 09:00", "03-02 15:00"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;UNTIL=someday",
    ],
)
def test_a_rule_that_is_none_makes_the_event_unreadable_and_no_other(rule: str) -> None:
    items = read(calendar(event(BEN, f"RRULE:{rule}"), event(BEN, uid="e-2")))
    assert [type(item) for item in items if item.place == 1] == [Unreadable]
    assert len([item for item in items if item.place == 2]) == 1


def test_a_rule_without_an_occurrence_ends() -> None:
    content = calendar(event(BEN, "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"))
    assert days(content) == ["03-01 09:00"]  # its first, which the rule need not yield (RFC 5545, 3.8.5.3)


def test_files_that_are_no_calendars() -> None:
    for content in (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"BEGIN:VEVENT\r\n", b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n"):
        with pytest.raises(UnreadableFileError):
            read(content)
    assert NOW.tzinfo is UTC
