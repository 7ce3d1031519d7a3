import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.trust import PRIOR_WEIGHT, Evidence, Outcome, decay, form_opinion, weigh, wilson

MADE = datetime(2024, 1, 1, tzinfo=UTC)
DUE = MADE + timedelta(days=10)


def outcome(
    status: str, ended_after_days: float = 10, *, due: datetime | None = DUE, q: float | None = None
) -> Outcome:
    return Outcome(status, MADE, MADE + timedelta(days=ended_after_days), due, q)


def says(one: Outcome, weight: float = 1.0) -> tuple[float, float] | None:
    found = weigh(one, weight)
    return None if found is None else (found.r, found.s)


def test_the_designs_check_values() -> None:
    opinion = form_opinion([Evidence(8, 2, MADE)], MADE, half_life_days=365, base_rate=0.5)
    assert opinion.expected == 0.75
    assert round(opinion.belief, 3) == 0.667
    assert round(opinion.disbelief, 3) == round(opinion.uncertainty, 3) == 0.167
    assert (opinion.alpha, opinion.beta) == (9, 3)
    assert round(wilson(8, 10, z=1.96)[0], 3) == 0.490


def test_kept_partly_kept_and_broken() -> None:
    assert says(outcome("kept")) == (1, 0)
    assert says(outcome("partly_kept", q=0.25)) == (0.25, 0.75)
    assert says(outcome("broken")) == (0, 1)
    assert says(outcome("partly_kept", q=0.25), weight=0.5) == (0.125, 0.375)


@pytest.mark.parametrize(
    ("ended_after_days", "against"),
    [(0, 0.5), (5, 0.75), (9, 0.95), (10, 1.0), (12, 1.0)],
)
def test_reneging_weighs_less_the_more_notice_is_given(ended_after_days: float, against: float) -> None:
    assert says(outcome("reneged", ended_after_days)) == pytest.approx((0, against))


def test_reneging_without_a_due_date_never_comes_too_late() -> None:
    assert says(outcome("reneged", 400, due=None)) == (0, 0.5)


def test_reneging_where_there_was_no_time_at_all() -> None:
    assert says(outcome("reneged", 0, due=MADE)) == (0, 1)


@pytest.mark.parametrize("status", ["declined", "released", "withdrawn", "disputed", "promised", "reported", "lapsed"])
def test_whatever_else_says_nothing(status: str) -> None:
    assert says(outcome(status)) is None


def test_weight_halves_with_each_half_life() -> None:
    days = [0, 365, 730]
    assert [decay(timedelta(days=age), 365) for age in days] == [1, 0.5, 0.25]
    assert decay(timedelta(days=-5), 365) == 1
    assert decay(timedelta(days=3_000_000), 1) == 0


def test_nothing_known_is_the_base_rate_and_all_uncertain() -> None:
    opinion = form_opinion([], MADE, half_life_days=365, base_rate=0.8)
    assert (opinion.expected, opinion.belief, opinion.disbelief, opinion.uncertainty) == (0.8, 0, 0, 1)


ITEMS = st.lists(
    st.builds(
        lambda r, share, days: Evidence(r * share, r * (1 - share), MADE + timedelta(days=days)),
        st.floats(0, 1),
        st.floats(0, 1),
        st.floats(0, 4000),
    ),
    max_size=30,
)


@given(ITEMS, st.floats(0.01, 0.99), st.integers(1, 36500), st.floats(0, 4000))
def test_an_opinion_is_a_whole_and_fades_into_the_base_rate(
    items: list[Evidence], base_rate: float, half_life: int, later: float
) -> None:
    moment = max((item.moment for item in items), default=MADE)
    opinion = form_opinion(items, moment, half_life, base_rate)
    assert math.isclose(opinion.belief + opinion.disbelief + opinion.uncertainty, 1)
    assert math.isclose(opinion.expected, opinion.belief + base_rate * opinion.uncertainty)
    assert math.isclose(opinion.alpha + opinion.beta, opinion.r + opinion.s + PRIOR_WEIGHT)
    faded = form_opinion(items, moment + timedelta(days=later), half_life, base_rate)
    assert abs(faded.expected - base_rate) <= abs(opinion.expected - base_rate) + 1e-9
    assert faded.uncertainty >= opinion.uncertainty - 1e-9


@given(st.integers(0, 60), st.integers(0, 60))
def test_wilson_holds_the_share(kept: int, broken: int) -> None:
    low, high = wilson(kept, kept + broken)
    assert 0 <= low <= high <= 1
    if kept + broken:
        assert low - 1e-12 <= kept / (kept + broken) <= high + 1e-12
