"""Whose the external ids of a file are: found by their keyed hash, or registered where they are new."""

from collections.abc import Iterable
from uuid import UUID

from domain.command import Reference
from domain.event import Who
from domain.party import RegisterParty
from services.database.pool import load_sql
from services.ledger.keyring import Keyring
from services.ledger.order import Order, Receipt
from services.service import Service


class PartyFinder:
    """Remembers which party an external id of one source belongs to."""

    def __init__(self, service: Service, keyring: Keyring, source: str, who: Who, *, register: bool) -> None:
        self._service = service
        self._keyring = keyring
        self._source = source
        self._who = who
        self._register = register
        self._known: dict[str, UUID] = {}

    def get(self, external_id: str) -> UUID | None:
        """The party, where it was found or registered before."""
        return self._known.get(external_id)

    async def find(self, external_ids: Iterable[str]) -> None:
        """Look up ids that were not seen before; register those that nobody has, if so asked."""
        new = [external_id for external_id in dict.fromkeys(external_ids) if external_id not in self._known]
        if not new:
            return
        hashes = {self._keyring.hash_reference(Reference(self._source, one)): one for one in new}
        rows = await self._service.pool.fetch(
            load_sql("services/ledger/sql/references.sql"), [self._keyring.ledger_id] * len(hashes), list(hashes)
        )
        self._known |= {hashes[row["reference"]]: row["party_id"] for row in rows}
        if not self._register:
            return
        orders = {one: self._registration(one) for one in new if one not in self._known}
        outcomes = await self._service.clerk.submit_all(list(orders.values()))
        for external_id, outcome in zip(orders, outcomes, strict=True):
            if isinstance(outcome, Receipt):
                self._known[external_id] = outcome.id

    def _registration(self, external_id: str) -> Order:
        """A party named by its own id there, until somebody renames it; the same id leads to the same party."""
        reference = Reference(self._source, external_id)
        return Order(
            ledger_id=self._keyring.ledger_id,
            command=RegisterParty(name=external_id[:200], references=(reference,)),
            who=self._who,
            stream=self._keyring.derive_id("party", self._source, external_id),
            idempotency_key=f"import-party:{self._source}:{external_id}",
            keeps_key=True,
        )
