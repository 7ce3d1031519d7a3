"""Whatever is read of a ledger is the same before and after its old events' bytes were put away."""

import re
from typing import Any

import pytest
from litestar import Litestar

from services.service import Service
from tests.services.archive.story import COUNT, fill, put_all_away
from tests.services.conftest import LEDGER, Desk
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = pytest.mark.anyio
OF_THE_MOMENT = re.compile(rb'"(?:last_used_at|made_at|as_of|now|asked_at|at|moment)":"[^"]*"|as_of=[0-9]+@[^&"]*')


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


async def read_all(client: Client, headers: Headers, wanted: list[str]) -> dict[str, tuple[int, bytes]]:
    answers = {}
    for address in wanted:
        response = await client.get(address, headers=headers)
        answers[address] = (response.status_code, OF_THE_MOMENT.sub(b"", response.content))
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
