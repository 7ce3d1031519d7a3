"""The interval of an opinion. SciPy is loaded when the first one is asked for: it would slow the start."""

import asyncio
from functools import cache
from typing import Protocol, cast

from domain.trust import Opinion

LOW, HIGH = 0.05, 0.95


class _Quantile(Protocol):
    def __call__(self, alpha: float, beta: float, share: float, /) -> float: ...


async def load_quantiles() -> None:
    """Have what ``interval_of`` needs in memory, loaded beside the loop."""
    await asyncio.to_thread(_quantile)


def interval_of(opinion: Opinion) -> tuple[float, float]:
    """The 5 % and the 95 % quantile of Beta(r + a·W, s + (1 - a)·W)."""
    quantile = _quantile()
    low, high = (float(quantile(opinion.alpha, opinion.beta, share)) for share in (LOW, HIGH))
    return low, high


def share_interval(successes: float, trials: int) -> tuple[float, float]:
    """The interval in which a share lies in 9 of 10 cases: Jeffreys', which takes fractions of a success.

    Source: Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial Proportion".
    """
    quantile = _quantile()
    alpha, beta = successes + 0.5, trials - successes + 0.5
    low = 0.0 if successes == 0 else float(quantile(alpha, beta, LOW))
    high = 1.0 if successes == trials else float(quantile(alpha, beta, HIGH))
    return low, high


@cache
def _quantile() -> _Quantile:
    from scipy.special import betaincinv  # noqa: PLC0415 - not before it is needed

    return cast("_Quantile", betaincinv)
