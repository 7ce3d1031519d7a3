"""The Import page, as a browser without JavaScript uses it: look through a file, record it, undo it."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.dashboard.pages import imports
from services.http.examples import ANNA
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, SignIn
from tests.services.http.test_dashboard import token_in

CARDS = b"""BEGIN:VCARD
VERSION:3.0
FN:Dora Dahl
EMAIL:dora@example.org
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Emil Ek
END:VCARD
BEGIN:VCARD
VERSION:3.0
END:VCARD
BEGIN:VCARD
VERSION:4.0
KIND:group
FN:The choir
END:VCARD
"""
Enter = Callable[..., Awaitable[None]]


@pytest.fixture
def sign_in(client: Client, link_for: SignIn) -> Enter:
    """Signs the client in with a key of these scopes, for these parties."""

    async def make(*scopes: Any, parties: Any = None) -> None:
        await client.post(await link_for(*scopes, parties=parties))

    return make


def form_of(page: str) -> dict[str, str]:
    """What a form carries."""
    return {"form": token_in(page)}


async def ended(client: Client, path: str, word: str) -> None:
    """Wait until an import's page says so."""
    async with asyncio.timeout(10):
        while True:
            if f'">{word}</span>' in (await client.get(path)).text:
                return
            await asyncio.sleep(0.05)


async def positions(service: Service) -> int:
    """How many events the ledger has."""
    count: int = await service.pool.fetchval("SELECT count(*) FROM event WHERE ledger_id = $1", LEDGER)
    return count


async def test_a_file_is_looked_through_recorded_and_undone(
    client: Client, service: Service, people: None, sign_in: Enter
) -> None:
    del people
    await sign_in("read", "record")
    token = form_of((await client.get("/import")).text)
    before = await positions(service)
    seen = await client.post("/import/preview", data=token, files={"file": ("people.vcf", CARDS)})
    assert seen.status_code == 200
    for text in ("Dora Dahl", "Emil Ek", "people and organisations</dt><dd>2<", "the card names nobody", "a group of"):
        assert text in seen.text
    assert await positions(service) == before
    carried = re.search(r'name="carried" value="([^"]+)"', seen.text)
    assert carried is not None
    run = await client.post("/import/run", data=token | {"carried": carried[1].replace("&#43;", "+")})
    assert run.status_code == 303
    page = run.headers["location"]

    await ended(client, page, "recorded")
    assert "Dora Dahl" in (await client.get("/people")).text
    assert page in (await client.get("/import")).text
    again = await client.post("/import/preview", data=token, files={"file": ("people.vcf", CARDS)})
    assert "There is nothing new in it to record." in again.text
    assert (await client.post(f"{page}/undo", data=token)).status_code == 303
    await ended(client, page, "undone")
    assert "2 of them undone." in (await client.get(page)).text
    assert "Dora Dahl" not in (await client.get("/people")).text


async def test_what_cannot_be_taken_is_said_and_records_nothing(
    client: Client, service: Service, people: None, sign_in: Enter
) -> None:
    del people
    await sign_in("read", "record")
    token = form_of((await client.get("/import")).text)
    before = await positions(service)
    whole = {"carried": b64encode(CARDS).decode()}
    for fields, said in (
        ({}, "Choose a file that is not empty."),
        ({"carried": "no base64"}, "Choose a file that is not empty."),
        ({"carried": b64encode(b"hello").decode()}, "The file cannot be read: it is of no kind"),
        (whole | {"me": "Nobody"}, "Nobody, or more than one, is called that"),
        (whole | {"since": "soon"}, "Give a day, as 2026-05-31."),
        (whole | {"currency": "E"}, "A currency is three letters"),
        (whole | {"format": "nonsense"}, "The file cannot be read: there is no format of that name"),
    ):
        for way in ("preview", "run"):
            answer = await client.post(f"/import/{way}", data=token | fields)
            assert (answer.status_code, said in answer.text) == (422, True), (way, fields)
    assert (await client.post("/import/run", data=whole)).status_code == 403
    assert await positions(service) == before


async def test_a_file_too_large_to_be_carried_is_asked_for_again(
    client: Client, people: None, sign_in: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    del people
    await sign_in("read", "record")
    monkeypatch.setattr(imports, "CARRIED_BYTES", 10)
    token = form_of((await client.get("/import")).text)
    seen = await client.post("/import/preview", data=token | {"me": "Anna"}, files={"file": ("people.vcf", CARDS)})
    assert "The same file once more" in seen.text
    assert 'name="carried"' not in seen.text
    assert 'name="me" value="Anna"' in seen.text


async def test_who_may_import(client: Client, people: None, sign_in: Enter) -> None:
    del people
    await sign_in("read", "record", parties=[UUID(ANNA)])
    assert "Importing is for the keeper of the book" in (await client.get("/import")).text
    await sign_in("read")
    assert (await client.get("/import")).status_code == 403
    await sign_in("record")
    assert (await client.get("/import")).status_code == 403


async def test_a_key_that_may_not_read_has_no_forms(client: Client, people: None, sign_in: Enter) -> None:
    """A form would tell it who is who."""
    del people
    await sign_in("record")
    for path in (f"/do/favour.record?giver={ANNA}", f"/do/party.rename?stream={ANNA}"):
        answer = await client.get(path)
        assert (answer.status_code, "Anna" in answer.text) == (403, False)
        assert "the key has to read as well" in answer.text
    assert "/do/" not in (await client.get("/")).text
