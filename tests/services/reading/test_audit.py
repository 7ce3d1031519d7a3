"""The audit: filters, groups, pages of one moment, CSV."""

import csv
import io
from datetime import timedelta
from functools import partial
from typing import Any, get_args
from uuid import UUID

import pytest

from domain.party import RegisterParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery, RetractPromise
from services.reading import audit as reading_audit
from services.reading.as_of import NOW, Asked
from services.reading.audit import Group, GroupBy, read_audit
from services.reading.audit_csv import GROUP_COLUMNS, LINE_COLUMNS, write_csv
from services.reading.audit_figures import COUNTS, Totals
from services.reading.pages import Page
from services.reading.promise_lines import PromiseLine
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.reading.standing import EVERYTHING, NOT_MADE, PromiseFilter, Standing
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading import oracle
from tests.services.reading.conftest import POLICY, START, Clock
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio


@pytest.fixture
async def story(desk: Desk, clock: Clock) -> Story:
    told = Story(desk, clock, seed=3)
    await told.begin(4)
    await told.go_on(200)
    return told


async def totals_of(service: Service, chosen: PromiseFilter, asked: Asked = NOW) -> Totals:
    async with open_snapshot(service, LEDGER) as snapshot:
        totals = (await read_audit(snapshot, chosen, asked)).totals
    assert totals is not None
    return totals


async def lines_of(service: Service, chosen: PromiseFilter = EVERYTHING, limit: int = 200) -> list[PromiseLine]:
    found: list[PromiseLine] = []
    after = None
    while True:
        async with open_snapshot(service, LEDGER) as snapshot:
            page = await read_audit(snapshot, chosen, page=Page(after, limit))
        assert page.lines is not None
        assert (page.totals is None) == (after is not None)
        found += page.lines
        after = page.next
        if after is None:
            return found


async def groups_of(service: Service, by: GroupBy, limit: int = 200) -> list[Group]:
    found: list[Group] = []
    after = None
    while True:
        async with open_snapshot(service, LEDGER) as snapshot:
            page = await read_audit(snapshot, page=Page(after, limit), by=by)
        assert page.groups is not None
        assert page.lines is None
        found += page.groups
        after = page.next
        if after is None:
            return found


async def test_filters_choose_by_party_and_period(service: Service, story: Story) -> None:
    log = await oracle.load_log(service, LEDGER)
    one, other = story.parties[:2]
    middle = START + (story.clock.now - START) / 2
    everything = [state for state in oracle.states(log).values() if hasattr(state, "promisor")]
    for chosen, holds in (
        (PromiseFilter(promisor=one), lambda p: p.promisor == one),
        (PromiseFilter(promisee=one), lambda p: p.promisee == one),
        (PromiseFilter(party=one), lambda p: one in p.parties),
        (PromiseFilter(party=one, other=other), lambda p: {one, other} == set(p.parties)),
        (PromiseFilter(made_from=middle), lambda p: (p.made_at or p.begun_at) >= middle),
        (PromiseFilter(made_to=middle), lambda p: (p.made_at or p.begun_at) < middle),
        (
            PromiseFilter(promisor=one, promisee=other, made_from=middle),
            lambda p: p.parties == (one, other) and (p.made_at or p.begun_at) >= middle,
        ),
    ):
        totals = await totals_of(service, chosen)
        expected = [promise for promise in everything if holds(promise)]
        never_made = sum(getattr(totals, standing) for standing in NOT_MADE)
        assert totals.made + totals.retracted + never_made == len(expected)
        assert len(await lines_of(service, chosen)) == len(expected)


async def test_every_figure_is_the_number_of_its_lines(service: Service, story: Story) -> None:
    del story
    totals = await totals_of(service, EVERYTHING)
    for standing in ("open", "kept", *get_args(Standing)):
        chosen = PromiseFilter(standing=standing)
        lines = await lines_of(service, chosen)
        assert len(lines) == getattr(totals, standing), standing
    assert len(await lines_of(service, PromiseFilter(overdue=True))) == totals.overdue
    lines = await lines_of(service)
    assert sum(line.behind for line in lines) == totals.behind
    assert sum(line.delivered for line in lines) == sum(line.delivered for line in totals.quantities)


@pytest.mark.parametrize("by", ["promisor", "promisee", "pair", "month", "quarter", "year"])
async def test_groups_part_the_whole(by: GroupBy, service: Service, story: Story) -> None:
    whole = await totals_of(service, EVERYTHING)
    groups = await groups_of(service, by)
    assert groups
    assert [group.key for group in groups] == sorted({group.key for group in groups})
    for name in COUNTS:
        assert sum(getattr(group.totals, name) for group in groups) == getattr(whole, name), name
    for group in groups:
        chosen = chosen_by(by, group)
        assert group.totals == await totals_of(service, chosen)
        assert group.names == tuple(f"Party {story.parties.index(party)}" for party in group.parties)
    for limit in (1, 2):
        assert await groups_of(service, by, limit) == groups


