"""Attention: whom to reach out to and why, who waits for an answer, and what comes due."""

from datetime import timedelta
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency

from services.dashboard.charts.calendar import weeks_of
from services.dashboard.standing import CALENDAR_DAYS
from services.dashboard.visit import Visit, open_frame
from services.reading.as_of import now
from services.reading.attention import TieList, list_ties, read_attention
from services.reading.promise_lines import read_dated
from services.reading.snapshot import Snapshot
from services.reading.standing import PromiseFilter, ask

DATED_SHOWN = 200


async def own_ties(visit: Visit, snapshot: Snapshot, party: UUID) -> TieList | None:
    """How close a party says that others are, where that is the reader's to know."""
    return await list_ties(snapshot, party, reader=visit.reader) if visit.is_own(party) else None


@get("/attention")
async def show_attention(visit: NamedDependency[Visit]) -> Response[str]:
    """What wants a party's attention; a way to choose one, where the key acts for none."""
    visit.require("read")
    party = visit.subject()
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        if party is None:
            await frame.name(snapshot)
            return frame.page("choose.html", heading="attention")
        question = await ask(snapshot, now(snapshot), PromiseFilter(promisor=party, standing="open"))
        attention, ties, dated, _ = await snapshot.together.all(
            read_attention(snapshot, party, reader=visit.reader),
            own_ties(visit, snapshot, party),
            read_dated(question, snapshot.now + timedelta(days=CALENDAR_DAYS), DATED_SHOWN),
            frame.name(snapshot, [party]),
        )
    return frame.page(
        "attention.html",
        party=party,
        attention=attention,
        ties=ties,
        weeks=weeks_of(snapshot.now, CALENDAR_DAYS, dated),
    )
