"""The recorder passes the library's own tests, and what those cannot show: that a second writer waits."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import anyio
import asyncpg
import psycopg
import pytest
from eventsourcing import persistence
from eventsourcing.persistence import EventStore, StoredEvent

# As a module: pytest would collect the abstract test cases themselves.
from eventsourcing.tests import persistence as library

from domain.event import Posting, Who
from domain.favour.commands import RecordFavour
from domain.favour.events import FavourRecorded
from domain.party import PartyRegistered
from domain.promise.events import PromiseMade, PromiseReported
from projections.projection import Entry
from services.database.pool import connect, load_sql
from services.ledger.append import Batch, Head, append
from services.ledger.keyring import Keyring
from services.ledger.mapper import MsgspecMapper, Recorded, UnknownTopicError, open_words
from services.ledger.rebuild import rebuild
from services.ledger.recorder import LedgerAggregateRecorder, LedgerRecorder
from tests.services.conftest import LEDGER, Desk

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WHO = Who("recorder", "test")
ANNA, BEN = UUID(int=1), UUID(int=2)


class OnAnEmptyLedger:
    """Each test of the library's gets a ledger of its own, and its recorders are closed."""

    @pytest.fixture(autouse=True)
    def _prepare(self, empty_ledger: str) -> Iterator[None]:
        self.url = empty_ledger
        self.recorders: list[LedgerAggregateRecorder] = []
        yield
        for recorder in self.recorders:
            recorder.close()


class TestAggregateRecorder(OnAnEmptyLedger, library.AggregateRecorderTestCase):
    def create_recorder(self) -> LedgerAggregateRecorder:
        recorder = LedgerAggregateRecorder(self.url, LEDGER)
        self.recorders.append(recorder)
        return recorder


class TestApplicationRecorder(OnAnEmptyLedger, library.ApplicationRecorderTestCase):
    def create_recorder(self) -> LedgerRecorder:
        recorder = LedgerRecorder(self.url, LEDGER)
        self.recorders.append(recorder)
        return recorder

    def test_insert_subscribe(self) -> None:
        super().optional_test_insert_subscribe()


@pytest.fixture
def empty_ledger(database_url: str) -> str:
    """A database whose ledger ``village`` has a head and no event."""
    with psycopg.connect(database_url) as connection:
        connection.execute(load_sql("services/ledger/sql/new_head.sql").replace("$1", f"'{LEDGER}'"))
    return database_url


