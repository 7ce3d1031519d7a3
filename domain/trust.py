"""Trust: an opinion of how far a party keeps its promises, formed from what those it promised to, or an assessor, said.

An opinion, not a grade: it says how likely the next promise is kept, and how sure that is. With *w* the weight of an
item, *q* the fraction that was delivered, *W* = 2 and *a* the ledger's base rate:

- kept adds w to r; partly kept adds q·w to r and (1 - q)·w to s; broken adds w to s; reneged adds
  w·(1 - ½·notice/lead) to s, with notice = due - reneged and lead = due - made. Whatever else a promise came to adds
  nothing.
- Each item counts 2^(-age/half-life) of that at the moment asked about.
- expected = (r + a·W)/(r + s + W); belief = r/(r + s + W); disbelief = s/(r + s + W); uncertainty = W/(r + s + W).

Sources: the beta reputation system (Jøsang & Ismail 2002), subjective logic (Jøsang 2016). The lesser weight of a
promise given back in time is this project's own.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

VERSION = "trust-1"
"""Of these formulas: it changes with every change of what they answer."""

PRIOR_WEIGHT = 2.0
"""Jøsang's W: how many items of evidence the base rate is worth."""

Z_95 = 1.959963984540054
"""How many standard deviations to either side hold 95 % of a normal distribution."""


class Outcome(Struct, frozen=True):
    """How a promise ended. ``fraction`` is set where it is partly kept, ``due`` where it had a date."""

    status: str
    made_at: datetime
    ended_at: datetime
    due: datetime | None = None
    fraction: float | None = None


class Evidence(NamedTuple):
    """What one item says, before any decay: for (``r``) and against (``s``) that promises are kept, and since when."""

    r: float
    s: float
    moment: datetime


class Opinion(Struct, frozen=True, kw_only=True):
    """What is thought of a party; belief + disbelief + uncertainty = 1."""

    r: float
    """The evidence for, decayed."""
    s: float
    """The evidence against, decayed."""
    base_rate: float
    """What is expected of someone about whom nothing is known."""
    expected: float
    """How likely the next promise is kept."""
    belief: float
    disbelief: float
    uncertainty: float

    @property
    def alpha(self) -> float:
        """The first parameter of the Beta distribution that this opinion stands for."""
        return self.r + self.base_rate * PRIOR_WEIGHT

    @property
    def beta(self) -> float:
        """Its second parameter."""
        return self.s + (1 - self.base_rate) * PRIOR_WEIGHT


def weigh(outcome: Outcome, weight: float = 1.0) -> Evidence | None:
    """What the outcome of one promise says, or ``None`` where it says nothing."""
    match outcome.status:
        case "kept":
            r, s = 1.0, 0.0
        case "partly_kept":
            assert outcome.fraction is not None
            r, s = outcome.fraction, 1 - outcome.fraction
        case "broken":
            r, s = 0.0, 1.0
        case "reneged":
            r, s = 0.0, 1 - 0.5 * _notice(outcome)
        case _:
            return None
    return Evidence(r * weight, s * weight, outcome.ended_at)


def decay(age: timedelta, half_life_days: float) -> float:
    """What is left of an item's weight after a time; an item from the future counts whole."""
    return float(2.0 ** -(max(age, timedelta()) / timedelta(days=half_life_days)))


def form_opinion(evidence: Iterable[Evidence], moment: datetime, half_life_days: float, base_rate: float) -> Opinion:
    """The opinion that all evidence until ``moment`` adds up to, at that moment."""
    items = [(item, decay(moment - item.moment, half_life_days)) for item in evidence]
    r = math.fsum(item.r * left for item, left in items)
    s = math.fsum(item.s * left for item, left in items)
    whole = r + s + PRIOR_WEIGHT
    return Opinion(
        r=r,
        s=s,
        base_rate=base_rate,
        expected=(r + base_rate * PRIOR_WEIGHT) / whole,
        belief=r / whole,
        disbelief=s / whole,
        uncertainty=PRIOR_WEIGHT / whole,
    )


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The interval in which a plain share lies: Wilson's score interval (1927), which holds for few trials too."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    centre, whole = share + z * z / (2 * trials), 1 + z * z / trials
    return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)


def _notice(outcome: Outcome) -> float:
    """The notice given as a share of the time there was; all of it without a due date: then it cannot come too late."""
    if outcome.due is None:
        return 1.0
    lead = outcome.due - outcome.made_at
    notice = min(max(outcome.due - outcome.ended_at, timedelta()), lead)
    return notice / lead if lead else 0.0
