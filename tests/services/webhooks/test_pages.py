"""The pages of webhooks: made, pinged, seen to arrive or not, sent again, switched off and removed."""

import asyncio
import re
from collections.abc import Callable

import pytest

from tests.services.http.conftest import Client, SignIn
from tests.services.http.test_dashboard import token_in
from tests.services.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio
PAGE = "/settings/webhooks"


@pytest.fixture
async def token(client: Client, people: None, link_for: SignIn) -> dict[str, str]:
    """An administrator is signed in; what its forms carry."""
    del people
    await client.post(await link_for("admin"))
    return {"form": token_in((await client.get(PAGE)).text)}


async def seen(client: Client, path: str, fits: Callable[[str], bool]) -> str:
    """The page, once it says so."""
    async with asyncio.timeout(20):
        while True:
            text = (await client.get(path)).text
            if fits(text):
                return text
            await asyncio.sleep(0.05)


async def test_the_life_of_a_webhook(client: Client, receiver: Receiver, courier: None, token: dict[str, str]) -> None:
    del courier
    made = await client.post(PAGE, data=token | {"url": receiver.url, "topics": "favour.*, party.registered"})
    assert re.search(r"<code>whsec_\S+</code>", made.text)
    found = re.search(r'href="(/settings/webhooks/[0-9a-f-]{36})"', made.text)
    assert found is not None
    page = found[1]
    assert "whsec_" not in (await client.get(PAGE)).text
    assert "Nothing was sent" in (await client.get(page)).text
    pinged = await client.post(f"{page}/ping", data=token)
    assert "The ping arrived:" in pinged.text
    assert (await client.post(f"{page}/replay", data=token | {"first": "2"})).status_code == 303
    text = await seen(client, page, lambda text: text.count(">arrived<") == 3)
    assert "204 · " in text
    assert "There is none." in (await client.get(f"{page}?state=dead")).text
    receiver.answer = lambda _: 500
    assert (await client.post(f"{page}/replay", data=token | {"first": "2", "last": "2"})).status_code == 303
    await seen(client, page, lambda text: "500 · " in text)
    for fields in ({"first": "x"}, {"first": "3", "last": "2"}, {"first": "1", "last": "-"}):
        assert (await client.post(f"{page}/replay", data=token | fields)).status_code == 422
    await client.post(f"{page}/disable", data=token)
    assert "switched off" in (await client.get(page)).text
    await client.post(f"{page}/enable", data=token)
    assert "switched off" not in (await client.get(page)).text
    assert (await client.post(f"{page}/remove", data=token)).status_code == 422
    assert (await client.post(f"{page}/nonsense", data=token)).status_code == 404
    assert (await client.post(f"{page}/remove", data=token | {"understood": "1"})).headers["location"] == PAGE
    assert "Nobody is told of anything yet." in (await client.get(PAGE)).text
    assert (await client.get(page)).status_code == 404


async def test_what_cannot_be_told_is_said_and_what_was_typed_stays(client: Client, token: dict[str, str]) -> None:
    refused = await client.post(PAGE, data=token | {"url": "ftp://x", "topics": "nonsense", "payload": "full"})
    assert (refused.status_code, 'value="nonsense"' in refused.text) == (422, True)
    keyed = await client.post(PAGE, data=token | {"url": "http://127.0.0.1:9/", "signing": "ed25519"})
    assert "with this public key" in keyed.text
    found = re.search(r'href="(/settings/webhooks/[0-9a-f-]{36})"', keyed.text)
    assert found is not None
    pinged = await client.post(f"{found[1]}/ping", data=token)
    assert "The ping did not arrive:" in pinged.text
    assert "no connection" in pinged.text
    assert (await client.post(PAGE, data={"url": "http://127.0.0.1:9/"})).status_code == 403


async def test_webhooks_are_for_administrators(client: Client, people: None, link_for: SignIn) -> None:
    del people
    await client.post(await link_for("read", "audit", "record"))
    assert (await client.get(PAGE)).status_code == 403
    assert PAGE not in (await client.get("/settings")).text
