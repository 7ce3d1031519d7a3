"""What has to hold after a run, whatever went wrong in it. Each check says what it found in an ``AssertionError``."""

import hashlib
import itertools
from collections import Counter, defaultdict
from uuid import UUID

from domain.party import PartyErased
from domain.promise.state import Promise
from projections.balance import BALANCE
from projections.projection import Entry, Rows
from services.ledger.book import NOTHING, Book
from services.ledger.decision import hash_key
from services.ledger.keyring import LEDGER, Keyring
from services.ledger.mapper import decode
from services.ledger.order import Receipt, ReceiptEvent
from tests.simulation.database import is_open
from tests.simulation.states import add_to
from tests.simulation.story import MASTER, World

REFUSALS = frozenset(
    {
        "reference_taken",
        "no_capacity_left",
        "party_is_erased",
        "party_not_found",
        "unknown_party",
        "favour_is_disputed",
        "promise_is_promised",
        "promise_is_reported",
        "promise_is_kept",
        "already_exists",
    }
)
"""What callers may hear, since others act on the same promises, references and parties."""


def check(world: World) -> str:
    """Check a run; answers the digest of what it led to, which the same seed leads to again."""
    digest = hashlib.sha256()
    for ledger in world.ledgers:
        log = world.database.tables.events[ledger]
        _check_log(world, ledger, log)
        _check_answers(world, ledger, log)
        _check_limit(world, log)
        _check_balance(world, ledger, log)
        _check_erased(world, ledger, log)
        digest.update("".join(f"{entry.position} {entry.topic} {entry.version}\n" for entry in log).encode())
    _check_books(world)
    return digest.hexdigest()


def _check_log(world: World, ledger: str, log: list[Entry]) -> None:
    """Positions and versions without a gap, times that never go back, heads at the end."""
    assert [entry.position for entry in log] == list(range(1, len(log) + 1)), "positions"
    assert all(a.recorded_at <= b.recorded_at for a, b in itertools.pairwise(log)), "recorded_at goes back"
    versions: Counter[UUID] = Counter()
    for entry in log:
        versions[entry.stream_id] += 1
        assert entry.version == versions[entry.stream_id], f"version of {entry.stream_id}"
    last = log[-1]
    assert world.database.tables.heads[ledger] == (last.position, last.recorded_at), "the head"


def _check_answers(world: World, ledger: str, log: list[Entry]) -> None:
    """What was answered is there, once; what was refused is not; of the rest nothing is there that nobody sent."""
    ring = Keyring(ledger, MASTER.unwrap(ledger, LEDGER, world.database.tables.keys[ledger, LEDGER]))
    kept = {key for owner, key in world.database.tables.idempotency if owner == ledger}
    claimed: dict[int, object] = {}
    maybe = 0
    for sent in world.sent:
        order = sent.order
        if order.ledger_id != ledger:
            continue
        maybe += sent.may_be_recorded
        assert all(receipt == sent.receipts[0] for receipt in sent.receipts), "two answers to one key"
        assert not sent.taken_back, f"refused after it was answered: {sent.refusal}"
        assert sent.refusal is None or sent.refusal.code in REFUSALS, sent.refusal
        if order.idempotency_key is not None:
            is_kept = hash_key(ring, order) in kept
            came_late = is_kept and sent.refusal is not None and sent.was_abandoned
            assert bool(sent.receipts) == is_kept or came_late, "an answer's key is kept, no other"
            kept.discard(hash_key(ring, order))
            maybe += came_late
        for event in _events(sent.receipts):
            entry = log[event.position - 1]
            assert (entry.stream_id, entry.topic) == (sent.receipts[0].id, event.topic), "lost"
            assert claimed.setdefault(event.position, sent) is sent, "one event for two commands"
    assert not kept, "keys of nobody"
    assert len(log) - len(claimed) <= maybe, f"{len(log) - len(claimed)} events that nobody was told of"


def _events(receipts: list[Receipt]) -> tuple[ReceiptEvent, ...]:
    return receipts[0].events if receipts else ()


def _check_limit(world: World, log: list[Entry]) -> None:
    """Nobody ever has more promises open than the policy allows."""
    states: dict[UUID, object] = {}
    for entry in log if world.limit is not None else ():
        state = add_to(states, entry)
        if isinstance(state, Promise):
            count = sum(is_open(other, state.promisor) for other in states.values())
            assert count <= (world.limit or count), "over the limit"


def _check_balance(world: World, ledger: str, log: list[Entry]) -> None:
    """The rows that were merged add up to what the log folds into."""
    folded: Rows = {}
    for entry in log:
        if entry.receiver is not None and entry.unit is not None:
            BALANCE.fold(folded, entry, None)
    sums: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for kind, row in world.database.tables.rows:
        if f"{kind}_row" == BALANCE.row_type and row[0] == ledger:
            for place, value in enumerate(row[5:9]):
                sums[tuple(row[:5])][place] += value
    assert {key: list(row[5:9]) for key, row in folded.items()} == dict(sums), "balances"


def _check_erased(world: World, ledger: str, log: list[Entry]) -> None:
    """Who was erased has no key, and nobody writes about them any more."""
    erased: set[UUID] = set()
    for entry in log:
        recorded = decode(entry.state)
        assert recorded.sealed is None or not erased & {*recorded.event.subjects}, "words about an erased party"
        if isinstance(recorded.event, PartyErased):
            erased |= {recorded.event.party, *recorded.event.others}
    assert not {(ledger, party) for party in erased} & world.database.tables.keys.keys(), "a key of an erased party"


def _check_books(world: World) -> None:
    """What a clerk remembers of a ledger is true as long as the head has not moved."""
    for process in world.processes:
        assert process.clerk is not None
        for lane in process.clerk._lanes:
            for ledger in world.ledgers:
                book = lane._shelf.get(ledger)
                if book is not None and book.head.position == world.database.tables.heads[ledger][0]:
                    _check_book(book, world.database.tables.states[ledger])


def _check_book(book: Book, states: dict[UUID, object]) -> None:
    for stream_id, stream in book.streams.items():
        assert stream.state == states.get(stream_id, NOTHING.state), f"a book's {stream_id}"
    for promisor, count in book.open_promises.items():
        assert count == sum(is_open(state, promisor) for state in states.values()), "a book's count"
