"""Read models: inline == rebuilt == folded in memory, to the byte, whatever the history and however it was batched."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from domain.catalogue import STREAM_TYPE_OF
from domain.command import Command, Reference
from domain.event import Capacity, Who
from domain.favour.commands import (
    AcknowledgeFavour,
    DisputeFavour,
    RecordFavour,
    ReinstateFavour,
    RetractFavour,
    SettleFavour,
    ThankFavour,
    WithdrawFavourDispute,
)
from domain.introduction import (
    ConsentToIntroduction,
    DeclineIntroduction,
    MakeIntroduction,
    ProposeIntroduction,
    RecordOutcome,
)
from domain.party import (
    AddReference,
    JoinOrganisation,
    LeaveOrganisation,
    ListKnowledge,
    MergeParty,
    RegisterParty,
    RenameParty,
    UnmergeParty,
)
from domain.policy import Policy
from domain.promise.commands import (
    AcceptDelivery,
    AcceptInPart,
    AssessPromise,
    DeclareBroken,
    MakePromise,
    ReinstatePromise,
    RejectDelivery,
    ReleasePromise,
    RenegePromise,
    ReportDelivery,
    ReportProgress,
    RetractPromise,
    RewordPromise,
)
from domain.refusal import Refusal
from domain.tie import Closeness, DeclareTie, UndeclareTie, tie_id
from projections.catalogue import PROJECTIONS, fold_entry
from projections.projection import Entry, Rows
from services.cli.rebuild import rebuild_and_print
from services.database.pool import connect
from services.ledger.mapper import decode
from services.ledger.opening import open_ledger
from services.ledger.order import Order, Receipt
from services.ledger.rebuild import Report, UnknownLedgerError, UnknownReadModelError, rebuild
from services.ledger.replay import Replay
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

pytestmark = pytest.mark.anyio

TABLES = {
    "balance": 5,
    "promise": 2,
    "promise_transition": 3,
    "party": 2,
    "party_alias": 3,
    "membership": 4,
    "introduction": 2,
    "introduction_transition": 3,
    "tie": 4,
    "gift": 2,
}
"""Every table of a read model, and how many columns its key has."""
IN_ORDER = {projection.name: (0, 0, 0) for projection in PROJECTIONS}
"""What rebuilding says of read models that are right."""

PARTIES = tuple(UUID(int=0x1000 + n) for n in range(4))
FAVOURS = tuple(UUID(int=0x2000 + n) for n in range(4))
INTRODUCTIONS = tuple(UUID(int=0x3000 + n) for n in range(3))
PROMISES = tuple(UUID(int=0x4000 + n) for n in range(4))
TIES = {tie_id(PARTIES[n], PARTIES[n - 1]): (PARTIES[n], PARTIES[n - 1]) for n in range(3)}


class Step(Struct, frozen=True):
    """One command of a random history, at which of two clerks it is given, and whether the batch ends with it."""

    command: Command
    stream: UUID
    capacity: Capacity
    clerk: int
    ends_batch: bool
    age_hours: int | None


unit = st.sampled_from(["favour", "minute"])
quantity = st.integers(1, 1_000_000_000)
fraction = st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.999])


def roles(stream: UUID) -> tuple[UUID, UUID, UUID]:
    """The parties of a stream: giver, receiver and third, or as its type calls them."""
    first, second, third, _ = (PARTIES[(stream.int + n) % len(PARTIES)] for n in range(4))
    return first, second, third


def begin_favour(stream: UUID) -> st.SearchStrategy[Command]:
    giver, receiver, _ = roles(stream)
    two = {"giver": st.just(giver), "receiver": st.just(receiver)}
    gift = st.sampled_from([None, None, "declared", "refused"])
    return st.builds(RecordFavour, **two, unit=unit, quantity=quantity, gift=gift)


def change_favour(stream: UUID) -> st.SearchStrategy[Command]:
    giver, receiver, third = roles(stream)
    two = st.sampled_from([giver, receiver])
    return st.one_of(
        st.builds(AcknowledgeFavour, by=st.sampled_from([receiver, third]), value=st.integers(-10, 10)),
        st.builds(ThankFavour, by=st.sampled_from([receiver, third])),
        st.builds(DisputeFavour, by=two, reason=st.just("no")),
        st.builds(SettleFavour, by=two, quantity=st.sampled_from([0, 5])),
        st.builds(WithdrawFavourDispute, by=two),
        st.builds(RetractFavour),
        st.builds(ReinstateFavour),
    )


def begin_introduction(stream: UUID) -> st.SearchStrategy[Command]:
    introducer, first, second = roles(stream)
    return st.just(ProposeIntroduction(by=introducer, introducer=introducer, first=first, second=second))


def change_introduction(stream: UUID) -> st.SearchStrategy[Command]:
    introducer, first, second = roles(stream)
    two = st.sampled_from([first, second])
    return st.one_of(
        st.builds(ConsentToIntroduction, by=two),
        st.builds(ConsentToIntroduction, by=two),
        st.builds(DeclineIntroduction, by=st.just(second)),
        st.builds(MakeIntroduction, by=st.just(introducer)),
        st.builds(RecordOutcome, by=two, outcome=st.just("useful")),
    )


def begin_promise(stream: UUID) -> st.SearchStrategy[Command]:
    promisor, promisee, assessor = roles(stream)
    make = MakePromise(promisor=promisor, promisee=promisee, assessor=assessor, what="x")
    return st.builds(replace, st.just(make), unit=unit, quantity=quantity)


def change_promise(stream: UUID) -> st.SearchStrategy[Command]:
    promisor, promisee, assessor = (st.just(one) for one in roles(stream))
    return st.one_of(
        st.builds(ReportProgress, behind=st.booleans()),
        st.builds(ReportDelivery, by=promisor),
        st.builds(AcceptDelivery, by=promisee),
        st.builds(AcceptInPart, by=promisee, fraction=fraction),
        st.builds(RejectDelivery, by=promisee),
        st.builds(DeclareBroken, by=promisee),
        st.builds(ReleasePromise, by=promisee),
        st.builds(RenegePromise, by=promisor),
        st.builds(AssessPromise, by=assessor, outcome=st.sampled_from(["promised", "kept", "broken"])),
        st.builds(AssessPromise, by=assessor, outcome=st.just("partly_kept"), fraction=fraction),
        st.builds(RewordPromise, what=st.just("y")),
        st.builds(RetractPromise),
        st.builds(ReinstatePromise),
    )


def begin_party(_: UUID) -> st.SearchStrategy[Command]:
    return st.builds(RegisterParty, name=st.just("A"), kind=st.sampled_from(["person", "organisation"]))


def change_party(_: UUID) -> st.SearchStrategy[Command]:
    reference = st.builds(Reference, source=st.just("crm"), id=st.sampled_from("123"))
    party = st.sampled_from(PARTIES)
    return st.one_of(
        st.builds(RenameParty, name=st.just("B")),
        st.builds(AddReference, reference=reference),
        st.builds(ListKnowledge, knows_about=st.just(("tax",))),
        st.builds(JoinOrganisation, organisation=party),
        st.builds(LeaveOrganisation, organisation=party),
        st.builds(MergeParty, into=party),
        st.builds(UnmergeParty),
    )


def begin_tie(stream: UUID) -> st.SearchStrategy[Command]:
    party, other = TIES[stream]
    closeness: Sequence[Closeness] = ("close", "good", "loose", "dormant")
    tie = DeclareTie(by=party, party=party, other=other, closeness="good")
    return st.builds(replace, st.just(tie), closeness=st.sampled_from(closeness))


def change_tie(stream: UUID) -> st.SearchStrategy[Command]:
    return st.builds(UndeclareTie, by=st.sampled_from(TIES[stream])) | begin_tie(stream)


KINDS = (
    (begin_party, change_party, PARTIES),
    (begin_favour, change_favour, FAVOURS),
    (begin_introduction, change_introduction, INTRODUCTIONS),
    (begin_tie, change_tie, tuple(TIES)),
    (begin_promise, change_promise, PROMISES),
)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """An act on any stream; now and then one that would begin it, again or for the first time."""
    begin, change, streams = draw(st.sampled_from((*KINDS, KINDS[-1])))
    stream = draw(st.sampled_from(streams))
    return Step(
        command=draw(draw(st.sampled_from([begin, change, change, change, change]))(stream)),
        stream=stream,
        capacity=draw(st.sampled_from(["recorder", "admin"])),
        clerk=draw(st.integers(0, 1)),
        ends_batch=draw(st.booleans()),
        age_hours=draw(st.sampled_from([None, None, None, 0, 1])),
    )


def stories(stream: UUID) -> dict[str, tuple[Command, ...]]:
    """Acts that chance alone seldom puts together: by the stream's type, and to its end."""
    first, second, third = roles(stream)
    return {
        "settled": (
            DisputeFavour(by=second, reason="no"),
            SettleFavour(by=first, quantity=5),
            SettleFavour(by=second, quantity=5),
        ),
        "retracted": (RetractFavour(), ReinstateFavour(), RetractFavour()),
        "made": (ConsentToIntroduction(by=second), ConsentToIntroduction(by=third), MakeIntroduction(by=first)),
        "kept": (ReportDelivery(by=first), AcceptDelivery(by=second), RetractPromise(), ReinstatePromise()),
        "partly": (
            ReportDelivery(by=first),
            RejectDelivery(by=second),
            ReportDelivery(by=first),
            AcceptInPart(by=second, fraction=1 / 3),
            AssessPromise(by=third, outcome="kept"),
        ),
        "broken": (ReportProgress(behind=True), DeclareBroken(by=second), RewordPromise(what="z")),
    }


