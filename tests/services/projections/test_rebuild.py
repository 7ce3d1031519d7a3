"""Rebuilding: what differs from the log is found and mended, while writers go on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import msgspec
import pytest
from rich.console import Console

from domain.favour.commands import RecordFavour
from domain.introduction.commands import ConsentToIntroduction, MakeIntroduction, ProposeIntroduction
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from projections.catalogue import PROJECTIONS
from services.cli.rebuild import rebuild_and_print
from services.database.pool import connect
from services.ledger.opening import open_ledger
from services.ledger.rebuild import Report, UnknownLedgerError, UnknownReadModelError, rebuild
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.projections.tables import IN_ORDER, TABLES, read_tables

pytestmark = pytest.mark.anyio


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


async def test_writers_go_on_meanwhile(
    desk: Desk, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page that is read finds the log longer than before; at the end nothing is missing, whatever its size."""
    anna, ben, _ = await tell(desk)
    writing = True

    async def write() -> int:
        count = 0
        while writing:
            made = await desk.give(MakePromise(promisor=anna, promisee=ben, what="x"))
            await desk.give(ReportDelivery(by=anna), made.id)
            await desk.give(AcceptDelivery(by=ben), made.id)
            count += 1
            await asyncio.sleep(0.01)  # else a busy machine never catches up
        return count

    writer = asyncio.create_task(write())
    reports: list[Report] = []
    for batch in (1, 3, 100):
        monkeypatch.setattr("services.ledger.summing.SLICE", batch)
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
