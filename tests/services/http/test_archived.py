"""Whatever is read of a ledger is the same before and after its old events' bytes were put away."""

import pathlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from services.ledger.opening import open_ledger
from services.service import Service, open_service
from tests.services.archive.story import COUNT, fill, put_all_away
from tests.services.conftest import LEDGER, MASTER_KEY, Desk
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = pytest.mark.anyio
MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
async def service(database_url: str, tmp_path: pathlib.Path) -> AsyncIterator[Service]:
    """A service whose clock stands still, so that answers differ in what they tell alone."""
    opening = open_service(database_url, MASTER_KEY, lambda: MOMENT, archive=tmp_path / "archive")
    async with opening as opened:
        await open_ledger(opened, LEDGER)
        yield opened


def addresses(app: Litestar, **known: str) -> list[str]:
    """Every address that answers GET and whose place is known."""
    paths: Any = app.openapi_schema.paths
    found = []
    for path, item in paths.items():
        asked = (
            {parameter.name for parameter in (item.get.parameters or ()) if parameter.required} if item.get else {"-"}
        )
        if asked <= known.keys():
            query = "&".join(f"{name}={known[name]}" for name in asked if f"{{{name}}}" not in path)
            found.append(path.format(**known) + (f"?{query}" if query else ""))
    return found


def _read(response: httpx.Response) -> Any:
    """What an answer says; in which order an object's fields come is nobody's matter."""
    is_json = response.headers.get("content-type", "").startswith(("application/json", "application/problem+json"))
    return response.json() if is_json else response.content


async def read_all(client: Client, headers: Headers, wanted: list[str]) -> dict[str, tuple[int, Any]]:
    answers = {}
    for address in wanted:
        response = await client.get(address, headers=headers)
        answers[address] = (response.status_code, _read(response))
    return answers


async def test_every_address_answers_as_before(
    app: Litestar, client: Client, service: Service, desk: Desk, headers_of: MakeHeaders
) -> None:
    anna, ben, _, favour, promise, meeting = map(str, await fill(desk))
    headers = await headers_of("admin", "read", "record", "audit")
    wanted = [
        address
        for of_kind in (anna, favour, promise, meeting)
        for address in addresses(
            app, ledger=LEDGER, id=of_kind, a=anna, b=ben, position="5", first="3", second="9", knows="x", about="x"
        )
        if address not in {"/health/ready", "/health/live"}
    ]
    wanted += [f"/v1/ledgers/{LEDGER}/events/{position}" for position in (1, 5, 100, 256, 257)]
    wanted += [
        f"/v1/ledgers/{LEDGER}/events?limit=200&after=40",
        f"/v1/ledgers/{LEDGER}/promises/audit?proof=true",
        f"/v1/ledgers/{LEDGER}/promises/audit?as_of=120",
        f"/v1/ledgers/{LEDGER}/parties/{anna}/balance?as_of=120",
        f"/v1/ledgers/{LEDGER}/parties/{anna}/timeline?limit=200",
    ]
    before = await read_all(client, headers, wanted)
    assert sum(status == 200 for status, _ in before.values()) > 40
    (file,) = await put_all_away(service)
    assert (file.first, file.last) == (1, 256)
    assert await service.pool.fetchval(COUNT) > 200
    after = await read_all(client, headers, wanted)
    assert {address: after[address] for address in wanted if after[address] != before[address]} == {}


async def test_a_file_that_is_gone_is_the_operators_matter(
    client: Client, service: Service, desk: Desk, recorder: Headers
) -> None:
    await fill(desk)
    (file,) = await put_all_away(service)
    path = service.shelf.folder / file.file
    kept = path.read_bytes()
    path.unlink()
    answer = await client.get(f"/v1/ledgers/{LEDGER}/events/100", headers=recorder)
    assert (answer.status_code, answer.json()["code"]) == (503, "archive_unavailable")
    recent = await client.get(f"/v1/ledgers/{LEDGER}/events/300", headers=recorder)
    assert recent.status_code == 200
    path.write_bytes(kept)
    assert (await client.get(f"/v1/ledgers/{LEDGER}/events/100", headers=recorder)).status_code == 200
