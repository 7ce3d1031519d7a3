"""Files of every kind, for the readers."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.imports.formats import find_format, read_items
from services.imports.formats.reading import Deed, Found, Item, LeftOut, Me, Person, Told, Unreadable

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LINKEDIN_NOTES = [
    ["Notes:"],
    ["When exporting your connection data, you may notice that some of the email addresses are missing."],
    [],
]
LINKEDIN_2024 = ["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"]
LINKEDIN_2018 = ["First Name", "Last Name", "Email Address", "Company", "Position", "Connected On"]
INVITATIONS_2018 = ["From", "To", "Sent At", "Message", "Direction"]
INVITATIONS_2024 = [*INVITATIONS_2018, "inviterProfileUrl", "inviteeProfileUrl"]
RECOMMENDATIONS = ["First Name", "Last Name", "Company", "Job Title", "Text", "Creation Date", "Status"]
GOOGLE_NEW = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
    "E-mail 1 - Label",
    "E-mail 1 - Value",
    "E-mail 2 - Label",
    "E-mail 2 - Value",
    "Phone 1 - Label",
    "Phone 1 - Value",
    "Address 1 - Label",
    "Address 1 - Formatted",
    "Website 1 - Label",
    "Website 1 - Value",
]
GOOGLE_OLD = [
    "Name",
    "Given Name",
    "Additional Name",
    "Family Name",
    "Yomi Name",
    "Given Name Yomi",
    "Additional Name Yomi",
    "Family Name Yomi",
    "Name Prefix",
    "Name Suffix",
    "Initials",
    "Nickname",
    "Short Name",
    "Maiden Name",
    "Birthday",
    "Gender",
    "Location",
    "Billing Information",
    "Directory Server",
    "Mileage",
    "Occupation",
    "Hobby",
    "Sensitivity",
    "Priority",
    "Subject",
    "Notes",
    "Language",
    "Photo",
    "Group Membership",
    "E-mail 1 - Type",
    "E-mail 1 - Value",
    "Phone 1 - Type",
    "Phone 1 - Value",
    "Organization 1 - Name",
    "Organization 1 - Title",
]
GOOGLE_OLDEST = [column for column in GOOGLE_OLD if column not in ("Language", "Photo")]


def table(header: Sequence[str], *rows: dict[str, str] | Sequence[str], delimiter: str = ",") -> bytes:
    """A CSV file; a row may name only the columns that it fills."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    for row in rows:
        writer.writerow([row.get(column, "") for column in header] if isinstance(row, dict) else row)
    return out.getvalue().encode()


def linkedin(header: Sequence[str], *rows: dict[str, str]) -> bytes:
    """A file of LinkedIn's, with its notes before the header where it is of 2024."""
    body = table(header, *rows)
    if "URL" not in header:
        return body
    out = io.StringIO()
    csv.writer(out).writerows(LINKEDIN_NOTES)
    return out.getvalue().encode() + body


def resource(uuid: str, members: dict[str, list[Any]] | None = None, **properties: Any) -> dict[str, Any]:
    """One of Monica's resources, with its collections."""
    collections = [{"count": len(values), "type": kind, "values": values} for kind, values in (members or {}).items()]
    made = {"uuid": uuid, "created_at": "2024-03-01T10:00:00.000000Z", "updated_at": "2024-04-01T10:00:00.000000Z"}
    return {**made, "properties": properties or [], "data": collections}


def monica(contacts: list[Any], user: dict[str, Any] | None = None, activities: list[Any] | None = None) -> bytes:
    """An export of Monica's."""
    data = {"user": [resource("u-1", **(user or {}))], "contact": contacts, "activity": activities or []}
    account = resource("a-1", data)
    return json.dumps({"version": "1.0-preview.1", "app_version": "4.1.2", "account": account}).encode()


def read(
    content: bytes, name: str | None = None, *, has_me: bool = True, filename: str = "", **told: Any
) -> list[Item]:
    """What a file holds, read as whatever it shows itself to be, or as what is named."""
    kind = find_format(content, name, filename)
    return read_items(kind, content, Told(now=NOW, has_me=has_me, **told))


def people(items: list[Item]) -> list[Person]:
    """The people who are entries of their own."""
    return [item.what for item in items if isinstance(item, Found) and isinstance(item.what, Person)]


def deeds(items: list[Item]) -> list[Deed]:
    """What is to be recorded of what happened."""
    return [item.what for item in items if isinstance(item, Found) and isinstance(item.what, Deed)]


def reasons(items: list[Item]) -> list[tuple[int, str]]:
    """Why entries are not read, or left out."""
    return [(item.place, item.reason) for item in items if isinstance(item, Unreadable | LeftOut)]


def name_of(someone: Person | Me) -> str:
    """The person's name, or ``me``."""
    return someone.name if isinstance(someone, Person) else "me"


def told_of(deed: Deed) -> list[tuple[str, dict[str, str]]]:
    """Each step's act, and who is who in it."""
    return [(step.act, {role: name_of(one) for role, one in step.parties.items()}) for step in deed.steps]
