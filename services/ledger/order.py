"""What the clerk is given, and what it answers."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.catalogue import TOPICS
from domain.command import Command
from domain.event import Who


class Order(Struct, frozen=True, kw_only=True, gc=False):
    """A command for one stream of one ledger, who gives it, and the key under which it may be repeated.

    ``stream`` is ``None`` where the command creates one and leaves its id to the clerk.
    """

    ledger_id: str
    command: Command
    who: Who
    stream: UUID | None = None
    idempotency_key: str | None = None
    keeps_key: bool = False
    """Whether the key is remembered for ever (an import's) rather than 30 days."""
    if_match: tuple[int, ...] | None = None
    """The versions of the stream that it is meant for; ``None``: any."""
    likely_repeated: bool = False
    """A hint: look for the key first, rather than find it by colliding."""


class ReceiptEvent(Struct, frozen=True, gc=False):
    """An event that a command led to."""

    position: int
    topic: str


class Notice(Struct, frozen=True, gc=False):
    """What a receipt draws attention to: a stable code, and what it means in words."""

    code: str
    detail: str


NOTICES = {
    topic: Notice(topic.replace(".", "_"), event.NOTICE) for topic, event in TOPICS.items() if event.NOTICE is not None
}
"""By topic of the event: what its receipt draws attention to."""


def notices_of(events: tuple[ReceiptEvent, ...]) -> tuple[Notice, ...]:
    """What events give notice of."""
    return tuple([NOTICES[event.topic] for event in events if event.topic in NOTICES])


class Receipt(Struct, frozen=True, gc=False):
    """What a command led to: its stream, that stream's version, and the ledger's position at which it holds.

    ``events`` is empty where the command's effect was there already.
    """

    ledger: str
    id: UUID
    version: int
    position: int
    recorded_at: datetime
    events: tuple[ReceiptEvent, ...]
    notices: tuple[Notice, ...] = ()
    """Limits that were crossed: recorded all the same."""


class IdempotencyMismatchError(Exception):
    """The idempotency key was used for another command before."""


class OutcomeUnknownError(Exception):
    """The connection to the database broke while the command was on its way: it may have been recorded or not.

    Repeating it with the same idempotency key tells; without one the reader has to look.
    """


class NotTakenError(Exception):
    """The clerk is stopping: nothing was recorded. Another process, or this one started anew, will take it."""
