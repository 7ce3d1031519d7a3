"""Importing a file that somebody has in hand: previewed, run, undone as one act.

All three go over the same plan (``services/imports/plan.py``) in the same order: a preview has it decided by the rules
without recording anything, a run has the clerk record it, and an undoing retracts what a run recorded.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

from msgspec import Struct

from domain.command import unknown_party
from domain.event import Who
from domain.refusal import Refusal
from services.imports.formats import Format, find_format, read_items
from services.imports.formats.reading import Item, Told
from services.imports.kept import Claim, ImportView, begin, read_import
from services.imports.plan import Plan, Planner, Thing
from services.imports.rehearsal import Rehearsal
from services.imports.tally import Preview, Tally, count, preview_of
from services.ledger.opening import load_keyring
from services.ledger.order import Order, Receipt
from services.reading.snapshot import Snapshot, open_snapshot, sql
from services.service import Service

WINDOW = 512
"""How many things are recorded between two signs of life."""
REHEARSED = UUID(int=0)
"""Stands for the import that a preview is not."""
Submit = Callable[[Sequence[Order]], Awaitable[list[Receipt | BaseException]]]
Watch = Callable[[Tally], None]


class Upload(Struct, frozen=True, kw_only=True):
    """A file, and what is said about it."""

    content: bytes
    filename: str = ""
    format: str | None = None
    """Its format's name; recognised by its content where it is left out."""
    me: UUID | None = None
    """The party whose file it is."""
    match_names: bool = False
    """Whether somebody new is taken for the one party of the same name."""
    since: datetime | None = None
    """From when on recurring meetings count."""
    currency: str | None = None
    """Of amounts whose file does not say."""

    def find_format(self) -> Format:
        """What it is. Raises ``UnreadableFileError``."""
        return find_format(self.content, self.format, self.filename)

    def read(self, kind: Format, now: datetime) -> list[Item]:
        """What it holds. Raises ``UnreadableFileError``."""
        told = Told(now=now, has_me=self.me is not None, since=self.since, currency=self.currency)
        return read_items(kind, self.content, told)

    def identity(self, kind: Format) -> bytes:
        """What makes it the same import when it is given again."""
        said = (kind.name, self.me, self.match_names, self.since, self.currency)
        return hashlib.sha256(self.content).digest() + repr(said).encode()


async def preview(service: Service, ledger_id: str, upload: Upload, who: Who) -> Preview:
    """What a run would record, refuse and leave out, and who matches whom.

    Raises ``Refusal`` where there is no such ledger or party, and ``UnreadableFileError``.
    """
    kind = upload.find_format()
    items = await asyncio.to_thread(upload.read, kind, service.clock())
    async with open_snapshot(service, ledger_id) as snapshot:
        await _require_me(snapshot, upload.me)
        planner = Planner(snapshot, REHEARSED, who, upload.me)
        plan = await planner.plan(items, match_names=upload.match_names)
        rehearsal = Rehearsal(snapshot)
        tally = Tally(things=len(plan.things))
        tally.set_aside(plan.aside)
        for window in windows(plan.things):
            await carry_out(window, rehearsal.submit_all, tally)
        return preview_of(kind.name, plan.everybody, plan.things, tally)


async def start(service: Service, ledger_id: str, upload: Upload, who: Who) -> "Run | ImportView":
    """An import that is ready to run; how it stands, where somebody is at the same already.

    Raises ``Refusal`` where there is no such ledger or party, and ``UnreadableFileError``.
    """
    kind = upload.find_format()
    items = await asyncio.to_thread(upload.read, kind, service.clock())
    keyring = await load_keyring(service, ledger_id)
    async with open_snapshot(service, ledger_id) as snapshot:
        await _require_me(snapshot, upload.me)
    file = keyring.hash(b"import\0" + upload.identity(kind))
    claim = await begin(service, ledger_id, file, kind.name, who, upload.me)
    if not isinstance(claim, Claim):
        return await read_import(service, ledger_id, claim)
    return Run(claim, upload, items)


class Run:
    """One run of an import, which this process has taken on."""

    def __init__(self, claim: Claim, upload: Upload, items: list[Item]) -> None:
        self.claim = claim
        self.tally = Tally()
        self._upload = upload
        self._items = items

    async def go(self, watch: Watch = lambda _: None) -> Tally:
        """Record what is left to record. Raises ``TakenOverError``, and what the clerk raises but refusals."""
        try:
            plan = await self._plan()
            self.tally.things = len(plan.things)
            self.tally.set_aside(plan.aside)
            watch(self.tally)
            for window in windows(plan.things):
                await self.claim.beat(self.tally, "running")
                await self.claim.note(window)
                refused = await carry_out(window, self.claim.service.clerk.submit_all, self.tally)
                if refused:
                    await self.claim.forget(refused)
                watch(self.tally)
            await self.claim.beat(self.tally, "done", ended=True)
        except BaseException:
            await asyncio.shield(self.claim.let_go())
            raise
        return self.tally

    async def _plan(self) -> Plan:
        claim = self.claim
        async with open_snapshot(claim.service, claim.ledger_id) as snapshot:
            planner = Planner(snapshot, claim.import_id, claim.who, self._upload.me)
            return await planner.plan(self._items, match_names=self._upload.match_names)


async def carry_out(things: Sequence[Thing], submit: Submit, tally: Tally) -> list[int]:
    """Have some things recorded, and count what became of them; the numbers of those that did not begin.

    Raises what is no refusal.
    """
    outcomes = iter(await submit(list(chain.from_iterable(thing.orders for thing in things))))
    refused = []
    for thing in things:
        of_thing = [next(outcomes) for _ in thing.orders]
        tally.done += 1
        for outcome in of_thing:
            if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
                raise outcome
        refusal = next((one for one in of_thing if isinstance(one, Refusal)), None)
        if not of_thing:
            tally.recorded_before += 1
        elif refusal is None:
            count(tally.recorded, thing.kind)
        else:
            tally.refuse(thing.place, refusal.code, refusal.message)
        if of_thing and isinstance(of_thing[0], Refusal) and thing.orders[0].command.CREATES:
            refused.append(thing.number)
    return refused


def windows(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    """Some at a time."""
    return (things[begin : begin + WINDOW] for begin in range(0, len(things), WINDOW))


async def _require_me(snapshot: Snapshot, me: UUID | None) -> None:
    """Refuse a party that is not registered."""
    if me is not None and not await snapshot.fetchval(sql("parties_known"), snapshot.ledger_id, [me]):
        raise unknown_party(me)
