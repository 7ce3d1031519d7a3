"""Trust: what is thought of a party's promises, with all that it rests on. ``domain/trust.py`` has the formulas.

Evidence is what the promisee, or the assessor, said of a promise, and a promise that its promisor reneged on. *As seen
by* another: the promises made to that party, and those that it assessed. An answer is a list of evidence first: each
line names its events, what it weighs by now, and by which act the two parties of that promise can contest it. There
is no list of parties by trust.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.policy import Policy
from domain.promise.state import Status
from domain.trust import PRIOR_WEIGHT, VERSION, Evidence, Opinion, Outcome, decay, form_opinion, weigh, wilson
from services.reading.as_of import NOW, Asked, AsOf, AsOfAnswer, policy_at, resolve, said
from services.reading.conduct import Conduct, read_conduct
from services.reading.interval import interval_of, load_quantiles
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.parties import require_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql
from services.reading.standing import PromiseFilter, Question

EVIDENCE_LIMIT = 10_000
"""How many promises an opinion rests on at most: the latest. What is older has next to no weight left."""


class Interval(Struct, frozen=True, kw_only=True):
    """Where the true figure lies: in 9 of 10 cases for a party's rate, in 19 of 20 for a plain share."""

    low: float
    high: float


class Beliefs(Struct, frozen=True, kw_only=True):
    """An opinion as subjective logic writes it; the first three add up to 1."""

    belief: float
    disbelief: float
    uncertainty: float
    base_rate: float
    """What is expected of someone about whom nothing is known (Jøsang's a): the ledger's policy at that moment."""


class EvidenceLine(Struct, frozen=True, kw_only=True):
    """What one promise says of the party, and how much that weighs by now."""

    promise: UUID
    promisee: UUID
    said_by: UUID
    """The promisee or the assessor; the party itself where it reneged."""
    outcome: Status
    fraction: float | None
    """The share that was delivered, where it is partly kept."""
    said_at: datetime
    decay: float
    """What is left of its weight, from 1 down to 0."""
    r: float
    """What it adds to ``r`` by now."""
    s: float
    """What it adds to ``s`` by now."""
    said_in: int
    """The position of the event that said it."""
    positions: tuple[int, ...]
    """Of all events of that promise until then, in order."""


class PlainShare(Struct, frozen=True, kw_only=True):
    """The same evidence as a plain count: nothing decays, and no base rate."""

    kept: int
    """How many were kept whole."""
    of: int
    wilson: Interval
    """Wilson's score interval, 95 %."""


class TrustAnswer(AsOfAnswer, frozen=True, kw_only=True):
    """What is thought of a party's promises at a moment, and why."""

    party: UUID
    seen_by: UUID | None
    formula: str
    """The version of the formulas."""
    half_life_days: int
    prior_weight: float
    """How many items of evidence the base rate is worth (Jøsang's W)."""
    r: float
    """The evidence for, as far as it did not decay."""
    s: float
    """The evidence against."""
    expected: float
    """How likely the next promise is kept, by all this: (r + a·W)/(r + s + W)."""
    opinion: Beliefs
    interval: Interval
    """The 5 % and the 95 % quantile of Beta(r + a·W, s + (1 - a)·W)."""
    plain: PlainShare
    conduct: Conduct
    """Beside trust, and in none of the figures above."""
    whole: bool
    """Whether all evidence is in; else the latest 10,000 promises are."""
    evidence: tuple[EvidenceLine, ...]
    """A page of it, the latest first."""
    next: str | None


async def read_trust(
    snapshot: Snapshot, party: UUID, *, seen_by: UUID | None = None, asked: Asked = NOW, page: Page = FIRST
) -> TrustAnswer:
    """What is thought of a party as of a moment. Raises ``Refusal`` where the ledger does not know one of the two."""
    if seen_by == party:
        raise BadQuestionError("seen_by", "Nobody's own word is evidence for them; name another party.")
    (before,) = read_cursor(page.after, a_number) if page.after else (None,)
    await require_parties(snapshot, party, *(() if seen_by is None else (seen_by,)))
    await load_quantiles()
    as_of = await resolve(snapshot, asked)
    policy = await policy_at(snapshot, as_of)
    question = Question(snapshot, as_of, policy, PromiseFilter(promisor=party))
    rows = await question.fetch("trust_evidence", seen_by, EVIDENCE_LIMIT + 1)
    found, beyond = cut(rows, EVIDENCE_LIMIT)
    items = [(row, item) for row in found if (item := weigh(_outcome(row))) is not None]
    opinion = form_opinion((item for _, item in items), as_of.moment, policy.half_life_days, policy.base_rate)
    shown, last = cut([one for one in items if before is None or one[0]["position"] < before], page.limit)
    low, high = interval_of(opinion)
    return TrustAnswer(
        **said(as_of),
        party=party,
        seen_by=seen_by,
        formula=VERSION,
        half_life_days=policy.half_life_days,
        prior_weight=PRIOR_WEIGHT,
        r=opinion.r,
        s=opinion.s,
        expected=opinion.expected,
        opinion=_beliefs(opinion),
        interval=Interval(low=low, high=high),
        plain=_plain([row["status"] for row, _ in items]),
        conduct=await read_conduct(snapshot, party, seen_by, asked, as_of),
        whole=beyond is None,
        evidence=await _lines(snapshot, shown, as_of, policy),
        next=None if last is None else str(last[0]["position"]),
    )


def _outcome(row: asyncpg.Record) -> Outcome:
    return Outcome(row["status"], row["made_at"], row["ended_at"], row["due"], row["fraction"])


def _beliefs(opinion: Opinion) -> Beliefs:
    return Beliefs(
        belief=opinion.belief,
        disbelief=opinion.disbelief,
        uncertainty=opinion.uncertainty,
        base_rate=opinion.base_rate,
    )


def _plain(statuses: Sequence[str]) -> PlainShare:
    kept = statuses.count("kept")
    low, high = wilson(kept, len(statuses))
    return PlainShare(kept=kept, of=len(statuses), wilson=Interval(low=low, high=high))


async def _lines(
    snapshot: Snapshot, items: Sequence[tuple[asyncpg.Record, Evidence]], as_of: AsOf, policy: Policy
) -> tuple[EvidenceLine, ...]:
    promises = [row["promise_id"] for row, _ in items]
    rows = await snapshot.fetch(sql("promise_positions"), snapshot.ledger_id, promises, as_of.position, as_of.occurred)
    positions = {row["promise_id"]: tuple(row["positions"]) for row in rows}
    speakers = {"promise.assessed": "assessor", "promise.reneged": "promisor"}
    lines = []
    for row, item in items:
        left = decay(as_of.moment - item.moment, policy.half_life_days)
        line = EvidenceLine(
            promise=row["promise_id"],
            promisee=row["promisee"],
            said_by=row[speakers.get(row["topic"], "promisee")],
            outcome=row["status"],
            fraction=row["fraction"],
            said_at=item.moment,
            decay=left,
            r=item.r * left,
            s=item.s * left,
            said_in=row["position"],
            positions=positions[row["promise_id"]],
        )
        lines.append(line)
    return tuple(lines)
