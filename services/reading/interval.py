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


@cache
def _quantile() -> _Quantile:
    from scipy.special import betaincinv  # noqa: PLC0415 - not before it is needed

    return cast("_Quantile", betaincinv)
