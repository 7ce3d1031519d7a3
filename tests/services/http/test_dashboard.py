"""The pages: signing in once by link, what is shown to whom, and under which headers."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from services.access.keys import create_key, revoke_key
from services.access.links import create_link
from services.dashboard.render import CONTENT_SECURITY_POLICY
from services.dashboard.sessions import COOKIE
from services.demo.fill import fill_demo
from services.demo.people import MEMBERS
from services.demo.story import LEDGER as DEMO
from services.demo.story import party_id
from services.http.examples import ANNA, BEN
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers

SignIn = Callable[..., Awaitable[str]]


@pytest.fixture
def link_for(service: Service) -> SignIn:
    """Makes a key and a link for it; answers the link's path."""

    async def make(*scopes: Any, ledger: str = LEDGER, parties: Any = None, **more: Any) -> str:
        _, key = await create_key(service.pool, ledger, "page", scopes, parties, clock=service.clock)
        token = await create_link(service.pool, key, clock=service.clock, **more)
        return f"/sign-in/{ledger}/{token}"

    return make


async def test_who_is_not_signed_in_reads_what_this_is(client: Client) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "Give as much as you take" in page.text
    assert "set-cookie" not in page.headers


async def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(client: Client, link_for: SignIn) -> None:
    link = await link_for("read", "audit")
    for _ in range(2):
        shown = await client.get(link)
        assert '<form method="post">' in shown.text
        assert "set-cookie" not in shown.headers
    signed_in = await client.post(link)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
    cookie = signed_in.headers["set-cookie"]
    assert all(part in cookie for part in (COOKIE, "HttpOnly", "SameSite=lax", "Path=/"))
    assert "Where you stand" in (await client.get("/")).text
    again = await client.post(link)
    assert again.status_code == 410
    assert "no longer works" in again.text


async def test_signing_out_ends_it(client: Client, link_for: SignIn) -> None:
    await client.post(await link_for("read"))
    assert (await client.post("/sign-out")).status_code == 303
    assert "To sign in" in (await client.get("/")).text


async def test_a_link_too_old_or_of_nobody(client: Client, link_for: SignIn) -> None:
    old = await link_for("read", life=timedelta(seconds=-1))
    for link in (old, f"/sign-in/{LEDGER}/nonsense", "/sign-in/nowhere/nonsense"):
        assert (await client.post(link)).status_code == 410
    missing = await client.get("/sign-in/NOT-A-LEDGER/x")
    assert missing.status_code == 404
    assert "<h1>" in missing.text


async def test_a_form_on_another_site_does_nothing(client: Client, link_for: SignIn) -> None:
    link = await link_for("read")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert (await client.post(link, headers=headers)).status_code == 403
    assert (await client.post(link, headers={"Origin": "http://requite.test"})).status_code == 303
    for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}):
        assert (await client.post("/sign-out", headers=headers)).status_code == 403
    assert "Where you stand" in (await client.get("/")).text


async def test_a_session_ends_with_its_key(client: Client, service: Service, link_for: SignIn) -> None:
    await client.post(await link_for("read"))
    key_id = await service.pool.fetchval("SELECT key_id FROM access_key WHERE label = 'page'")
    await revoke_key(service.pool, LEDGER, key_id, clock=service.clock)
    assert "To sign in" in (await client.get("/")).text
    assert COOKIE not in client.cookies


FORGED = (
    "x",
    "null",
    "AAAA",
    "8J+YgA==",
    # base64 of b"additional_authenticated_data=" with what is no JSON, no object, or without a time after it
    "YWRkaXRpb25hbF9hdXRoZW50aWNhdGVkX2RhdGE9Pz8/",
    "YWRkaXRpb25hbF9hdXRoZW50aWNhdGVkX2RhdGE9W10=",
    "YWRkaXRpb25hbF9hdXRoZW50aWNhdGVkX2RhdGE9e30=",
    "YWRkaXRpb25hbF9hdXRoZW50aWNhdGVkX2RhdGE9eyJleHBpcmVzX2F0Ijo5OTk5OTk5OTk5OTl9",
)


@pytest.mark.parametrize("cookie", FORGED)
async def test_a_cookie_that_is_not_ours_is_none(client: Client, cookie: str) -> None:
    page = await client.get("/", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert page.status_code == 200
    assert "To sign in" in page.text


async def test_the_whole_ledger_for_a_recorder(client: Client, service: Service, link_for: SignIn) -> None:
    await fill_demo(service)
    await client.post(await link_for("read", "audit", ledger=DEMO))
    page = (await client.get("/")).text
    assert "In favours" in page
    assert "In minutes" in page
    assert "44 made" in page
    assert re.search(r"<dt>Kept on time</dt>\s*<dd>20", page)
    assert re.search(r"<dd>9\s*<small>2 overdue</small>", page)
    assert len(re.findall(r'<td class="figure place">', page)) == 12
    gave, received = re.findall(r'<td class="figure(?: received)?">([^<]+)</td>', page)[:2]
    assert int(gave) >= int(received)


async def test_one_side_for_a_party(client: Client, service: Service, link_for: SignIn) -> None:
    await fill_demo(service)
    edith = party_id("edith")
    await client.post(await link_for("read", ledger=DEMO, parties=[edith]))
    page = (await client.get("/")).text
    assert "<span>Edith Pomfret</span>" in page
    assert "From your side" in page
    others = re.findall(r'<th scope="row">\s*([^<]+?)\s*(?:<span class="disputed">[^<]*</span>\s*)?</th>', page)
    assert others
    assert set(others) <= {member.name for member in MEMBERS} - {"Edith Pomfret"}
    assert "may not read the promise audit" in page
    assert "may not read the log" in page


async def test_what_people_typed_is_text_and_no_markup(
    client: Client, admin: Headers, people: None, link_for: SignIn
) -> None:
    del people
    favour = {"giver": ANNA, "receiver": BEN, "what": "<script>alert(1)</script> & more"}
    created = await client.post(f"/v1/ledgers/{LEDGER}/favours", json=favour, headers=admin)
    assert created.status_code == 201
    await client.post(await link_for("audit"))
    page = (await client.get("/")).text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "may not read balances" in page


async def test_an_empty_ledger(client: Client, link_for: SignIn) -> None:
    await client.post(await link_for("read", "audit"))
    page = await client.get("/")
    assert page.status_code == 200
    assert "Nothing has been given yet" in page.text
    assert "The ledger was opened" in page.text


async def test_headers_and_files(client: Client, link_for: SignIn) -> None:
    await client.post(await link_for("read"))
    page = await client.get("/")
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert page.headers["cache-control"] == "private, no-store"
    assert not re.search(r"<script|\sstyle=|\son\w+=", page.text)
    files = set(re.findall(r'"(/assets/[^"]+)"', page.text))
    assert len(files) == 2
    for file in files:
        sent = await client.get(file)
        assert sent.status_code == 200
        assert "immutable" in sent.headers["cache-control"]
    assert (await client.get("/assets/none.css")).status_code == 404


async def test_the_pages_are_no_part_of_the_api(client: Client) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    assert not {path for path in paths if not path.startswith(("/v1/", "/health/"))}
