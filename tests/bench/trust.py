"""What trust foretells, and whether its intervals hold: ``uv run python -m tests.bench.trust``.

Both parts call what the service calls, ``form_opinion`` and ``interval_of``, with a policy's numbers.

**Bitcoin Alpha** (Kumar et al. 2016; 24,186 ratings of -10 … 10): before each rating, the expected value of the rated
party against that rating's sign. A rating is one item of evidence of weight abs(rating)/10, for or against by its sign:
that is how these ratings are read as outcomes, the rest is the product's formula with W = 2 and, in the headline, the
default half-life. The base rate *a* is the share of positive ratings so far, as a ledger's admin would keep its policy.
Nothing looks ahead. The file has whole days and is not in time order, so two readings stand side by side:

- ``earlier days``: only what was rated on days before; the order within a day is not known, so this is the honest one.
- ``file order``: within a day the file's order is taken for the order of time. The plain count, undecayed and
  unweighted, has 0.189 this way, with the whole file's share of positives as its base rate, a look ahead.

The constant is the whole file's share of positives, also a look ahead, in its own favour.

**Generated parties**: how many of the 5-95 % intervals hold the true rate. A Beta interval holds it in exactly 90 of
100 cases where the rates are spread as the prior says, Beta(a·W, (1 - a)·W), stay what they are, and every promise
counts nearly the same: the longest half-life that a policy takes. The other rows say what to expect elsewhere. With the
default half-life and rates that stay, intervals are wider than they need be, since old promises would still tell. Where
rates change at once (each is drawn anew after a random time, so that 2^(-t/half-life) of them last t) no smooth decay
can follow and fewer hold; but far more than where all counts for ever.
"""

import argparse
import csv
import gzip
import itertools
import math
import os
import pathlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rich.table import Table

from domain.policy import Policy
from domain.trust import PRIOR_WEIGHT, Evidence, Outcome, form_opinion, weigh
from services.reading.interval import interval_of
from tests.bench.harness import close, console

POLICY = Policy()
FOR_EVER_DAYS = 36_500.0
"""The longest half-life that a policy takes: over these years next to no decay."""
END = datetime(2024, 1, 1, tzinfo=UTC)
PARTIES = 20_000
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)


class Rating(NamedTuple):
    """One party's rating of another, -10 … 10."""

    rated: int
    value: int
    moment: datetime


class Forecast(NamedTuple):
    """What was expected, and what came: whether the rating was positive."""

    expected: float
    positive: bool


def read_ratings(path: pathlib.Path) -> list[Rating]:
    """All ratings by time; of one day in the file's order."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [
            Rating(int(row["target"]), int(row["weight"]), datetime.fromtimestamp(int(row["timestamp"]), UTC))
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda rating: rating.moment)


def by_rating(ratings: Iterable[Rating]) -> list[list[Rating]]:
    """Each rating is told before the next is foretold."""
    return [[rating] for rating in ratings]


def by_day(ratings: Iterable[Rating]) -> list[list[Rating]]:
    """A day's ratings are told after all of them were foretold."""
    return [list(day) for _, day in itertools.groupby(ratings, key=lambda rating: rating.moment)]


def one_each(_value: int) -> float:
    """Every rating counts the same."""
    return 1.0


def by_strength(value: int) -> float:
    """A rating counts by how strong it is."""
    return abs(value) / 10


def foretell(
    batches: Sequence[Sequence[Rating]],
    half_life_days: float,
    weight: Callable[[int], float],
    base_rate: float | None = None,
) -> list[Forecast]:
    """The expected value of each rated party from the batches before; the base rate too, if none is given."""
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    positive, told = POLICY.base_rate * PRIOR_WEIGHT, PRIOR_WEIGHT
    forecasts: list[Forecast] = []
    for batch in batches:
        share = positive / told if base_rate is None else base_rate
        for rating in batch:
            opinion = form_opinion(evidence[rating.rated], rating.moment, half_life_days, share)
            forecasts.append(Forecast(opinion.expected, rating.value > 0))
        for rating in batch:
            outcome = Outcome("kept" if rating.value > 0 else "broken", rating.moment, rating.moment)
            item = weigh(outcome, weight(rating.value))
            assert item is not None
            evidence[rating.rated].append(item)
            positive, told = positive + (rating.value > 0), told + 1
    return forecasts


def log_loss(forecasts: Sequence[Forecast]) -> float:
    """The mean of -ln of the probability that was given to what came."""
    return -math.fsum(math.log(one.expected if one.positive else 1 - one.expected) for one in forecasts) / len(
        forecasts
    )


def calibration(forecasts: Sequence[Forecast]) -> list[tuple[str, int, float, float]]:
    """By what was expected: how many, their mean, and the share that was positive."""
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = [one for one in forecasts if low < one.expected <= high]
        if inside:
            mean = math.fsum(one.expected for one in inside) / len(inside)
            rows.append((f"{low:g} to {high:g}", len(inside), mean, sum(one.positive for one in inside) / len(inside)))
    return rows


def calibration_error(forecasts: Sequence[Forecast]) -> float:
    """How far expected and come true lie apart, over the bins, by how many are in each."""
    return sum(count * abs(mean - came) for _, count, mean, came in calibration(forecasts)) / len(forecasts)


