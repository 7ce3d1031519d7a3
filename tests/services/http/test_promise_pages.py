"""The page of promises: its filters, its figures and where they lead, its files, and how well opinions foretell."""

import html
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from services.dashboard.addresses import at_home, to_print
from services.dashboard.pages.promises import LINES_SHOWN
from services.demo.fill import fill_demo
from services.demo.story import LEDGER, party_id
from services.service import Service
from tests.services.http.conftest import Client, SignIn

EDITH, WALTER = party_id("edith"), party_id("walter")
ZIP = b"PK\x03\x04"
Enter = Callable[..., Awaitable[None]]


@pytest.fixture
async def sign_in(client: Client, service: Service, link_for: SignIn) -> Enter:
    """Signs the client in to the demo with a key of these scopes, for these parties."""
    await fill_demo(service)

    async def make(*scopes: Any, parties: Any = None) -> None:
        await client.post(await link_for(*scopes, ledger=LEDGER, parties=parties))

    return make


def made(page: str) -> int:
    """How many promises the page says were made."""
    found = re.search(r'<h2 id="made">(\d+) made</h2>', page)
    assert found is not None, page[:2000]
    return int(found[1])


async def test_every_figure_leads_to_as_many_lines(client: Client, sign_in: Enter) -> None:
    await sign_in("read", "audit")
    page = (await client.get("/promises")).text
    figures = re.findall(r'<td class="figure"><a href="([^"]+)">(\d+)</a></td></tr>', page)
    assert len(figures) > 8
    for address, count in figures:
        lines = (await client.get(html.unescape(address))).text
        assert lines.count('<li class="promise"') == min(int(count), LINES_SHOWN), address
    chidi = party_id("chidi")
    for named in ("promisor=Chidi Eze", f"promisor={chidi}", f"party={chidi}&side=made"):
        assert made((await client.get(f"/promises?{named}")).text) == 4
    for field, status in (("promisor=Nobody", 422), ("on_time=maybe", 400), ("made_from=soon", 400)):
        assert (await client.get(f"/promises?{field}")).status_code == status


async def test_the_filters_of_the_page(client: Client, sign_in: Enter) -> None:
    await sign_in("read", "audit")
    whole = made((await client.get("/promises")).text)
    spring = made((await client.get("/promises?made_from=2026-03-01&made_to=2026-05-31")).text)
    before = made((await client.get("/promises?made_to=2026-02-28")).text)
    after = made((await client.get("/promises?made_from=2026-06-01")).text)
    assert before + spring + after == whole
    shops = [
        made((await client.get(f"/promises?organisation={one}")).text) for one in ("Wendle Valley Surgery", "none")
    ]
    assert all(0 < one < whole for one in shops)
    slid = (await client.get("/promises?as_of=300")).text
    assert made(slid) < whole
    assert '<input id="slide" type="range" name="as_of" min="1" max="764" value="300"' in slid


async def test_the_same_as_files_and_to_print(client: Client, sign_in: Enter) -> None:
    await sign_in("read", "audit")
    page = (await client.get("/promises?standing=kept")).text
    for form in ("csv", "xlsx", "print"):
        assert f'href="/promises/as/{form}?standing=kept"' in page
    csv = await client.get("/promises/as/csv?standing=kept")
    assert csv.headers["content-disposition"] == 'attachment; filename="promises.csv"'
    assert csv.text.count("kept_") == 25
    assert (await client.get("/promises/as/xlsx?standing=kept")).content[:4] == ZIP
    printed = (await client.get("/promises/as/print?standing=kept")).text
    assert 'href="/promises?standing=kept"' in printed
    assert "/v1/" not in printed
    assert printed.count('<tr><th scope="row">') == 25
    assert (await client.get("/promises/as/pdf")).status_code == 404


async def test_figures_are_for_who_may_audit_and_ones_own(client: Client, sign_in: Enter) -> None:
    await sign_in("read", parties=[EDITH])
    own = (await client.get("/promises")).text
    assert made(own) > 0
    assert (await client.get("/promises/as/csv")).status_code == 200
    for others in (f"promisor={WALTER}", f"party={WALTER}"):
        assert 'id="made"' not in (await client.get(f"/promises?{others}")).text
        assert (await client.get(f"/promises/as/csv?{others}")).status_code == 403
    assert (await client.get("/promises/calibration")).status_code == 403


async def test_how_well_opinions_foretell(client: Client, sign_in: Enter) -> None:
    await sign_in("read", "audit")
    page = (await client.get("/promises/calibration")).text
    assert "c-reliability" in page
    assert page.count('<tr><th scope="row">') == page.count("<circle")
    assert "Brier" in page
    empty = (await client.get(f"/promises/calibration?as_of={quote('2020-01-01')}")).text
    assert "No promise has ended so far" in empty


def test_addresses_of_the_api_and_of_the_pages() -> None:
    assert at_home("/v1/ledgers/a%20b/promises/audit?standing=kept") == "/promises?standing=kept"
    assert at_home("/v1/ledgers/a/promises/1?as_of=2") == "/promises/1?as_of=2"
    assert at_home("/v1/ledgers/a/events/7") == at_home("/v1/ledgers/a/log/proof/inclusion/7") == "/log/7"
    assert at_home("/elsewhere") == "/elsewhere"
    assert to_print("/v1/ledgers/a/promises/audit?x=1") == "/v1/ledgers/a/promises/audit?x=1&format=html"
    assert to_print("/v1/ledgers/a/events/7") == "/v1/ledgers/a/events/7"
