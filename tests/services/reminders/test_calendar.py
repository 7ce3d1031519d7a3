"""A party's calendar: what is in it, who may read it, and how its address ends."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import icalendar
import pytest

from domain.party import EraseParty, SetReminders
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery, ReportProgress
from services.access.keys import create_key
from services.http.app import build_app, serve
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import Clock

pytestmark = pytest.mark.anyio
NOBODY = UUID(int=1)


@pytest.fixture
async def browser(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    built = build_app()
    serve(built, service)
    transport = httpx.ASGITransport(built, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://requite.village.example") as opened:
        yield opened


async def headers(service: Service, *parties: UUID) -> dict[str, str]:
    token, _ = await create_key(service.pool, LEDGER, "test", ("read", "record"), parties or None, clock=service.clock)
    return {"Authorization": f"Bearer {token}"}


def at(party: UUID, part: str = "calendar") -> str:
    return f"/v1/ledgers/{LEDGER}/parties/{party}/{part}"


async def test_promises_made_and_due(service: Service, desk: Desk, clock: Clock, browser: httpx.AsyncClient) -> None:
    anna, ben = await desk.register("Anna", "Ben, the Elder")
    due = clock.now + timedelta(days=9)
    shelf = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="A shelf; of oak", due=due))).id
    lamp = (await desk.give(MakePromise(promisor=anna, promisee=ben, what="A lamp\nfor the hall"))).id
    gate = (await desk.give(MakePromise(promisor=ben, promisee=anna, what="The gate", due=due))).id
    path = (await browser.post(at(anna), headers=await headers(service, anna))).json()["path"]
    answer = await browser.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    events: dict[str, Any] = {str(one["uid"]): one for one in calendar.walk("VEVENT")}
    todos: dict[str, Any] = {str(one["uid"]): one for one in calendar.walk("VTODO")}
    place = f"{LEDGER}@requite.local"
    assert events.keys() == {f"due-{shelf}.{place}", f"due-{gate}.{place}"}
    assert todos.keys() == {f"do-{shelf}.{place}", f"do-{lamp}.{place}"}
    assert str(events[f"due-{shelf}.{place}"]["summary"]).startswith("A shelf; of oak (for Ben, the")
    assert str(events[f"due-{gate}.{place}"]["summary"]).startswith("The gate (from Ben")
    assert events[f"due-{gate}.{place}"]["dtstart"].dt == due
    assert todos[f"do-{shelf}.{place}"]["due"].dt == due
    assert todos[f"do-{shelf}.{place}"]["status"] == "NEEDS-ACTION"

    clock.go_on(days=2)  # time alone changes nothing
    unchanged = await browser.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    await desk.give(ReportProgress(by=anna), shelf)
    await desk.give(ReportDelivery(by=ben), gate)
    await desk.give(AcceptDelivery(by=anna), gate)
    changed = await browser.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert changed.status_code == 200
    calendar = icalendar.Calendar.from_ical(changed.content)
    (event,) = calendar.walk("VEVENT")
    assert (str(event["uid"]), event["sequence"]) == (f"due-{shelf}.{place}", 1)
    assert {str(one["status"]) for one in calendar.walk("VTODO")} == {"IN-PROCESS", "NEEDS-ACTION"}


async def test_an_address_is_secret_and_ends(service: Service, desk: Desk, browser: httpx.AsyncClient) -> None:
    anna, ben = await desk.register("Anna", "Ben")
    own = await headers(service, anna)
    first = (await browser.post(at(anna), headers=own)).json()["path"]
    token = first.removeprefix("/calendar/").removesuffix(".ics")
    row = await service.pool.fetchrow("SELECT * FROM calendar_address")
    assert row is not None
    assert token.partition(".")[2] not in str(dict(row))
    second = (await browser.post(at(anna), headers=own)).json()["path"]
    assert [(await browser.get(path)).status_code for path in (first, second)] == [404, 200]
    since = (await browser.get(at(anna, "reminders"), headers=own)).json()
    assert (since["mail"], since["calendar_since"]) == (None, service.clock().isoformat().replace("+00:00", "Z"))
    for path in ("/calendar/x.ics", "/calendar/village.x.ics", f"/calendar/village.{'A' * 43}.ics", "/calendar/..ics"):
        assert (await browser.get(path)).status_code == 404
    for method in (browser.post, browser.delete, browser.get):
        part = "reminders" if method == browser.get else "calendar"
        assert (await method(at(ben, part), headers=own)).json()["code"] == "wrong_party"
    for _ in range(2):
        assert (await browser.delete(at(anna), headers=own)).json()["calendar_since"] is None
    assert (await browser.get(second)).status_code == 404
    assert (await browser.post(at(NOBODY), headers=await headers(service))).json()["code"] == "party_not_found"


async def test_it_ends_with_its_party(service: Service, desk: Desk, browser: httpx.AsyncClient) -> None:
    (anna,) = await desk.register("Anna")
    await desk.give(SetReminders(mail="anna@village.example"), anna)
    recorder = await headers(service)
    assert (await browser.get(at(anna, "reminders"), headers=recorder)).json()["mail"] == "anna@village.example"
    path = (await browser.post(at(anna), headers=recorder)).json()["path"]
    await desk.give(EraseParty(), anna, capacity="admin")
    assert (await browser.get(path)).status_code == 404
    assert (await browser.post(at(anna), headers=recorder)).json()["code"] == "party_not_found"
    assert (await browser.get(at(anna, "reminders"), headers=recorder)).json()["mail"] is None
