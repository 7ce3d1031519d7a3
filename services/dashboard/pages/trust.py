"""Trust, explained: what is thought of one party's promises, and every line of evidence behind it. No ranking."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.dashboard.charts.opinion import interval_bar, masses_bar
from services.dashboard.visit import Visit, open_frame
from services.reading.trust import View, read_trust

EVIDENCE_SHOWN = 30


@get("/people/{party:uuid}/trust")
async def show_trust(party: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """What is thought of a party, and why."""
    visit.require("read")
    view = View(seen_by=visit.query.party("seen_by"), topic=visit.query.text("topic", 40))
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        trust, _ = await snapshot.together.all(
            read_trust(snapshot, party, view, visit.query.asked(snapshot.now), visit.query.page(EVIDENCE_SHOWN)),
            frame.name(snapshot, [party, view.seen_by]),
        )
        await frame.name(snapshot, {one for line in trust.evidence for one in (line.promisee, line.said_by)})
    return frame.page(
        "trust.html",
        party=party,
        trust=trust,
        masses=masses_bar(trust.opinion),
        interval=interval_bar(trust.expected, trust.interval),
        is_me=visit.acts_for(party),
    )
