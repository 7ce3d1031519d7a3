"""What commands that read have in common: parties, days and moments as a person types them, and answers as printed."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from domain.refusal import Refusal
from services.cli.ledgers import require_ledger
from services.cli.running import running_service
from services.reading.as_of import Asked, AsOfAnswer, Clock, parse_asked, parse_moment
from services.reading.directory import find_by_name, normal
from services.reading.pages import PAGE_LIMIT, Page
from services.reading.parties import find_party, parse_reference, require_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, open_snapshot

NAMESAKES_LISTED = 5
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class When:
    """The moment asked about, as it was typed."""

    as_of: Annotated[
        str | None,
        Parameter(
            help="The moment asked about: a time, the end of a day, or a position of the ledger. Now, if left out."
        ),
    ] = None
    clock: Annotated[
        Clock, Parameter(help="What --as-of means: recorded, as it was known then; occurred, as it was true then.")
    ] = "recorded"

    def asked(self, snapshot: Snapshot) -> Asked:
        """The moment; a day means its end, today's is now. Raises ``BadQuestionError``."""
        text = self.as_of
        if text is None or not DATE.fullmatch(text):
            return parse_asked(text, self.clock)
        start = moment_of("as_of", text)
        end = start.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return parse_asked(min(end, max(snapshot.now, start)).isoformat(), self.clock)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Where:
    """Which ledger is asked, and how the answer is printed."""

    ledger: Annotated[str, Parameter(help="The ledger's id.")]
    json: Annotated[bool, Parameter(negative="", help="Print what the API answers.")] = False

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Snapshot]:
        """The ledger as it is now. Raises what ``running_service`` and ``require_ledger`` raise."""
        async with running_service() as service:
            await require_ledger(service.pool, self.ledger)
            async with open_snapshot(service, self.ledger) as snapshot:
                yield snapshot


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Asking(Where, When):
    """Which ledger is asked, about which moment."""


def moment_of(parameter: str, text: str) -> datetime:
    """A time, or the start of a day in UTC. Raises ``BadQuestionError``."""
    return parse_moment(parameter, f"{text}T00:00:00Z" if DATE.fullmatch(text) else text)


async def party_of(snapshot: Snapshot, parameter: str, text: str) -> UUID:
    """The party that a text means: its id, a partner's reference, or its name. Raises ``BadQuestionError``."""
    if ":" in text:
        found = (await find_party(snapshot, parse_reference(text))).items
        if not found:
            raise BadQuestionError(parameter, f"{parameter}: no party of this ledger has that reference.")
        return found[0].id
    try:
        party = UUID(text)
    except ValueError:
        return await _named(snapshot, parameter, text)
    try:
        await require_parties(snapshot, party)
    except Refusal:
        raise BadQuestionError(parameter, f"{parameter}: no party of this ledger has that id.") from None
    return party


async def _named(snapshot: Snapshot, parameter: str, name: str) -> UUID:
    """The one party with this name, its case and spaces aside; names are opened in memory, all of the ledger's."""
    found: list[UUID] = []
    after = None
    while True:
        page = await find_by_name(snapshot, name, Page(after, PAGE_LIMIT))
        found += [one.id for one in page.items if normal(one.name) == normal(name)]
        after = page.next
        if after is None:
            break
    if not found:
        raise BadQuestionError(
            parameter, f"{parameter}: no party has that name; give its id, a reference as crm:4711, or its whole name."
        )
    if len(found) > 1:
        ids = ", ".join(map(str, found[:NAMESAKES_LISTED]))
        raise BadQuestionError(parameter, f"{parameter}: {len(found)} parties have that name; give one's id: {ids}.")
    return found[0]


def print_json(console: Console, answer: Any) -> None:  # noqa: ANN401 - whatever the API answers
    """Print an answer as the API gives it."""
    text = msgspec.json.format(msgspec.json.encode(answer)).decode()
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def heading(title: str, answer: AsOfAnswer) -> Text:
    """What an answer is about, and the moment that it holds for."""
    moment = f"{answer.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    clock = "as known then" if answer.occurred is None else "as true then"
    line = f"{title} at {moment}, {clock}, by the log up to position {answer.position}"
    return plain(line, style="bold")


def called(party: UUID, names: Mapping[UUID, str | None]) -> Text:
    """A party's name; its id where that cannot be read."""
    return plain(names.get(party) or str(party))


def day(moment: datetime | None) -> str:
    """The day of a moment; nothing where there is none."""
    return "" if moment is None else f"{moment:%Y-%m-%d}"


def plain(text: str, style: str = "") -> Text:
    """Typed text as it may be shown in a terminal: no markup, no control characters."""
    return Text("".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text), style=style)
