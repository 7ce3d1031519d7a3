"""One order decided on its ledger's book: the events it leads to, and the rows they add to the batch."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from domain.catalogue import PROMISE, STREAM_TYPE_OF, TIE
from domain.command import act_for
from domain.event import Event
from domain.party import PartyErased, PartyEvent, PartyMerged, PartyReferenced, PartyRegistered, PartyUnmerged
from domain.refusal import Refusal
from domain.tie import is_there_for, require_no_ties
from projections.catalogue import fold_entry
from projections.projection import Entry
from services.ledger.append import Batch, Head
from services.ledger.book import NOTHING, Book, Shelf, Stream
from services.ledger.keyring import Keyring, MasterKey, day_of, new_key
from services.ledger.mapper import encode
from services.ledger.order import Order, Receipt, ReceiptEvent, notices_of

UNPOSTED = (None, 0, 0, 0)
KEY_LIFE = timedelta(days=30)

_encode_body = msgspec.json.Encoder().encode


def hash_key(keyring: Keyring, order: Order) -> bytes:
    """The keyed hash under which an idempotency key is kept: one access key's are apart from another's."""
    return keyring.hash(f"key\0{order.who.key}\0{order.idempotency_key}".encode())


def hash_body(keyring: Keyring, order: Order) -> bytes:
    """The keyed hash of what was asked for; two orders are the same where act, stream and all fields are."""
    head = f"body\0{order.command.ACT}\0{order.stream}\0".encode()
    return keyring.hash(head + _encode_body(order.command))


class Decider:
    """Decides orders one by one and gathers their rows; the book is kept current between them."""

    def __init__(self, master_key: MasterKey, now: datetime) -> None:
        self.batch = Batch()
        self._master_key = master_key
        self._now = now

    def decide(self, book: Book, order: Order, stream_id: UUID) -> Receipt:
        """Decide, and add the rows to the batch. Raises ``Refusal``, with nothing added."""
        self._touch(book)
        command = order.command
        stream_type = STREAM_TYPE_OF[type(command)]
        stream = book.streams.get(stream_id, NOTHING)
        if command.CREATES and stream_type is not TIE:
            require_no_ties(stream_id)
        if stream.type is not None and stream.type is not stream_type:
            if command.CREATES:
                raise Refusal("id_taken", "This id is already taken in this ledger; leave it out or choose another.")
            stream = NOTHING
        if not is_there_for(stream.state, order.who, book.facts.merges):
            stream = NOTHING
        state = stream.state
        if order.if_match is not None and stream.version not in order.if_match:
            raise Refusal("version_moved", "This is at another version by now; read it again, and decide anew.")
        book.facts.require_registered(order.who.by)
        now = max(self._now, book.head.recorded_at)
        act = act_for(stream_id, order.who, command, now, book.facts.merges)
        events = stream_type.decide(command, state, book.facts, act)
        first = book.head.position
        version = stream.version
        for event in events:
            version += 1
            state = stream_type.evolve(state, event)
            self._add(book, event, stream_id, version, now, state)
        if events:
            if stream_type is PROMISE and book.open_promises:
                book.recount(stream.state, state)
            book.remember(stream_id, Stream(stream_type, version, state))
        self._keep_key(book, order, stream_id, len(events))
        led_to = tuple([ReceiptEvent(first + n, event.TOPIC) for n, event in enumerate(events, 1)])
        return Receipt(
            ledger=book.ledger_id,
            id=stream_id,
            version=version,
            position=book.head.position,
            recorded_at=book.head.recorded_at,
            events=led_to,
            notices=notices_of(led_to),
        )

    def _touch(self, book: Book) -> None:
        """Have the append check this ledger's head, whatever is decided: a refusal too holds only for that head."""
        if book.ledger_id not in self.batch.expected:
            self.batch.expected[book.ledger_id] = book.head.position
            self.batch.heads[book.ledger_id] = book.head

    def _add(self, book: Book, event: Event, stream_id: UUID, version: int, now: datetime, state: object) -> None:
        """Give an event its place, and add it and what follows from it to the batch."""
        ledger_id = book.ledger_id
        batch = self.batch
        if isinstance(event, PartyEvent):
            self._add_party(book, event)
        elif not event.LASTING and (day := day_of(now)) not in book.keyring.day_keys:
            key = new_key()
            book.keyring.begin_day(day, key)
            batch.day_keys.append((ledger_id, day, self._master_key.wrap(ledger_id, day, key)))
        try:
            encoded = encode(ledger_id, stream_id, version, now, event, book.keyring)
        except KeyError:
            raise Refusal(
                "party_is_erased", "Words about a party that was erased are not kept; leave them out."
            ) from None
        position = book.head.position + 1
        book.head = batch.heads[ledger_id] = Head(position, now)
        if book.standing:  # what this batch says of a party, the loading did not see
            book.standing |= {party: True for party in event.parties if party != stream_id}
        parties = (*event.parties, None, None, None)
        posting = event.posting
        posted: tuple[str | None, int, int, int] = (
            UNPOSTED if posting is None else (posting.unit, posting.quantity, posting.count, posting.disputed)
        )
        entry = Entry(
            ledger_id,
            position,
            stream_id,
            version,
            event.TOPIC,
            parties[0],
            parties[1],
            parties[2],
            *posted,
            event.occurred_at,
            now,
            encoded,
        )
        batch.entries.append(entry)
        fold_entry(batch.read_models, entry, state)

    def _add_party(self, book: Book, event: PartyEvent) -> None:
        """What facts follow: a registered party's data key, references found by their hash, merges."""
        if isinstance(event, PartyRegistered):
            key = new_key()
            book.keyring.keys[event.party] = key
            wrapped = self._master_key.wrap(book.ledger_id, event.party, key)
            self.batch.data_keys.append((book.ledger_id, event.party, wrapped))
        if isinstance(event, PartyRegistered | PartyReferenced):
            for reference in event.references or ():
                book.owners[reference] = event.party
                hashed = book.keyring.hash_reference(reference)
                self.batch.references.append((book.ledger_id, hashed, event.party))
        elif isinstance(event, PartyErased):
            for party in (event.party, *event.others):
                book.keyring.forget(party)
                self.batch.erased.append((book.ledger_id, party))
        elif isinstance(event, PartyMerged | PartyUnmerged):
            into = event.into if isinstance(event, PartyMerged) else None
            book.merges.note(event.party, into, event.occurred_at)

    def _keep_key(self, book: Book, order: Order, stream_id: UUID, events: int) -> None:
        if order.idempotency_key is None:
            return
        self.batch.idempotency.append(
            (
                book.ledger_id,
                hash_key(book.keyring, order),
                hash_body(book.keyring, order),
                stream_id,
                book.head.position,
                events,
                None if order.keeps_key else self._now + KEY_LIFE,
            )
        )


def decide_on(shelf: Shelf, decider: Decider, order: Order, stream: UUID) -> Receipt | Refusal:
    """Decide an order on the book of its ledger: its receipt, or the rule that refuses it."""
    book = shelf.get(order.ledger_id)
    if book is None:
        return Refusal("ledger_not_found", "There is no such ledger.")
    try:
        return decider.decide(book, order, stream)
    except Refusal as refusal:
        return refusal
