"""Moments: how they are written, looked up, and turned down."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.favour.commands import RecordFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Policy
from domain.refusal import Refusal
from services.reading.as_of import NOW, Asked, AsOf, parse_asked, parse_moment, policy_at, resolve
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import POLICY, START, Clock

pytestmark = pytest.mark.anyio


def test_a_moment_is_a_time_or_a_position() -> None:
    noon = datetime(2024, 6, 1, 12, tzinfo=UTC)
    assert parse_asked(None) == NOW
    assert parse_asked("17") == Asked(position=17)
    assert parse_asked("2024-06-01T12:00:00Z") == Asked(recorded=noon)
    assert parse_asked("2024-06-01T12:00:00Z", "occurred") == Asked(occurred=noon)
    assert parse_moment("x", "2024-06-01T14:00:00+02:00") == noon
    assert parse_moment("x", "2024-06-01T14:00:00 02:00") == noon  # what '+' becomes in an address


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "1.5", "2024-06-01", "2024-06-01T12:00:00", "\u0661\u0667", "2024-13-01T00:00:00Z"]
)
def test_what_is_neither_is_turned_down(text: str) -> None:
    with pytest.raises(BadQuestionError) as caught:
        parse_asked(text)
    assert caught.value.parameter == "as_of"


def test_a_position_is_of_the_recorded_clock() -> None:
    with pytest.raises(BadQuestionError):
        parse_asked("3", "occurred")


async def test_an_unknown_ledger(service: Service) -> None:
    with pytest.raises(Refusal) as caught:
        async with open_snapshot(service, "nowhere"):
            pass
    assert caught.value.code == "ledger_not_found"


async def test_what_cannot_be_asked(service: Service, clock: Clock) -> None:
    async with open_snapshot(service, LEDGER) as snapshot:
        for asked in (
            Asked(recorded=clock.now + timedelta(microseconds=1)),
            Asked(occurred=clock.now + timedelta(days=1)),
            Asked(position=0),
            Asked(position=2),
            Asked(position=2**63),
            Asked(position=1, recorded=clock.now),
            Asked(position=1, moment=clock.now - timedelta(seconds=1)),
            Asked(position=1, moment=clock.now + timedelta(seconds=1)),
            Asked(position=0, occurred=clock.now),
            Asked(recorded=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ):
            with pytest.raises(BadQuestionError):
                await resolve(snapshot, asked)


async def test_every_time_finds_the_last_position_until_then(service: Service, desk: Desk, clock: Clock) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    for _ in range(9):
        clock.go_on(hours=1)
        await desk.give(RecordFavour(giver=anna, receiver=ben))
        await desk.give(RecordFavour(giver=ben, receiver=anna))
    rows = await service.pool.fetch("SELECT position, recorded_at FROM event ORDER BY position")
    async with open_snapshot(service, LEDGER) as snapshot:
        for moment in (START - timedelta(days=1), *(row["recorded_at"] for row in rows), clock.now):
            for at in (moment, min(moment + timedelta(minutes=1), clock.now)):
                expected = max((row["position"] for row in rows if row["recorded_at"] <= at), default=0)
                found = await resolve(snapshot, Asked(recorded=at))
                assert (found.position, found.moment, found.occurred, found.live) == (expected, at, None, False)


async def test_a_pinned_moment_is_the_same_again(service: Service, desk: Desk, clock: Clock) -> None:
    await desk.register("Anna")
    clock.go_on(hours=2)
    async with open_snapshot(service, LEDGER) as snapshot:
        moments = (NOW, Asked(position=1), Asked(recorded=START - timedelta(days=1)), Asked(occurred=START))
        found = [await resolve(snapshot, asked) for asked in moments]
    clock.go_on(hours=2)
    await desk.register("Ben")
    async with open_snapshot(service, LEDGER) as snapshot:
        for moment in found:
            again = await resolve(snapshot, parse_asked(moment.pin, moment.clock))
            assert again == AsOf(moment.position, moment.moment, moment.occurred)


async def test_now_is_not_before_the_last_event(service: Service, clock: Clock) -> None:
    clock.go_on(days=-3)  # this machine's clock lags behind the one that recorded
    async with open_snapshot(service, LEDGER) as snapshot:
        assert snapshot.now == snapshot.recorded_at == START
        assert (await resolve(snapshot, NOW)).moment == START


async def test_the_policy_is_the_one_in_force_then(service: Service, desk: Desk, clock: Clock) -> None:
    later = Policy(units=POLICY.units, grace_days=30)
    clock.go_on(days=10)
    change = ChangePolicy(policy=later, occurred_at=clock.now - timedelta(days=5))
    await desk.give(change, LEDGER_STREAM, capacity="admin")
    async with open_snapshot(service, LEDGER) as snapshot:
        for asked, expected in (
            (NOW, later),
            (Asked(position=1), POLICY),
            (Asked(recorded=clock.now - timedelta(days=1)), POLICY),
            (Asked(occurred=clock.now - timedelta(days=1)), later),
            (Asked(occurred=clock.now - timedelta(days=6)), POLICY),
            (Asked(position=1, occurred=clock.now), POLICY),
            (Asked(occurred=START - timedelta(days=900)), POLICY),  # before there was a ledger: its first
        ):
            assert await policy_at(snapshot, await resolve(snapshot, asked)) == expected
