"""What the answer to a promise says beside its receipt: its promisor's capacity. It never stands in the way."""

import asyncio
from typing import get_args

import asyncpg
import structlog
from msgspec.structs import asdict

from domain.promise.commands import AgreeToPromise, MakePromise, OfferPromise, RequestPromise
from services.http.problems import DATABASE_LOST
from services.ledger.order import Receipt
from services.logging import describe
from services.reading.capacity import Capacity, read_advice
from services.reading.snapshot import open_snapshot
from services.service import Service

ADVICE_WITHIN_S = 2.0
Advised = RequestPromise | OfferPromise | MakePromise | AgreeToPromise
ADVISED = get_args(Advised)

log = structlog.get_logger()


class PromiseReceipt(Receipt, frozen=True, gc=False):
    """What a command led to, and what the promisor may want to know before it promises more."""

    advice: Capacity | None = None
    """The promisor's capacity beside this promise, read after the write: its ``position`` says as of when.

    Null for an access key that may not read, or where it could not be read in time.
    """


async def add_advice(service: Service, receipt: Receipt) -> PromiseReceipt:
    """The receipt of a promise with advice; without any where that fails: what was recorded stays recorded."""
    advice = None
    try:
        async with asyncio.timeout(ADVICE_WITHIN_S), open_snapshot(service, receipt.ledger) as snapshot:
            advice = await read_advice(snapshot, receipt.id)
    except (asyncpg.PostgresError, *DATABASE_LOST) as error:
        log.warning("http.no_advice", **describe(error))
    return PromiseReceipt(**asdict(receipt), advice=advice)
