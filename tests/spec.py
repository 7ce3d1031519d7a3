"""Specifications of the domain: given what happened, when someone gives a command, then this follows.

    given(promise_made(), promise_reported()).when(AcceptDelivery(), by=BEN).then(promise_accepted())

``then`` also holds every decision to what all of them owe: its events fold, they say who acted, when and about whom,
and their postings add up to what the new state counts.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.catalogue import STREAM_TYPE_OF, StreamType
from domain.causes import LEADS_TO, POSTING
from domain.command import Act, Command, Gifts, Known, Reference, act_for
from domain.event import Capacity, Event, Posting
from domain.merges import Merges
from domain.party import AnyPartyEvent
from domain.refusal import Refusal
from tests.examples import ANNA, BEN, CORA, DORA, ERIK, MOMENT, POLICY, STREAM, facts, who


def given(*events: Event) -> "Given":
    """What happened in the stream so far; nothing, if there is none yet."""
    return Given(events)


def fold(kind: StreamType, events: Iterable[Event]) -> Any:
    """The state of a stream of this type after these events."""
    state = None
    for event in events:
        state = kind.evolve(state, event)
    return state


def count(state: Any) -> Posting | None:
    """What a state adds to the balance; ``None`` where its kind of stream keeps no count of its own."""
    return state.counts() if hasattr(state, "counts") else None


def total(unit: str, events: Iterable[Event]) -> Posting:
    """The sum of the events' postings, which have to be in this unit."""
    postings = [event.posting for event in events if event.posting is not None]
    assert {posting.unit for posting in postings} <= {unit}
    return Posting(
        unit,
        sum(posting.quantity for posting in postings),
        sum(posting.count for posting in postings),
        sum(posting.disputed for posting in postings),
    )


def is_written_down(command: Command, events: Iterable[Event]) -> None:
    """These events are among those that the command's act may lead to, and only those post that may."""
    topics = {event.TOPIC for event in events}
    assert topics <= set(LEADS_TO[command.ACT]), (command.ACT, topics)
    assert {event.TOPIC for event in events if event.posting is not None} <= POSTING


class Given:
    """A stream's past."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self.events = events

    def when(
        self,
        command: Command,
        *,
        by: UUID | None = None,
        capacity: Capacity | None = None,
        key: str | None = None,
        at: datetime | None = None,
        policy: Any = POLICY,
        registered: Iterable[UUID] = (ANNA, BEN, CORA, DORA, ERIK),
        owners: Mapping[Reference, UUID] | None = None,
        merges: Merges | None = None,
        others: Iterable[AnyPartyEvent] = (),
        open_promises: Mapping[UUID, int] | None = None,
        streams: Mapping[UUID, Known] | None = None,
        gifts: Gifts | None = None,
        standing: Mapping[UUID, bool] | None = None,
        stream: UUID = STREAM,
    ) -> "When":
        """Someone gives a command: ``by`` this party, or as a recorder; ``at`` this moment, or ``MOMENT``.

        ``others`` happened in the streams of other parties.
        """
        by = by or command.by
        command = replace(command, by=by)
        kind = STREAM_TYPE_OF[type(command)]
        before = fold(kind, self.events)
        known = facts(policy, registered, owners, merges, others, open_promises, streams, gifts, standing)
        act: Act | None = None
        try:
            act = act_for(stream, who(by, capacity, key), command, at or MOMENT, known.merges)
            decided = kind.decide(command, before, known, act)
        except Refusal as refusal:
            return When(command, self.events, before, act, refusal)
        assert kind.decide(command, before, known, act) == decided, "a decision has no memory and no chance"
        return When(command, self.events, before, act, decided)


class When:
    """What a command led to: events or a refusal."""

    def __init__(
        self,
        command: Command,
        past: tuple[Event, ...],
        before: Any,
        act: Act | None,
        answer: tuple[Event, ...] | Refusal,
    ) -> None:
        self.command = command
        self.past = past
        self.before = before
        self.act = act
        self.answer = answer

    def then(self, *expected: Event) -> Any:
        """It led to these events. Answers with the state after them."""
        assert not isinstance(self.answer, Refusal), f"refused: {self.answer.code}: {self.answer.message}"
        assert self.answer == expected
        return self._hold(self.answer)

    def then_happened(self) -> Any:
        """It led to an event, whichever. Answers with the state after it."""
        assert not isinstance(self.answer, Refusal), f"refused: {self.answer.code}: {self.answer.message}"
        assert self.answer, "nothing happened"
        return self._hold(self.answer)

    def then_nothing_happened(self) -> None:
        """It was answered without an event: its effect was there already."""
        self.then()

    def then_refused(self, code: str, *, mentions: str = "", allowed: tuple[str, ...] | None = None) -> None:
        """A rule said no, with this code, and this in its message; these are the acts it names as allowed."""
        assert isinstance(self.answer, Refusal), f"not refused: {self.answer}"
        assert self.answer.code == code, f"{self.answer.code}: {self.answer.message}"
        assert self.answer.message.endswith("."), "a message is made of sentences"
        assert mentions in self.answer.message, self.answer.message
        assert allowed is None or self.answer.allowed == allowed, self.answer.allowed

    def _hold(self, events: tuple[Event, ...]) -> Any:
        """What every decision owes."""
        after = self.before
        assert self.act is not None
        for event in events:
            after = STREAM_TYPE_OF[type(event)].evolve(after, event)
            assert (event.occurred_at, event.who) == (self.act.occurred_at, self.act.who)
            assert event.parties[: len(after.parties)] == after.parties
        is_written_down(self.command, events)
        counts = count(after)
        if counts is not None:
            assert total(counts.unit, (*self.past, *events)) == counts, "postings add up to what counts"
        return after
