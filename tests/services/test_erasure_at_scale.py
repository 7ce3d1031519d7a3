"""Half the parties of 10,000 events are forgotten: every proof holds, no word of theirs is left anywhere."""

import asyncio
import io
import itertools
import random
import re
import zipfile
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from domain.command import Command, Reference
from domain.contact import RecordContact
from domain.event import Who
from domain.favour.commands import AcknowledgeFavour, DisputeFavour, RecordFavour
from domain.introduction.commands import ConsentToIntroduction, MakeIntroduction, ProposeIntroduction, RecordOutcome
from domain.party import EraseParty, ListInterests, ListKnowledge, RegisterParty, RenameParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from services.access.keys import create_key
from services.http.app import build_app, serve
from services.ledger.order import Order, Receipt
from services.logging import configure_logging
from services.proof.builder import build_whole
from services.proof.bundle import write_bundle
from services.proof.doctor import examine
from services.proof.note import read_checkpoint
from services.proof.verify import verify
from services.reading.pseudonym import pseudonym
from services.service import Service
from tests.services.conftest import LEDGER

pytestmark = pytest.mark.anyio
PARTIES = 200
EVENTS = 10_000
CANARY = re.compile(rb"canary(\d{4})x")
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
Submission = tuple[UUID, Command]


def canary(*parties: int) -> str:
    """Words about these parties, by which each can be found again."""
    return " and ".join(f"canary{party:04}x" for party in parties)


class Village:
    """Its parties by number, and everything that is told of them, each word of it a canary."""

    def __init__(self) -> None:
        self.ids = [uuid4() for _ in range(PARTIES)]
        self._chance = random.Random(7)

    def registrations(self) -> Iterator[Submission]:
        for number, party in enumerate(self.ids):
            word = canary(number)
            yield party, RegisterParty(name=word, note=word, references=(Reference("crm", word),))
            yield party, RenameParty(name=f"{word} again")
            yield party, ListInterests(by=party, interests=(word,))
            yield party, ListKnowledge(by=party, knows_about=(word,))

    def tales(self) -> Iterator[list[Submission]]:
        """Without end; those of one tale follow each other."""
        kinds = itertools.cycle((self._favour, self._promise, self._introduction, self._contact, self._favour))
        for kind in kinds:
            numbers = self._chance.sample(range(PARTIES), 3)
            yield list(kind(uuid4(), numbers, [self.ids[number] for number in numbers]))

    def _favour(self, stream: UUID, numbers: list[int], ids: list[UUID]) -> Iterator[Submission]:
        (a, b, _), word = ids, canary(*numbers[:2])
        yield stream, RecordFavour(giver=a, receiver=b, quantity=self._chance.randint(1, 9), what=word, note=word)
        if self._chance.random() < 0.5:
            yield stream, AcknowledgeFavour(by=b, note=word)
        else:
            yield stream, DisputeFavour(by=b, reason=word)

    def _promise(self, stream: UUID, numbers: list[int], ids: list[UUID]) -> Iterator[Submission]:
        (a, b, _), word = ids, canary(*numbers[:2])
        yield stream, MakePromise(by=a, promisor=a, promisee=b, what=word, note=word)
        yield stream, ReportDelivery(by=a, note=word, evidence=word)
        yield stream, AcceptDelivery(by=b, note=word)

    def _introduction(self, stream: UUID, numbers: list[int], ids: list[UUID]) -> Iterator[Submission]:
        (a, b, c), word = ids, canary(*numbers)
        yield stream, ProposeIntroduction(by=a, introducer=a, first=b, second=c, why=word)
        yield stream, ConsentToIntroduction(by=b, note=word)
        yield stream, ConsentToIntroduction(by=c, note=word)
        yield stream, MakeIntroduction(by=a, details=word)
        yield stream, RecordOutcome(by=b, outcome="useful", note=word)

    def _contact(self, stream: UUID, numbers: list[int], ids: list[UUID]) -> Iterator[Submission]:
        yield stream, RecordContact(initiator=ids[0], other=ids[1], channel="call", learnt=canary(*numbers[:2]))


