"""What a file amounts to in a ledger: its people matched to parties, its deeds turned into orders for the clerk.

A deed's stream has an id that follows from what the file says of it and from its parties, so that whatever was
recorded before is known again, from the same file, another export of another day, or a run that was cut off. A stream
that was undone with its import is reinstated; one that somebody retracted otherwise stays as it is.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.catalogue import ACTS, STREAM_TYPE_OF
from domain.causes import LEADS_TO
from domain.command import Command
from domain.event import Who
from domain.party import AddReference, RegisterParty
from services.database.pool import load_sql
from services.imports.formats.reading import ME, Deed, Found, Item, LeftOut, Me, Person, Step, Unreadable
from services.imports.people import Folk, Somebody, match
from services.ledger.order import Order
from services.reading.snapshot import Snapshot

Kind = Literal["party", "reference", "favour", "promise", "contact", "introduction"]
RETRACTED = ".retracted"
STREAMS_AT_ONCE = 5_000
AT_ONCE = 500
"""How many entries are planned between two breaths."""


class Thing(Struct, frozen=True):
    """One thing to record: the orders that it takes, in one stream; none where it is there already."""

    number: int
    """Its place in the import: the same whenever the file is read."""
    place: int
    """Its entry's place in the file."""
    kind: Kind
    act: str
    stream: UUID
    orders: tuple[Order, ...]
    is_again: bool = False
    """Whether an undone stream is reinstated."""


class Aside(Struct, frozen=True):
    """An entry of which nothing is recorded, and why."""

    place: int
    code: str
    detail: str
    is_refused: bool
    """Whether it should have been: it cannot be read. Otherwise there is nothing in it to record."""


class Plan(Struct, frozen=True):
    """All that a file amounts to."""

    everybody: tuple[Somebody, ...]
    things: tuple[Thing, ...]
    aside: tuple[Aside, ...]


class Planner:
    """Plans one import into one ledger."""

    def __init__(self, snapshot: Snapshot, import_id: UUID, who: Who, me: UUID | None) -> None:
        self._snapshot = snapshot
        self._import = import_id
        self._who = who
        self._me = me

    async def plan(self, items: Sequence[Item], *, match_names: bool) -> Plan:
        """What is to be done for these items, as the ledger stands."""
        folk = Folk(items)
        await match(self._snapshot, folk.everybody, by_name=match_names)
        things = []
        for number, registration in enumerate(self._people(folk.everybody)):
            things.append(registration)
            await _breathe(number)
        aside: list[Aside] = []
        deeds: dict[UUID, Thing] = {}
        for number, item in enumerate(items, len(folk.everybody)):
            await _breathe(number)
            match item:
                case Unreadable(place=place, reason=reason):
                    aside.append(Aside(place, "unreadable_entry", reason, is_refused=True))
                case LeftOut(place=place, reason=reason):
                    aside.append(Aside(place, "left_out", reason, is_refused=False))
                case Found(place=place, what=Deed() as deed):
                    thing = self._deed(number, place, deed, folk)
                    if thing is None:
                        aside.append(Aside(place, "left_out", "with oneself", is_refused=False))
                    elif deeds.setdefault(thing.stream, thing) is not thing:
                        aside.append(Aside(place, "left_out", "the same as an entry before", is_refused=False))
                case Found():
                    pass  # a person, who is among the folk
        return Plan(tuple(folk.everybody), (*things, *await self._fitted(list(deeds.values()))), tuple(aside))

    def _people(self, everybody: Sequence[Somebody]) -> Iterator[Thing]:
        """Registrations of those whom the ledger does not know, and the references of those taken by their name."""
        for one in everybody:
            if one.party is None:
                one_id = self._snapshot.keyring.derive_id("party", str(self._import), str(one.references[0]))
                person = one.person
                fields: dict[str, Any] = {"name": person.name, "kind": person.kind, "references": one.references}
                if person.note:
                    fields["note"] = person.note
                command: Command = msgspec.convert(msgspec.to_builtins(fields), RegisterParty)
                one.party = one_id
                yield Thing(one.number, one.place, "party", command.ACT, one_id, (self._order(command, one_id),))
            elif one.matched_by == "name":
                command = AddReference(reference=one.references[0])
                order = self._order(command, one.party)
                yield Thing(one.number, one.place, "reference", command.ACT, one.party, (order,))

    def _deed(self, number: int, place: int, deed: Deed, folk: Folk) -> Thing | None:
        """The thing that a deed is; ``None`` where it is with oneself."""
        first = deed.steps[0]
        parties = {role: self._party(someone, folk) for role, someone in first.parties.items()}
        roles = [party for role, party in parties.items() if role != "by"]
        if len(set(roles)) < len(roles):
            return None
        kind = STREAM_TYPE_OF[ACTS[first.act]].name
        stream = self._snapshot.keyring.derive_id(kind, *deed.identity, *(party.hex for party in roles))
        orders = tuple(self._order(self._command(step, folk), stream) for step in deed.steps)
        return Thing(number, place, kind, first.act, stream, orders)  # type: ignore[arg-type]

    def _command(self, step: Step, folk: Folk) -> Command:
        parties = {role: self._party(someone, folk) for role, someone in step.parties.items()}
        fields = {name: value for name, value in step.fields.items() if value is not None}
        return msgspec.convert({**fields, **parties}, ACTS[step.act])

    def _party(self, someone: Person | Me, folk: Folk) -> UUID:
        party = self._me if someone is ME else folk.find(someone).party  # type: ignore[arg-type]
        assert party is not None
        return party

    def _order(self, command: Command, stream: UUID) -> Order:
        return Order(
            ledger_id=self._snapshot.ledger_id,
            command=command,
            who=Who(self._who.capacity, self._who.key, command.by),
            stream=stream,
        )

    async def _fitted(self, deeds: Sequence[Thing]) -> list[Thing]:
        """The deeds with only those orders that are left to give, as their streams stand."""
        fitted = []
        for begin in range(0, len(deeds), STREAMS_AT_ONCE):
            window = deeds[begin : begin + STREAMS_AT_ONCE]
            arguments = self._snapshot.ledger_id, [one.stream for one in window]
            topics, undone = {}, set()
            for row in await self._snapshot.connection.fetch(load_sql("services/imports/sql/topics.sql"), *arguments):
                topics[UUID(int=row["stream_id"].int)] = row["topics"]
            if topics:
                rows = await self._snapshot.connection.fetch(
                    load_sql("services/imports/sql/undone_streams.sql"), *arguments
                )
                undone = {UUID(int=row["stream_id"].int) for row in rows}
            fitted += [self._left_to_do(one, topics.get(one.stream, ()), undone) for one in window]
        return fitted

    def _left_to_do(self, thing: Thing, topics: Sequence[str], undone: set[UUID]) -> Thing:
        if not topics:
            return thing
        if topics[-1].endswith(RETRACTED):
            orders: tuple[Order, ...] = ()
            if thing.stream in undone:
                orders = (self._order(ACTS[f"{thing.kind}.reinstate"](), thing.stream),)
            return msgspec.structs.replace(thing, orders=orders, is_again=bool(orders))
        said = Counter(topics)
        left = []
        for order in thing.orders:
            done = next((topic for topic in LEADS_TO[order.command.ACT] if said[topic]), None)
            if done is None:
                left.append(order)
            else:
                said[done] -= 1
        return msgspec.structs.replace(thing, orders=tuple(left))


async def _breathe(number: int) -> None:
    """Let others have their turn, now and then: a large file takes seconds to plan."""
    if number % AT_ONCE == 0:
        await asyncio.sleep(0)
