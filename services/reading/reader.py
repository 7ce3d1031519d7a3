"""Who asks, where that decides what is shown: answers to introductions, and how close parties say others are.

Each of these is one party's own matter (``Event.private_to``). A key that is bound to parties sees its own parties'
only; a key that is not bound works for the ledger, and sees the log as it is, but an answer in an introduction only as
its administrator.
"""

from uuid import UUID

from msgspec import Struct

from domain.event import Event
from domain.refusal import Refusal


class Reader(Struct, frozen=True):
    """Who asks: bound to parties or not (``None``), and whether as the ledger's administrator."""

    parties: tuple[UUID, ...] | None = None
    admin: bool = False

    def may_see(self, event: Event) -> bool:
        """Whether the log shows this event's content."""
        return self.may_know(event.private_to)

    def may_know(self, private_to: UUID | None) -> bool:
        """Whether the log shows what is this party's own matter, or nobody's."""
        return self.parties is None or private_to is None or private_to in self.parties

    def shows(self, event: Event) -> bool:
        """Whether answers other than the log show this event."""
        return event.private_to is None or self.is_own(event.private_to)

    def is_own(self, party: UUID) -> bool:
        """Whether what is this party's own matter is shown: to its keys, and to an administrator's."""
        return self.admin or (self.parties is not None and party in self.parties)

    def require_own(self, party: UUID) -> None:
        """Refuse a question about what is this party's own matter, unless the key acts for it or for all."""
        if self.parties is not None and party not in self.parties:
            raise not_own()


def not_own() -> Refusal:
    """What a question about another party's own matter is answered with."""
    return Refusal("wrong_party", "This is another party's own matter; ask for one that this key acts for.")


ADMINISTRATOR = Reader(admin=True)
