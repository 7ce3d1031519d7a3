"""The facts that orders need before they are decided: loaded for all of them at once, as far as the books lack them."""

from collections.abc import Sequence
from uuid import UUID

from domain.command import Reference, declared
from services.database.ledgers import Reads
from services.ledger.book import NOTHING, Book, Shelf
from services.ledger.order import Order


async def load_facts(reads: Reads, shelf: Shelf, orders: Sequence[Order]) -> None:
    """Load the facts that the orders declare, as far as the books lack them."""
    await shelf.load_books(reads, {order.ledger_id for order in orders})
    on_books = [(order, book) for order in orders if (book := shelf.get(order.ledger_id)) is not None]
    await _load_streams(reads, shelf, on_books)
    keys: set[tuple[str, UUID]] = set()
    owners: set[tuple[str, Reference]] = set()
    promisors: set[tuple[str, UUID]] = set()
    gifts: set[tuple[str, UUID, UUID]] = set()
    standing: set[tuple[str, UUID]] = set()
    for order, book in on_books:
        command, needs, ledger_id = order.command, declared(type(order.command)), book.ledger_id
        place = NOTHING if order.stream is None else book.streams[order.stream]
        known = book.keyring.keys
        for party in (*command.needs_parties(), *place.parties, order.who.by):
            if party is not None and party not in known:
                keys.add((ledger_id, party))
        if "needs_references" in needs:
            owners.update((ledger_id, reference) for reference in command.needs_references())
        if "needs_open_promises" in needs:
            promisors.update((ledger_id, one) for one in book.uncounted(command, place.state))
        if "needs_gifts" in needs and (pair := command.needs_gifts()) is not None:
            gifts.update((ledger_id, *one) for one in book.lacks_gifts(*pair))
        if "needs_standing" in needs and order.stream is not None:
            standing.add((ledger_id, order.stream))
    await shelf.load_keys(reads, keys)
    await shelf.load_owners(reads, owners)
    await shelf.load_open_promises(reads, promisors)
    await shelf.load_gifts(reads, gifts)
    await shelf.load_standing(reads, standing)


async def _load_streams(reads: Reads, shelf: Shelf, on_books: Sequence[tuple[Order, Book]]) -> None:
    """Load the orders' own streams, and those that they have to know besides."""
    streams: set[tuple[str, UUID]] = set()
    for order, book in on_books:
        wanted = order.command.needs_streams() if "needs_streams" in declared(type(order.command)) else ()
        for stream in wanted if order.stream is None else (order.stream, *wanted):
            if stream not in book.streams:
                streams.add((book.ledger_id, stream))
    await shelf.load_streams(reads, streams)