@pytest.fixture
def recorder(empty_ledger: str) -> Iterator[LedgerRecorder]:
    with LedgerRecorder(empty_ledger, LEDGER, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def keyring() -> Keyring:
    ring = Keyring(LEDGER, bytes(32))
    ring.keys.update({ANNA: b"a" * 32, BEN: b"b" * 32})
    ring.begin_day(NOW.date(), b"d" * 32)
    return ring


@pytest.fixture
def events(recorder: LedgerRecorder, keyring: Keyring) -> EventStore[UUID]:
    return EventStore(MsgspecMapper(keyring), recorder)


def foreign(stream_id: UUID | None = None, version: int = 1) -> StoredEvent:
    return StoredEvent(stream_id or uuid4(), version, "elsewhere.happened", b"their bytes")


def favour(stream_id: UUID, version: int = 1, recorded_at: datetime = NOW) -> Recorded:
    event = FavourRecorded(
        occurred_at=NOW, who=WHO, giver=ANNA, receiver=BEN, posting=Posting("favour", 3, 1), what="fed the cat"
    )
    return Recorded(LEDGER, stream_id, version, recorded_at, event)


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchall()


# ── a second writer waits ────────────────────────────────────────────────────────────────────────────────────


async def hold_an_append(connection: asyncpg.Connection, position: int) -> asyncpg.transaction.Transaction:
    """Append one event and leave its transaction open."""
    transaction = connection.transaction()
    await transaction.start()
    entry = Entry(LEDGER, position, uuid4(), 1, "held", None, None, None, None, 0, 0, 0, NOW, NOW, b"held")
    batch = Batch({LEDGER: position - 1}, {LEDGER: Head(position, NOW)}, [entry])
    assert await append(connection, batch) == frozenset()
    return transaction


async def waits_for(connection: asyncpg.Connection, observer: asyncpg.Connection) -> None:
    """Return once another session waits for this one's lock."""
    sql = """
        SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid)) AND datname = current_database()
    """
    with anyio.fail_after(30):
        while await observer.fetchval(sql, connection.get_server_pid()) == 0:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.anyio
@pytest.mark.parametrize("first_commits", [True, False])
async def test_a_second_recorder_waits_while_the_first_is_uncommitted(empty_ledger: str, first_commits: bool) -> None:  # noqa: FBT001
    first, observer = await connect(empty_ledger), await connect(empty_ledger)
    positions: list[int] = []

    def write() -> None:
        with LedgerRecorder(empty_ledger, LEDGER) as second:
            positions.extend(second.insert_events([foreign(), foreign()]) or ())

    held = await hold_an_append(first, 1)
    thread = threading.Thread(target=write)
    thread.start()
    await waits_for(first, observer)
    assert positions == []
    assert await observer.fetchval("SELECT count(*) FROM event") == 0
    await (held.commit() if first_commits else held.rollback())
    await asyncio.to_thread(thread.join)
    assert positions == ([2, 3] if first_commits else [1, 2])
    stored = await observer.fetch("SELECT position FROM event ORDER BY position")
    assert [row["position"] for row in stored] == list(range(1, positions[-1] + 1))
    await first.close()
    await observer.close()


@pytest.mark.anyio
async def test_the_clerk_too_waits_and_then_decides_anew(desk: Desk) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    first, observer = await connect(desk.service.url), await connect(desk.service.url)
    await first.execute("UPDATE ledger_head SET recorded_at = $1", NOW)
    held = await hold_an_append(first, 4)
    second = asyncio.create_task(desk.give(RecordFavour(giver=anna, receiver=ben)))
    await waits_for(first, observer)
    assert not second.done()
    await held.commit()
    assert (await second).position == 5
    await first.close()
    await observer.close()


# ── through the library's interface ──────────────────────────────────────────────────────────────────────────


def test_an_event_comes_back_through_the_librarys_store(events: EventStore[UUID], keyring: Keyring) -> None:
    stream = uuid4()
    written = favour(stream)
    (recording,) = events.put([written])
    assert (recording.notification.id, recording.notification.topic) == (1, "favour.recorded")
    (read,) = events.get(stream)
    assert isinstance(read, Recorded)
    assert open_words(read, keyring) == {"what": "fed the cat"}
    assert read.event.posting == Posting("favour", 3, 1)
    assert (read.originator_id, read.originator_version, read.recorded_at) == (stream, 1, NOW)
    assert type(recording.notification.originator_id) is UUID


def test_our_events_fill_the_typed_columns_and_others_leave_them_empty(
    events: EventStore[UUID], recorder: LedgerRecorder, empty_ledger: str
) -> None:
    events.put([favour(uuid4())])
    recorder.insert_events([foreign()])
    assert rows(
        empty_ledger, "SELECT position, giver, receiver, third, unit, quantity, count, disputed FROM event"
    ) == [(1, ANNA, BEN, None, "favour", 3, 1, 0), (2, None, None, None, None, 0, 0, 0)]
    assert rows(empty_ledger, "SELECT giver, receiver, unit, kind, quantity, count FROM balance") == [
        (ANNA, BEN, "favour", "favour", 3, 1)
    ]


@pytest.mark.anyio
async def test_read_models_follow_what_is_stored_here(empty_ledger: str, keyring: Keyring) -> None:
    stream = uuid4()
    made = PromiseMade(occurred_at=NOW, who=WHO, promisor=ANNA, promisee=BEN, unit="favour", quantity=1)
    reported = PromiseReported(occurred_at=NOW + timedelta(hours=1), who=WHO, promisor=ANNA, promisee=BEN)
    mapper = MsgspecMapper(keyring)

    def write() -> None:
        with LedgerRecorder(empty_ledger, LEDGER) as recorder:
            store: EventStore[UUID] = EventStore(mapper, recorder)
            registered = PartyRegistered(occurred_at=NOW, who=WHO, party=ANNA, kind="person", name="Anna")
            store.put([Recorded(LEDGER, ANNA, 1, NOW, registered), Recorded(LEDGER, stream, 1, NOW, made)])
            store.put([Recorded(LEDGER, stream, 2, NOW, reported)])

    await asyncio.to_thread(write)
    connection = await connect(empty_ledger)
    assert await connection.fetchval("SELECT status FROM promise") == "reported"
    reports = await rebuild(connection, LEDGER)
    found = {report.read_model: (report.rows, report.differing) for report in reports}
    assert {read_model: counts for read_model, counts in found.items() if counts != (0, 0)} == {
        "promises": (3, 0),
        "directory": (1, 0),
    }
    await connection.close()


def test_a_topic_that_is_not_known_is_an_error_and_nothing_is_imported(keyring: Keyring) -> None:
    mapper = MsgspecMapper(keyring)
    state = MsgspecMapper(keyring).to_stored_event(favour(uuid4())).state.replace(b"favour.recorded", b"antigravity:x")
    with pytest.raises(UnknownTopicError, match="antigravity"):
        mapper.to_domain_event(StoredEvent(uuid4(), 1, "antigravity:x", state))
    with pytest.raises(UnknownTopicError):
        mapper.to_domain_event(StoredEvent(uuid4(), 1, "favour.recorded", state))


def test_an_event_of_a_newer_version_is_not_stored(recorder: LedgerRecorder, keyring: Keyring) -> None:
    stream = uuid4()
    state = (
        MsgspecMapper(keyring).to_stored_event(favour(stream)).state.replace(b'"class_version":1', b'"class_version":2')
    )
    with pytest.raises(persistence.DataError, match="older"):
        recorder.insert_events([StoredEvent(stream, 1, "favour.recorded", state)])


# ── what may not be stored ───────────────────────────────────────────────────────────────────────────────────


def test_bytes_that_name_another_place_are_refused(recorder: LedgerRecorder, keyring: Keyring) -> None:
    stream = uuid4()
    stored = MsgspecMapper(keyring).to_stored_event(favour(stream))
    for wrong in (
        StoredEvent(uuid4(), 1, stored.topic, stored.state),
        StoredEvent(stream, 2, stored.topic, stored.state),
        StoredEvent(stream, 1, "favour.settled", stored.state),
    ):
        with pytest.raises(persistence.IntegrityError, match="another"):
            recorder.insert_events([wrong])
    assert recorder.max_notification_id() is None


def test_bytes_that_are_no_event_are_refused(recorder: LedgerRecorder) -> None:
    with pytest.raises(persistence.DataError):
        recorder.insert_events([StoredEvent(uuid4(), 1, "favour.recorded", b"{")])


def test_the_ledgers_clock_never_goes_back(events: EventStore[UUID]) -> None:
    events.put([favour(uuid4())])
    with pytest.raises(persistence.IntegrityError, match="before the ledger's last"):
        events.put([favour(uuid4(), recorded_at=NOW - timedelta(seconds=1))])


def test_a_stream_may_not_leave_out_a_version(recorder: LedgerRecorder, keyring: Keyring) -> None:
    event = PromiseReported(occurred_at=NOW, who=WHO, promisor=ANNA, promisee=BEN)
    stored = MsgspecMapper(keyring).to_stored_event(Recorded(LEDGER, uuid4(), 2, NOW, event))
    with pytest.raises(persistence.IntegrityError, match="from version 0 to 2"):
        recorder.insert_events([stored])


def test_there_is_nothing_beside_events(recorder: LedgerRecorder) -> None:
    with pytest.raises(persistence.NotSupportedError, match="tracking"):
        recorder.insert_events([foreign()], tracking=None)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_that_is_not_there(empty_ledger: str) -> None:
    with LedgerRecorder(empty_ledger, "nowhere") as recorder:
        assert recorder.max_notification_id() is None
        with pytest.raises(persistence.ProgrammingError, match="no ledger 'nowhere'"):
            recorder.insert_events([foreign()])


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(persistence.OperationalError):
        LedgerRecorder("postgresql://nobody@127.0.0.1:1/nothing", LEDGER)


def test_a_version_beyond_the_column(recorder: LedgerRecorder) -> None:
    with pytest.raises(persistence.DataError):
        recorder.insert_events([foreign(version=2**63)])


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (asyncpg.UniqueViolationError("x"), persistence.IntegrityError),
        (asyncpg.AdminShutdownError("x"), persistence.OperationalError),
        (asyncpg.DeadlockDetectedError("x"), persistence.OperationalError),
        (asyncpg.UndefinedTableError("x"), persistence.ProgrammingError),
        (asyncpg.DivisionByZeroError("x"), persistence.DataError),
        (asyncpg.FeatureNotSupportedError("x"), persistence.NotSupportedError),
        (asyncpg.InternalServerError("x"), persistence.InternalError),
        (asyncpg.PLPGSQLError("x"), persistence.DatabaseError),
        (asyncpg.InternalClientError("x"), persistence.InternalError),
        (asyncpg.InterfaceError("x"), persistence.InterfaceError),
        (ConnectionResetError("x"), persistence.OperationalError),
    ],
)
def test_errors_are_the_librarys(
    recorder: LedgerRecorder, raised: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("services.ledger.recorder.append", fail)
    with pytest.raises(expected) as caught:
        recorder.insert_events([foreign()])
    assert type(caught.value) is expected
    assert recorder.max_notification_id() is None


def test_a_subscription_ends_when_it_is_stopped(recorder: LedgerRecorder) -> None:
    recorder.insert_events([foreign(), foreign()])
    subscription = recorder.subscribe(gt=1)
    with subscription:
        assert next(subscription).id == 2
        threading.Timer(0.2, subscription.stop).start()
        assert list(subscription) == []
