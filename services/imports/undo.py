"""Undoing an import: everything it recorded is retracted, the last first, and then the parties it registered.

A party of whom anything else stands by then stays, and so does whatever the rules do not let this key retract; what
stays is told, with the rule that keeps it. Undoing again goes on where it stopped, and tries once more what had stayed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.command import Command
from domain.contact import RetractContact
from domain.event import Who
from domain.favour.commands import RetractFavour
from domain.introduction.commands import RetractIntroduction
from domain.party import RetractParty
from domain.promise.commands import RetractPromise
from domain.refusal import Refusal
from services.database.pool import load_sql
from services.imports.files import WINDOW, Watch
from services.imports.kept import Claim, Record
from services.imports.tally import Kept, Tally, count
from services.ledger.order import Order

RETRACTIONS: Mapping[str, type[Command]] = {
    "favour": RetractFavour,
    "promise": RetractPromise,
    "contact": RetractContact,
    "introduction": RetractIntroduction,
    "party": RetractParty,
}
REFERENCE_STAYS = "reference_stays"
"""A party that was there before was given a reference, and there is no act that takes one away."""
ENDED = frozenset(["undone", "again"])


class Undoing:
    """One undoing, which this process has taken on."""

    def __init__(self, claim: Claim, tally: Tally) -> None:
        self.claim = claim
        self.tally = tally

    async def go(self, watch: Watch = lambda _: None) -> Tally:
        """Retract what is left to retract. Raises ``TakenOverError``, and what the clerk raises but refusals."""
        try:
            left = [one for one in await self.claim.records() if one.state not in ENDED]
            self.tally.things, self.tally.done, self.tally.kept, self.tally.kept_count = len(left), 0, [], 0
            for kind in (False, True):  # everything that names a party before the party itself
                of_kind = [one for one in left if (one.kind == "party") is kind]
                for begin in range(0, len(of_kind), WINDOW):
                    await self.claim.beat(self.tally, "undoing")
                    await self._retract(of_kind[begin : begin + WINDOW])
                    watch(self.tally)
            await self.claim.beat(self.tally, "undone", ended=True)
        except BaseException:
            await asyncio.shield(self.claim.let_go())
            raise
        return self.tally

    async def _retract(self, records: Sequence[Record]) -> None:
        """Retract some, and write down what became of each."""
        states = {one.number: REFERENCE_STAYS for one in records if one.kind == "reference"}
        rest = [one for one in records if one.kind != "reference"]
        states |= await self._submit(rest, {})
        disallowed = [one for one in rest if states[one.number] == "wrong_party" and one.kind == "promise"]
        if disallowed:
            states |= await self._submit(disallowed, await self._promisees(disallowed))
        await self.claim.settle(list(states), list(states.values()))
        for one in records:
            state = states[one.number]
            self.tally.done += 1
            if state == "undone":
                count(self.tally.undone, one.kind)
            else:
                self.tally.keep(Kept(one.kind, one.stream, state))

    async def _submit(self, records: Sequence[Record], acting: Mapping[UUID, UUID]) -> dict[int, str]:
        """By number: ``undone``, or the code of the refusal. ``acting``: in whose name, by stream."""
        orders = []
        for one in records:
            by = acting.get(one.stream)
            who = Who(self.claim.who.capacity, self.claim.who.key, by)
            command = RETRACTIONS[one.kind](by=by)
            orders.append(Order(ledger_id=self.claim.ledger_id, command=command, who=who, stream=one.stream))
        states = {}
        for one, outcome in zip(records, await self.claim.service.clerk.submit_all(orders), strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
                raise outcome
            absent = isinstance(outcome, Refusal) and outcome.code == f"{one.kind}_not_found"  # it had been cut off
            states[one.number] = outcome.code if isinstance(outcome, Refusal) and not absent else "undone"
        return states

    async def _promisees(self, records: Sequence[Record]) -> dict[UUID, UUID]:
        """Who may retract promises that others spoke on: their promisees (``domain/promise/table.py``)."""
        rows = await self.claim.service.ledgers.fetch(
            load_sql("services/imports/sql/promisees.sql"), self.claim.ledger_id, [one.stream for one in records]
        )
        return {UUID(int=row["promise_id"].int): UUID(int=row["promisee"].int) for row in rows}