STORIES = {FAVOURS: ("settled", "retracted"), INTRODUCTIONS: ("made",), PROMISES: ("kept", "partly", "broken")}


@st.composite
def told(draw: st.DrawFn) -> list[Step]:
    streams = draw(st.sampled_from(list(STORIES)))
    stream = draw(st.sampled_from(streams[:-1]))
    story = stories(stream)[draw(st.sampled_from(STORIES[streams]))]
    return [
        Step(command, stream, "recorder", draw(st.integers(0, 1)), ends_batch=draw(st.booleans()), age_hours=None)
        for command in story
    ]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Registered parties and begun streams, then anything; long rather than short."""
    begun = [
        Step(draw(begin(stream)), stream, "recorder", 0, ends_batch=streams is PARTIES, age_hours=2)
        for begin, _, streams in KINDS
        for stream in (streams if streams is PARTIES else streams[:-1])
    ]
    passages = draw(st.lists(steps().map(lambda step: [step]) | told(), min_size=draw(st.integers(0, 15)), max_size=30))
    return [*begun, *itertools.chain.from_iterable(passages)]


Tables = dict[str, list[tuple[Any, ...]]]


async def read_tables(connection: asyncpg.Connection, ledger_id: str) -> Tables:
    """Every row of a ledger's read models, as the database's own bytes, by key."""
    return {table: await _read(connection, table, ledger_id) for table in TABLES}


async def _read(connection: asyncpg.Connection, table: str, ledger_id: str) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(f"SELECT t.*, record_send(t) FROM {table} AS t WHERE ledger_id = $1", ledger_id)
    return sorted((tuple(row) for row in rows), key=lambda row: row[: TABLES[table]])


def without_bytes(tables: Tables) -> Tables:
    return {table: [row[:-1] for row in rows] for table, rows in tables.items()}


async def read_log(connection: asyncpg.Connection, ledger_id: str) -> list[Entry]:
    rows = await connection.fetch("SELECT * FROM event WHERE ledger_id = $1 ORDER BY position", ledger_id)
    return [Entry(*row) for row in rows]


def fold_in_memory(log: Sequence[Entry]) -> Tables:
    """The whole log as one batch, folded without a database."""
    rows: dict[str, Rows] = {}
    states: dict[UUID, object] = {}
    for entry in log:
        event = decode(entry.state).event
        state = STREAM_TYPE_OF[type(event)].evolve(states.get(entry.stream_id), event)
        states[entry.stream_id] = state
        fold_entry(rows, entry, state)
    return {
        table: sorted({row[: TABLES[table]]: tuple(row) for row in rows.get(projection.name, {}).values()}.values())
        for projection in PROJECTIONS
        for table in projection.tables
    }


async def check_laws(connection: asyncpg.Connection, ledger_id: str) -> None:
    """Σ given = Σ received = Σ postings; an introduction's posting holds for either of the introduced."""
    columns = ("quantity", "count", "disputed")
    given = await connection.fetch(
        "SELECT unit, sum(quantity), sum(count), sum(disputed) FROM"
        " (SELECT giver, unit, sum(quantity) AS quantity, sum(count) AS count, sum(disputed) AS disputed"
        "  FROM balance WHERE ledger_id = $1 GROUP BY giver, unit) AS g GROUP BY unit ORDER BY unit",
        ledger_id,
    )
    received = await connection.fetch(
        "SELECT unit, sum(quantity), sum(count), sum(disputed) FROM"
        " (SELECT receiver, unit, sum(quantity) AS quantity, sum(count) AS count, sum(disputed) AS disputed"
        "  FROM balance WHERE ledger_id = $1 GROUP BY receiver, unit) AS r GROUP BY unit ORDER BY unit",
        ledger_id,
    )
    sums = ", ".join(f"sum({column} * CASE WHEN third IS NULL THEN 1 ELSE 2 END)" for column in columns)
    postings = await connection.fetch(
        f"SELECT unit, {sums} FROM event WHERE ledger_id = $1 AND unit IS NOT NULL GROUP BY unit ORDER BY unit",
        ledger_id,
    )
    assert [tuple(row) for row in given] == [tuple(row) for row in received] == [tuple(row) for row in postings]


