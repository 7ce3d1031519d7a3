"""Lists: every row once, whatever the size of a page; nothing where there is nothing; no cursors of elsewhere."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.reading import begun
from services.reading.audit import PromiseAudit, read_audit
from services.reading.balance import list_imbalances, list_relationships, read_party_balance
from services.reading.events import list_events
from services.reading.favours import list_favours
from services.reading.introductions import list_introductions
from services.reading.pages import Page
from services.reading.parties import list_parties
from services.reading.promises import list_promises
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, open_snapshot
from services.reading.standing import PromiseFilter
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import Clock
from tests.services.reading.paging import every
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio

Read = Callable[[Snapshot, Page], Awaitable[Any]]

LISTS: dict[str, Read] = {
    "parties": list_parties,
    "relationships": lambda snapshot, page: list_relationships(snapshot, page=page),
    "imbalances": lambda snapshot, page: list_imbalances(snapshot, page=page),
    "favours": lambda snapshot, page: list_favours(snapshot, page=page),
    "newest favours": lambda snapshot, page: list_favours(snapshot, order="newest", page=page),
    "introductions": lambda snapshot, page: list_introductions(snapshot, page=page),
    "promises": lambda snapshot, page: list_promises(snapshot, page=page),
    "events": list_events,
}


async def read_audit_page(snapshot: Snapshot, page: Page) -> PromiseAudit:
    return await read_audit(snapshot, page=page)


@pytest.fixture
async def story(desk: Desk, clock: Clock) -> Story:
    told = Story(desk, clock, seed=7)
    await told.begin(5)
    await told.go_on(150)
    return told


def identity(item: Any) -> Any:
    return getattr(item, "id", None) or (getattr(item, "position", None) or (item.a, item.b))


@pytest.mark.usefixtures("story")
async def test_every_row_once_whatever_the_size_of_a_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begun, "WINDOW", 7)
    async with open_snapshot(service, LEDGER) as snapshot:
        for name, read in LISTS.items():
            whole = await every(lambda page, read=read: read(snapshot, page), 200)  # type: ignore[misc]
            assert len(whole) > 3, name
            assert len({identity(item) for item in whole}) == len(whole), name
            for limit in (1, 2, 3):
                assert await every(lambda page, read=read: read(snapshot, page), limit) == whole, name  # type: ignore[misc]


async def test_what_is_listed_is_what_there_is(service: Service, story: Story) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        parties = await every(lambda page: list_parties(snapshot, page), 3)
        favours = await every(lambda page: list_favours(snapshot, page=page), 3)
        newest = await every(lambda page: list_favours(snapshot, order="newest", page=page), 3)
        introductions = await every(lambda page: list_introductions(snapshot, page=page), 3)
        promises = await every(lambda page: list_promises(snapshot, page=page), 3)
        events = await every(lambda page: list_events(snapshot, page), 100)
    assert {party.id for party in parties} == set(story.parties)
    assert [favour.id for favour in favours] == [stream for stream, *_ in story.favours]
    assert newest == favours[::-1]
    assert [found.id for found in introductions] == sorted(stream for stream, *_ in story.introductions)
    assert {promise.id for promise in promises} == {stream for stream, *_ in story.promises}
    assert [event.position for event in events] == list(range(1, len(events) + 1))


async def test_the_lists_of_a_party_and_of_a_pair(service: Service, story: Story) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        for party in story.parties:
            favours = await every(lambda page, party=party: list_favours(snapshot, party=party, page=page), 2)  # type: ignore[misc]
            assert [favour.id for favour in favours] == [stream for stream, *two in story.favours if party in two]
            found = await every(lambda page, party=party: list_introductions(snapshot, party=party, page=page), 2)  # type: ignore[misc]
            assert {one.id for one in found} == {stream for stream, *three in story.introductions if party in three}
            chosen = PromiseFilter(party=party)
            promises = await every(lambda page, chosen=chosen: list_promises(snapshot, chosen, page), 2)  # type: ignore[misc]
            assert {one.id for one in promises} == {stream for stream, *three in story.promises if party in three[:2]}
            relationships = await every(lambda page, party=party: list_relationships(snapshot, party, page=page), 2)  # type: ignore[misc]
            assert {one.a for one in relationships} <= {party}
            balance = await read_party_balance(snapshot, party)
            assert len(relationships) == balance.relationships
        one, other = story.parties[:2]
        between = await every(lambda page: list_favours(snapshot, party=one, other=other, order="newest", page=page), 2)
        expected = [stream for stream, *two in story.favours if {one, other} == set(two)]
        assert [favour.id for favour in between] == expected[::-1]


async def test_imbalances_come_largest_first(service: Service, story: Story) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        for unit in ("favour", "minute"):
            found = await every(lambda page, unit=unit: list_imbalances(snapshot, None, unit, page), 2)  # type: ignore[misc]
            nets = [abs(line.net) for one in found for line in one.units if line.unit == unit]
            assert len(nets) == len(found)
            assert nets == sorted(nets, reverse=True)
            assert all(one.a < one.b for one in found)
        mine = story.parties[-1]
        found = await every(lambda page: list_imbalances(snapshot, mine, page=page), 2)
        assert {one.a for one in found} == {mine}
        listed = {
            (one.a, one.b): one for one in await every(lambda page: list_relationships(snapshot, mine, page=page), 9)
        }
        assert all(listed[one.a, one.b] == one for one in found)


async def test_an_empty_ledger_has_empty_lists(service: Service) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        for name, read in LISTS.items():
            page = await read(snapshot, Page())
            assert (page.position, page.next) == (1, None)
            assert len(page.items) == (name == "events")
        audit = await read_audit(snapshot)
        assert audit.totals is not None
        assert (audit.totals.made, audit.totals.quantities, audit.lines, audit.next) == (0, (), (), None)
        assert (await read_audit(snapshot, by="promisor")).groups == ()


@pytest.mark.parametrize(
    "after", ["x", "~", "1~2", "-1", "9" * 30, "1~2024-01-01T00:00:00~now~x", "1~a~now~c", str(UUID(int=1)) * 2]
)
async def test_a_cursor_of_no_list_is_turned_down(service: Service, after: str) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        for read in (*LISTS.values(), read_audit_page):
            with pytest.raises(BadQuestionError) as caught:
                await read(snapshot, Page(after))
            assert caught.value.parameter == "after"


@pytest.mark.usefixtures("story")
async def test_a_place_beyond_the_end_has_nothing_after_it(service: Service) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        for name, after in (
            ("parties", str(UUID(int=2**128 - 1))),
            ("promises", str(UUID(int=2**128 - 1))),
            ("favours", str(2**63 - 1)),
            ("newest favours", "0"),
            ("newest favours", "1"),
            ("introductions", str(UUID(int=2**128 - 1))),
            ("events", str(2**63 - 1)),
        ):
            page = await LISTS[name](snapshot, Page(after))
            assert (page.items, page.next) == ((), None), name


async def test_other_goes_with_party(service: Service) -> None:
    other = UUID(int=5)
    async with open_snapshot(service, LEDGER) as snapshot:
        with pytest.raises(BadQuestionError):
            await list_favours(snapshot, other=other)
        with pytest.raises(BadQuestionError):
            await list_promises(snapshot, PromiseFilter(other=other))
