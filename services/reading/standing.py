"""How promises stand at a moment: what the read models hold, and what follows from the clock.

Definitions, with *moment* the one asked about, *grace* and *window* the policy's then, in days of 24 hours, *due* the
date that was named, or where one was asked for and not named the end of the window since, and deadline = due + grace:

- ``retracted``: recorded in error; counts nowhere else.
- ``requested``, ``offered``, ``countered``: asked for, no promise so far. ``lapsed``: so, and nobody answered until
  moment > last event + window. ``declined``, ``withdrawn``: ended so. None of them was made.
- ``kept_on_time``: kept, delivered not after the deadline, or without a due date. ``kept_late``: kept, delivered after
  it. What counts is when delivery was reported, or assessed where nobody reported it, not when it was accepted.
- ``partly_kept``, ``broken``, ``reneged``, ``released``: as was said. ``disputed``: how it ended, or that nobody
  answered, is not agreed on.
- ``unconfirmed``: reported, and no answer until moment > reported + window; or promised, past the deadline, and nobody
  spoke until moment > max(deadline, last event) + window. Without a due date a promise never is.
- else open: ``reported``, ``in_progress`` (work was said to have begun) or ``not_started``.
- ``overdue``: promised, open, and moment > deadline. ``behind``: promised, open, and last said to be coming late.
- ``lateness_s``: delivered - due; where nothing was delivered and a promised one is past its date, moment - due.
  Negative: early. Whole seconds, rounded down. Null without a due date.
- ``notice_s``: of a reneged one, due - when it was reneged, 0 at least. Null without a due date. ``notice_share``: as a
  share of its lead, due - made, 1 at most; 0 where there was no lead. ``domain/trust.py`` weighs it so.
- ``delivered``: the quantity kept; of a partly kept one the fraction, rounded half to even as the balance does it.
- *delivered* ones are kept or partly kept. Of those with a due date ``on_time``: delivered not after the deadline.
- ``came_due``: kept, partly kept, broken or reneged, whenever it was due; or promised, reported or unconfirmed, and
  moment > deadline. Released and disputed ones never.

Sources: the states of a conversation for action (Winograd & Flores 1986), commitments (Singh 1999); the partition and
the times are this project's own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.policy import Policy
from services.reading.aliases import NONE, Aliases, read_aliases
from services.reading.as_of import AsOf, policy_at
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql

Standing = Literal[
    "requested",
    "offered",
    "countered",
    "lapsed",
    "declined",
    "withdrawn",
    "not_started",
    "in_progress",
    "reported",
    "kept_on_time",
    "kept_late",
    "partly_kept",
    "broken",
    "reneged",
    "released",
    "disputed",
    "unconfirmed",
    "retracted",
]
ASKED: tuple[Standing, ...] = ("requested", "offered", "countered")
NOT_MADE: tuple[Standing, ...] = (*ASKED, "lapsed", "declined", "withdrawn")
OPEN: tuple[Standing, ...] = ("not_started", "in_progress", "reported")
KEPT: tuple[Standing, ...] = ("kept_on_time", "kept_late")
MADE: tuple[Standing, ...] = tuple(one for one in get_args(Standing) if one not in {*NOT_MADE, "retracted"})
DELIVERED: tuple[Standing, ...] = (*KEPT, "partly_kept")

Wanted = Literal["asked", "made", "open", "kept", "delivered"] | Standing
"""What a list may be narrowed to: a standing, or all that are asked for, made, open, kept, or kept at least in part."""
NARROWED: Mapping[Wanted | None, Sequence[Standing] | None] = {
    None: None,
    "asked": ASKED,
    "made": MADE,
    "open": OPEN,
    "kept": KEPT,
    "delivered": DELIVERED,
}
Lateness = Literal["week_early", "days_early", "day_early", "day_late", "days_late", "weeks_late", "months_late"]
"""How late delivered ones with a due date came, in days: up to -7, -1, 0, 1, 7, 30, or more."""
Notice = Literal["none", "day", "days", "weeks", "months"]
"""How long before the due date reneged ones were taken back, in days: 0, up to 1, 7, 30, or more."""
NoticeShare = Literal["none", "quarter", "half", "three_quarters", "whole"]
"""The same as a share of the lead: 0, up to 1/4, 1/2, 3/4, or more."""
NO_ORGANISATION = UUID(int=0)
"""Stands for the organisation of those who were members of none."""


class PromiseFilter(Struct, frozen=True, kw_only=True):
    """Which promises a question is about; all of what is given has to hold."""

    promisor: UUID | None = None
    promisee: UUID | None = None
    party: UUID | None = None
    """As promisor or promisee."""
    other: UUID | None = None
    """With ``party``: between the two, whoever promised."""
    made_from: datetime | None = None
    made_to: datetime | None = None
    """Made at ``made_from`` or later, and before ``made_to``; where it was never made, what counts is when it began."""
    standing: Wanted | None = None
    overdue: bool | None = None
    organisation: UUID | None = None
    """Of those who were its members when they made them; ``NO_ORGANISATION``: of those who were members of none."""
    topic: str | None = None
    unit: str | None = None
    behind: bool | None = None
    dated: bool | None = None
    """Whether there is a due date."""
    came_due: bool | None = None
    on_time: bool | None = None
    """Of those delivered that have a due date: whether on time."""
    lateness: Lateness | None = None
    notice: Notice | None = None
    notice_share: NoticeShare | None = None


EVERYTHING = PromiseFilter()


class Question(Struct, frozen=True):
    """Which promises, as of which moment, by the policy in force then."""

    snapshot: Snapshot
    as_of: AsOf
    policy: Policy
    chosen: PromiseFilter
    aliases: Aliases = NONE

    async def fetch(self, name: str, *arguments: object, by_organisation: bool = False) -> list[asyncpg.Record]:
        """The rows of a statement that goes on from ``sql/standing.sql``. Raises ``BadQuestionError``."""
        organisations = by_organisation or self.chosen.organisation is not None
        text = _standing(live=self.as_of.live, organisations=organisations, once=name in ALL_FIGURES) + sql(name)
        return await self.snapshot.fetch(text, *self.arguments(), *arguments)

    def arguments(self) -> tuple[object, ...]:
        """What ``sql/standing.sql`` takes. Raises ``BadQuestionError``."""
        chosen, as_of, aliases = self.chosen, self.as_of, self.aliases
        if chosen.other is not None and chosen.party is None:
            raise BadQuestionError("other", "'other' goes with 'party': promises between the two.")
        return (
            self.snapshot.ledger_id,
            as_of.position,
            as_of.occurred,
            as_of.moment,
            timedelta(days=self.policy.grace_days),
            timedelta(days=self.policy.window_days),
            _ids(aliases, chosen.promisor),
            _ids(aliases, chosen.promisee),
            _ids(aliases, chosen.party),
            _ids(aliases, chosen.other),
            chosen.made_from,
            chosen.made_to,
            NARROWED.get(chosen.standing, (chosen.standing,)),
            chosen.overdue,
            aliases.merged or None,
            aliases.roots or None,
            None if chosen.organisation is None else aliases.root(chosen.organisation),
            chosen.topic,
            chosen.unit,
            chosen.behind,
            chosen.dated,
            chosen.came_due,
            chosen.on_time,
            chosen.lateness,
            chosen.notice,
            chosen.notice_share,
        )


async def ask(snapshot: Snapshot, as_of: AsOf, chosen: PromiseFilter) -> Question:
    """A question about promises, by the policy and the merges in force at its moment."""
    policy, aliases = await snapshot.together.all(policy_at(snapshot, as_of), read_aliases(snapshot, as_of))
    return Question(snapshot, as_of, policy, chosen, aliases)


def _ids(aliases: Aliases, party: UUID | None) -> tuple[UUID, ...] | None:
    return None if party is None else aliases.ids(party)


NO_ORGANISATIONS = "    CROSS JOIN (SELECT NULL::uuid[] AS organisations) AS then_of"
"""For questions that do not ask for them."""


def standing_text(question: Question) -> str:
    """The text of ``sql/standing.sql`` for a question, for statements that go on from more than one."""
    return _standing(live=question.as_of.live, organisations=question.chosen.organisation is not None)


ALL_FIGURES = frozenset({"promise_figures", "promise_totals"})
"""Statements that ask for most of what is derived, of every promise: each figure is then derived once, and not anew
where another rests on it. Others look for few promises, by what the planner can use."""


@cache
def _standing(*, live: bool, organisations: bool, once: bool = False) -> str:
    parts = {
        "{promises}": sql("promises_now" if live else "promises_at"),
        "{organisations}": sql("organisations_then") if organisations else NO_ORGANISATIONS,
        "{once}": "    OFFSET 0" if once else "",
        "{order}": " DESC" if once else "",  # backwards the index has them in this order; a page goes forwards
    }
    text = sql("standing")
    for place, part in parts.items():
        text = text.replace(place, part)
    return text