def coverage(seed: int, half_life_days: float, *, changing: bool, base_rate: float = POLICY.base_rate) -> float:
    """The share of generated parties whose interval holds their rate at the end.

    Each has 1 to 60 promises over three years, kept or broken by its rate then.
    """
    draw = random.Random(seed)
    held = 0
    for _ in range(PARTIES):
        rate = draw.betavariate(base_rate * PRIOR_WEIGHT, (1 - base_rate) * PRIOR_WEIGHT)
        days = sorted(draw.uniform(0, 3 * 365) for _ in range(draw.randint(1, 60)))
        evidence: list[Evidence] = []
        lasts = draw.expovariate(math.log(2) / POLICY.half_life_days)
        true_rate = rate  # the one in force now: going back in time, it may have been another
        for day in days:
            if changing and day > lasts:
                rate = draw.betavariate(base_rate * PRIOR_WEIGHT, (1 - base_rate) * PRIOR_WEIGHT)
                lasts = day + draw.expovariate(math.log(2) / POLICY.half_life_days)
            ended = END - timedelta(days=day)
            item = weigh(Outcome("kept" if draw.random() < rate else "broken", ended, ended))
            assert item is not None
            evidence.append(item)
        low, high = interval_of(form_opinion(evidence, END, half_life_days, base_rate))
        held += low <= true_rate <= high
    return held / PARTIES


def show_forecasts(ratings: list[Rating]) -> dict[str, float]:
    """Print how well each way foretells; answer the headline's figures."""
    share = sum(rating.value > 0 for rating in ratings) / len(ratings)
    constant = [Forecast(share, rating.value > 0) for rating in ratings]
    half_life = float(POLICY.half_life_days)
    table = Table(
        "forecast", "earlier days", "calib. error", "file order", "calib. error", title="Bitcoin Alpha: log-loss"
    )
    table.add_row("constant: the whole file's share", *[f"{log_loss(constant):.4f}", "0.0000"] * 2)
    ways: dict[str, tuple[float, Callable[[int], float], float | None]] = {
        "plain count, a of the whole file": (FOR_EVER_DAYS, one_each, share),
        "plain count, a learnt": (FOR_EVER_DAYS, one_each, None),
        "weighted, no decay, a learnt": (FOR_EVER_DAYS, by_strength, None),
        "weighted, policy's half-life, a learnt": (half_life, by_strength, None),
        "weighted, half-life 180 days, a learnt": (180.0, by_strength, None),
        "weighted, half-life 90 days, a learnt": (90.0, by_strength, None),
    }
    found = {}
    for name, way in ways.items():
        strict, loose = foretell(by_day(ratings), *way), foretell(by_rating(ratings), *way)
        found[name] = strict, loose
        cells = [f"{figure(one):.4f}" for one in (strict, loose) for figure in (log_loss, calibration_error)]
        table.add_row(name, *cells)
    console.print(table)
    strict, loose = found["weighted, policy's half-life, a learnt"]
    bins = Table("expected", "ratings", "mean expected", "share positive", title="Calibration, earlier days only")
    for label, count, mean, came in calibration(strict):
        bins.add_row(label, f"{count:,}", f"{mean:.3f}", f"{came:.3f}")
    console.print(bins)
    return {
        "log_loss": log_loss(strict),
        "log_loss_file_order": log_loss(loose),
        "log_loss_constant": log_loss(constant),
        "calibration_error": calibration_error(strict),
    }


def show_coverage() -> dict[str, float]:
    """Print how many intervals hold the true rate; answer the figures."""
    half_life = float(POLICY.half_life_days)
    table = Table("rates", "decay", "base rate", "held", title=f"5-95 % intervals of {PARTIES:,} generated parties")
    figures = {
        "coverage": (FOR_EVER_DAYS, False, 0.5),
        "coverage_other_base_rate": (FOR_EVER_DAYS, False, 0.8),
        "coverage_decayed": (half_life, False, 0.5),
        "coverage_changing_decayed": (half_life, True, 0.5),
        "coverage_changing_undecayed": (FOR_EVER_DAYS, True, 0.5),
    }
    found = {}
    for seed, (name, (days, changing, base_rate)) in enumerate(figures.items()):
        found[name] = coverage(seed, days, changing=changing, base_rate=base_rate)
        decays = "none" if days == FOR_EVER_DAYS else f"half-life {days:g} days"
        rates = "change" if changing else "stay"
        table.add_row(rates, decays, f"{base_rate:g}", f"{found[name]:.1%}")
    console.print(table)
    return found


def main() -> None:
    """Print both parts; the last line is JSON."""
    data = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("REQUITE_SHARED_DATA", data))
    arguments = parser.parse_args()
    file = pathlib.Path(arguments.data) / "bitcoin_alpha" / "soc-sign-bitcoinalpha.csv.gz"
    if not file.exists():
        raise SystemExit(f"{file} is not there; --data or REQUITE_SHARED_DATA says where the data sets are.")
    close({**show_forecasts(read_ratings(file)), **show_coverage()})


if __name__ == "__main__":
    main()
