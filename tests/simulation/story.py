"""One simulated run: callers, processes of clerks, and what goes wrong, all by one seed."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import asyncpg
from msgspec import Struct, field

from domain.command import Command, Reference
from domain.event import Who
from domain.favour.commands import AcknowledgeFavour, DisputeFavour, RecordFavour, ThankFavour
from domain.ledger import LEDGER_STREAM, OpenLedger
from domain.party import EraseParty, RegisterParty
from domain.policy import Policy
from domain.promise.commands import AcceptDelivery, MakePromise, RejectDelivery, ReportDelivery
from domain.refusal import Refusal
from services.ledger.clerk import Clerk
from services.ledger.keyring import LEDGER, MasterKey, new_key
from services.ledger.order import IdempotencyMismatchError, NotTakenError, Order, Receipt
from tests.simulation.database import CALM, PATIENCE, Odds, SimulatedDatabase

MASTER = MasterKey(bytes(range(32)))
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
RECORDER = Who("recorder", "simulation")
ADMIN = Who("admin", "simulation")
PATIENCE_S = (0.1, 2.0, 5.0, 60.0)
DEFINITE = (Refusal, NotTakenError, *(type(error) for error in PATIENCE))
"""Outcomes that say that nothing was recorded."""


class GoneError(Exception):
    """The process that was asked is no more, or took too long."""


class Sent(Struct):
    """An order, and what came of it."""

    order: Order
    receipts: list[Receipt] = field(default_factory=list)
    refusal: Refusal | None = None
    taken_back: bool = False
    """Whether it was refused when it was asked again after its receipt had come."""
    may_be_recorded: bool = False
    """Whether it was sent without a key, and nobody knows what became of it."""
    was_abandoned: bool = False
    """Whether a try was given up that may still be carried out, after a refusal that a later try met."""


class Clock:
    """The simulated time, and by how much it is off at the moment."""

    def __init__(self) -> None:
        self.off = timedelta()

    def __call__(self) -> datetime:
        return BEGUN + timedelta(seconds=asyncio.get_running_loop().time()) + self.off


class Process:
    """A clerk that may be killed with all it has in hand, and is then started again."""

    def __init__(self, database: SimulatedDatabase, clock: Clock, lanes: int) -> None:
        self._database = database
        self._clock = clock
        self._lanes = lanes
        self._asked: set[asyncio.Task[Receipt]] = set()
        self.clerk: Clerk | None = None

    async def start(self) -> None:
        """Start it, however often that takes."""
        while self.clerk is None:
            connect = cast("Callable[[], Awaitable[asyncpg.Connection]]", self._database.connect)
            clerk = Clerk(connect, MASTER, clock=self._clock, lanes=self._lanes)
            starts = await asyncio.gather(*(lane.start() for lane in clerk._lanes), return_exceptions=True)
            if any(starts):
                self._end(clerk)
                await asyncio.sleep(0.1)
            else:
                self.clerk = clerk

    def kill(self) -> None:
        """End it as it stands."""
        if self.clerk is not None:
            self._end(self.clerk)
        self.clerk = None
        for task in self._asked:
            task.cancel()

    @staticmethod
    def _end(clerk: Clerk) -> None:
        for lane in clerk._lanes:
            if hasattr(lane, "_task"):
                lane._task.cancel()
                lane._connection.terminate()

    async def submit(self, order: Order, patience_s: float) -> Receipt:
        """Ask it. Raises what its clerk raises, or ``GoneError``."""
        if self.clerk is None:
            raise GoneError
        task = asyncio.create_task(self.clerk.submit(order))
        self._asked.add(task)
        try:
            done, _ = await asyncio.wait([task], timeout=patience_s)
            if not done or task.cancelled():
                task.cancel()
                raise GoneError
            return task.result()
        finally:
            self._asked.discard(task)


class World(Struct):
    """Everything that one run is about."""

    seed: int
    chance: random.Random
    clock: Clock
    database: SimulatedDatabase
    processes: list[Process]
    ledgers: list[str]
    parties: list[UUID]
    limit: int | None
    sent: list[Sent] = field(default_factory=list)
    promises: list[tuple[str, UUID, UUID, UUID]] = field(default_factory=list)
    """Promises that anyone may act on: ledger, id, promisor, promisee."""


async def play(seed: int) -> World:
    """Play one run to its end, where everything is calm again and everyone was answered."""
    world = await _begin(seed)
    chance = world.chance
    world.database.odds = Odds(
        breaks=chance.choice((0.0, 0.01, 0.03, 0.08)),
        fails=chance.choice((0.0, 0.0, 0.02, 0.05)),
        turns_away=chance.choice((0.0, 0.2, 0.5)),
    )
    nemesis = asyncio.create_task(_nemesis(world))
    await asyncio.gather(*(_call(world, number) for number in range(chance.randint(2, 6))))
    nemesis.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await nemesis
    world.database.odds = CALM
    for process in world.processes:
        await process.start()
    return world


async def end(world: World) -> None:
    """Stop the clerks as one stops them."""
    for process in world.processes:
        assert process.clerk is not None
        await process.clerk.stop()


async def _begin(seed: int) -> World:
    chance = random.Random(seed)
    clock, database = Clock(), SimulatedDatabase(chance, CALM)
    processes = [Process(database, clock, chance.randint(1, 3)) for _ in range(chance.randint(1, 3))]
    ledgers = [f"ledger-{n}" for n in range(chance.randint(1, 3))]
    parties = [UUID(int=chance.getrandbits(128), version=4) for _ in range(chance.randint(2, 4))]
    limit = chance.choice((None, 1, 2))
    world = World(seed, chance, clock, database, processes, ledgers, parties, limit)
    for process in processes:
        await process.start()
    for ledger in ledgers:
        database.tables.heads[ledger] = (0, datetime.fromisoformat("0001-01-01T00:00:00+00:00"))
        database.tables.keys[ledger, LEDGER] = MASTER.wrap(ledger, LEDGER, new_key())
        opening = OpenLedger(title=None, policy=Policy(open_promises_limit=limit))
        await _insist(world, Order(ledger_id=ledger, command=opening, who=ADMIN, stream=LEDGER_STREAM))
        for party in parties:
            await _insist(world, _order(ledger, RegisterParty(name="N"), party))
    return world


async def _nemesis(world: World) -> None:
    chance = world.chance
    while True:
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        if chance.random() < 0.3:
            world.clock.off = timedelta(hours=chance.choice((-30, -1, 0, 5, 100)))
        if chance.random() < 0.5:
            process = chance.choice(world.processes)
            process.kill()
            await asyncio.sleep(chance.choice((0.0, 0.5)))
            await process.start()


async def _call(world: World, number: int) -> None:
    chance = random.Random(f"{world.seed}-{number}")
    for _ in range(chance.randint(1, 4)):
        await asyncio.sleep(chance.choice((0.0, 0.0, 0.1, 1.0)))
        ledger = chance.choice(world.ledgers)
        anna, ben = chance.sample(world.parties, 2)
        stories = (_favour, _favour, _promise, _act, _act, _party)
        await chance.choice(stories)(world, chance, ledger, anna, ben)


async def _favour(world: World, chance: random.Random, ledger: str, anna: UUID, ben: UUID) -> None:
    stream = _id(chance) if chance.random() < 0.7 else None
    command = RecordFavour(giver=anna, receiver=ben, what="w" if chance.random() < 0.5 else None)
    receipt = await _send(world, chance, ledger, command, stream)
    acts: Sequence[Command] = (
        AcknowledgeFavour(by=ben),
        ThankFavour(by=ben, note="n"),
        DisputeFavour(by=ben, reason="r"),
        AcknowledgeFavour(by=ben),
    )
    for act in acts[: chance.randint(0, 3)] if receipt else ():
        await _send(world, chance, ledger, act, receipt.id if receipt else None)


async def _promise(world: World, chance: random.Random, ledger: str, anna: UUID, ben: UUID) -> None:
    stream = _id(chance)
    command = MakePromise(promisor=anna, promisee=ben, what="w")
    receipt = await _send(world, chance, ledger, command, stream)
    if receipt:
        world.promises.append((ledger, stream, anna, ben))


async def _act(world: World, chance: random.Random, _ledger: str, _anna: UUID, _ben: UUID) -> None:
    """Act on whatever promise there is; others may do so at the same moment."""
    if world.promises:
        ledger, stream, promisor, promisee = chance.choice(world.promises)
        acts = (ReportDelivery(by=promisor), AcceptDelivery(by=promisee), RejectDelivery(by=promisee))
        await _send(world, chance, ledger, chance.choice(acts), stream)


async def _party(world: World, chance: random.Random, ledger: str, anna: UUID, _ben: UUID) -> None:
    """Register somebody whom others may register too, or, rarely, forget somebody."""
    if chance.random() < 0.1:
        await _send(world, chance, ledger, EraseParty(), anna, ADMIN)
        return
    references = (Reference("crm", str(chance.randint(0, 2))),)
    await _send(world, chance, ledger, RegisterParty(name="N", references=references), None)


async def _send(
    world: World, chance: random.Random, ledger: str, command: Command, stream: UUID | None, who: Who = RECORDER
) -> Receipt | None:
    """Send a command, most often with a key, sometimes twice at the same time."""
    keyed = chance.random() < 0.8
    order = _order(ledger, command, stream, who, _id(chance).hex if keyed else None)
    sent = Sent(order)
    world.sent.append(sent)
    if not keyed:
        await _send_once(world, chance, sent)
    elif chance.random() < 0.2:
        twin = random.Random(chance.getrandbits(32))
        await asyncio.gather(_ask(world, chance, sent), _ask(world, twin, sent))
    else:
        await _ask(world, chance, sent)
    return sent.receipts[0] if sent.receipts else None


async def _send_once(world: World, chance: random.Random, sent: Sent) -> None:
    try:
        sent.receipts.append(await chance.choice(world.processes).submit(sent.order, chance.choice(PATIENCE_S)))
    except Refusal as refusal:
        sent.refusal = refusal
    except Exception as error:  # noqa: BLE001 - whatever it was, was it definite?
        sent.may_be_recorded = not isinstance(error, DEFINITE)


async def _ask(world: World, chance: random.Random, sent: Sent) -> None:
    """Ask one process after the other until there is an answer. Sometimes ask again, to hear the same."""
    answers = 2 if chance.random() < 0.2 else 1
    while answers:
        was_answered = bool(sent.receipts)
        try:
            receipt = await chance.choice(world.processes).submit(sent.order, chance.choice(PATIENCE_S))
        except Refusal as refusal:
            sent.refusal = refusal
            sent.taken_back |= was_answered
            return
        except IdempotencyMismatchError:
            raise
        except Exception as error:  # noqa: BLE001 - it will be asked again
            sent.was_abandoned |= isinstance(error, GoneError)
            await asyncio.sleep(chance.uniform(0.0, 0.5))
        else:
            sent.receipts.append(receipt)
            answers -= 1


async def _insist(world: World, order: Order) -> None:
    """For the beginning, which is calm."""
    clerk = world.processes[0].clerk
    assert clerk is not None
    world.sent.append(Sent(order, [await clerk.submit(order)]))


def _order(ledger: str, command: Command, stream: UUID | None, who: Who = RECORDER, key: str | None = None) -> Order:
    return Order(
        ledger_id=ledger,
        command=command,
        who=Who(who.capacity, who.key, command.by),
        stream=stream or command.stream_id(),
        idempotency_key=key,
    )


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
