"""The short form of the fault run: every kind of fault once. ``uv run python -m tests.faults`` is the long one."""

import pytest

from tests.faults.run import run

pytestmark = pytest.mark.anyio


async def test_nothing_that_was_answered_is_lost_or_doubled() -> None:
    """Whatever breaks: every answered write is in the log once, and the proofs and read models hold."""
    result = await run(seed=7, seconds=600, faults=14)
    assert result.findings.counts() == dict.fromkeys(result.findings.counts(), 0), result.findings.remarks
    assert sum(result.faults.values()) == 14
    assert result.answered >= 100
