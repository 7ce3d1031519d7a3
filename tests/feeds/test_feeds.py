"""The short form of the feeds run. ``uv run python -m tests.feeds`` is the long one."""

import pytest

from tests.feeds.run import Plan, run

pytestmark = pytest.mark.anyio


async def test_every_reader_hears_all_while_servers_are_killed() -> None:
    result = await run(Plan(events=600, servers=2, readers=3, kill_every_s=1.5, hangs=0), lambda _: None)
    assert result.is_good, result
    assert result.log == 600
    assert result.kills
    assert result.connections > 3
    assert {204, 410} <= result.answers.keys()
