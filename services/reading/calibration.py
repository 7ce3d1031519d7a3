"""Calibration: how often promises were kept of whose makers that was thought so and so likely when they made them.

Each promise that ended is foretold by the opinion of its promisor at the moment at which it was made, from what had
been said until then of promises before it, with the ledger's half-life and base rate of the moment asked about
(``domain/trust.py``). Foretellings are put together by tenths. Opinions are well calibrated where the mean of each part
lies in the interval of what came of it (a reliability diagram: Murphy and Winkler 1977).

It says how well the formula fits the ledger. It says nothing of any one party, and lists none.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from domain.policy import Policy
from domain.trust import PRIOR_WEIGHT, Evidence, decay
from services.reading.as_of import NOW, Asked, AsOfAnswer, resolve, said
from services.reading.evidence import read_evidence
from services.reading.interval import load_quantiles, share_interval
from services.reading.snapshot import Snapshot
from services.reading.standing import EVERYTHING, ask

PARTS = 10


class Part(Struct, frozen=True, kw_only=True):
    """Promises that were foretold about alike."""

    low: float
    high: float
    """Between which shares their foretellings lie."""
    n: int
    foretold: float
    """The mean of what was foretold."""
    kept: float
    """The share that was kept; one that was kept in part counts as its fraction."""
    kept_low: float
    kept_high: float
    """Between these two the true share lies in 9 of 10 cases."""

    @property
    def fits(self) -> bool:
        """Whether what was foretold lies in the interval of what came."""
        return self.kept_low <= self.foretold <= self.kept_high


class Calibration(AsOfAnswer, frozen=True, kw_only=True):
    """How well opinions foretell what promises come to."""

    n: int
    parts: tuple[Part, ...]
    """Those of which there are any."""
    brier: float | None
    """The mean squared difference of what was foretold and what came, from 0 to 1 (Brier 1950); null without any."""
    half_life_days: float
    base_rate: float
    whole: bool
    """Whether all promises are in, and not the latest 10,000 alone."""


class Ended(NamedTuple):
    """A promise that ended: whose, when it was made, and what its end says."""

    promisor: UUID
    made_at: datetime
    evidence: Evidence


class Running(Struct):
    """The evidence of one party, as it stands at a moment."""

    r: float
    s: float
    at: datetime


async def read_calibration(snapshot: Snapshot, asked: Asked = NOW) -> Calibration:
    """How well the opinions of a ledger foretell, as of a moment. Raises ``BadQuestionError``."""
    as_of = await resolve(snapshot, asked)
    question = await ask(snapshot, as_of, EVERYTHING)
    items, whole = await read_evidence(question, None)
    await load_quantiles()
    root = question.aliases.root
    ended = [Ended(root(one.row["promisor"]), one.row["made_at"], one.evidence) for one in items]
    foretold = await asyncio.to_thread(foretell, ended, question.policy)
    return Calibration(
        **said(as_of),
        n=len(foretold),
        parts=tuple(parts_of(foretold)),
        brier=sum((expected - came) ** 2 for expected, came in foretold) / len(foretold) if foretold else None,
        half_life_days=question.policy.half_life_days,
        base_rate=question.policy.base_rate,
        whole=whole,
    )


def foretell(ended: Sequence[Ended], policy: Policy) -> list[tuple[float, float]]:
    """For each promise what was foretold when it was made, and what came of it."""
    running: dict[UUID, Running] = {}
    foretold = []
    moments = [(one.evidence.moment, 1, number) for number, one in enumerate(ended)]
    moments += [(one.made_at, 0, number) for number, one in enumerate(ended)]
    for moment, has_ended, number in sorted(moments):
        promisor, _made_at, evidence = ended[number]
        known = running.setdefault(promisor, Running(0.0, 0.0, moment))
        left = decay(moment - known.at, policy.half_life_days)
        known.r, known.s, known.at = known.r * left, known.s * left, moment
        if has_ended:
            known.r, known.s = known.r + evidence.r, known.s + evidence.s
        else:
            whole = known.r + known.s + PRIOR_WEIGHT
            foretold.append(((known.r + policy.base_rate * PRIOR_WEIGHT) / whole, evidence.r))
    return foretold


def parts_of(foretold: Iterable[tuple[float, float]]) -> list[Part]:
    """Foretellings and what came of them, put together by tenths."""
    by_part: dict[int, list[tuple[float, float]]] = {}
    for one in foretold:
        by_part.setdefault(min(PARTS - 1, int(one[0] * PARTS)), []).append(one)
    parts = []
    for number, ones in sorted(by_part.items()):
        kept = sum(came for _, came in ones)
        low, high = share_interval(min(kept, float(len(ones))), len(ones))
        parts.append(
            Part(
                low=number / PARTS,
                high=(number + 1) / PARTS,
                n=len(ones),
                foretold=sum(expected for expected, _ in ones) / len(ones),
                kept=kept / len(ones),
                kept_low=low,
                kept_high=high,
            )
        )
    return parts
