"""The checker: reads the log past the servers, and says what does not agree with what the callers were told."""

import asyncio
import io
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import httpx
from msgspec import Struct

from domain.ledger import LEDGER_STREAM
from services.ledger.order import Receipt
from services.proof.bundle import write_bundle
from services.proof.doctor import examine
from services.proof.note import Checkpoint, read_checkpoint, read_note
from services.proof.verify import verify
from services.service import Service, open_service
from tests.faults.load import CANARY, Book, Load, Sent
from tests.faults.world import MASTER_KEY, World

REPEATED = 200
FOLLOWS_WITHIN_S = 60
LOG = "SELECT position, stream_id::text, topic FROM event WHERE ledger_id = $1 ORDER BY position"


class Findings(Struct):
    """What is wrong, and how often; all of it has to be nothing."""

    lost: int = 0
    """Answered, and not in the log where the answer said."""
    doubled: int = 0
    """In the log more often than it was asked for."""
    gaps: int = 0
    refused: int = 0
    """Refused, though it was right."""
    changed_answers: int = 0
    """Another answer, when it was sent again."""
    broken: int = 0
    """What the doctor, or the offline verifier, says."""
    stuck: int = 0
    """Callers without an answer, though everything runs again."""
    told: int = 0
    """Logs that hold what people typed."""
    remarks: list[str] | None = None

    def counts(self) -> dict[str, int]:
        """By name."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "remarks"}

    def remark(self, text: str) -> None:
        """Keep a line for whoever has to find out why."""
        self.remarks = [*(self.remarks or []), text][:50]


class Checkpoints:
    """An auditor outside, who saves each ledger's checkpoint now and then."""

    def __init__(self, world: World, books: Sequence[Book]) -> None:
        self._world = world
        self._books = books
        self.saved: dict[str, list[Checkpoint]] = defaultdict(list)

    async def follow(self, every_s: float) -> None:
        """Save them until cancelled."""
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                for book in self._books:
                    url = f"{self._world.servers[0].address}/v1/ledgers/{book.ledger}/log/checkpoint"
                    try:
                        answer = await client.get(url, headers={"Authorization": f"Bearer {book.token}"})
                    except httpx.HTTPError:
                        continue
                    if answer.is_success:
                        self.saved[book.ledger].append(read_checkpoint(read_note(answer.text)))
                await asyncio.sleep(every_s)


async def check(world: World, load: Load, books: Sequence[Book], saved: Checkpoints) -> Findings:
    """Compare what was answered with what is there. Everything has to run again."""
    findings = Findings()
    for book in books:
        await _check_log(world, findings, [one for one in load.sent if one.ledger == book.ledger], book)
    answered = [one for one in load.sent if one.receipt is not None and one.key is not None]
    for one in random.Random(0).sample(answered, min(REPEATED, len(answered))):
        if _core(await load.repeat(one)) != _core(one.receipt):
            findings.changed_answers += 1
            findings.remark(f"{one.path}: another answer to the same key")
    async with open_service(world.database.url, MASTER_KEY) as service:
        for book in books:
            await _check_proofs(service, findings, book, saved.saved[book.ledger])
    for server in world.servers:
        if CANARY in server.log.read_text(encoding="utf-8", errors="replace"):
            findings.told += 1
            findings.remark(f"{server.log.name} holds words that somebody typed")
    return findings


def _core(receipt: dict[str, Any] | None) -> dict[str, Any]:
    """A receipt without the advice beside it, which is of the moment."""
    return {name: (receipt or {}).get(name) for name in Receipt.__struct_fields__}


async def _check_log(world: World, findings: Findings, sent: Sequence[Sent], book: Book) -> None:
    connection = await world.connect()
    rows = await connection.fetch(LOG, book.ledger)
    await connection.close()
    findings.gaps += sum(row["position"] != place for place, row in enumerate(rows, 1))
    found = {row["position"]: (row["stream_id"], row["topic"]) for row in rows}
    events: dict[str, int] = defaultdict(int)
    for row in rows:
        events[row["stream_id"]] += 1
    asked: dict[str, int] = defaultdict(int, dict.fromkeys([str(LEDGER_STREAM), *book.parties], 1))
    loose: set[str] = set()
    for one in sent:
        if one.refused is not None:
            findings.refused += 1
            findings.remark(f"{one.path} refused: {one.refused}")
        if one.receipt is None:
            loose |= {one.stream} if one.stream is not None else set()
            continue
        for event in one.receipt["events"]:
            asked[one.receipt["id"]] += 1
            if found.get(event["position"]) != (one.receipt["id"], event["topic"]):
                findings.lost += 1
                findings.remark(f"{one.path} at {event['position']}: {found.get(event['position'])}")
    for stream, count in events.items():
        more = count - asked[stream] - (1 if stream in loose else 0)
        if more > 0:
            findings.doubled += more
            findings.remark(f"stream {stream} of {book.ledger} has {count} events; {asked[stream]} were asked for")


async def _check_proofs(service: Service, findings: Findings, book: Book, saved: Sequence[Checkpoint]) -> None:
    async with asyncio.timeout(FOLLOWS_WITHIN_S):
        while (seen := await examine(service, book.ledger)).in_tree < seen.size and not seen.findings:
            await asyncio.sleep(0.5)
    bundle = io.BytesIO()
    await write_bundle(service, book.ledger, bundle)
    verdict = verify(bundle, service.notary.keys(book.ledger), saved)
    for finding in (*seen.findings, *verdict.findings):
        findings.broken += 1
        findings.remark(f"{book.ledger}: {finding}")
