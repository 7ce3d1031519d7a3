"""The pages: signing in once by link, what is shown to whom, and under which headers."""

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.policy import Policy
from services.access.keys import revoke_key
from services.dashboard.render import CONTENT_SECURITY_POLICY
from services.dashboard.sessions import COOKIE
from services.demo.fill import fill_demo
from services.demo.people import MEMBERS
from services.demo.story import LEDGER as DEMO
from services.demo.story import party_id
from services.http.examples import ANNA, BEN, CARA
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, SignIn, head


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
    for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "http://[::x"}):
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
    assert re.search(r'<dt>Kept on time</dt><dd><a href="[^"]*">20</a>', page)
    assert re.search(r'<dt>of these overdue</dt><dd><a href="[^"]*">2</a>', page)
    assert len(re.findall(r'<li data-key="\d+">', page)) == 8
    gave, received = re.findall(r'<td class="figure(?: received)?">([^<]+)</td>', page)[:2]
    assert int(gave) >= int(received)


async def test_one_side_for_a_party(client: Client, service: Service, link_for: SignIn) -> None:
    await fill_demo(service)
    edith = party_id("edith")
    await client.post(await link_for("read", ledger=DEMO, parties=[edith]))
    page = (await client.get("/")).text
    assert '<span class="me">Edith Pomfret</span>' in page
    assert "What went each way" in page
    others = re.findall(r'<th scope="row"><a href="/relationships/[^"]*">([^<]+)</a>', page)
    assert others
    assert set(others) <= {member.name for member in MEMBERS} - {"Edith Pomfret"}
    assert "3 made" in page
    log = await client.get("/log")
    assert log.status_code == 200
    assert "Edith Pomfret" in log.text


async def test_what_people_typed_is_text_and_no_markup(
    client: Client, admin: Headers, people: None, link_for: SignIn
) -> None:
    del people
    favour = {"giver": ANNA, "receiver": BEN, "what": "<script>alert(1)</script> & more"}
    created = await client.post(f"/v1/ledgers/{LEDGER}/favours", json=favour, headers=admin)
    assert created.status_code == 201
    await client.post(await link_for("audit"))
    page = (await client.get("/")).text
    assert "<script>" not in page
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
    assert not re.search(r"<script(?! type=\"module\" src=)|\sstyle=|\son\w+=", page.text)
    files = set(re.findall(r'"(/assets/[^"]+)"', page.text))
    assert len(files) == 5
    for file in files:
        sent = await client.get(file)
        assert sent.status_code == 200
        assert "immutable" in sent.headers["cache-control"]
    assert (await client.get("/assets/none.css")).status_code == 404


