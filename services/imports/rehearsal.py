"""Orders decided as the clerk would decide them, and recorded nowhere."""

from collections.abc import Sequence

import uuid_utils.compat as uuid_utils

from services.ledger.book import Shelf
from services.ledger.decision import Decider, decide_on
from services.ledger.facts import load_facts
from services.ledger.order import Order, Receipt
from services.reading.snapshot import Snapshot


class Rehearsal:
    """Decides on books of its own, which remember what it decided, as of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._shelf = Shelf(snapshot.master_key)

    async def submit_all(self, orders: Sequence[Order]) -> list[Receipt | BaseException]:
        """Each order's receipt or refusal, in the order given: what ``Clerk.submit_all`` would answer."""
        decider = Decider(self._snapshot.master_key, self._snapshot.now)
        await load_facts(self._snapshot.connection, self._shelf, orders)
        return [decide_on(self._shelf, decider, order, order.stream or uuid_utils.uuid7()) for order in orders]