class Bench:
    """Two clerks and a connection on one database, kept for all examples of a test: each gets a ledger of its own."""

    def __init__(self, url: str, clerks: Sequence[Service], connection: asyncpg.Connection) -> None:
        self.url = url
        self.clerks = clerks
        self.connection = connection

    async def play(self, ledger_id: str, history: Sequence[Step]) -> int:
        """Give the commands, batch by batch; answers how many events they led to."""
        await open_ledger(self.clerks[0], ledger_id, policy=Policy(units=("favour", "minute")))
        recorded = 0
        batch: list[Step] = []
        for step in history:
            batch.append(step)
            if step.ends_batch:
                recorded += await self._give(ledger_id, batch)
                batch = []
        return recorded + await self._give(ledger_id, batch)

    async def _give(self, ledger_id: str, batch: Sequence[Step]) -> int:
        outcomes = await asyncio.gather(*(self._order(ledger_id, step) for step in batch), return_exceptions=True)
        assert all(isinstance(outcome, Receipt | Refusal) for outcome in outcomes), outcomes
        return sum(len(outcome.events) for outcome in outcomes if isinstance(outcome, Receipt))

    async def _order(self, ledger_id: str, step: Step) -> Receipt:
        clerk = self.clerks[step.clerk]
        command = step.command
        if step.age_hours is not None:
            command = replace(command, occurred_at=clerk.clock() - timedelta(hours=step.age_hours))
            if isinstance(command, MakePromise):
                command = replace(command, due=command.occurred_at)
        who = Who(step.capacity, "test", command.by)
        return await clerk.clerk.submit(Order(ledger_id=ledger_id, command=command, who=who, stream=step.stream))


