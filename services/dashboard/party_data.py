"""All that a ledger says about a party, as one page that needs nothing else: to keep, to print, to hand over."""

import base64
import hashlib
import importlib.resources
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.dashboard.render import PAGE_HEADERS, render
from services.dashboard.telling import sentence_of
from services.reading.party_data import PartyData
from services.reading.timeline import TimelineEntry

STYLE = importlib.resources.files("services.dashboard").joinpath("templates", "party_data.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
"""The page's only style is the one of this hash, and nothing is loaded from anywhere."""
NOT_READABLE = "no longer readable"


def write_page(data: PartyData) -> str:
    """The page's text, HTML."""
    page = _Page(data)
    return render("party_data.html", data=data, style=STYLE, page=page)


class _Page:
    """What the template asks for in words."""

    def __init__(self, data: PartyData) -> None:
        self._names = data.names | {str(data.party.id): data.party.name}

    def name(self, party: UUID | None) -> str:
        """What a party is called here."""
        return "" if party is None else self._names.get(str(party), str(party))

    def sentence(self, entry: TimelineEntry) -> str:
        """What happened."""
        return sentence_of(entry.topic, [self.name(party) for party in entry.parties])

    def actor(self, entry: TimelineEntry) -> str:
        """Who said so, in which capacity and by which key."""
        who = entry.who
        return f"{self.name(who.by)} {'as ' if who.by else ''}{who.capacity}, key {who.key}".strip()

    def details(self, entry: TimelineEntry) -> list[tuple[str, str]]:
        """What else it says, then what people wrote, by field."""
        said = [(_label(field), self._text(value)) for field, value in entry.facts.items()]
        if entry.words is None:
            return [*said, ("words", NOT_READABLE)]
        return [*said, *[(_label(field), self._text(value)) for field, value in entry.words.items()]]

    def _text(self, value: Any) -> str:  # noqa: ANN401 - whatever an event says
        match value:
            case bool():
                return "yes" if value else "no"
            case str():
                return self._names.get(value, value)
            case datetime():
                return value.isoformat()
            case Mapping():
                return ", ".join(f"{_label(field)} {self._text(one)}" for field, one in value.items())
            case list() | tuple():
                return ", ".join(map(self._text, value))
            case _:
                return str(value)


def _label(field: str) -> str:
    return field.replace("_", " ")
