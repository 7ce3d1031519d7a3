"""The short form of the fuzz. ``uv run python -m tests.fuzz`` is the long one."""

from tests.fuzz.run import run


def test_every_reader_reads_or_refuses_whatever_it_is_given() -> None:
    result = run(seed=7, inputs=15_000)
    assert (result.tracebacks, result.slow) == (0, 0), result.remarks
    assert result.refused > 5_000
