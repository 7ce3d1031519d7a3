"""What people do, in real windows: seen by the other side without reloading, where there is JavaScript."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import FilePayload, Page, expect

from domain.favour.commands import RecordFavour
from domain.promise.commands import MakePromise
from tests.browser.conftest import Windows, complaints_of
from tests.browser.site import Site
from tests.services.conftest import LEDGER, Desk


async def fill(page: Page, **fields: str) -> None:
    """Fill in fields by their labels."""
    for label, value in fields.items():
        await page.get_by_label(label.replace("_", " "), exact=False).first.fill(value)


async def test_a_favour_is_seen_on_both_sides_at_once(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    his = await windows.sign_in(site, LEDGER, party=ben)
    hers = await windows.sign_in(site, LEDGER, party=anna)
    await expect(his.get_by_text("Nothing has been given yet.")).to_be_visible()
    await hers.goto(f"{site.url}/relationships/{anna}/{ben}")
    await hers.get_by_role("link", name="I did something for them").click()
    await fill(hers, What="Mended the gate", Quantity="3")
    await hers.get_by_role("button", name="Record it").click()
    await expect(hers.get_by_text("Recorded as event")).to_be_visible()
    await expect(hers.locator("[data-live=both] .pair")).to_contain_text("3 given")
    await expect(his.locator("[data-live=sums]")).to_contain_text("3 received")
    await expect(his.locator("[data-live=events]")).to_contain_text("Anna Abel did something for Ben Berg")
    await his.get_by_role("link", name="the favour", exact=True).first.click()
    await his.get_by_role("link", name="Acknowledge this favour").click()
    await his.get_by_role("button", name="Yes, it was so").click()
    await expect(his.get_by_text("Ben Berg acknowledged what Anna Abel did")).to_be_visible()
    await expect(hers.locator("[data-live=timeline]")).to_contain_text("Ben Berg acknowledged what Anna Abel did")


async def test_one_stream_serves_all_tabs_of_a_browser(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    first = await windows.sign_in(site, LEDGER, party=anna)
    tabs = [first]
    streams: list[str] = []
    for _ in range(7):  # more than the six connections that HTTP/1.1 has for one site
        tab = await first.context.new_page()
        tab.on("request", lambda request: streams.append(request.url) if request.url.endswith("/live") else None)
        await tab.goto(site.url)
        tabs.append(tab)
    assert not streams
    await tabs[-1].bring_to_front()
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="Watered the beans"))
    await expect(tabs[-1].locator("[data-live=sums]")).to_contain_text("1 given")
    await first.close()  # another tab takes the stream over
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="And the peas"))
    await expect(tabs[-1].locator("[data-live=sums]")).to_contain_text("2 given")


async def test_news_leaves_focus_where_it_is(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="Watered the beans"))
    page = await windows.sign_in(site, LEDGER, party=anna)
    link = page.locator("[data-live=imbalances] a").first
    await link.focus()
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="And the peas"))
    await expect(page.locator("[data-live=imbalances]")).to_contain_text("+2")
    await expect(page.locator("[data-live=imbalances] a").first).to_be_focused()


async def test_a_promise_from_making_to_keeping(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    hers = await windows.sign_in(site, LEDGER, party=anna)
    his = await windows.sign_in(site, LEDGER, party=ben)
    await hers.goto(f"{site.url}/do/promise.make?promisor={anna}")
    await hers.get_by_label("To whom").fill("ben")
    await fill(hers, What="Paint the shed", Due=f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}")
    await hers.get_by_role("button", name="Promise it").click()
    await expect(hers.get_by_role("heading", level=1)).to_have_text("Paint the shed")
    await expect(his.locator("[data-live=due]")).to_contain_text("Paint the shed")
    await his.get_by_role("link", name="Paint the shed").first.click()
    await hers.get_by_role("link", name="Renegotiate").click()
    await expect(hers.get_by_text("A refusal changes nothing, and weighs on nobody.")).to_be_visible()
    await hers.get_by_label("Due").fill(f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}")
    await hers.get_by_role("button", name="Propose these terms").click()
    await expect(his.locator("[data-live=terms]")).to_contain_text("Anna Abel proposed new terms")
    await his.get_by_role("link", name="Agree to the new terms").click()
    await his.get_by_role("button", name="Agree").click()
    await expect(hers.locator("[data-live=terms]")).to_contain_text("Terms changed")
    await hers.get_by_role("link", name="Report delivery").click()
    await hers.get_by_role("button", name="I have delivered").click()
    await expect(his.locator("[data-live=terms]")).to_contain_text("awaiting an answer")
    await his.get_by_role("link", name="Accept the delivery").click()
    await his.get_by_role("button", name="Accept").click()
    await expect(hers.locator("[data-live=terms]")).to_contain_text("kept on time")
    await hers.goto(f"{site.url}/people/{anna}/trust")
    await expect(hers.get_by_text("1 of 1 kept whole")).to_be_visible()
    await expect(hers.locator(".evidence")).to_contain_text("Ben Berg")


async def test_an_introduction_with_two_private_answers(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben, cara = await desk.register("Anna Abel", "Ben Berg", "Cara Chen")
    hers = await windows.sign_in(site, LEDGER, party=anna)
    await hers.goto(f"{site.url}/do/introduction.propose?back=/introductions")
    await fill(hers, One_of_the_two="Ben Berg", The_other="Cara", Why_they_should_meet="Both keep bees")
    await hers.get_by_role("button", name="Ask both").click()
    await expect(hers.get_by_text("0 of 2 answered")).to_be_visible()
    for party in (ben, cara):
        page = await windows.sign_in(site, LEDGER, party=party)
        await page.goto(f"{site.url}/introductions")
        await page.get_by_role("link", name="Say yes").click()
        await expect(page.get_by_text("Nobody learns it unless the other says yes as well.")).to_be_visible()
        await page.get_by_role("button", name="Yes, I would like that").click()
        await expect(page.get_by_role("link", name="Say yes")).to_have_count(0)
    await expect(hers.get_by_text("both said yes", exact=True)).to_be_visible()
    await hers.get_by_role("link", name="Ben Berg and Cara Chen").click()
    await hers.get_by_role("link", name="Bring them together").click()
    await hers.get_by_role("button", name="They are introduced").click()
    await expect(hers.get_by_text("Anna Abel brought Ben Berg and Cara Chen together")).to_be_visible()


async def test_an_administrator_erases_someone(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="Mended the gate"))
    page = await windows.sign_in(site, LEDGER, "admin")
    await page.goto(f"{site.url}/people/{ben}")
    await page.get_by_role("link", name="Erase", exact=True).click()
    await expect(page.get_by_text("nobody can take that back").first).to_be_visible()
    await page.get_by_label("I have understood").check()
    await page.get_by_role("button", name="Erase for good").click()
    await expect(page.get_by_text("Recorded as event")).to_be_visible()
    await expect(page.get_by_role("link", name="Anna Abel")).to_be_visible()
    await expect(page.get_by_text("Ben Berg")).to_have_count(0)
    await page.goto(f"{site.url}/relationships")
    await expect(page.locator("main")).to_contain_text("erased party")
    assert "Mended the gate" not in await page.content()


async def test_the_audit_as_of_last_month(site: Site, windows: Windows, desk: Desk) -> None:
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    long_ago = datetime.now(UTC) - timedelta(days=60)
    await desk.give(MakePromise(promisor=anna, promisee=ben, what="Old promise", occurred_at=long_ago))
    await desk.give(MakePromise(promisor=anna, promisee=ben, what="New promise"))
    page = await windows.sign_in(site, LEDGER, party=anna)
    await page.goto(f"{site.url}/promises")
    await expect(page.get_by_role("heading", name="2 made")).to_be_visible()
    await page.get_by_label("As of the end of").fill(f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}")
    await page.get_by_label("By", exact=True).select_option("occurred")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("heading", name="1 made")).to_be_visible()
    await expect(page.get_by_text("New promise")).to_have_count(0)


CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Dora Dahl
EMAIL:dora@example.org
END:VCARD
BEGIN:VCARD
VERSION:3.0
EMAIL:
END:VCARD
"""


