"""What the mail of a day says: promises that are due, answers that are waited for, and people to look after."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from domain.ledger import LEDGER_STREAM
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.reading.aliases import read_aliases
from services.reading.as_of import now
from services.reading.attention import Ask, read_attention
from services.reading.history import load_histories
from services.reading.snapshot import Snapshot
from services.reading.words import read_names, read_words, word
from services.reminders.mail import Letter

SHOWN = 20
"""Of each list; the rest is counted."""
ASKS = {
    "request": "asks you for a promise",
    "offer": "offers you a promise",
    "counter": "wants other terms before there is a promise",
    "report": "says that it is delivered",
    "terms": "proposes other terms",
    "date": "asks by when",
    "handover": "asks you to take a promise over",
    "dispute": "disputes how it ended",
    "introduction": "wants to introduce you",
}


class Reminded(Struct, frozen=True):
    """Where a party is reminded, and by which of its events."""

    mail: str
    version: int


async def find_reminded(snapshot: Snapshot, party: UUID) -> Reminded | None:
    """Where a party is reminded; ``None`` where it is not, was erased, or another of its ids comes first.

    A party that was merged with others gets one mail, to the address under the id that stands for all, or else under
    the first of the others that has one.
    """
    ids = (await read_aliases(snapshot, now(snapshot))).ids(party)
    words = await read_words(snapshot, ids, "reminded_in")
    holders = [one for one in ids if word(words.get(one), "mail") is not None]
    mail = word(words.get(party), "mail")
    if mail is None or holders[0] != party:
        return None
    text = load_sql("services/reminders/sql/reminded_in.sql")
    return Reminded(mail, await snapshot.fetchval(text, snapshot.ledger_id, party))


async def write_digest(
    snapshot: Snapshot, party: UUID, day: date, *, name: str, stop_link: Callable[[int], str]
) -> Letter | None:
    """A party's letter of a day; ``None`` where nothing waits for it, or it is not to be reminded.

    ``name`` is the service's, ``stop_link`` writes the link for the version of the party's event.
    """
    try:
        attention = await read_attention(snapshot, party)
    except Refusal:  # it was erased meanwhile
        return None
    found = len(attention.promises) + len(attention.waiting) + len(attention.reach_out)
    reminded = await find_reminded(snapshot, party)
    if not found or reminded is None:
        return None
    title = await _title(snapshot)
    stop = stop_link(reminded.version)
    context = {
        "name": (await read_names(snapshot, [party])).get(party),
        "title": title,
        "attention": attention,
        "shown": SHOWN,
        "stop": stop,
    }
    return Letter(
        to=reminded.mail,
        subject=f"{found} {'thing waits' if found == 1 else 'things wait'} for you in {title}",
        text=_templates.get_template("digest.txt").render(context),
        html=_templates.get_template("digest.html").render(context),
        id=f"{day:%Y%m%d}.{party}.{snapshot.ledger_id}@{name}",
        stop=stop,
    )


async def _title(snapshot: Snapshot) -> str:
    history = (await load_histories(snapshot, [LEDGER_STREAM], now(snapshot)))[LEDGER_STREAM]
    return word(history[0].words, "title") or snapshot.ledger_id


def _day(moment: datetime) -> str:
    return f"{moment:%-d %b %Y}"


def _asked(ask: Ask) -> str:
    return ASKS[ask.kind]


def _line(text: object) -> str:
    """Typed text on one line, without signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in str(text))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("services.reminders"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"day": _day, "asked": _asked, "line": _line}
    return environment


_templates = _environment()
