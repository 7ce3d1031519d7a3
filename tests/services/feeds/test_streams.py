"""Streams of events: in order, without a gap or a double, for whoever may see them, until they have to end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from domain.favour.commands import RecordFavour
from domain.introduction.commands import ConsentToIntroduction, ProposeIntroduction
from domain.party import RegisterParty
from services.database.pool import connect
from services.feeds.channel import KEPT
from services.feeds.feed import Limits
from services.http.examples import ANNA, BEN, CARA
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk
from tests.services.feeds.listening import Listener
from tests.services.http.conftest import Client, Headers, MakeHeaders, head

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

EVENTS = f"/v1/ledgers/{LEDGER}/events"
Listen = Callable[..., Listener]


@pytest.fixture
def listen(app: Litestar, recorder: Headers) -> Listen:
    """Opens a stream of the ledger, with a recorder's key unless told otherwise."""

    def opened(headers: Headers | None = None, *, last: int | None = None, **params: Any) -> Listener:
        place = {} if last is None else {"Last-Event-ID": str(last)}
        return Listener(app, EVENTS, {**(recorder if headers is None else headers), **place}, **params)

    return opened


@pytest.fixture
async def elsewhere(database_url: str, service: Service) -> AsyncIterator[Desk]:
    """A desk of another process's service, whose clerk rings no bell here."""
    assert service.url == database_url
    async with open_service(database_url, MASTER_KEY) as other:
        yield Desk(other)


def limit(service: Service, **limits: Any) -> None:
    service.feed.limits = Limits(**limits)


async def test_a_stream_tells_the_log_from_the_beginning_and_goes_on(listen: Listen, desk: Desk) -> None:
    async with listen() as stream:
        there = await head(desk.service)
        assert await stream.positions(there) == list(range(1, there + 1))
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-store, no-transform"
        assert stream.headers["x-accel-buffering"] == "no"
        await desk.register("Dora", "Erik")
        assert await stream.positions(2) == [there + 1, there + 2]


async def test_what_it_tells_is_what_a_page_says(listen: Listen, client: Client, recorder: Headers) -> None:
    page = (await client.get(EVENTS, headers=recorder)).json()
    async with listen() as stream:
        assert [await stream.event() for _ in page["items"]] == page["items"]


async def test_what_another_process_records_is_told_too(listen: Listen, elsewhere: Desk) -> None:
    there = await head(elsewhere.service)
    async with listen(after=there) as stream:
        await elsewhere.register("Dora", "Erik")
        assert await stream.positions(2) == [there + 1, there + 2]


async def test_it_goes_on_after_the_last_id(listen: Listen, desk: Desk) -> None:
    there = await head(desk.service)
    async with listen(last=there - 1, after=1) as stream:
        block = await stream.block()
        assert block == {"retry": "1000"}
        block = await stream.block()
        assert block is not None
        assert block["id"] == str(there)


