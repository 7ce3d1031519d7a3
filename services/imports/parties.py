"""Whose the external ids of a file are: found by their keyed hash, or registered where they are new."""

from collections.abc import Iterable
from uuid import UUID

from domain.command import Reference
from domain.event import Who
from domain.party import RegisterParty
from domain.refusal import Refusal
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
        new = await self.look_up(external_ids)
        if not new or not self._register:
            return
        outcomes = await self._service.clerk.submit_all([self._registration(one) for one in new])
        refused = []
        for external_id, outcome in zip(new, outcomes, strict=True):
            if isinstance(outcome, Receipt):
                self._known[external_id] = outcome.id
            elif isinstance(outcome, Refusal):
                refused.append(external_id)
            else:
                raise outcome
        await self.look_up(refused)  # somebody else may have registered them just now

    async def look_up(self, external_ids: Iterable[str]) -> list[str]:
        """Look up ids that were not seen before; answer those that nobody has."""
        hashes = {
            self._keyring.hash_reference(Reference(self._source, one)): one
            for one in dict.fromkeys(external_ids)
            if one not in self._known
        }
        if not hashes:
            return []
        ledger_id = self._keyring.ledger_id
        async with self._service.ledgers.acquire(ledger_id) as connection:
            rows = await connection.fetch(
                load_sql("services/ledger/sql/references.sql"), [ledger_id] * len(hashes), list(hashes)
            )
        self._known |= {hashes[row["reference"]]: row["party_id"] for row in rows}
        return [one for one in hashes.values() if one not in self._known]

    def _registration(self, external_id: str) -> Order:
        """A party named by its own id there, until somebody renames it; the same id leads to the same party."""
        reference = Reference(self._source, external_id)
        return Order(
            ledger_id=self._keyring.ledger_id,
            command=RegisterParty(name=external_id, references=(reference,)),
            who=self._who,
            stream=self._keyring.derive_id("party", self._source, external_id),
            idempotency_key=f"import-party:{self._source}:{external_id}",
            keeps_key=True,
        )