@pytest.mark.parametrize("script", [True, False], ids=["live", "without JavaScript"])
async def test_an_address_book_is_imported_and_undone(
    site: Site, windows: Windows, *, script: bool, desk: Desk
) -> None:
    """With JavaScript the page says by itself when it has ended; without, one looks again."""
    await desk.register("Anna Abel")
    page = await windows.sign_in(site, LEDGER, java_script_enabled=script)

    async def ended(word: str) -> None:
        chip = page.locator(".state .chip")
        for _ in range(20):
            if script or await chip.inner_text() == word:
                break
            await page.get_by_role("link", name="Look again").click()
        await expect(chip).to_have_text(word)

    await page.get_by_role("navigation").get_by_role("link", name="Import").first.click()
    file: FilePayload = {"name": "people.vcf", "mimeType": "text/vcard", "buffer": CARDS.encode()}
    await page.get_by_label("File", exact=True).set_input_files(file)
    await page.get_by_role("button", name="Look through it").click()
    await expect(page.get_by_text("Nothing is recorded yet.")).to_be_visible()
    await expect(page.get_by_role("cell", name="the card names nobody")).to_be_visible()
    if script:
        assert await complaints_of(page) == []
    await page.get_by_role("button", name="Import it").click()
    await ended("recorded")
    if script:
        assert await complaints_of(page) == []
    await page.goto(f"{site.url}/people")
    await expect(page.get_by_role("link", name="Dora Dahl")).to_be_visible()
    await page.goto(f"{site.url}/import")
    await page.get_by_role("link", name="vCard").click()
    await page.get_by_role("button", name="Undo this import").click()
    await ended("undone")
    await expect(page.get_by_text("1 of them undone.")).to_be_visible()
    await page.goto(f"{site.url}/people")
    await expect(page.get_by_role("link", name="Anna Abel")).to_be_visible()
    await expect(page.get_by_text("Dora Dahl")).to_have_count(0)


