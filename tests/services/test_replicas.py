"""A streaming standby, made from the embedded server's own programs, answers what names its position."""

import asyncio
import pathlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import anyio
import httpx
import psycopg
import pytest

from domain.favour.commands import RecordFavour
from services.access.keys import create_key
from services.cli.running import prepare
from services.database.cluster import PASSWORD_FILE, SUPERUSER
from services.database.embedded import EmbeddedServer
from services.database.postgres_wheel import let_through, run, server_user
from services.database.replicas import RESTS_S
from services.http.app import create_app
from services.ledger.opening import open_ledger
from services.ledger.watch import Watch
from services.operations.metrics import exposition
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

pytestmark = pytest.mark.anyio


class Pair(NamedTuple):
    """A primary's address, and its standby's."""

    primary: str
    standby: str


class Told(Watch):
    """Keeps what became of the questions."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def asked_replica(self, number: int, outcome: str) -> None:
        self.outcomes.append(f"{number} {outcome}")

    def take(self) -> list[str]:
        """What was told since the last time."""
        outcomes, self.outcomes = self.outcomes, []
        return outcomes


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="requite-tests-") as folder:
        here = pathlib.Path(folder)
        with EmbeddedServer(here / "one") as primary:
            asyncio.run(prepare(primary.url(), MASTER_KEY))  # anyio refuses while another module's tests keep a loop
            _copy(primary.url(), here)
            with EmbeddedServer(here / "two") as standby:
                yield Pair(primary.url(), standby.url())


def _copy(url: str, here: pathlib.Path) -> None:
    """A base backup that begins as a standby: ``-R`` has it say so, and whom to follow."""
    primary = here / "one" / "postgres"
    (here / "two").mkdir(mode=0o700)
    user = server_user(primary)
    if user is not None:
        shutil.chown(here / "two", user)
        let_through(here / "two")
    sockets = psycopg.conninfo.conninfo_to_dict(url)
    source = f"host={sockets['host']} port={sockets['port']} user={SUPERUSER} passfile={primary / PASSWORD_FILE}"
    target = here / "two" / "postgres"
    run("pg_basebackup", "-R", "-c", "fast", "-d", source, "-D", str(target), folder=here / "two", user=user)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def service(pair: Pair, told: Told) -> AsyncIterator[Service]:
    async with open_service(pair.primary, MASTER_KEY, read_urls=[pair.standby], watch=told) as opened:
        if not await opened.pool.fetchval("SELECT EXISTS (SELECT FROM ledger_head WHERE ledger_id = $1)", LEDGER):
            await open_ledger(opened, LEDGER)
        yield opened


class Replay:
    """Has a standby stand still, and go on."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def pause(self) -> None:
        self._connection.execute("SELECT pg_wal_replay_pause()")

    async def catch_up(self, position: int) -> None:
        """Go on, and wait until the ledger is as far as that."""
        self._connection.execute("SELECT pg_wal_replay_resume()")
        with anyio.fail_after(30):
            while True:
                if self._connection.execute("SELECT position FROM ledger_head").fetchall() == [(position,)]:
                    return
                await anyio.sleep(0.02)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def replay(pair: Pair) -> Iterator[Replay]:
    replay = Replay(pair.standby)
    yield replay
    replay.close()


async def test_a_standby_answers_once_it_has_got_there(service: Service, told: Told, replay: Replay) -> None:
    desk = Desk(service)
    anna, ben = await desk.register("Anna", "Ben")
    before = (await desk.give(RecordFavour(giver=anna, receiver=ben))).position
    await replay.catch_up(before)
    async with open_snapshot(service, LEDGER, at_least=before) as snapshot:
        assert await snapshot.connection.fetchval("SELECT pg_is_in_recovery()")
        assert snapshot.position == before
    assert told.take() == ["1 answered"]

    replay.pause()
    after = (await desk.give(RecordFavour(giver=ben, receiver=anna))).position
    async with open_snapshot(service, LEDGER, at_least=before) as snapshot:
        assert snapshot.position == before, "what it was asked for, and no more"
    async with open_snapshot(service, LEDGER, at_least=after) as snapshot:
        assert not await snapshot.connection.fetchval("SELECT pg_is_in_recovery()")
        assert snapshot.position == after
    async with open_snapshot(service, LEDGER) as snapshot:
        assert snapshot.position == after, "without a position it is the primary"
    assert told.take() == ["1 answered", "1 behind"]
    text = (await exposition(service)).decode()
    assert 'requite_replica_up{replica="1"} 1.0' in text
    (lag,) = (float(line.split()[1]) for line in text.splitlines() if line.startswith("requite_replica_lag_bytes{"))
    assert lag > 0

    await replay.catch_up(after)
    async with open_snapshot(service, LEDGER, at_least=after) as snapshot:
        assert snapshot.position == after
    assert told.take() == ["1 answered"]
    with pytest.raises(BadQuestionError, match=f"positions are 1 to {after}"):
        async with open_snapshot(service, LEDGER, at_least=after + 1):
            pass


async def test_an_address_names_the_position(service: Service, told: Told, replay: Replay) -> None:
    desk = Desk(service)
    (cara,) = await desk.register("Cara")
    token, _ = await create_key(service.pool, LEDGER, "test", ("read", "record", "audit"), clock=service.clock)
    position = await service.pool.fetchval("SELECT position FROM ledger_head")
    await replay.catch_up(position)
    transport = httpx.ASGITransport(create_app(service))  # type: ignore[arg-type]
    client = httpx.AsyncClient(
        transport=transport, base_url="http://requite.test", headers={"Authorization": f"Bearer {token}"}
    )
    address = f"/v1/ledgers/{LEDGER}/parties/{cara}"
    async with client:
        answered = await client.get(address, params={"at_least": position})
        assert answered.json()["party"]["name"] == "Cara"
        assert told.take() == ["1 answered"]
        assert (await client.get(address)).json() == answered.json()
        assert told.take() == []
        early = await client.get(address, params={"at_least": position + 1})
        assert (early.status_code, early.json()["errors"][0]["parameter"]) == (400, "at_least")


async def test_another_answers_for_a_standby_that_is_gone(
    pair: Pair, service: Service, told: Told, replay: Replay
) -> None:
    await replay.catch_up(await service.pool.fetchval("SELECT position FROM ledger_head"))
    gone = pair.standby.replace("5432", "5999")
    async with open_service(pair.primary, MASTER_KEY, read_urls=[gone, pair.standby], watch=told) as beside:
        for _ in range(3):
            async with open_snapshot(beside, LEDGER, at_least=0):
                pass
        assert told.take() == ["1 down", "2 answered", "2 answered", "2 answered"], f"left alone for {RESTS_S} s"
        text = (await exposition(beside)).decode()
    assert 'requite_replica_up{replica="1"} 0.0' in text
    assert 'requite_replica_up{replica="2"} 1.0' in text
