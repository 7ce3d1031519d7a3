"""Which moment a question is about, on either clock.

- *recorded*: as it was known then. A time is turned into a position, the last one recorded until then: ``recorded_at``
  never goes back along a ledger's positions.
- *occurred*: as it was true then. The events that occurred until then, in position order, whenever they were recorded.
  Together with a position: as of then, by what was known at that position.

An answer's own moment, *pinned* (``4711@2024-06-01T18:00:00Z`` on its clock), asks the same again at any later time.

What follows from the clock (overdue, unconfirmed) is derived for the moment asked about, by the policy in force then.
"""

import re
from datetime import UTC, datetime
from typing import Literal, TypedDict

import msgspec
from msgspec import Struct

from domain.command import Moment
from domain.ledger import LEDGER_STREAM
from domain.policy import Policy
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, policy_of, sql


class Asked(Struct, frozen=True, kw_only=True):
    """The moment as someone asks for it; nothing given means now. ``position`` and ``recorded`` exclude each other."""

    position: int | None = None
    recorded: datetime | None = None
    occurred: datetime | None = None
    moment: datetime | None = None
    """With ``position``: for when to derive what follows from the clock, where that is later than its recording."""


NOW = Asked()
Clock = Literal["recorded", "occurred"]
OFFSET_WITH_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")
POSITION = re.compile(r"[0-9]{1,19}")
PINNED = re.compile(r"(?P<position>[0-9]{1,19})@(?P<moment>.+)")


def parse_asked(as_of: str | None, clock: Clock = "recorded", parameter: str = "as_of") -> Asked:
    """The moment that a parameter's text names: a position, a time, or both as ``pin`` joins them, on a clock.

    Raises ``BadQuestionError``.
    """
    if as_of is None:
        return NOW
    if pinned := PINNED.fullmatch(as_of):
        position, at = int(pinned["position"]), parse_moment(parameter, pinned["moment"])
        return Asked(position=position, moment=at) if clock == "recorded" else Asked(position=position, occurred=at)
    if POSITION.fullmatch(as_of):
        if clock == "occurred":
            raise BadQuestionError("clock", "A position is about what was known; on the clock 'occurred' give a time.")
        return Asked(position=int(as_of))
    moment = parse_moment(parameter, as_of, or_position=True)
    return Asked(recorded=moment) if clock == "recorded" else Asked(occurred=moment)


def write_moment(moment: datetime) -> str:
    """A time in UTC without a plus sign, which an address would turn into a space."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_moment(parameter: str, text: str, *, or_position: bool = False) -> datetime:
    """An RFC 3339 time with an offset; one whose plus sign an address turned into a space is read as it was meant."""
    try:
        return msgspec.convert(OFFSET_WITH_LOST_PLUS.sub("+", text), Moment).astimezone(UTC)
    except OverflowError:
        raise BadQuestionError(parameter, "This moment lies outside the years 1 to 9999.") from None
    except msgspec.ValidationError:
        wanted = "an RFC 3339 time with an offset, as 2024-06-01T18:00:00Z"
        either = "a position of the ledger, or " if or_position else ""
        raise BadQuestionError(parameter, f"Give {either}{wanted}.") from None


class AsOf(Struct, frozen=True):
    """The moment as it is looked up: the events up to ``position`` that occurred until ``occurred``, where one is set.

    ``moment`` is the one by which what follows from the clock is derived: the time asked for; a position's own time of
    recording; now.
    """

    position: int
    moment: datetime
    occurred: datetime | None = None
    live: bool = False
    """Whether this is now, so that the tables of what is now have the answer."""

    @property
    def clock(self) -> Clock:
        """The one that this is a moment of."""
        return "recorded" if self.occurred is None else "occurred"

    @property
    def pin(self) -> str:
        """What to ask for, on its clock, to be answered as of this very moment again."""
        return f"{self.position}@{write_moment(self.moment)}"


def now(snapshot: Snapshot) -> AsOf:
    """What a question about now is looked up as."""
    return AsOf(snapshot.position, snapshot.now, live=True)


class Answer(Struct, frozen=True, kw_only=True):
    """What every answer says of itself."""

    position: int
    """The ledger's position that this holds for: every event up to it is in, no later one."""


class AsOfAnswer(Answer, frozen=True, kw_only=True):
    """What every answer about a moment says of itself."""

    moment: datetime
    """The moment that was asked about."""
    occurred: datetime | None
    """Set where only what occurred until then is in."""


class Said(TypedDict):
    """The fields of an ``AsOfAnswer``, to be given to it."""

    position: int
    moment: datetime
    occurred: datetime | None


def said(as_of: AsOf) -> Said:
    """The fields of an ``AsOfAnswer``."""
    return {"position": as_of.position, "moment": as_of.moment, "occurred": as_of.occurred}


async def resolve(snapshot: Snapshot, asked: Asked, parameter: str = "as_of") -> AsOf:
    """Look the moment up that a parameter asks about.

    Raises ``BadQuestionError`` where it lies in the future, or no such position exists.
    """
    if asked.position is not None and asked.recorded is not None:
        raise BadQuestionError(parameter, "A position and a time of recording both say what was known; give one.")
    if asked == NOW:
        return now(snapshot)
    occurred = _past(snapshot, asked.occurred, parameter)
    position, moment = snapshot.position, occurred
    if asked.recorded is not None:
        recorded = _past(snapshot, asked.recorded, parameter)
        position = await snapshot.fetchval(sql("position_at"), snapshot.ledger_id, recorded)
        moment = occurred or recorded
    elif asked.position is not None:
        position = asked.position
        recorded_at = await _recorded_at(snapshot, position, _past(snapshot, asked.moment, parameter), parameter)
        moment = occurred or recorded_at
    assert moment is not None
    return AsOf(position, moment, occurred)


async def _recorded_at(snapshot: Snapshot, position: int, later: datetime | None, parameter: str) -> datetime:
    """The moment of a position: its own time of recording, or the later one that is given."""
    if position == 0 and later is not None:
        return later  # before there was a ledger
    if not 1 <= position <= snapshot.position:
        raise BadQuestionError(parameter, f"This ledger's positions are 1 to {snapshot.position}.")
    recorded_at: datetime = await snapshot.fetchval(sql("recorded_at"), snapshot.ledger_id, position)
    if later is not None and later < recorded_at:
        raise BadQuestionError(parameter, "This position was recorded later than the moment that stands beside it.")
    return later or recorded_at


async def policy_at(snapshot: Snapshot, as_of: AsOf) -> Policy:
    """The policy in force at a moment; the ledger's first one, for a moment before it was opened."""
    if as_of.live:
        return snapshot.policy
    state = await snapshot.fetchval(sql("policy_at"), snapshot.ledger_id, LEDGER_STREAM, as_of.position, as_of.occurred)
    return policy_of(state)


def _past(snapshot: Snapshot, moment: datetime | None, parameter: str) -> datetime | None:
    if moment is None:
        return None
    if moment > snapshot.now:
        raise BadQuestionError(parameter, "The moment asked about lies in the future; nothing is known of it yet.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadQuestionError(parameter, "The moment asked about lies outside the years 1 to 9999.") from None