@pytest.mark.parametrize("last", ["x", "-1", "1~2", "1_0", "\u0663"])
async def test_a_last_id_that_is_none_of_ours_is_refused(client: Client, recorder: Headers, last: str) -> None:
    headers = httpx.Headers({**recorder, "Accept": "text/event-stream", "Last-Event-ID": last}, encoding="utf-8")
    response = await client.get(EVENTS, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
    assert response.json()["errors"][0]["parameter"] == "Last-Event-ID"


async def test_many_readers_at_every_place_are_told_all_once_while_several_processes_write(
    listen: Listen, desk: Desk, elsewhere: Desk
) -> None:
    there = await head(desk.service)
    count = KEPT + 300  # more than a channel keeps, so that some fall behind it

    async def write(by: Desk, names: str) -> None:
        for n in range(0, count // 2, 50):
            await asyncio.gather(*(by.give(RegisterParty(name=f"{names}{n + m}")) for m in range(50)))

    streams = [listen(after=after) for after in (0, 1, there, there)]
    async with streams[0], streams[1], streams[2], streams[3]:
        streams[3].pause()
        await asyncio.gather(write(desk, "a"), write(elsewhere, "b"))
        streams[3].go_on()
        for stream, after in zip(streams, (0, 1, there, there), strict=True):
            assert await stream.positions(there + count - after) == list(range(after + 1, there + count + 1))


async def test_topics_and_parties_are_chosen_and_the_place_moves_on_all_the_same(
    listen: Listen, desk: Desk, service: Service
) -> None:
    limit(service, heartbeat_s=0.05)
    there = await head(service)
    anna, ben, cara = UUID(ANNA), UUID(BEN), UUID(CARA)
    chosen = [listen(after=there, topic=["favour.*", "ledger.opened"]), listen(after=there, party=CARA)]
    async with chosen[0] as favours, chosen[1] as of_cara:
        await desk.register("Dora")
        await desk.give(RecordFavour(giver=anna, receiver=ben, what="Bread"))
        await desk.give(RecordFavour(giver=ben, receiver=cara, what="Bread"))
        assert await favours.positions(2) == [there + 2, there + 3]
        assert await of_cara.positions(1) == [there + 3]
        await desk.register("Erik")
        while await favours.block() != {"id": str(there + 4)}:
            pass


async def test_words_are_opened_where_they_are_asked_for(listen: Listen, desk: Desk) -> None:
    there = await head(desk.service)
    async with listen(after=there - 1, words=True) as stream:
        assert (await stream.event())["words"] == {"name": "Cara Chen"}
        await desk.register("Dora")
        assert (await stream.event())["words"] == {"name": "Dora"}


async def test_a_bound_key_hears_no_more_than_a_page_tells_it(
    listen: Listen, desk: Desk, client: Client, headers_of: MakeHeaders
) -> None:
    anna, ben, cara = UUID(ANNA), UUID(BEN), UUID(CARA)
    bound = await headers_of("read", "audit", parties=[BEN])
    there = await head(desk.service)
    async with listen(bound, after=there) as live, listen(bound, after=there, topic="introduction.*") as some:
        made = await desk.give(ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben, why="Chairs"))
        await desk.give(ConsentToIntroduction(by=anna), made.id)
        await desk.give(ConsentToIntroduction(by=ben), made.id)
        heard = [await live.event() for _ in range(3)]
        assert await some.positions(2) == [there + 1, there + 3]
    page = (await client.get(EVENTS, headers=bound, params={"after": there})).json()
    assert heard == page["items"]
    assert [item["event"] is None for item in heard] == [False, True, False]
    async with listen(bound, after=there) as caught_up:
        assert [await caught_up.event() for _ in range(3)] == heard
    page = (await client.get(EVENTS, headers=bound, params={"after": there, "topic": "introduction.*"})).json()
    assert [item["position"] for item in page["items"]] == [there + 1, there + 3]


async def test_cloud_events(listen: Listen, desk: Desk) -> None:
    there = await head(desk.service)
    async with listen(after=there, format="cloudevents") as stream:
        (dora,) = await desk.register("Dora")
        event = await stream.event()
    assert event["data"]["position"] == there + 1
    assert {name: event[name] for name in ("specversion", "id", "source", "type", "subject", "sequence")} == {
        "specversion": "1.0",
        "id": str(there + 1),
        "source": f"//requite.local/{LEDGER}",
        "type": "party.registered",
        "subject": str(dora),
        "sequence": f"{there + 1:019}",
    }
    assert event["time"] == event["data"]["event"]["recorded_at"]


async def test_a_stream_shows_that_it_lives(listen: Listen, service: Service) -> None:
    limit(service, heartbeat_s=0.02)
    there = await head(service)
    async with listen(after=there) as stream:
        assert await stream.block() == {"retry": "1000"}
        assert await stream.block() == {"id": str(there)}
        assert await stream.block() == {"id": str(there)}


async def test_a_key_that_ended_ends_its_stream(
    listen: Listen, client: Client, admin: Headers, headers_of: MakeHeaders, desk: Desk, service: Service
) -> None:
    limit(service, check_key_s=0, heartbeat_s=0.05)
    headers = await headers_of("audit")
    key_id = headers["Authorization"].split("_")[1]
    async with listen(headers, after=await head(service)) as stream:
        await desk.register("Dora")
        assert (await stream.event())["position"]
        await client.delete(f"/v1/ledgers/{LEDGER}/keys/{key_id}", headers=admin)
        await desk.register("Erik")
        assert (await stream.event())["code"] == "key_ended"
        assert await stream.block() is None


async def test_a_reader_that_is_too_slow_is_told_so_and_may_resume(
    listen: Listen, desk: Desk, service: Service
) -> None:
    limit(service, slow_s=0.05, cut_s=20, heartbeat_s=0.02)
    there = await head(service)
    async with listen(after=there) as stream:
        await desk.register("Dora")
        assert await stream.positions(1) == [there + 1]
        stream.pause()
        await desk.register("Erik")
        await asyncio.sleep(0.2)
        stream.go_on()
        last = there + 1
        while "code" not in (event := await stream.event()):
            last = event["position"]
        assert event["code"] == "too_slow"
        assert await stream.block() is None
    async with listen(last=last) as again:
        await desk.register("Fay")
        assert await again.positions(there + 3 - last) == list(range(last + 1, there + 4))


async def test_a_reader_that_takes_nothing_is_cut_off(listen: Listen, service: Service) -> None:
    limit(service, cut_s=0.05, heartbeat_s=0.02)
    async with listen() as stream:
        assert await stream.positions(1)
        stream.pause()
        async with asyncio.timeout(5):
            await stream._task
        assert not service.feed._readers


async def test_at_the_end_of_the_process_streams_end_and_new_ones_do_not_begin(
    listen: Listen, desk: Desk, service: Service
) -> None:
    async with listen(after=await head(service)) as stream:
        await desk.register("Dora")
        assert await stream.positions(1)
        service.feed.end()
        assert (await stream.event())["code"] == "stopping"
        assert await stream.block() is None
    async with listen() as late:
        assert (await late.event())["code"] == "stopping"


async def test_a_database_that_goes_away_loses_nothing(listen: Listen, desk: Desk, service: Service) -> None:
    there = await head(service)
    heard: list[int] = []
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = $1"
    async with service.pool.acquire() as connection:
        name = await connection.fetchval("SELECT current_database()")
    for n in range(5):
        async with listen(last=heard[-1] if heard else there) as stream:
            assert await stream.block() == {"retry": "1000"}
            admin = await connect(service.url)
            await admin.execute(cut, name)
            await admin.close()
            await desk.give(RegisterParty(name=f"Party {n}"), idempotency_key=str(n))
            while "code" not in (event := await stream.event()):
                heard.append(event["position"])
                if heard[-1] == there + n + 1:
                    break
            else:
                assert event["code"] == "unavailable"
    async with listen(last=heard[-1] if heard else there) as stream:
        heard += await stream.positions(there + 5 - (heard[-1] if heard else there))
    assert heard == list(range(there + 1, there + 6))


async def test_nothing_is_left_of_readers_that_went_away(listen: Listen, service: Service) -> None:
    async with listen() as stream:
        assert await stream.positions(1)
        assert service.feed._readers.total() == 1
    assert not service.feed._readers
    assert not service.feed._channels


async def test_there_is_a_limit_for_a_key_and_one_for_the_process(
    listen: Listen, client: Client, recorder: Headers, headers_of: MakeHeaders, service: Service
) -> None:
    limit(service, of_key=1, of_process=2)
    accept = {"Accept": "text/event-stream"}
    async with listen() as one:
        assert await one.positions(1)
        refused = await client.get(EVENTS, headers={**recorder, **accept})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_readers")
        assert refused.headers["retry-after"] == "10"
        waiting = await client.get(EVENTS, headers=recorder, params={"after": await head(service), "wait": 1})
        assert waiting.status_code == 429
        async with listen(await headers_of("audit")) as two:
            assert await two.positions(1)
            refused = await client.get(EVENTS, headers={**await headers_of("audit"), **accept})
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_readers")
    async with listen() as one:
        assert await one.positions(1)


async def test_a_page_that_waits_is_answered_as_soon_as_there_is_something(
    client: Client, recorder: Headers, desk: Desk, service: Service
) -> None:
    there = await head(service)
    asked = asyncio.create_task(client.get(EVENTS, headers=recorder, params={"after": there, "wait": 30}))
    await asyncio.sleep(0.05)
    assert not asked.done()
    await desk.register("Dora")
    answer = (await asked).json()
    assert [item["position"] for item in answer["items"]] == [there + 1]
    assert (answer["position"], answer["next"]) == (there + 1, None)


async def test_a_page_that_waits_in_vain_is_empty_and_says_where_to_go_on(
    client: Client, recorder: Headers, desk: Desk, service: Service
) -> None:
    limit(service, wait_s=0.3)
    there = await head(service)
    params: dict[str, int | str] = {"after": there, "wait": 30, "topic": "favour.*"}
    asked = asyncio.create_task(client.get(EVENTS, headers=recorder, params=params))
    await desk.register("Dora")
    answer = (await asked).json()
    assert answer == {"position": there + 1, "items": [], "next": None}


async def test_a_key_that_ends_while_it_waits_is_answered_nothing(
    client: Client, admin: Headers, headers_of: MakeHeaders, desk: Desk, service: Service
) -> None:
    headers = await headers_of("audit")
    params = {"after": await head(service), "wait": 30}
    asked = asyncio.create_task(client.get(EVENTS, headers=headers, params=params))
    await asyncio.sleep(0.05)
    key_id = headers["Authorization"].split("_")[1]
    await client.delete(f"/v1/ledgers/{LEDGER}/keys/{key_id}", headers=admin)
    await desk.register("Dora")
    assert (await asked).json()["code"] == "bad_key"


async def test_a_page_as_cloud_events_says_where_to_go_on(client: Client, recorder: Headers) -> None:
    accept = {**recorder, "Accept": "application/cloudevents-batch+json"}
    first = await client.get(EVENTS, headers=accept, params={"limit": 2, "topic": "party.*"})
    assert first.headers["content-type"] == "application/cloudevents-batch+json"
    assert [event["type"] for event in first.json()] == ["party.registered"] * 2
    address = httpx.URL(first.links["next"]["url"])
    assert (address.path, dict(address.params)) == (EVENTS, {"limit": "2", "topic": "party.*", "after": "3"})
    second = await client.get(first.links["next"]["url"], headers=accept)
    assert [event["id"] for event in second.json()] == ["4"]
    third = await client.get(second.links["next"]["url"], headers=accept)
    assert third.json() == []
    plain = await client.get(EVENTS, headers=recorder, params={"format": "cloudevents"})
    assert plain.json()[1:3] == first.json()


async def test_one_event_as_a_cloud_event(client: Client, recorder: Headers) -> None:
    accept = {**recorder, "Accept": "application/cloudevents+json"}
    response = await client.get(f"{EVENTS}/2", headers=accept)
    assert response.headers["content-type"] == "application/cloudevents+json"
    assert response.json()["data"] == (await client.get(f"{EVENTS}/2", headers=recorder)).json()["event"]


@pytest.mark.parametrize("topic", ["favour", "favour.", "nothing.*", "favour.eaten", "**"])
async def test_a_topic_that_there_is_not_is_refused(client: Client, recorder: Headers, topic: str) -> None:
    response = await client.get(EVENTS, headers=recorder, params={"topic": topic})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "topic"


@pytest.mark.parametrize("accept", ["", ";", "a/b;q=x", "text/html", "*/*", "text/*;q=0.1, application/json"])
async def test_whatever_is_accepted_gets_json_unless_it_asks_for_more(
    client: Client, recorder: Headers, accept: str
) -> None:
    response = await client.get(EVENTS, headers={**recorder, "Accept": accept})
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.text)["position"] == 4


async def test_the_log_of_another_ledger_is_nobodys_business(app: Litestar, stranger: Headers) -> None:
    async with Listener(app, EVENTS, stranger) as stream:
        assert await stream.block() is None or stream.status == 401
        assert stream.status == 401