async def test_a_form_that_we_did_not_send_does_nothing(
    client: Client, service: Service, people: None, link_for: SignIn
) -> None:
    del people
    await client.post(await link_for("read", "record"))
    before = await head(service)
    favour = {"giver": ANNA, "receiver": BEN, "quantity": "1"}
    for token in ({}, {"form": "0" * 32}):
        answer = await client.post("/do/favour.record", data=favour | token)
        assert answer.status_code == 403
        assert "another session" in answer.text
    token = {"form": token_in((await client.get("/do/favour.record")).text)}
    answer = await client.post("/do/favour.record", data=favour | token, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert await head(service) == before


async def test_a_form_that_is_sent_twice_is_recorded_once(
    client: Client, service: Service, people: None, link_for: SignIn
) -> None:
    del people
    await client.post(await link_for("read", "record"))
    form = (await client.get(f"/do/favour.record?giver={ANNA}&receiver={BEN}")).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)) | {"quantity": "2"}
    before = await head(service)
    places = {(await client.post("/do/favour.record", data=fields)).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert await head(service) == before + 1


async def test_what_is_refused_is_said_and_what_was_typed_stays(
    client: Client, service: Service, people: None, link_for: SignIn
) -> None:
    del people
    await client.post(await link_for("read", "record"))
    token = {"form": token_in((await client.get("/do/favour.record")).text)}
    before = await head(service)
    same = {"giver": ANNA, "receiver": ANNA, "what": "Mended the gate"}
    refused = await client.post("/do/favour.record", data=token | same)
    assert refused.status_code == 422
    assert "Nothing was recorded" in refused.text
    assert "Mended the gate" in refused.text
    for wrong, says in (
        ({"giver": "Anna Abel", "receiver": "Nobody"}, "Nobody here is called that"),
        ({"giver": "Anna Abel", "receiver": "Ben", "quantity": "many"}, "Give a whole number"),
        ({"giver": "Anna Abel"}, "Please fill this in"),
        ({"giver": "Anna Abel", "receiver": "Ben", "topic": "Two Words"}, "This does not fit"),
        ({"giver": "Anna Abel", "receiver": "Ben", "occurred_at": "yesterday"}, "Give a time"),
    ):
        answer = await client.post("/do/favour.record", data=token | wrong)
        assert answer.status_code == 422
        assert says in answer.text
    assert await head(service) == before


async def test_a_key_does_on_pages_what_it_may_do_and_no_more(client: Client, people: None, link_for: SignIn) -> None:
    del people
    await client.post(await link_for("read", parties=[UUID(ANNA)]))
    for path in ("/do/favour.record", "/log/1000", "/do/ledger.open", "/do/nonsense"):
        assert (await client.get(path)).status_code in {403, 404}
    for path in ("/settings/policy", "/settings/keys", "/settings/keys/revoke"):
        assert (await client.post(path, data={})).status_code == 403
    assert (await client.get(f"/attention?party={BEN}")).status_code == 403
    settings = (await client.get("/settings")).text
    assert "Access keys" not in settings
    assert (await client.get("/log")).status_code == 200


async def test_an_answer_to_an_introduction_is_on_nobody_elses_page(
    client: Client, admin: Headers, people: None, link_for: SignIn
) -> None:
    del people
    proposed = await client.post(
        f"/v1/ledgers/{LEDGER}/introductions",
        json={"by": ANNA, "introducer": ANNA, "first": BEN, "second": CARA},
        headers=admin,
    )
    stream = proposed.json()["id"]
    declined = await client.post(
        f"/v1/ledgers/{LEDGER}/introductions/{stream}/decline", json={"by": BEN}, headers=admin
    )
    position = declined.json()["position"]
    await client.post(await link_for("read", "record", "audit", parties=[UUID(CARA)]))
    assert (await client.get(f"/log/{position}")).status_code == 403
    for path in (f"/introductions/{stream}", "/introductions", "/log", "/", f"/people/{BEN}"):
        assert "said no to meeting" not in (await client.get(path)).text
    assert "said no to meeting" not in (await client.get(f"/relationships/{ANNA}/{BEN}")).text


async def test_the_policy_and_the_keys_of_an_administrator(client: Client, service: Service, link_for: SignIn) -> None:
    await client.post(await link_for("admin"))
    page = (await client.get("/settings")).text
    token = {"form": token_in(page)}
    fields = dict(re.findall(r'<input id="p-\w+" name="(\w+)"[^>]*? value="([^"]*)"', page)) | token
    changed = await client.post("/settings/policy", data=fields | {"grace_days": "5", "units": "favour, hour"})
    assert changed.status_code == 303
    assert 'name="grace_days" type="text" inputmode="decimal" value="5"' in (await client.get("/settings")).text
    refused = await client.post("/settings/policy", data=fields | {"units": "hour"})
    assert (refused.status_code, "Nothing was changed" in refused.text) == (422, True)
    assert (await client.post("/settings/policy", data=fields | {"grace_days": "x"})).status_code == 422
    made = await client.post("/settings/keys", data=token | {"label": "Kiosk", "scope_read": "1", "days": "3"})
    secret = re.search(r"<code>(rq_[^<]+)</code>", made.text)
    assert secret is not None
    api = f"/v1/ledgers/{LEDGER}/parties"
    headers = {"Authorization": f"Bearer {secret[1]}"}
    assert (await client.get(api, headers=headers)).status_code == 200
    assert secret[1] not in (await client.get("/settings")).text
    key_id = secret[1].split("_")[1]
    assert (await client.post("/settings/keys/revoke", data=token | {"key": key_id})).status_code == 303
    assert (await client.get(api, headers=headers)).status_code == 401
    for wrong in ({"label": "", "scope_read": "1"}, {"label": "x"}, {"label": "x", "scope_read": "1", "party": "No"}):
        assert (await client.post("/settings/keys", data=token | wrong)).status_code == 422
    assert (await client.post("/settings/keys/revoke", data=token | {"key": "none"})).status_code == 404
    assert service is not None


async def test_the_policy_keeps_what_the_form_was_not_to_change(
    client: Client, admin: Headers, link_for: SignIn
) -> None:
    policy: dict[str, Any] = {
        "units": ["favour", "hour"],
        "grace_days": 1,
        "window_days": 15,
        "half_life_days": 366,
        "base_rate": 0.25,
        "quantity_limit": 999,
        "open_promises_limit": 7,
        "words_kept_days": 90,
        "cadence": {"close": 8, "good": 31, "loose": 181},
        "gifts": {"unit": "hour", "one": 5, "year": 50},
    }
    assert set(policy) == {field.name for field in msgspec.structs.fields(Policy)}
    api = f"/v1/ledgers/{LEDGER}"
    assert (await client.post(f"{api}/policy", json={"policy": policy}, headers=admin)).status_code == 200
    await client.post(await link_for("admin"))
    page = (await client.get("/settings")).text
    fields = dict(re.findall(r'<input id="p-\w+" name="(\w+)"[^>]*? value="([^"]*)"', page))
    changed = await client.post("/settings/policy", data=fields | {"form": token_in(page), "grace_days": "2"})
    assert changed.status_code == 303
    assert (await client.get(api, headers=admin)).json()["policy"] == policy | {"grace_days": 2}


async def test_settings_that_make_no_sense_change_nothing(client: Client, admin: Headers, link_for: SignIn) -> None:
    await client.post(await link_for("admin"))
    token = {"form": token_in((await client.get("/settings")).text)}
    refused = await client.post("/settings/policy", data=token | {"units": "", "gifts_one": "5"})
    assert (refused.status_code, "Nothing was changed" in refused.text) == (422, True)
    keys = (await client.get(f"/v1/ledgers/{LEDGER}/keys", headers=admin)).json()
    for days in ("-1", "0", "1.5", "99999", "soon"):
        answer = await client.post("/settings/keys", data=token | {"label": "x", "scope_read": "1", "days": days})
        assert (days, answer.status_code) == (days, 422)
    assert (await client.get(f"/v1/ledgers/{LEDGER}/keys", headers=admin)).json() == keys


async def test_who_may_not_read_is_told_no_ones_story(client: Client, people: None, link_for: SignIn) -> None:
    del people
    await client.post(await link_for("record", parties=[UUID(ANNA)]))
    for path in ("/log", f"/log?party={ANNA}", f"/log?party={BEN}"):
        assert (await client.get(path)).status_code == 403


async def test_nobody_else_is_shown_that_there_is_a_tie(
    client: Client, admin: Headers, people: None, link_for: SignIn
) -> None:
    del people
    tie = {"by": ANNA, "party": ANNA, "other": BEN, "closeness": "close"}
    declared = await client.post(f"/v1/ledgers/{LEDGER}/ties", json=tie, headers=admin)
    form = f"/do/tie.undeclare?stream={declared.json()['id']}"
    for party, status in ((BEN, 404), (ANNA, 200)):
        await client.post(await link_for("read", "record", parties=[UUID(party)]))
        assert (await client.get(form)).status_code == status


async def test_addresses_that_make_no_sense(client: Client, people: None, link_for: SignIn) -> None:
    del people
    assert (await client.get("/promises")).headers["location"] == "/"
    await client.post(await link_for("admin"))
    for path, status in (
        ("/?party=x", 400),
        ("/promises?standing=fine", 400),
        ("/promises?as_of=nonsense", 400),
        ("/promises?after=nonsense", 400),
        ("/people?from=-1", 400),
        ("/people/01890000-0000-7000-8000-000000000000", 404),
        ("/promises/01890000-0000-7000-8000-000000000000", 404),
        ("/do/promise.agree?stream=01890000-0000-7000-8000-000000000000", 404),
        (f"/relationships/{ANNA}/{ANNA}", 400),
        ("/log?kind=nonsense", 400),
    ):
        answer = await client.get(path)
        assert (path, answer.status_code) == (path, status)
        assert "<h1>" in answer.text


async def test_the_page_of_an_event_leads_to_the_root(client: Client, people: None, link_for: SignIn) -> None:
    del people
    await client.post(await link_for("admin"))
    page = (await client.get("/log/2")).text
    hashes = re.findall(r'<code class="hash(?: own)?">([0-9a-f]{64})</code>', page)
    pairs, running = hashes[1:-1], bytes.fromhex(hashes[0])
    for left, right in zip(pairs[::2], pairs[1::2], strict=True):
        assert running.hex() in {left, right}
        running = hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).digest()
    assert running.hex() == hashes[-1]
    assert base64.b64encode(running).decode() in page.replace("&#43;", "+")


def token_in(page: str) -> str:
    """What a form carries."""
    found = re.search(r'name="form" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


async def test_the_pages_are_no_part_of_the_api(client: Client) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    assert not {path for path in paths if not path.startswith(("/v1/", "/health/"))}


async def test_a_party_finds_all_that_the_ledger_says_about_it(client: Client, people: None, link_for: SignIn) -> None:
    del people
    await client.post(await link_for("read", "record", parties=[UUID(ANNA)]))
    for path in ("/settings", f"/people/{ANNA}"):
        assert f'href="/people/{ANNA}/data"' in (await client.get(path)).text
    assert f"/people/{BEN}/data" not in (await client.get(f"/people/{BEN}")).text
    data = await client.get(f"/people/{ANNA}/data")
    assert (data.status_code, "Anna" in data.text) == (200, True)
    assert (await client.get(f"/people/{ANNA}/data?form=json")).json()["party"]["id"] == ANNA
    assert (await client.get(f"/people/{BEN}/data")).status_code == 403
    await client.post(await link_for("admin"))
    assert (await client.get(f"/people/{BEN}/data")).status_code == 200
