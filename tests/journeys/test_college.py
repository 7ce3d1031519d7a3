"""Private messages of a college as contacts with their initiator: who wrote to whom, and who wants attention when."""

import gzip
import json
import pathlib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.policy import Cadence
from domain.tie import Closeness, DeclareTie
from services.reading.as_of import Asked
from services.reading.attention import LIST_LIMIT, read_attention
from services.reading.contacts import ContactView, list_contacts
from services.reading.pages import Page
from tests.journeys.conftest import PAGE, Journey
from tests.journeys.test_mathoverflow import check_figures

MAPPING = """
act = "contact.record"
source = "college"
delimiter = " "
header = ["u", "v", "t"]
[fields]
initiator = "u"
other = "v"
channel = { value = "message" }
occurred_at = { column = "t", format = "unix" }
"""
CONTACTS, PARTIES = 59_835, 1_899
ASKED_ABOUT = 12
"""Of how many parties the attention is looked at: those that wrote most."""
CADENCE: dict[Closeness, int] = {"close": Cadence().close, "good": Cadence().good, "loose": Cadence().loose}


async def test_who_wrote_to_whom_and_whom_to_write_to(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "college_msg"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    file = folder / "CollegeMsg.txt.gz"
    summary = await journey.rows(file, MAPPING)
    assert (summary.read, summary.recorded, reference["events"]) == (CONTACTS, CONTACTS, CONTACTS)

    ids = await journey.ids("college")
    assert len(ids) == reference["people"] == PARTIES
    contacts = await read_contacts(journey)
    check_directions(contacts, ids, reference)
    await check_attention(journey, file, {int(number): party for party, number in ids.items()})


async def read_contacts(journey: Journey) -> list[ContactView]:
    """All contacts of the ledger, page by page."""
    found: list[ContactView] = []
    after = None
    async with journey.look() as snapshot:
        while True:
            page = await list_contacts(snapshot, page=Page(after, PAGE))
            found += page.items
            after = page.next
            if after is None:
                return found


def check_directions(contacts: list[ContactView], ids: dict[UUID, str], reference: dict[str, object]) -> None:
    """The directed figures and the whole pair table of reference.json."""
    directed = Counter((int(ids[one.initiator]), int(ids[one.other])) for one in contacts)
    assert len(directed) == reference["static_directed_edges"]
    reciprocated = sum(1 for a, b in directed if (b, a) in directed)
    assert round(reciprocated / len(directed), 6) == reference["reciprocity_edges"]
    pairs = {(min(two), max(two)) for two in directed}
    check_figures({(a, b): (directed[a, b], directed[b, a]) for a, b in pairs}, reference)


async def check_attention(journey: Journey, file: pathlib.Path, parties: dict[int, UUID]) -> None:
    """Whom to write to at two moments, beside what the file itself says."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [tuple(map(int, line.split())) for line in lines]
    first, last = (datetime.fromtimestamp(rows[n][2], UTC) for n in (0, -1))
    written = defaultdict[int, Counter[int]](Counter)
    for u, v, _ in rows:
        written[u][v] += 1
    asked_about = sorted(written, key=lambda one: (-written[one].total(), one))[:ASKED_ABOUT]
    ties = {one: {other: closeness(count) for other, count in written[one].items()} for one in asked_about}
    await journey.give(
        (
            DeclareTie(by=parties[one], party=parties[one], other=parties[other], closeness=close, occurred_at=first),
            None,
        )
        for one in asked_about
        for other, close in ties[one].items()
    )
    due = 0
    for moment in (first + (last - first) / 2, last):
        seen: dict[frozenset[int], datetime] = {}
        for u, v, t in rows:
            if datetime.fromtimestamp(t, UTC) <= moment:
                seen[frozenset((u, v))] = datetime.fromtimestamp(t, UTC)
        for one in asked_about:
            expected = []
            for other, close in ties[one].items():
                if close == "dormant":
                    continue
                waited = moment - seen.get(frozenset((one, other)), first)
                if waited >= timedelta(days=CADENCE[close]):
                    expected.append((-waited / timedelta(days=CADENCE[close]), parties[other], close))
            async with journey.look() as snapshot:
                answer = await read_attention(snapshot, parties[one], Asked(occurred=moment))
            found = [(reach.party, reach.closeness) for reach in answer.reach_out]
            assert found == [(party, close) for _, party, close in sorted(expected)[:LIST_LIMIT]]
            due += len(found)
    assert due > ASKED_ABOUT


def closeness(count: int) -> Closeness:
    """By how many messages somebody wrote in all."""
    return "close" if count >= 20 else "good" if count >= 5 else "loose" if count > 1 else "dormant"
