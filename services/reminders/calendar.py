"""A party's promises as a calendar (RFC 5545), under a secret address that its calendar program asks from time to time.

What the party promised and what was promised to it are events on their due dates; what it promised is a thing to do as
well, due or not. A promise that came to its end is in it no longer. The address is random, stored as a hash only, and
there is one for each party at a time: making a new one ends the last. Whoever knows it reads what the party's own key
would read of its open promises, and nothing else.
"""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from domain.refusal import Refusal
from services.access.keys import Database
from services.access.tokens import hash_secret, parse_secret, random_secret
from services.database.pool import load_sql
from services.ledger.opening import LEDGER_ID
from services.reading.pages import Page
from services.reading.parties import require_parties
from services.reading.promise_lines import PromiseLine
from services.reading.promises import list_promises
from services.reading.snapshot import Snapshot
from services.reading.standing import PromiseFilter
from services.reading.words import read_names

if TYPE_CHECKING:
    import icalendar

PRODUCT = "-//Requite//Promises//EN"
REFRESH = timedelta(hours=1)
"""How often a calendar program is told to ask again."""
BATCH = 200
LIMIT = 2_000
"""How many promises a calendar has at most; by id."""
SEPARATOR = "."


class Feed(Struct, frozen=True):
    """A calendar, and the tag that is the same as long as it is."""

    content: bytes
    tag: str


async def create_address(database: Database, ledger_id: str, party: UUID, now: datetime) -> str:
    """Make the address of a party's calendar, in place of the last one, and answer its token.

    Raises ``Refusal`` where the ledger does not know the party, or it was erased.
    """
    text, hashed = random_secret()
    if await database.fetchval(_sql("new_address"), ledger_id, party, hashed, now) is None:
        raise Refusal("party_not_found", "There is no such party in this ledger, or it was erased.")
    return f"{ledger_id}{SEPARATOR}{text}"


async def revoke_address(database: Database, ledger_id: str, party: UUID) -> None:
    """End the address of a party's calendar. May be repeated."""
    await database.execute(_sql("revoke_address"), ledger_id, party)


async def address_made_at(database: Database, ledger_id: str, party: UUID) -> datetime | None:
    """Since when a party's calendar has the address that it has; ``None`` where it has none."""
    made_at: datetime | None = await database.fetchval(_sql("address_of"), ledger_id, party)
    return made_at


async def find_calendar(database: Database, token: str) -> tuple[str, UUID] | None:
    """The ledger and the party of a calendar's token; ``None`` where there is none."""
    ledger_id, _, text = token.rpartition(SEPARATOR)
    secret = parse_secret(text)
    if secret is None or LEDGER_ID.fullmatch(ledger_id) is None:
        return None
    party = await database.fetchval(_sql("find_address"), ledger_id, hash_secret(secret))
    return None if party is None else (ledger_id, UUID(int=party.int))


async def read_calendar(snapshot: Snapshot, party: UUID, name: str) -> Feed:
    """The calendar of a party as of now; ``name`` is the service's. Raises ``Refusal`` where it is not known."""
    import icalendar  # noqa: PLC0415 - large: loaded when first needed

    await require_parties(snapshot, party)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    own = (await read_names(snapshot, [party])).get(party)
    calendar.add("x-wr-calname", f"Promises of {own or party}")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for line in await _open_promises(snapshot, party):
        uid = f"{line.id}.{snapshot.ledger_id}@{name}"
        is_promisee = line.promisee == party
        if line.due is not None:
            calendar.add_component(_event(line, uid, is_promisee=is_promisee))
        if not is_promisee:
            calendar.add_component(_todo(line, uid))
    content = calendar.to_ical()
    return Feed(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


async def _open_promises(snapshot: Snapshot, party: UUID) -> list[PromiseLine]:
    found: list[PromiseLine] = []
    after = None
    while len(found) < LIMIT:
        page = await list_promises(snapshot, PromiseFilter(party=party, standing="open"), Page(after, BATCH))
        found += page.items
        after = page.next
        if after is None:
            break
    return found


def _event(line: PromiseLine, uid: str, *, is_promisee: bool) -> "icalendar.Event":
    import icalendar  # noqa: PLC0415 - large: loaded when first needed

    event = icalendar.Event()
    event.add("uid", f"due-{uid}")
    assert line.due is not None
    event.add("dtstart", line.due)
    event.add("transp", "TRANSPARENT")
    _describe(event, line, is_promisee=is_promisee)
    return event


def _todo(line: PromiseLine, uid: str) -> "icalendar.Todo":
    import icalendar  # noqa: PLC0415 - large: loaded when first needed

    todo = icalendar.Todo()
    todo.add("uid", f"do-{uid}")
    if line.due is not None:
        todo.add("due", line.due)
    todo.add("status", "NEEDS-ACTION" if line.standing == "not_started" else "IN-PROCESS")
    _describe(todo, line, is_promisee=False)
    return todo


def _describe(component: "icalendar.Event | icalendar.Todo", line: PromiseLine, *, is_promisee: bool) -> None:
    """Nothing in it moves with the clock, so that the tag stays where nothing was said."""
    what = line.what or "A promise"
    other = (line.promisor_name or str(line.promisor)) if is_promisee else (line.promisee_name or str(line.promisee))
    component.add("summary", f"{what} (from {other})" if is_promisee else f"{what} (for {other})")
    component.add("dtstamp", line.made_at or line.begun_at)
    component.add("sequence", len(line.positions) - 1)


def _sql(name: str) -> str:
    return load_sql(f"services/reminders/sql/{name}.sql")
