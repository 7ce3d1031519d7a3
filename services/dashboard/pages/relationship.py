"""A relationship: both ways over time, what is open, what the two have in common, and what happened between them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.dashboard.charts.steps import Step, both_ways
from services.dashboard.pages.attention import own_ties
from services.dashboard.stories import tell_timeline
from services.dashboard.visit import Visit, open_frame
from services.database.pool import load_sql
from services.reading.aliases import read_aliases
from services.reading.as_of import now
from services.reading.balance import list_imbalances, read_relationship
from services.reading.common_ground import read_common_ground
from services.reading.pages import Page
from services.reading.promise_lines import PromiseLine
from services.reading.promises import list_promises
from services.reading.snapshot import Snapshot
from services.reading.standing import PromiseFilter

EVENTS_SHOWN = 25
OPEN_SHOWN = 20
IN_COMMON_SHOWN = 12
STEPS_LIMIT = 2_000
RELATIONSHIPS_SHOWN = 50


@get("/relationships")
async def show_relationships(visit: NamedDependency[Visit]) -> Response[str]:
    """All relationships, the largest imbalance first."""
    visit.require("read")
    party = visit.subject()
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        unit = visit.query.one_of("unit", snapshot.policy.units) or snapshot.policy.units[0]
        found = await list_imbalances(snapshot, party, unit, visit.query.page(RELATIONSHIPS_SHOWN))
        await frame.name(snapshot, [party, *(one for pair in found.items for one in (pair.a, pair.b))])
    lines = [(pair, next(one for one in pair.units if one.unit == unit)) for pair in found.items]
    largest = max((max(one.given.quantity, one.received.quantity) for _, one in lines), default=0)
    return frame.page(
        "relationships.html",
        lines=lines,
        following=found.next,
        unit=unit,
        units=snapshot.policy.units,
        party=party,
        largest=largest,
    )


@get("/relationships/{a:uuid}/{b:uuid}")
async def show_relationship(a: FromPath[UUID], b: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """Two parties, from the side of the first; of the one that looks, where it is one of them."""
    visit.require("read")
    if visit.me == b:
        a, b = b, a
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        asked = visit.query.asked(snapshot.now)
        answer, promises, common, (stories, following), steps, ties = await snapshot.together.all(
            read_relationship(snapshot, a, b, asked),
            _promises(snapshot, a, b),
            read_common_ground(snapshot, a, b, Page(limit=IN_COMMON_SHOWN)),
            tell_timeline(visit, snapshot, frame, [a, b], visit.query.page(EVENTS_SHOWN)),
            _steps(snapshot, a, b),
            own_ties(visit, snapshot, a),
        )
        frame.name_sides(promises)
        frame.names |= {one.party: one.name for one in (*common.organisations, *common.relations)}
    return frame.page(
        "relationship.html",
        a=a,
        b=b,
        answer=answer,
        promises=promises,
        common=common,
        stories_shown=stories,
        following=following,
        steps=steps,
        chart=both_ways,
        tie=None if ties is None else next((tie for tie in ties.items if tie.other == b), None),
        shows_ties=ties is not None,
    )


async def _promises(snapshot: Snapshot, a: UUID, b: UUID) -> tuple[PromiseLine, ...]:
    """What one of two asked of the other, then what one promised the other and is open."""
    asks, promises = await snapshot.together.all(
        list_promises(snapshot, PromiseFilter(party=a, other=b, standing="asked"), Page(limit=OPEN_SHOWN)),
        list_promises(snapshot, PromiseFilter(party=a, other=b, standing="open"), Page(limit=OPEN_SHOWN)),
    )
    return (*asks.items, *promises.items)


async def _steps(snapshot: Snapshot, a: UUID, b: UUID) -> dict[str, Sequence[Step]]:
    """By unit: how given and received added up, as things occurred."""
    aliases = await read_aliases(snapshot, now(snapshot))
    rows = await snapshot.fetch(
        load_sql("services/dashboard/sql/pair_postings.sql"),
        snapshot.ledger_id,
        aliases.ids(a),
        aliases.ids(b),
        STEPS_LIMIT,
    )
    by_unit: dict[str, list[Step]] = {}
    for row in rows:
        steps = by_unit.setdefault(row["unit"], [])
        given, received = (steps[-1].given, steps[-1].received) if steps else (0, 0)
        moment: datetime = row["occurred_at"]
        if row["forth"]:
            given += row["quantity"]
        else:
            received += row["quantity"]
        if steps and steps[-1].at == moment:
            steps.pop()  # what happened at one moment is one step
        steps.append(Step(moment, given, received))
    return {unit: steps for unit, steps in by_unit.items() if len(steps) > 1}