@asynccontextmanager
async def open_bench(url: str) -> AsyncIterator[Bench]:
    async with open_service(url, MASTER_KEY) as first, open_service(url, MASTER_KEY) as second:
        connection = await connect(url)
        try:
            yield Bench(url, (first, second), connection)
        finally:
            await connection.close()


def test_inline_is_rebuilt_is_folded_in_memory(database_url: str) -> None:
    with asyncio.Runner() as runner:
        bench_context = open_bench(database_url)
        bench = runner.run(bench_context.__aenter__())

        @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
        @given(history=histories(), batch=st.integers(1, 7), states_kept=st.integers(0, 3))
        def check(history: list[Step], batch: int, states_kept: int) -> None:
            runner.run(compare(bench, history, batch, states_kept))

        try:
            check()
        finally:
            runner.run(bench_context.__aexit__(None, None, None))


async def compare(bench: Bench, history: Sequence[Step], batch: int, states_kept: int) -> None:
    ledger_id = f"ledger-{uuid4().hex[:12]}"
    events = await bench.play(ledger_id, history)
    inline = await read_tables(bench.connection, ledger_id)
    log = await read_log(bench.connection, ledger_id)
    assert [entry.position for entry in log] == list(range(1, events + 2))
    assert without_bytes(inline) == fold_in_memory(log)
    await check_laws(bench.connection, ledger_id)
    await check_replay(bench.connection, ledger_id, log, batch, states_kept)

    reports = await rebuild(bench.connection, ledger_id, batch=batch)
    assert {report.differing for report in reports} == {0}
    for table in TABLES:
        await bench.connection.execute(f"DELETE FROM {table} WHERE ledger_id = $1", ledger_id)
    reports = await rebuild(bench.connection, ledger_id, batch=batch)
    assert await read_tables(bench.connection, ledger_id) == inline
    rows = {projection.name: projection.tables for projection in PROJECTIONS}
    for report in reports:
        count = sum(len(inline[table]) for table in rows[report.read_model])
        assert (report.rows, report.shadow_only, report.live_only, report.different) == (count, count, 0, 0)


