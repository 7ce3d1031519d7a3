"""Conduct: how a party deals with others, in figures that stand beside trust and are never mixed with it.

- reciprocity = (g - t)/(g + t + 2), with g how often it gave and t how often it took: 1 gives only, -1 takes only.
- acknowledgement: of the favours that it received, the share that it acknowledged or gave thanks for. A refused gift is
  none of them.
- disputes: of the favours and promises that it was in, the share that was ever disputed, by either.
- answer time: from being asked for a promise, being offered one, or being told of a delivery, to the answer; the
  median, in seconds. What is not answered does not count.

- improper asks: how many of its requests for a promise were declined as improper.

What is retracted counts nowhere. Acknowledgement, disputes and answer time look at the party's latest ``EVENT_LIMIT``
events.
"""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.reading.as_of import Asked
from services.reading.balance import read_party_balance, read_relationship
from services.reading.snapshot import Snapshot, sql
from services.reading.standing import PromiseFilter, Question

EVENT_LIMIT = 10_000


class Reciprocity(Struct, frozen=True, kw_only=True):
    """How giving stands to taking, in counts of acts: quantities of different units can't be added."""

    given: int
    taken: int
    value: float
    """(g - t)/(g + t + 2): from -1, takes only, to 1, gives only."""


class Share(Struct, frozen=True, kw_only=True):
    """How many of how many."""

    count: int
    of: int
    rate: float | None
    """Null where there is none."""


class AnswerTime(Struct, frozen=True, kw_only=True):
    """How long the party takes to answer."""

    answers: int
    median_s: float | None
    """Null where it never had to."""


class Conduct(Struct, frozen=True, kw_only=True):
    """How the party deals with all, or with one other."""

    reciprocity: Reciprocity
    acknowledgement: Share
    disputes: Share
    answer_time: AnswerTime
    improper_asks: int
    """How many of its requests were declined as improper."""


async def read_conduct(question: Question, party: UUID, other: UUID | None, asked: Asked) -> Conduct:
    """A party's conduct as of a question's moment, which is given as asked as well."""
    snapshot, as_of, aliases = question.snapshot, question.as_of, question.aliases
    reciprocity, improper_asks, (row,) = await snapshot.together.all(
        _reciprocity(snapshot, party, other, asked),
        _improper_asks(question, party, other),
        snapshot.fetch(
            sql("conduct"),
            snapshot.ledger_id,
            aliases.ids(party),
            as_of.position,
            as_of.occurred,
            None if other is None else aliases.ids(other),
            EVENT_LIMIT,
        ),
    )
    return Conduct(
        reciprocity=reciprocity,
        acknowledgement=_share(row["acknowledged"], row["received"]),
        disputes=_share(row["disputed"], row["acts"]),
        answer_time=AnswerTime(answers=row["answers"], median_s=row["median_s"]),
        improper_asks=improper_asks,
    )


async def _reciprocity(snapshot: Snapshot, party: UUID, other: UUID | None, asked: Asked) -> Reciprocity:
    if other is None:
        units = (await read_party_balance(snapshot, party, asked)).units
    else:
        units = (await read_relationship(snapshot, party, other, asked)).relationship.units
    given, taken = sum(unit.given.count for unit in units), sum(unit.received.count for unit in units)
    return Reciprocity(given=given, taken=taken, value=(given - taken) / (given + taken + 2))


async def _improper_asks(question: Question, party: UUID, other: UUID | None) -> int:
    asked_for = replace(question, chosen=PromiseFilter(promisor=other, promisee=party))
    (row,) = await asked_for.fetch("improper_asks")
    found: int = row["declined"]
    return found


def _share(count: int, of: int) -> Share:
    return Share(count=count, of=of, rate=count / of if of else None)