def chosen_by(by: GroupBy, group: Group) -> PromiseFilter:
    """The filter that chooses what a group holds."""
    match by:
        case "promisor":
            return PromiseFilter(promisor=group.parties[0])
        case "promisee":
            return PromiseFilter(promisee=group.parties[0])
        case "pair":
            return PromiseFilter(party=group.parties[0], other=group.parties[1])
        case "organisation":
            return PromiseFilter(organisation=group.parties[0])
        case "quarter":
            year, quarter = (int(part) for part in str(group.period).split("-Q"))
            start = START.replace(year=year, month=quarter * 3 - 2, day=1, hour=0)
            return PromiseFilter(made_from=start, made_to=(start + timedelta(days=92)).replace(day=1))
        case "month" | "year":
            year, month = (int(part) for part in f"{group.period}-01".split("-")[:2])
            start = START.replace(year=year, month=month, day=1, hour=0)
            days = 366 if by == "year" else 31
            return PromiseFilter(made_from=start, made_to=(start + timedelta(days=days)).replace(day=1))


async def test_pages_are_of_the_moment_of_the_first(service: Service, story: Story, clock: Clock) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        whole = await read_audit(snapshot, page=Page(limit=200))
    found: list[Any] = []
    after = None
    while True:
        async with open_snapshot(service, LEDGER) as snapshot:
            page = await read_audit(snapshot, page=Page(after, 5))
        assert (page.position, page.moment, page.occurred) == (whole.position, whole.moment, whole.occurred)
        found += page.lines or ()
        after = page.next
        if after is None:
            break
        clock.go_on(days=20)
        await story.go_on(3)
    assert tuple(found) == whole.lines


async def test_an_occurred_moment_is_carried_along(service: Service, story: Story) -> None:
    asked = Asked(occurred=START + (story.clock.now - START) / 2)
    async with open_snapshot(service, LEDGER) as snapshot:
        whole = await read_audit(snapshot, asked=asked, page=Page(limit=200))
        first = await read_audit(snapshot, asked=asked, page=Page(limit=1))
        rest = await read_audit(snapshot, page=Page(first.next, 200))
    assert whole.lines == (*(first.lines or ()), *(rest.lines or ()))
    assert rest.occurred == asked.occurred


async def test_a_cursor_of_a_later_position_is_turned_down(service: Service) -> None:
    after = f"999~2024-01-01T12:00:00Z~now~{UUID(int=1)}"
    async with open_snapshot(service, LEDGER) as snapshot:
        with pytest.raises(BadQuestionError):
            await read_audit(snapshot, page=Page(after))


async def test_the_grace_of_then_decides_what_was_on_time(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    due = START + timedelta(days=1)
    for late in (timedelta(days=1), timedelta(days=1, microseconds=1)):
        stream = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="x", due=due, occurred_at=START))).id
        clock.now = due + late
        await desk.give(ReportDelivery(by=anna), stream)
        clock.go_on(days=30)  # when it is accepted does not matter
        await desk.give(AcceptDelivery(by=ben), stream)
    totals = await totals_of(service, EVERYTHING)
    assert (POLICY.grace_days, totals.kept_on_time, totals.kept_late) == (1, 1, 1)


async def test_retracted_ones_are_listed_and_count_nowhere(service: Service, desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    stream = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="x", quantity=4))).id
    await desk.give(RetractPromise(), stream)
    totals = await totals_of(service, EVERYTHING)
    assert (totals.made, totals.open, totals.retracted, totals.quantities) == (0, 0, 1, ())
    (line,) = await lines_of(service)
    assert (line.standing, line.status, line.delivered) == ("retracted", "promised", 0)


async def rows_of(service: Service, **asked: Any) -> list[list[str]]:
    text = "".join([piece async for piece in write_csv(partial(open_snapshot, service, LEDGER), **asked)])
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.usefixtures("story")
async def test_csv_has_all_lines_however_many(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_audit, "BATCH", 7)
    lines = await lines_of(service)
    assert len(lines) > 14
    head, *rows = await rows_of(service)
    assert tuple(head) == LINE_COLUMNS
    assert [row[head.index("id")] for row in rows] == [str(line.id) for line in lines]
    assert [row[head.index("positions")] for row in rows] == [" ".join(map(str, line.positions)) for line in lines]
    assert [row[head.index("overdue")] for row in rows] == [str(line.overdue).lower() for line in lines]
    head, *rows = await rows_of(service, by="promisor")
    assert tuple(head) == GROUP_COLUMNS
    groups = await groups_of(service, "promisor")
    totals = await totals_of(service, EVERYTHING)
    assert [row[head.index("made")] for row in rows] == [
        *(str(group.totals.made) for group in groups),
        str(totals.made),
    ]
    assert [row[head.index("key")] for row in rows] == [*(group.key for group in groups), "sum"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1dx"])
async def test_csv_holds_no_formulas(text: str, service: Service, desk: Desk) -> None:
    name = text.lstrip("\t\r\n")  # which are fit for no name
    anna = (await desk.give(RegisterParty(name=name))).id
    (ben,) = await desk.register('B "en", junior')
    await desk.give(MakePromise(promisor=anna, promisee=ben, what=f"{text} or so"))
    head, row = await rows_of(service)
    assert row[head.index("promisor_name")] == (name if name == "x" else f"'{name}")
    assert row[head.index("what")] == f"'{text} or so"
    assert row[head.index("promisee_name")] == 'B "en", junior'
    head, row, _ = await rows_of(service, by="promisor")
    assert row[head.index("names")] == (name if name == "x" else f"'{name}")


async def test_csv_of_an_empty_ledger_is_its_header(service: Service) -> None:
    assert await rows_of(service) == [list(LINE_COLUMNS)]
