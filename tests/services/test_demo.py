"""The demo community: recorded once, wherever it was cut short, and in all the standings that it means to show."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.policy import Policy
from domain.refusal import Refusal
from services.demo.circles import TWICE
from services.demo.fill import fill_demo
from services.demo.people import MEMBERS
from services.demo.promises import WORDS
from services.demo.story import LEDGER, POLICY, TITLE, party_id, tell_story
from services.ledger.opening import open_ledger
from services.reading.audit import read_audit
from services.reading.directory import who_knows
from services.reading.memberships import list_members
from services.reading.parties import read_party
from services.reading.snapshot import open_snapshot
from services.service import Service


async def position(service: Service) -> int:
    found: int = await service.pool.fetchval("SELECT position FROM ledger_head WHERE ledger_id = $1", LEDGER)
    return found


async def test_a_community_in_all_standings(service: Service) -> None:
    assert await fill_demo(service)
    async with open_snapshot(service, LEDGER) as snapshot:
        totals = (await read_audit(snapshot)).totals
    assert totals is not None
    assert (totals.made, totals.retracted, totals.declined) == (44, 1, 1)
    shown = (
        "kept_on_time",
        "kept_late",
        "partly_kept",
        "broken",
        "reneged",
        "released",
        "unconfirmed",
        "reported",
        "disputed",
    )
    assert all(getattr(totals, standing) for standing in (*shown, "overdue", "behind", "not_started", "in_progress"))
    rows = await service.pool.fetch("SELECT topic, count(*) FROM event WHERE ledger_id = $1 GROUP BY topic", LEDGER)
    counted = {row["topic"]: row["count"] for row in rows}
    assert counted["favour.recorded"] == 251
    assert counted["introduction.proposed"] == 15
    assert (counted["contact.recorded"], counted["tie.declared"]) == (19, 17)
    assert (counted["favour.gift_declared"], counted["favour.gift_refused"]) == (3, 1)
    assert counted["favour.gifts_over_year_limit"] == 1
    assert len(MEMBERS) == 28
    assert counted["party.registered"] == 29


async def test_it_shows_who_belongs_where_and_who_was_written_down_twice(service: Service) -> None:
    await fill_demo(service)
    async with open_snapshot(service, LEDGER) as snapshot:
        tom = (await read_party(snapshot, party_id("tom"))).party
        assert (tom.name, tom.aliases) == ("Tom Ashby", (party_id(TWICE),))
        knowers = await who_knows(snapshot, "charity accounts")
        assert {knower.name for knower in knowers.items} == {"Leila Farahani", "Sunil Rao"}
        members = await list_members(snapshot, party_id("surgery"))
        assert len(members.items) == 4


async def test_a_second_start_finds_it(service: Service) -> None:
    await fill_demo(service)
    before = await position(service)
    assert not await fill_demo(service)
    assert await position(service) == before


async def test_a_story_that_was_cut_short_is_told_to_its_end(service: Service) -> None:
    await open_ledger(service, LEDGER, title=TITLE, policy=POLICY)
    opened_at = await service.pool.fetchval("SELECT recorded_at FROM event WHERE ledger_id = $1", LEDGER)
    await asyncio.gather(*(service.clerk.submit(order) for order in tell_story(opened_at)[:300]))
    assert await fill_demo(service)
    assert await position(service) == 1 + len(tell_story(opened_at)) + 1  # one gift crosses a limit, and says so


async def test_a_ledger_of_somebody_elses_is_left_alone(service: Service) -> None:
    await open_ledger(service, LEDGER, policy=Policy(units=("hour",)))
    with pytest.raises(Refusal, match="demo_taken"):
        await fill_demo(service)
    assert await position(service) == 1


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_the_same_story_for_the_same_moment_and_none_of_it_in_the_future(hour: int) -> None:
    opened_at = datetime(2026, 3, 29, hour, 5, tzinfo=UTC)
    story = tell_story(opened_at)
    assert story == tell_story(opened_at)
    moments = [order.command.occurred_at for order in story]
    assert all(moment is not None and moment < opened_at for moment in moments)
    assert min(moment for moment in moments if moment) > opened_at - timedelta(days=440)


def test_nobody_promises_or_helps_who_is_not_there() -> None:
    handles = {member.handle for member in MEMBERS}
    assert all({word.promisor, word.promisee, word.assessor or word.promisor} <= handles for word in WORDS)
    assert all(set(member.regulars.split()) <= handles - {member.handle} for member in MEMBERS)
