"""Reading what a party can take on."""

from litestar import get
from litestar.di import NamedDependency

from services.http.reads.base import ReadController, StreamId
from services.reading.as_of import Asked
from services.reading.capacity import Capacity, read_capacity
from services.reading.snapshot import Look


class CapacityReads(ReadController):
    """What a party has open, beside its own record at such a load."""

    path = "/parties/{id:uuid}/capacity"
    tags = ["promises"]  # noqa: RUF012 - Litestar's own form

    @get("/", operation_id="party_capacity", summary="What a party has open, and how it did at such a load before")
    async def read(self, stream: StreamId, look: NamedDependency[Look], asked: NamedDependency[Asked]) -> Capacity:
        """Read a party's open promises beside its own record, as of any moment: only promise what you can deliver.

        Such a load is from half as many promises as are open now to twice as many. Nothing is refused by it, other than
        by the policy's `open_promises_limit`.
        """
        async with look() as snapshot:
            return await read_capacity(snapshot, stream, asked)
