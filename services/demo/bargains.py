"""Promises that took some talking: asked for, offered, countered, put off, handed on and disputed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from domain.command import Command
from domain.promise.commands import (
    AcceptDelivery,
    AgreeToPromise,
    AgreeToTerms,
    AskForDate,
    ConsentToHandover,
    CounterPromise,
    DeclareBroken,
    DeclinePromise,
    DelegatePromise,
    DisputePromise,
    MakePromise,
    OfferPromise,
    ProposeTerms,
    ReportDelivery,
    RequestPromise,
)

At = Callable[[float], datetime]
"""The moment so many days before the ledger's opening."""
Party = Callable[[str], UUID]
"""The id of a member by its handle."""


def tell_bargains(at: At, party: Party) -> Iterator[tuple[Command, ...]]:
    """For each promise its commands, in the order in which they were given."""
    yield _asked_for(at, party("chidi"), party("gwen"))
    yield _declined(at, party("piotr"), party("walter"))
    yield _put_off(at, party("hana"), party("kitchen"))
    yield _handed_on(at, party("tom"), party("edith"), party("ivo"))
    yield _disputed(at, party("gareth"), party("rosa"))
    yield _waiting(at, party("beatrix"), party("joseph"))


def _asked_for(at: At, promisor: UUID, promisee: UUID) -> tuple[Command, ...]:
    what = "Make the parish archive searchable"
    return (
        RequestPromise(
            by=promisee,
            occurred_at=at(90),
            promisor=promisor,
            promisee=promisee,
            what=what,
            due=at(60),
            topic="computers",
        ),
        CounterPromise(by=promisor, occurred_at=at(89), due=at(40), note="Sixty years take longer than a month."),
        AgreeToPromise(by=promisee, occurred_at=at(88)),
        ReportDelivery(by=promisor, occurred_at=at(42)),
        AcceptDelivery(by=promisee, occurred_at=at(41), note="I found my grandmother in it."),
    )


def _declined(at: At, promisor: UUID, promisee: UUID) -> tuple[Command, ...]:
    what = "Build a ramp to the greenhouse"
    return (
        RequestPromise(by=promisee, occurred_at=at(70), promisor=promisor, promisee=promisee, what=what),
        DeclinePromise(by=promisor, occurred_at=at(69), reason="no_capacity", note="Three ramps are before yours."),
    )


def _put_off(at: At, promisor: UUID, promisee: UUID) -> tuple[Command, ...]:
    what = "Throw forty soup bowls"
    return (
        OfferPromise(
            by=promisor,
            occurred_at=at(50),
            promisor=promisor,
            promisee=promisee,
            what=what,
            due=at(20),
            topic="pottery",
        ),
        AgreeToPromise(by=promisee, occurred_at=at(49)),
        ProposeTerms(by=promisor, occurred_at=at(30), due=at(-20), note="The kiln has to be repaired first."),
        AgreeToTerms(by=promisee, occurred_at=at(29)),
    )


def _handed_on(at: At, promisor: UUID, promisee: UUID, newcomer: UUID) -> tuple[Command, ...]:
    what = "Hang the wall clock again"
    return (
        MakePromise(by=promisor, occurred_at=at(33), promisor=promisor, promisee=promisee, what=what, due=at(-5)),
        DelegatePromise(by=promisor, occurred_at=at(25), to=newcomer, note="He knows clocks, I only know screens."),
        ConsentToHandover(by=newcomer, occurred_at=at(24)),
    )


def _disputed(at: At, promisor: UUID, promisee: UUID) -> tuple[Command, ...]:
    what = "Deliver two lambs for the spring supper"
    return (
        MakePromise(by=promisor, occurred_at=at(120), promisor=promisor, promisee=promisee, what=what, due=at(80)),
        DeclareBroken(by=promisee, occurred_at=at(65), reason="We served lentils."),
        DisputePromise(by=promisor, occurred_at=at(64), reason="They were in the cold store that evening."),
    )


def _waiting(at: At, promisor: UUID, promisee: UUID) -> tuple[Command, ...]:
    what = "Look at the old dog's teeth"
    return (
        RequestPromise(by=promisee, occurred_at=at(8), promisor=promisor, promisee=promisee, what=what),
        AgreeToPromise(by=promisor, occurred_at=at(7)),
        AskForDate(by=promisee, occurred_at=at(3), note="Before the holidays, perhaps?"),
    )