async def check_replay(
    connection: asyncpg.Connection, ledger_id: str, log: Sequence[Entry], batch: int, states_kept: int
) -> None:
    """Streams that were let go and read again lead to the same rows."""
    replay = Replay(connection, ledger_id, states_kept=states_kept)
    transitions: Rows = {}
    for start in range(0, len(log), batch):
        transitions.update((await replay.fold(log[start : start + batch])).get("promises", {}))
    rows = sorted((tuple(row) for row in transitions.values()), key=lambda row: row[:3])
    assert rows == fold_in_memory(log)["promise_transition"]


# ── rebuilding ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def connection(service: Service) -> AsyncIterator[asyncpg.Connection]:
    opened = await connect(service.url)
    yield opened
    await opened.close()


async def tell(desk: Desk) -> tuple[UUID, UUID, UUID]:
    """A small history: two favours, a kept promise and an introduction among three parties."""
    anna, ben, carla = await desk.register("Anna", "Ben", "Carla")
    await desk.give(RecordFavour(giver=anna, receiver=ben, quantity=3))
    await desk.give(RecordFavour(giver=ben, receiver=anna))
    promise = await desk.give(MakePromise(promisor=anna, promisee=ben, what="A cake"))
    await desk.give(ReportDelivery(by=anna), promise.id)
    await desk.give(AcceptDelivery(by=ben), promise.id)
    introduction = await desk.give(ProposeIntroduction(by=carla, introducer=carla, first=anna, second=ben))
    await desk.give(ConsentToIntroduction(by=anna), introduction.id)
    await desk.give(ConsentToIntroduction(by=ben), introduction.id)
    await desk.give(MakeIntroduction(by=carla), introduction.id)
    return anna, ben, carla


def found(reports: Sequence[Report]) -> dict[str, tuple[int, int, int]]:
    """By read model: rows too many, missing, different."""
    return {one.read_model: (one.live_only, one.shadow_only, one.different) for one in reports}


async def test_rows_that_were_corrupted_are_found_and_mended(desk: Desk, connection: asyncpg.Connection) -> None:
    anna, ben, carla = await tell(desk)
    right = await read_tables(connection, LEDGER)
    assert {table: len(rows) for table, rows in right.items() if rows} == {
        "balance": 5,
        "promise": 1,
        "promise_transition": 3,
        "party": 3,
        "introduction": 1,
        "introduction_transition": 4,
    }
    await connection.execute("UPDATE balance SET quantity = quantity + 1 WHERE giver = $1 AND kind = 'favour'", anna)
    await connection.execute("UPDATE balance SET last_at = last_at + '1 microsecond' WHERE giver = $1", ben)
    await connection.execute("DELETE FROM balance WHERE giver = $1 AND receiver = $2", carla, ben)
    await connection.execute(
        "INSERT INTO balance SELECT ledger_id, receiver, giver, unit, kind, 9, 9, 0, 0, last_at"
        " FROM balance WHERE giver = $1",
        carla,
    )
    await connection.execute("UPDATE promise SET status = 'broken'")
    await connection.execute("DELETE FROM promise_transition WHERE status = 'reported'")
    await connection.execute("UPDATE party SET kind = 'organisation', named_in = 2 WHERE party_id = $1", ben)
    places = "SELECT ctid, xmin::text FROM balance WHERE giver = $1 AND kind = 'promise'"
    untouched = await connection.fetch(places, anna)

    assert found(await rebuild(connection, LEDGER)) == IN_ORDER | {
        "balance": (1, 1, 2),
        "promises": (0, 1, 1),
        "directory": (0, 0, 1),
    }
    assert await read_tables(connection, LEDGER) == right
    assert await connection.fetch(places, anna) == untouched
    assert found(await rebuild(connection, LEDGER)) == IN_ORDER


async def test_only_what_is_named_is_rebuilt_and_only_in_its_ledger(desk: Desk, connection: asyncpg.Connection) -> None:
    await tell(desk)
    await open_ledger(desk.service, "hamlet")
    await tell(Desk(desk.service, "hamlet"))
    for table in ("balance", "party"):
        await connection.execute(f"DELETE FROM {table}")
    (report,) = await rebuild(connection, LEDGER, ["balance", "balance"])
    assert (report.read_model, report.events, report.rows, report.shadow_only) == ("balance", 4, 5, 5)
    counts = "SELECT (SELECT count(*) FROM balance WHERE ledger_id = $1), (SELECT count(*) FROM party)"
    assert tuple(await connection.fetchrow(counts, LEDGER) or ()) == (5, 0)
    assert tuple(await connection.fetchrow(counts, "hamlet") or ()) == (0, 0)
    await rebuild(connection, "hamlet")
    assert tuple(await connection.fetchrow(counts, "hamlet") or ()) == (5, 3)


