"""LinkedIn's export: connections, invitations and recommendations, as of 2018 and of 2024.

A connection becomes a party and a contact between you and them on the day you connected; an invitation a contact on
the initiative of who sent it; a recommendation a favour of who wrote it. Times say no zone and are taken to be UTC.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import unquote, urlsplit

from domain.command import Reference
from services.imports.formats.reading import (
    ME,
    NEEDS_ME,
    NOTE_LIMIT,
    Deed,
    Item,
    LeftOutError,
    Person,
    Roles,
    Step,
    Told,
    Unreadable,
    UnreadableEntryError,
    reference,
    settle,
)
from services.imports.formats.tables import find_header, named, read_table
from services.imports.formats.text import addresses_of, decode, join_words, name_of, read_time, words_of

CONNECTIONS = frozenset(["First Name", "Last Name", "Email Address", "Company", "Position", "Connected On"])
INVITATIONS = frozenset(["From", "To", "Sent At", "Message", "Direction"])
RECOMMENDATIONS = frozenset(["First Name", "Last Name", "Company", "Job Title", "Text", "Creation Date", "Status"])
PREAMBLE = 3
"""How many rows of notes may come before the header."""
TIMES = ("%d %b %Y", "%m/%d/%y, %I:%M %p", "%m/%d/%Y, %I:%M %p", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d")
NOT_SHOWN = frozenset(["DRAFT", "PENDING", "DELETED"])
Cells = dict[str, str]
Findings = Iterator[Person | Deed]


def recognise_connections(content: bytes) -> bool:
    """Whether the file is Connections.csv."""
    return find_header(decode(content), CONNECTIONS, PREAMBLE) is not None


def recognise_invitations(content: bytes) -> bool:
    """Whether the file is Invitations.csv."""
    return find_header(decode(content), INVITATIONS, PREAMBLE) is not None


def recognise_recommendations(content: bytes) -> bool:
    """Whether the file is one of the two of recommendations, which only their names tell apart."""
    return find_header(decode(content), RECOMMENDATIONS, PREAMBLE) is not None


def read_connections(content: bytes, told: Told) -> Iterator[Item]:
    """The people you are connected with; where it is known who you are, when you connected too."""
    return _read(content, CONNECTIONS, lambda cells: _connection(cells, told))


def read_invitations(content: bytes, told: Told) -> Iterator[Item]:
    """The invitations sent and received."""
    return _read(content, INVITATIONS, lambda cells: _invitation(cells, told))


def read_recommendations_given(content: bytes, told: Told) -> Iterator[Item]:
    """The recommendations that you wrote."""
    return _read(content, RECOMMENDATIONS, lambda cells: _recommendation(cells, told, "giver"))


def read_recommendations_received(content: bytes, told: Told) -> Iterator[Item]:
    """The recommendations that were written of you."""
    return _read(content, RECOMMENDATIONS, lambda cells: _recommendation(cells, told, "receiver"))


def _read(content: bytes, needed: frozenset[str], find: Callable[[Cells], Findings]) -> Iterator[Item]:
    table = read_table(decode(content), needed, PREAMBLE)
    for row in table.rows:
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            cells = named(row, table.header)
        except ValueError as error:
            yield Unreadable(row.line, str(error))
        else:
            yield from settle(row.line, find(cells))


def _connection(cells: Cells, told: Told) -> Findings:
    name = _name(cells)
    url, emails = _profile(cells.get("URL", "")), addresses_of([cells.get("Email Address", "")])
    work = ", ".join(cells[part] for part in ("Position", "Company") if part in cells)
    if not name and not url:
        raise LeftOutError("it names nobody: whoever it was closed the account")
    person = Person(
        name or url[0].id,
        (*url, *emails),
        note=words_of(work, NOTE_LIMIT),
        detail=cells.get("Connected On", ""),
    )
    connected = _time(cells, "Connected On", told)
    yield person
    if told.has_me:
        fields = {"channel": "social", "occurred_at": connected}
        yield Deed(
            ("linkedin", "connection", connected.isoformat()),
            (Step("contact.record", {"initiator": ME, "other": person}, fields),),
        )


def _invitation(cells: Cells, told: Told) -> Findings:
    if not told.has_me:
        raise LeftOutError(NEEDS_ME)
    direction = cells.get("Direction", "").upper()
    if direction not in ("OUTGOING", "INCOMING"):
        raise UnreadableEntryError("the column Direction should hold OUTGOING or INCOMING")
    outgoing = direction == "OUTGOING"
    name = name_of(cells.get("To" if outgoing else "From", ""))
    url = _profile(cells.get("inviteeProfileUrl" if outgoing else "inviterProfileUrl", ""))
    if not name:
        raise LeftOutError("it names nobody: whoever it was closed the account")
    person = Person(name, url, detail="linkedin")
    roles: Roles = {"initiator": ME, "other": person} if outgoing else {"initiator": person, "other": ME}
    sent = _time(cells, "Sent At", told)
    step = Step("contact.record", roles, {"channel": "message", "occurred_at": sent})
    yield Deed(("linkedin", "invitation", direction, sent.isoformat()), (step,))


def _recommendation(cells: Cells, told: Told, mine: str) -> Findings:
    if not told.has_me:
        raise LeftOutError(NEEDS_ME)
    if cells.get("Status", "").upper() in NOT_SHOWN:
        raise LeftOutError("it was not published")
    name = _name(cells)
    if not name:
        raise LeftOutError("it names nobody: whoever it was closed the account")
    person = Person(
        name, detail="linkedin", note=join_words(cells.get("Job Title"), cells.get("Company"), limit=NOTE_LIMIT)
    )
    written = _time(cells, "Creation Date", told)
    theirs = "receiver" if mine == "giver" else "giver"
    fields = {
        "what": "A recommendation on LinkedIn",
        "note": words_of(cells.get("Text", ""), NOTE_LIMIT),
        "topic": "recommendation",
        "occurred_at": written,
    }
    step = Step("favour.record", {mine: ME, theirs: person}, fields)
    yield Deed(("linkedin", "recommendation", mine, written.isoformat()), (step,))


def _name(cells: Cells) -> str:
    return name_of(f"{cells.get('First Name', '')} {cells.get('Last Name', '')}")


def _profile(url: str) -> tuple[Reference, ...]:
    """A profile's address as a reference: its last part, which is the same in whichever country's LinkedIn."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ()
    host, path = (parts.hostname or "").lower(), unquote(parts.path).strip("/").casefold()
    if not (host == "linkedin.com" or host.endswith(".linkedin.com")) or not path:
        return ()
    return (reference("linkedin", path),)


def _time(cells: Cells, column: str, told: Told) -> datetime:
    try:
        moment = read_time(cells.get(column, ""), *TIMES)
    except ValueError:
        raise UnreadableEntryError(f"the column {column} should hold a time such as 22 Nov 2020") from None
    if moment > told.now:
        raise LeftOutError("not yet")
    return moment
