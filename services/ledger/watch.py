"""Who looks on while the clerk works: what it did is told, never to whom or with which words."""

from collections.abc import Sequence

from services.ledger.order import Order, Receipt

Done = tuple[Order, Receipt | BaseException]


class Watch:
    """Sees nothing. ``services.metrics`` has one that counts."""

    def batch(self, done: Sequence[Done], took_s: float) -> None:
        """A batch of orders was served, from taking them off the queue to their outcomes, in this many seconds."""

    def committed(self, took_s: float) -> None:
        """Events were appended and are durable; the database took this many seconds for it."""

    def asked_replica(self, number: int, outcome: str) -> None:
        """A read replica, by its number, answered a question, was behind, or down."""


UNWATCHED = Watch()
