"""Orders on their way through the clerk, what goes into the same commit, and how they end."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from services.ledger.order import Order, Receipt


class Job(Struct):
    """An order on its way and where its answer goes."""

    order: Order
    stream: UUID
    answer: asyncio.Future[Receipt]


Outcome = Receipt | BaseException


class Bundle(Struct):
    """Jobs that go into the same commit."""

    jobs: list[Job]
    atomic: bool = False
    """Whether none is recorded where one is refused."""
    shard: int = 0
    """Where Citus has the ledger; all the same where there is one machine."""


def job_of(order: Order) -> Job:
    """The job that an order is; where it leaves the id of its stream open, one is chosen."""
    return Job(order, order.stream or uuid_utils.uuid7(), asyncio.get_running_loop().create_future())


async def outcomes_of(jobs: Sequence[Job]) -> list[Outcome]:
    """Each job's receipt, or the error that is its outcome."""
    return await asyncio.gather(*(job.answer for job in jobs), return_exceptions=True)


def answer(job: Job, outcome: Outcome) -> None:
    """Tell who waits for a job how it ended; that caller may have gone away."""
    if job.answer.done():
        return
    if isinstance(outcome, BaseException):
        job.answer.set_exception(outcome)
    else:
        job.answer.set_result(outcome)
