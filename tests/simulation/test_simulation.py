"""A tenth of the runs; ``uv run python -m tests.simulation`` plays them all."""

import pytest

from tests.simulation.runs import run, run_all

TENTHS = 4


def test_a_seed_leads_to_the_same_log_again() -> None:
    assert run(5)[1] == run(5)[1]
    assert run(5)[1] != run(6)[1]


@pytest.mark.parametrize("part", range(TENTHS))
def test_no_failure_at_any_await_loses_or_doubles_anything(part: int) -> None:
    runs = 1000 // TENTHS
    totals = run_all(range(part * runs, (part + 1) * runs))
    assert totals["runs"] == runs
    assert totals["failures"] > runs
