"""Callers that never give up: each sends its commands under idempotency keys until they are answered."""

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct, field

from tests.faults.world import World

CANARY = "canary-7c1d"
"""In all that these callers type; it must never be found in a log."""
PARTIES = 12
THINK_S = 0.05
AGAIN_S = 0.1
PATIENCE_S = (0.3, 3.0, 10.0)
"""How long a caller waits for one answer before it asks again."""


class Sent(Struct):
    """One command as it was sent, and what came of it."""

    ledger: str
    path: str
    body: dict[str, Any]
    key: str | None
    stream: str | None
    """The id it was to create; none where it is an act."""
    receipt: dict[str, Any] | None = None
    refused: str | None = None
    """The code of a problem that is no passing one."""
    tries: int = 0


class Book(Struct):
    """A ledger that the callers write to."""

    ledger: str
    token: str
    parties: list[str] = field(default_factory=list)


class Load:
    """Callers, and the record of all that they sent."""

    def __init__(self, world: World, books: list[Book], seed: int) -> None:
        self._world = world
        self._books = books
        self._seed = seed
        self.sent: list[Sent] = []
        self.failures: Counter[str] = Counter()
        """Tries that had no answer, or a passing problem, by which."""
        self.is_over = False

    @property
    def answered(self) -> int:
        """How many commands were answered with a receipt."""
        return sum(one.receipt is not None for one in self.sent)

    async def call(self, number: int) -> None:
        """One caller, until the load is over; what it began it ends."""
        chance = random.Random(f"{self._seed}-{number}")
        limits = httpx.Limits(max_connections=2 * len(self._world.servers))
        async with httpx.AsyncClient(limits=limits) as client:
            while not self.is_over:
                book = chance.choice(self._books)
                story = _favour if chance.random() < 0.6 else _promise
                anna, ben = chance.sample(book.parties, 2)
                for sent in story(chance, book.ledger, anna, ben):
                    self.sent.append(sent)
                    await self._insist(client, chance, book, sent)
                    await asyncio.sleep(chance.uniform(0, 2 * THINK_S))
                    if sent.receipt is None:
                        break

    async def _insist(self, client: httpx.AsyncClient, chance: random.Random, book: Book, sent: Sent) -> None:
        while sent.receipt is None and sent.refused is None:
            sent.tries += 1
            server = chance.choice(self._world.servers)
            answer = await self._try(client, server.address, book.token, sent, chance.choice(PATIENCE_S))
            if answer is None and sent.key is None:
                return  # nobody knows what became of it, and it may not be sent again
            if answer is None:
                await asyncio.sleep(chance.uniform(0, 2 * AGAIN_S))

    async def _try(
        self, client: httpx.AsyncClient, address: str, token: str, sent: Sent, patience_s: float
    ) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {token}"}
        if sent.key is not None:
            headers["Idempotency-Key"] = sent.key
        params = {} if sent.stream is None else {"id": sent.stream}
        url = f"{address}/v1/ledgers/{sent.ledger}/{sent.path}"
        try:
            answer = await client.post(url, json=sent.body, params=params, headers=headers, timeout=patience_s)
        except httpx.HTTPError as error:
            self.failures[type(error).__name__] += 1
            return None
        if answer.is_success:
            sent.receipt = answer.json()
            return answer
        code = answer.json()["code"]
        if answer.status_code >= 500 or code == "still_under_way" or answer.status_code == 429:
            self.failures[code] += 1
            return None
        sent.refused = code
        return answer

    async def repeat(self, sent: Sent) -> dict[str, Any] | None:
        """Send an answered command once more; its answer, which has to be the first one's."""
        again = Sent(sent.ledger, sent.path, sent.body, sent.key, sent.stream)
        book = next(book for book in self._books if book.ledger == sent.ledger)
        async with httpx.AsyncClient() as client:
            await self._insist(client, random.Random(0), book, again)
        return again.receipt


def _favour(chance: random.Random, ledger: str, giver: str, receiver: str) -> list[Sent]:
    stream = _id(chance)
    body = {"giver": giver, "receiver": receiver, "what": f"{CANARY} {chance.random()}"}
    keyed = chance.random() < 0.9
    record = Sent(ledger, "favours", body, _id(chance) if keyed else None, stream)
    acts: list[tuple[str, dict[str, Any]]] = [
        ("acknowledge", {"by": receiver, "value": 3}),
        ("thank", {"by": receiver, "note": CANARY}),
    ]
    chosen = chance.sample(acts, chance.randint(0, 2))
    return [record, *(_act(chance, ledger, f"favours/{stream}", act, body) for act, body in chosen)]


def _promise(chance: random.Random, ledger: str, promisor: str, promisee: str) -> list[Sent]:
    stream = _id(chance)
    body = {"promisor": promisor, "promisee": promisee, "what": CANARY, "due": "2099-06-01T18:00:00Z"}
    make = Sent(ledger, "promises", body, _id(chance), stream)
    answers: list[tuple[str, dict[str, Any]]] = [
        ("accept", {"by": promisee}),
        ("accept-in-part", {"by": promisee, "fraction": 0.5}),
        ("reject", {"by": promisee, "reason": CANARY}),
    ]
    acts = [("report-progress", {"by": promisor}), ("report-delivery", {"by": promisor}), chance.choice(answers)]
    length = chance.randint(0, len(acts))
    return [make, *(_act(chance, ledger, f"promises/{stream}", act, body) for act, body in acts[:length])]


def _act(chance: random.Random, ledger: str, place: str, act: str, body: dict[str, Any]) -> Sent:
    return Sent(ledger, f"{place}/{act}", body, _id(chance), None)


def _id(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