async def submit(service: Service, submissions: list[Submission], *, admin: bool = False) -> None:
    """Have it all recorded; every tenth with an idempotency key that says what it is about."""
    orders = [
        Order(
            ledger_id=LEDGER,
            command=command,
            who=Who("admin" if admin else "recorder", "test", command.by),
            stream=stream,
            idempotency_key=f"{command.ACT} {canary(number % PARTIES)} {stream}" if number % 10 == 0 else None,
        )
        for number, (stream, command) in enumerate(submissions)
    ]
    for outcome in await service.clerk.submit_all(orders):
        assert isinstance(outcome, Receipt), outcome


async def everything(service: Service) -> dict[str, bytes]:
    """By table: every column of every row, as its bytes are sent."""
    tables = await service.pool.fetch(TABLES)
    found = {}
    for (table,) in tables:
        out = io.BytesIO()
        await service.pool.copy_from_table(table, output=out, format="binary")
        found[table] = out.getvalue()
    return found


async def read_all(service: Service) -> bytes:
    """What an administrator reads of it all over HTTP, as the bytes that are sent."""
    token, _ = await create_key(service.pool, LEDGER, "auditor", ("admin",), clock=service.clock)
    app = build_app()
    serve(app, service)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}"}
    parts = []
    async with httpx.AsyncClient(transport=transport, base_url="http://requite.test", headers=headers) as client:
        base = f"/v1/ledgers/{LEDGER}"
        for path in ("/events?words=true&", "/parties?", "/promises?", "/favours?", "/introductions?"):
            after: dict[str, str] = {}
            while True:
                answer = await client.get(f"{base}{path}limit=200", params=after)
                assert answer.status_code == 200, answer.text
                parts.append(answer.content)
                if not (place := answer.json()["next"]):
                    break
                after = {"after": place}
        bad = await client.post(f"{base}/parties", json={"name": [canary(1)], canary(1): canary(1)})
        assert bad.status_code == 400
        lost = await client.get(f"{base}/parties/{canary(1)}")
        assert lost.status_code == 404
    return b"".join(parts)


def found_in(data: bytes) -> set[int]:
    """The parties whose canaries are in these bytes."""
    return {int(number) for number in CANARY.findall(data)}


async def test_half_of_a_large_ledger_is_forgotten(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug", as_json=True)
    village = Village()
    await submit(service, list(village.registrations()))
    for number in range(0, PARTIES, 10):
        acts_for = [village.ids[number]]
        await create_key(service.pool, LEDGER, canary(number), ["read"], acts_for, clock=service.clock)
    tales = village.tales()
    while (position := await service.pool.fetchval("SELECT position FROM ledger_head")) < EVENTS:
        told = list(itertools.islice(tales, min(600, EVENTS - position)))
        for step in itertools.zip_longest(*told):  # what follows in one tale goes in a later batch
            await submit(service, [one for one in step if one is not None])
    assert found_in(await read_all(service)) == set(range(PARTIES))
    balances = [tuple(row) for row in await service.pool.fetch("SELECT * FROM balance ORDER BY 1, 2, 3, 4, 5")]
    await build_whole(service.pool, LEDGER)
    old = io.BytesIO()
    before = await write_bundle(service, LEDGER, old)

    gone = set(range(0, PARTIES, 2))
    await submit(service, [(village.ids[number], EraseParty()) for number in gone], admin=True)

    assert [tuple(row) for row in await service.pool.fetch("SELECT * FROM balance ORDER BY 1, 2, 3, 4, 5")] == balances
    tables = await everything(service)
    assert {"event", "data_key", "day_key", "access_key", "idempotency", "balance"} <= tables.keys()
    in_tables = {table: found_in(data) & gone for table, data in tables.items()}
    assert not any(in_tables.values()), in_tables
    read = await read_all(service)
    assert found_in(read) == set(range(PARTIES)) - gone
    assert all(pseudonym(LEDGER, village.ids[number]).encode() in read for number in gone)
    await build_whole(service.pool, LEDGER)
    file = io.BytesIO()
    note = await write_bundle(service, LEDGER, file)
    with zipfile.ZipFile(file) as archive:
        assert not any(found_in(archive.read(name)) for name in archive.namelist())
    checkpoints = [read_checkpoint(before), read_checkpoint(note)]
    verdict = await asyncio.to_thread(verify, file, service.notary.keys(LEDGER), checkpoints)
    assert (verdict.size, verdict.findings) == (await service.pool.fetchval("SELECT position FROM ledger_head"), ())
    assert (await examine(service, LEDGER)).findings == ()
    out, err = capfd.readouterr()
    assert "http" in err  # requests are logged
    assert found_in((out + err).encode()) == set()
