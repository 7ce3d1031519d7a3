"""Trust: what is thought of a party's promises, with all that it rests on. ``domain/trust.py`` has the formulas.

*As seen by* another: the promises made to that party, and those that it assessed or settled as their assessor. *On a
topic*: the promises about it. An answer is a list of evidence first: each line names its events, what it weighs by
now, and where the two parties of that promise can contest it. There is no list of parties by trust.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from domain.trust import PRIOR_WEIGHT, VERSION, Opinion, form_opinion, wilson
from services.reading.as_of import NOW, Asked, AsOfAnswer, resolve, said
from services.reading.conduct import Conduct, read_conduct
from services.reading.evidence import EvidenceLine, read_evidence, show_evidence
from services.reading.interval import interval_of, load_quantiles
from services.reading.pages import FIRST, Page, a_number, cut, read_cursor
from services.reading.parties import require_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot
from services.reading.standing import PromiseFilter, ask


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
    topic: str | None
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


class View(Struct, frozen=True, kw_only=True):
    """Whose opinion, about what: all that is there unless one of them is set."""

    seen_by: UUID | None = None
    topic: str | None = None


EVERYBODYS = View()


async def read_trust(
    snapshot: Snapshot, party: UUID, view: View = EVERYBODYS, asked: Asked = NOW, page: Page = FIRST
) -> TrustAnswer:
    """What is thought of a party as of a moment. Raises ``Refusal`` where the ledger does not know one of the two."""
    seen_by = view.seen_by
    (before,) = read_cursor(page.after, a_number) if page.after else (None,)
    as_of = await resolve(snapshot, asked)
    question = await ask(snapshot, as_of, PromiseFilter(promisor=party, topic=view.topic))
    policy, aliases = question.policy, question.aliases
    if aliases.merges.same(seen_by, party):
        raise BadQuestionError("seen_by", "Nobody's own word is evidence for them; name another party.")
    _, conduct, (items, whole), _ = await snapshot.together.all(
        require_parties(snapshot, party, *(() if seen_by is None else (seen_by,))),
        read_conduct(question, party, seen_by, asked),
        read_evidence(question, seen_by),
        load_quantiles(),
    )
    opinion = form_opinion((one.evidence for one in items), as_of.moment, policy.half_life_days, policy.base_rate)
    shown, last = cut([one for one in items if before is None or one.row["position"] < before], page.limit)
    low, high = interval_of(opinion)
    return TrustAnswer(
        **said(as_of),
        party=aliases.root(party),
        seen_by=None if seen_by is None else aliases.root(seen_by),
        topic=view.topic,
        formula=VERSION,
        half_life_days=policy.half_life_days,
        prior_weight=PRIOR_WEIGHT,
        r=opinion.r,
        s=opinion.s,
        expected=opinion.expected,
        opinion=_beliefs(opinion),
        interval=Interval(low=low, high=high),
        plain=_plain([one.row["status"] for one in items]),
        conduct=conduct,
        whole=whole,
        evidence=await show_evidence(question, shown),
        next=None if last is None else str(last.row["position"]),
    )


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