async def test_an_administrator_looks_after_a_webhook(site: Site, windows: Windows, desk: Desk) -> None:
    await desk.register("Anna Abel")
    page = await windows.sign_in(site, LEDGER, "admin")
    await page.goto(f"{site.url}/settings")
    await page.get_by_role("link", name="Who is told, and what came of it").click()
    await page.get_by_label("Address", exact=True).fill("http://127.0.0.1:9/hook")
    await page.get_by_role("button", name="Tell it").click()
    await expect(page.get_by_text("Its secret is shown this once.")).to_be_visible()
    await page.get_by_role("link", name="http://127.0.0.1:9/hook").click()
    await page.get_by_role("button", name="Send a ping").click()
    await expect(page.get_by_text(re.compile("The ping did not arrive:.*no connection", re.DOTALL))).to_be_visible()
    await page.get_by_role("link", name="all webhooks").click()
    await page.get_by_role("link", name="http://127.0.0.1:9/hook").click()
    await page.get_by_label("From event").fill("2")
    await page.get_by_role("button", name="Send again").click()
    assert await complaints_of(page) == []
    await page.get_by_label("I have understood").check()
    await page.get_by_role("button", name="Remove the webhook").click()
    await expect(page.get_by_text("Nobody is told of anything yet.")).to_be_visible()


@pytest.fixture
async def two(desk: Desk) -> tuple[UUID, UUID]:
    """Anna and Ben."""
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    return anna, ben


async def test_the_same_without_javascript(site: Site, windows: Windows, two: tuple[UUID, UUID]) -> None:
    anna, ben = two
    hers = await windows.sign_in(site, LEDGER, party=anna, java_script_enabled=False)
    his = await windows.sign_in(site, LEDGER, party=ben, java_script_enabled=False)
    await hers.goto(f"{site.url}/do/promise.make")
    await fill(hers, To_whom="Ben", What="Paint the shed")
    await hers.get_by_role("button", name="Promise it").click()
    await hers.get_by_role("link", name="Report delivery").click()
    await hers.get_by_role("button", name="I have delivered").click()
    await his.goto(site.url)
    await his.get_by_role("link", name="Paint the shed").first.click()
    await his.get_by_role("link", name="Accept the delivery").click()
    await his.get_by_role("button", name="Accept").click()
    await expect(his.locator(".state")).to_contain_text("kept")


async def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    site: Site, windows: Windows, desk: Desk, two: tuple[UUID, UUID]
) -> None:
    anna, _ = two
    await desk.register("Ben Bloom")
    page = await windows.sign_in(site, LEDGER, party=anna)
    await page.goto(f"{site.url}/do/favour.record")
    await fill(page, Who_received="Ben", What="Mended the gate", Quantity="2")
    await page.get_by_role("button", name="Record it").click()
    await expect(page.get_by_text("Several fit: choose one.")).to_be_visible()
    await expect(page.get_by_label("What", exact=False).last).to_be_visible()
    await page.get_by_label("Who received").select_option(label="Ben Bloom")
    await page.get_by_role("button", name="Record it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Mended the gate")
    await expect(page.locator("main")).to_contain_text("2 favours")


async def test_names_come_as_one_types(site: Site, windows: Windows, two: tuple[UUID, UUID]) -> None:
    page = await windows.sign_in(site, LEDGER, party=two[0])
    await page.goto(f"{site.url}/do/favour.record")
    await page.get_by_label("Who received").press_sequentially("ber")
    await expect(page.locator("datalist option[value='Ben Berg']")).to_have_count(1)


async def test_signing_out_ends_it(site: Site, windows: Windows, two: tuple[UUID, UUID]) -> None:
    page = await windows.sign_in(site, LEDGER, party=two[0])
    await expect(page.get_by_text("Anna Abel").first).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile(r"/$"))
    await expect(page.get_by_role("heading", name="Give as much as you take")).to_be_visible()
