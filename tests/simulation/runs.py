"""Many runs, one after the other."""

import random
from collections.abc import Iterable
from unittest import mock
from uuid import UUID

import structlog

from tests.simulation.check import check
from tests.simulation.loop import simulate
from tests.simulation.story import World, end, play


def run(seed: int) -> tuple[World, str]:
    """Play one run and check it. Raises ``AssertionError`` with the seed in its notes."""

    async def whole() -> tuple[World, str]:
        world = await play(seed)
        await end(world)
        return world, check(world)

    chance = random.Random(f"{seed}-ids")

    def chosen() -> UUID:
        return UUID(int=chance.getrandbits(128), version=4)

    try:
        with mock.patch("services.ledger.job.uuid_utils.uuid7", chosen):
            return simulate(whole())
    except BaseException as error:
        error.add_note(f"in the simulation with seed {seed}")
        raise


def run_all(seeds: Iterable[int]) -> dict[str, int]:
    """Play many; answers what they came to together."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    totals = {"runs": 0, "orders": 0, "recorded": 0, "failures": 0, "lost": 0, "doubled": 0}
    for seed in seeds:
        world, _ = run(seed)
        totals["runs"] += 1
        totals["orders"] += len(world.sent)
        totals["recorded"] += sum(bool(sent.receipts) for sent in world.sent)
        totals["failures"] += world.database.failures
    return totals