async def test_balances_are_rebuilt_without_decoding_an_event(
    desk: Desk, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode_nothing(_: bytes) -> None:
        raise AssertionError

    await tell(desk)
    monkeypatch.setattr("services.ledger.replay.decode", decode_nothing)
    await rebuild(connection, LEDGER, ["balance"])
    with pytest.raises(AssertionError):
        await rebuild(connection, LEDGER, ["directory"])


async def test_writers_go_on_meanwhile(desk: Desk, connection: asyncpg.Connection) -> None:
    """Each page that is read finds the log longer than before; at the end nothing is missing."""
    anna, ben, _ = await tell(desk)
    writing = True

    async def write() -> int:
        count = 0
        while writing:
            made = await desk.give(MakePromise(promisor=anna, promisee=ben, what="x"))
            await desk.give(ReportDelivery(by=anna), made.id)
            await desk.give(AcceptDelivery(by=ben), made.id)
            count += 1
        return count

    writer = asyncio.create_task(write())
    reports: list[Report] = []
    for batch in (1, 3, 100):
        reports += await rebuild(connection, LEDGER, batch=batch)
    writing = False
    assert await writer > 0
    assert all(report.differing == 0 for report in reports)
    folded = [report.events for report in reports if report.read_model == "promises"]
    assert folded[-1] > folded[0]
    assert found(await rebuild(connection, LEDGER)) == IN_ORDER


async def test_progress_reaches_the_end_and_never_goes_back(desk: Desk, connection: asyncpg.Connection) -> None:
    await tell(desk)
    told: list[tuple[int, int]] = []
    await rebuild(connection, LEDGER, progress=lambda *where: told.append(where), batch=4)
    assert told == sorted(told)
    assert {last for _, last in told} == {13}
    assert told[-1] == (13, 13)


async def test_a_ledger_without_events_has_no_rows(service: Service, connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO ledger_head VALUES ('empty', 0, '0001-01-01T00:00:00Z')")
    assert {(report.events, report.rows) for report in await rebuild(connection, "empty")} == {(0, 0)}
    assert service.url


async def test_names_that_are_not_there(service: Service, connection: asyncpg.Connection) -> None:
    with pytest.raises(UnknownLedgerError, match="'nowhere'"):
        await rebuild(connection, "nowhere")
    with pytest.raises(UnknownReadModelError, match="'trust'; there are: balance, promises, directory"):
        await rebuild_and_print(service, [LEDGER], ["trust"])


async def test_a_failed_rebuild_leaves_nothing_behind(
    desk: Desk, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(desk)
    right = await read_tables(connection, LEDGER)
    await connection.execute("UPDATE balance SET quantity = 99")
    monkeypatch.setattr("services.ledger.rebuild.Rebuild._mend_table", None)
    with pytest.raises(TypeError):
        await rebuild(connection, LEDGER)
    monkeypatch.undo()
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname LIKE 'rebuilt%'") == 0
    assert found(await rebuild(connection, LEDGER))["balance"] == (0, 0, 5)
    assert await read_tables(connection, LEDGER) == right


def test_every_table_of_a_read_model_is_compared_here() -> None:
    assert {table for projection in PROJECTIONS for table in projection.tables} == set(TABLES)


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_command_says_whether_something_differed(desk: Desk, connection: asyncpg.Connection) -> None:
    await tell(desk)
    await open_ledger(desk.service, "hamlet")

    async def run(*, as_json: bool = False) -> tuple[int, str]:
        console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: ASYNC230, PTH123, SIM115
        code = await rebuild_and_print(desk.service, None, None, as_json=as_json, console=console)
        console.file.close()
        return code, console.export_text()

    code, text = await run()
    assert code == 0
    assert "Every row says what the log says." in text
    assert {"village", "hamlet", "balance", "promises", "directory"} <= set(text.split())
    await connection.execute("UPDATE balance SET count = 7")
    code, text = await run()
    assert code == 1
    assert "5 rows did not say what the log says. They are mended" in text
    code, text = await run(as_json=True)
    reports = msgspec.json.decode(text, type=list[Report])
    assert (code, len(reports)) == (0, 2 * len(PROJECTIONS))
    assert reports[len(PROJECTIONS)] == Report("village", "balance", 4, 5, 0, 0, 0)
