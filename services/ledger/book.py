"""What the clerk remembers of a ledger: true as long as the ledger's head has not moved."""

import itertools
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.catalogue import FAVOUR, LEDGER, STREAM_TYPE_OF, StreamType
from domain.command import Command, DeclaredGift, Facts, Gifts, Reference
from domain.favour.state import Favour
from domain.ledger import LEDGER_STREAM
from domain.merges import Merges
from domain.policy import Policy
from domain.promise.state import Promise
from services.database.ledgers import Reads
from services.database.pool import load_sql
from services.ledger.append import Head
from services.ledger.keyring import Keyring, MasterKey
from services.ledger.mapper import decode

STREAMS_KEPT = 20_000
KEYS_KEPT = 200_000
COUNTS_KEPT = 20_000
GIFTS_KEPT = 1_000
"""Of how many pairs the gifts are kept at hand."""


class Stream(Struct, frozen=True):
    """A stream's state: which type it is of, its version, and what its events add up to. ``None``: no events yet."""

    type: StreamType | None
    version: int
    state: Any

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The parties it is between; none before its first event."""
        return () if self.state is None else self.state.parties


NOTHING = Stream(None, 0, None)


class Book:
    """One ledger as of its head: policy, merges; of keys, streams, owners of references and gifts those seen so far."""

    def __init__(self, ledger_id: str, head: Head, keyring: Keyring) -> None:
        self.ledger_id = ledger_id
        self.head = head
        self.keyring = keyring
        self.streams: dict[UUID, Stream] = {}
        self.owners: dict[Reference, UUID] = {}
        self.gifts: Gifts = {}
        self.merges = Merges()
        self.open_promises: dict[UUID, int] = {}
        self.standing: dict[UUID, bool] = {}
        self.facts = self._facts(Policy())

    def remember(self, stream_id: UUID, stream: Stream) -> None:
        """Keep a stream's state; the ledger's own brings its policy along."""
        self.streams[stream_id] = stream
        if stream.type is LEDGER:
            self.facts = self._facts(stream.state.policy)
        elif self.gifts and stream.type is FAVOUR:
            self._note_gift(stream_id, stream.state)

    def lacks_gifts(self, giver: UUID, receiver: UUID) -> Iterator[tuple[UUID, UUID]]:
        """The pairs, by all ids of either party, whose gifts are not known yet."""
        pairs = itertools.product(self.merges.set_of(giver), self.merges.set_of(receiver))
        return (pair for pair in pairs if pair not in self.gifts)

    def _note_gift(self, favour_id: UUID, favour: Favour) -> None:
        """Have a gift count as it stands now, where those of its pair are known."""
        of_pair = self.gifts.get((favour.giver, favour.receiver))
        if of_pair is not None and favour.gift == "declared":
            of_pair[favour_id] = DeclaredGift(favour.occurred_at, favour.unit, favour.counts().quantity)

    def uncounted(self, command: Command, state: object) -> Iterator[UUID]:
        """The promisors, by all their ids, whose open promises a command needs and that were not counted yet."""
        if self.facts.policy.open_promises_limit is not None:
            for promisor in command.needs_open_promises(state):
                yield from (one for one in self.merges.set_of(promisor) if one not in self.open_promises)

    def recount(self, before: Promise | None, after: Promise) -> None:
        """Have the counts follow a promise from one standing to the next."""
        for promise, step in ((before, -1), (after, 1)):
            if promise is not None and promise.is_open and promise.promisor in self.open_promises:
                self.open_promises[promise.promisor] += step

    def _facts(self, policy: Policy) -> Facts:
        return Facts(
            policy,
            self.keyring.keys,
            self.owners,
            self.merges,
            self.streams,
            self.open_promises,
            self.gifts,
            self.standing,
        )

    def trim(self) -> None:
        """Forget what can be loaded again, once there is too much of it. Only between batches."""
        if len(self.streams) > STREAMS_KEPT:
            self.streams.clear()
        if len(self.keyring.keys) > KEYS_KEPT:
            self.keyring.keys.clear()
        if len(self.owners) > KEYS_KEPT:
            self.owners.clear()
        if len(self.open_promises) > COUNTS_KEPT:
            self.open_promises.clear()
        if len(self.gifts) > GIFTS_KEPT:
            self.gifts.clear()


class Shelf:
    """The books of the ledgers used last. Loading asks the database once for all that a batch lacks."""

    def __init__(self, master_key: MasterKey, capacity: int = 10_000) -> None:
        self._master_key = master_key
        self._capacity = capacity
        self._books: OrderedDict[str, Book] = OrderedDict()

    def get(self, ledger_id: str) -> Book | None:
        """The book of a ledger, where it is on the shelf."""
        return self._books.get(ledger_id)

    def drop(self, ledger_ids: Iterable[str]) -> None:
        """Forget books that may be out of date."""
        for ledger_id in ledger_ids:
            self._books.pop(ledger_id, None)

    async def load_books(self, reads: Reads, ledger_ids: set[str], *, lock: bool = False) -> None:
        """Open the books that are not on the shelf, or all anew with their heads locked in the order of their ids."""
        if lock:
            self.drop(ledger_ids)
        for ledger_id in ledger_ids & self._books.keys():
            self._books.move_to_end(ledger_id)
            self._books[ledger_id].trim()
        missing = sorted(ledger_ids - self._books.keys())
        if not missing:
            return
        name = "heads_locked" if lock else "heads"
        for ledger_id, position, recorded_at, wrapped, day, day_wrapped in await reads.fetch(_sql(name), missing):
            key = self._master_key.unwrap(ledger_id, LEDGER_STREAM, wrapped)
            keyring = Keyring(ledger_id, key)
            if day is not None:
                keyring.begin_day(day, self._master_key.unwrap(ledger_id, day, day_wrapped))
            self._books[ledger_id] = Book(ledger_id, Head(position, recorded_at), keyring)
        opened = [ledger_id for ledger_id in missing if ledger_id in self._books]
        await self.load_streams(reads, {(ledger_id, LEDGER_STREAM) for ledger_id in opened})
        for ledger_id, party, into, occurred_at in await reads.fetch(_sql("merges"), opened):
            self._books[ledger_id].merges.note(party, into, occurred_at)
        while len(self._books) > self._capacity:
            self._books.popitem(last=False)

    async def load_streams(self, reads: Reads, wanted: set[tuple[str, UUID]]) -> None:
        """Load the state of streams; one without events is remembered as having none."""
        if not wanted:
            return
        found: dict[tuple[str, UUID], Stream] = dict.fromkeys(wanted, NOTHING)
        for ledger_id, stream_id, version, _, state in await reads.fetch(_sql("streams"), *_columns(wanted)):
            event = decode(state).event
            stream_type = STREAM_TYPE_OF[type(event)]
            before = found[ledger_id, stream_id].state
            found[ledger_id, stream_id] = Stream(stream_type, version, stream_type.evolve(before, event))
        for (ledger_id, stream_id), stream in found.items():
            self._books[ledger_id].remember(stream_id, stream)

    async def load_keys(self, reads: Reads, wanted: set[tuple[str, UUID]]) -> None:
        """Load the data keys of parties; one that has none is not registered."""
        if not wanted:
            return
        for ledger_id, subject, wrapped in await reads.fetch(_sql("keys"), *_columns(wanted)):
            self._books[ledger_id].keyring.keys[subject] = self._master_key.unwrap(ledger_id, subject, wrapped)

    async def load_open_promises(self, reads: Reads, wanted: set[tuple[str, UUID]]) -> None:
        """Count the open promises of promisors."""
        if not wanted:
            return
        for ledger_id, promisor, count in await reads.fetch(_sql("open_promises"), *_columns(wanted)):
            self._books[ledger_id].open_promises[promisor] = count

    async def load_owners(self, reads: Reads, wanted: set[tuple[str, Reference]]) -> None:
        """Load whose the external references are."""
        if not wanted:
            return
        by_hash = {
            (ledger_id, self._books[ledger_id].keyring.hash_reference(reference)): reference
            for ledger_id, reference in wanted
        }
        for ledger_id, hashed, party in await reads.fetch(_sql("references"), *_columns(by_hash)):
            self._books[ledger_id].owners[by_hash[ledger_id, hashed]] = party

    async def load_standing(self, reads: Reads, wanted: set[tuple[str, UUID]]) -> None:
        """Find out of parties whether anything stands that names them; with the heads locked, since it is not kept."""
        if not wanted:
            return
        for ledger_id, party, stands in await reads.fetch(_sql("standing"), *_columns(wanted)):
            self._books[ledger_id].standing[party] = stands

    async def load_gifts(self, reads: Reads, wanted: set[tuple[str, UUID, UUID]]) -> None:
        """Load the gifts that were taken between givers and receivers, as they count now."""
        if not wanted:
            return
        for ledger_id, giver, receiver in wanted:
            self._books[ledger_id].gifts[giver, receiver] = {}
        columns = [list(column) for column in zip(*wanted, strict=True)]
        for ledger_id, giver, receiver, favour, *gift in await reads.fetch(_sql("gifts"), *columns):
            self._books[ledger_id].gifts[giver, receiver][favour] = DeclaredGift(*gift)


def _sql(name: str) -> str:
    return load_sql(f"services/ledger/sql/{name}.sql")


def _columns(pairs: Iterable[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    pairs = list(pairs)
    return [first for first, _ in pairs], [second for _, second in pairs]
