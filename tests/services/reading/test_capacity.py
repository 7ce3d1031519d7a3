"""Capacity: what a party has open, beside its own record at such a load."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.policy import Policy
from domain.promise import commands as c
from domain.promise.state import Promise
from domain.refusal import Refusal
from services.reading.as_of import NOW, Asked
from services.reading.capacity import Capacity, read_advice, read_capacity
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading import oracle
from tests.services.reading.conftest import POLICY, START, Clock
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio


async def capacity_of(service: Service, party: UUID, asked: Asked = NOW, **more: Any) -> Capacity:
    async with open_snapshot(service, LEDGER) as snapshot:
        return await read_capacity(snapshot, party, asked, **more)


async def make(desk: Desk, promisor: UUID, promisee: UUID, due: datetime | None = None) -> UUID:
    made = await desk.give(c.MakePromise(promisor=promisor, promisee=promisee, due=due, what="x"))
    return made.id


async def test_open_promises_stand_beside_the_record_at_such_a_load(desk: Desk, clock: Clock, service: Service) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    first = await make(desk, anna, ben)  # beside none
    clock.go_on(days=2)
    await desk.give(c.ReportDelivery(by=anna), first)
    second = await make(desk, anna, ben, clock.now + timedelta(days=1))  # beside the first, which is not answered yet
    clock.go_on(hours=1)
    await desk.give(c.AcceptDelivery(by=ben), first)
    third = await make(desk, anna, ben)  # beside the second
    clock.go_on(days=5, hours=-1)
    await desk.give(c.ReportDelivery(by=anna), second)
    await desk.give(c.AcceptDelivery(by=ben), second)  # late
    await desk.give(c.RenegePromise(by=anna), third)
    nothing = await capacity_of(service, ben)
    assert (nothing.open, nothing.ever.of, nothing.ever.median_days) == (0, 0, None)
    assert (nothing.ever.interval.low, nothing.ever.interval.high) == (0.0, 1.0)
    idle = await capacity_of(service, anna)
    assert (idle.open, idle.alike_from, idle.alike_to, idle.limit) == (0, 0, 0, None)
    assert (idle.at_such_load.kept_on_time, idle.at_such_load.of, idle.at_such_load.median_days) == (1, 1, 2.0)
    assert (idle.ever.kept_on_time, idle.ever.of, idle.ever.median_days) == (1, 3, 3.5)
    await desk.give(ChangePolicy(policy=replace(POLICY, open_promises_limit=3)), LEDGER_STREAM, capacity="admin")
    late, fourth, asked = await make(desk, anna, ben, clock.now), await make(desk, anna, ben), uuid4()
    await desk.give(c.ReportDelivery(by=anna), fourth)
    await desk.give(c.RequestPromise(by=ben, promisor=anna, promisee=ben, what="x"), asked)
    clock.go_on(days=2)
    busy = await capacity_of(service, anna)
    assert (busy.open, busy.reported, busy.overdue, busy.limit) == (2, 1, 1, 3)
    assert (busy.alike_from, busy.alike_to) == (1, 4)
    assert (busy.at_such_load.kept_on_time, busy.at_such_load.of) == (0, 2)
    assert busy.at_such_load.interval.high == pytest.approx(0.6576, abs=1e-4)  # Wilson's, for none of two
    async with open_snapshot(service, LEDGER) as snapshot:
        beside = [await read_advice(snapshot, promise) for promise in (late, asked)]
    assert [(advice.party, advice.open, advice.overdue) for advice in beside] == [(anna, 1, 0), (anna, 2, 1)]
    before = await capacity_of(service, anna, Asked(occurred=START + timedelta(days=1)))
    assert (before.open, before.ever.of) == (1, 0)
    with pytest.raises(Refusal, match="party_not_found"):
        await capacity_of(service, uuid4())


def record(promises: list[Promise], found: Capacity, moment: datetime, agreed: Policy) -> tuple[Any, ...]:
    """What the record is by all promises of a party: the definitions of services/reading/capacity.py once more."""
    ever: list[tuple[bool, float | None]] = []
    alike: list[tuple[bool, float | None]] = []
    for promise in promises:
        assert promise.made_at is not None
        stands, *_ = oracle.standing(promise, moment, agreed)
        if stands not in {"kept_on_time", "kept_late", "partly_kept", "broken", "reneged"}:
            continue
        others = sum(
            other.made_at is not None
            and other.made_at < promise.made_at
            and (other.ended_at is None or other.ended_at > promise.made_at)
            for other in promises
        )
        delivered = promise.delivered_at
        took = None if delivered is None else (delivered - promise.made_at) / timedelta(days=1)
        for kept in (ever, *([alike] if found.alike_from <= others <= found.alike_to else [])):
            kept.append((stands == "kept_on_time", took))
    return tuple(
        (sum(on_time for on_time, _ in kept), len(kept), median(days) if days else None)
        for kept in (ever, alike)
        for days in [[took for _, took in kept if took is not None]]
    )


async def test_it_is_what_all_events_add_up_to(desk: Desk, clock: Clock, service: Service) -> None:
    told = Story(desk, clock, seed=11)
    await told.begin(3)
    await told.go_on(500)
    log = await oracle.load_log(service, LEDGER)
    agreed, one = oracle.policy(log, POLICY), oracle.merges(log)
    states = [state for state in oracle.states(log).values() if isinstance(state, Promise) and state.made_at]
    assert len({state.made_at for state in states}) == len(states) > 20, "none made at the same moment"
    for party in told.parties:
        own = [
            state
            for state in states
            if one.same(state.promisor, party)
            and not one.same(state.promisor, state.promisee)
            and state.retracted_by is None
        ]
        found = await capacity_of(service, party)
        assert found.open == sum(state.is_open for state in own)
        assert found.overdue == sum(oracle.standing(state, clock.now, agreed)[1] for state in own)
        ever, alike = record(own, found, clock.now, agreed)
        for said, (on_time, of, days) in ((found.ever, ever), (found.at_such_load, alike)):
            assert (said.kept_on_time, said.of) == (on_time, of)
            assert said.median_days == (None if days is None else pytest.approx(days))
        at_head = await capacity_of(service, party, Asked(position=found.position, occurred=clock.now))
        assert (at_head.open, at_head.ever, at_head.at_such_load) == (found.open, found.ever, found.at_such_load)
