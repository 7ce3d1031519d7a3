"""The files that people have in hand, each with its reader; told apart by what is in them."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from services.imports.formats import google, ical, linkedin, monica, splitwise, timeoverflow, vcard
from services.imports.formats.reading import Item, Told, UnreadableFileError

SIZE_LIMIT_BYTES = 32 << 20
ITEMS_LIMIT = 100_000


class Format(Struct, frozen=True):
    """A kind of file: its name, what it is called, how it is known, and how it is read."""

    name: str
    title: str
    recognise: Callable[[bytes], bool]
    read: Callable[[bytes, Told], Iterator[Item]]


def _never(content: bytes) -> bool:
    """Not to be told from another kind by its content."""
    del content
    return False


FORMATS = (
    Format("vcard", "vCard", vcard.recognise, vcard.read),
    Format("icalendar", "iCalendar", ical.recognise, ical.read),
    Format("monica", "Monica's JSON export", monica.recognise, monica.read),
    Format("google-contacts", "Google Contacts CSV", google.recognise, google.read),
    Format(
        "linkedin-connections",
        "LinkedIn's Connections.csv",
        linkedin.recognise_connections,
        linkedin.read_connections,
    ),
    Format(
        "linkedin-invitations",
        "LinkedIn's Invitations.csv",
        linkedin.recognise_invitations,
        linkedin.read_invitations,
    ),
    Format(
        "linkedin-recommendations-given",
        "LinkedIn's Recommendations_Given.csv",
        linkedin.recognise_recommendations,
        linkedin.read_recommendations_given,
    ),
    Format(
        "linkedin-recommendations-received",
        "LinkedIn's Recommendations_Received.csv",
        _never,
        linkedin.read_recommendations_received,
    ),
    Format("splitwise", "Splitwise CSV", splitwise.recognise, splitwise.read),
    Format("timeoverflow", "TimeOverflow's transfers", timeoverflow.recognise, timeoverflow.read),
)
BY_NAME = {one.name: one for one in FORMATS}


def find_format(content: bytes, name: str | None = None, filename: str = "") -> Format:
    """The format of that name, or the one that the content shows. Raises ``UnreadableFileError``."""
    if len(content) > SIZE_LIMIT_BYTES:
        raise UnreadableFileError(f"it is larger than {SIZE_LIMIT_BYTES >> 20} MB")
    if name is not None:
        found = BY_NAME.get(name)
        if found is None:
            raise UnreadableFileError(f"there is no format of that name; there are: {', '.join(BY_NAME)}")
        return found
    for one in FORMATS:
        if _shows(one, content):
            if one.name == "linkedin-recommendations-given" and "received" in filename.casefold():
                return BY_NAME["linkedin-recommendations-received"]
            return one
    raise UnreadableFileError(f"it is of no kind that is known here; name its format: {', '.join(BY_NAME)}")


def _shows(kind: Format, content: bytes) -> bool:
    try:
        return kind.recognise(content)
    except UnreadableFileError:
        return False


def read_items(kind: Format, content: bytes, told: Told) -> list[Item]:
    """What a file holds, entry by entry. Raises ``UnreadableFileError``."""
    items = []
    for item in kind.read(content, told):
        items.append(item)
        if len(items) > ITEMS_LIMIT:
            raise UnreadableFileError(f"it holds more than {ITEMS_LIMIT:,} things to record; import it in parts")
    return items
