"""Every page: that axe finds nothing, that nothing is refused or logged, that it fits a phone, and the keyboard."""

from typing import Any, Literal

import pytest
from playwright.async_api import expect

from services.demo.story import LEDGER, party_id
from tests.browser.conftest import Windows, complaints_of, violations
from tests.browser.pages import paths_of
from tests.browser.site import Site

DESKTOP: dict[str, Any] = {"viewport": {"width": 1360, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 700}}
Scheme = Literal["dark", "light"]
LOOKS: dict[str, dict[str, Any]] = {
    "desktop, light": DESKTOP | {"color_scheme": "light"},
    "phone, dark": PHONE | {"color_scheme": "dark"},
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OVERFLOWS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDER = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.parentElement.closest('.scroll, pre')).slice(0, 3).map(e => e.outerHTML.slice(0, 120))"  # noqa: E501 - one expression
EDITH = party_id("edith")


@pytest.mark.parametrize(("look", "other"), [("desktop, light", "dark"), ("phone, dark", "light")])
async def test_axe_finds_nothing_on_any_page(windows: Windows, demo: Site, look: str, other: Scheme) -> None:
    """All of axe in one scheme; in the other what colours alone decide."""
    page = await windows.sign_in(demo, LEDGER, "admin", **LOOKS[look])
    found = []
    for path in (await paths_of(demo.service)).values():
        await page.emulate_media(color_scheme=LOOKS[look]["color_scheme"])
        await page.goto(f"{demo.url}{path}")
        found += await complaints_of(page)
        await page.emulate_media(color_scheme=other)
        found += await complaints_of(page, COLOURS)
        assert not await violations(page)
    assert not found


async def test_axe_finds_nothing_on_a_partys_own_pages(windows: Windows, demo: Site) -> None:
    page = await windows.sign_in(demo, LEDGER, "read", "record", party=EDITH, **LOOKS["desktop, light"])
    found = []
    for path in ("/", "/attention", "/introductions", "/network", f"/people/{EDITH}/trust", "/settings", "/log"):
        await page.goto(f"{demo.url}{path}")
        found += await complaints_of(page)
    stranger = await windows.open(**LOOKS["phone, dark"])
    for path in ("/", await demo.link(LEDGER, "read")):
        await stranger.goto(path if path.startswith("http") else f"{demo.url}{path}")
        found += await complaints_of(stranger)
    assert not found


@pytest.mark.parametrize("width", [320, 680])
async def test_no_page_scrolls_sideways(windows: Windows, demo: Site, width: int) -> None:
    """320 pixels are a small phone, and 1280 at a zoom of 400 %; 680 are 1360 at 200 %."""
    page = await windows.sign_in(demo, LEDGER, "admin", viewport={"width": width, "height": 640})
    wide = {}
    for name, path in (await paths_of(demo.service)).items():
        await page.goto(f"{demo.url}{path}")
        if await page.evaluate(OVERFLOWS) > 0:
            wide[name] = await page.evaluate(WIDER)
    assert not wide


async def test_the_keyboard_alone_reaches_everything(windows: Windows, demo: Site) -> None:
    page = await windows.sign_in(demo, LEDGER, "read", "record", party=EDITH)
    await page.goto(demo.url)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="To the contents")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="signed up to event")).to_be_focused()
    await page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Find someone")
    await expect(search).to_be_focused()
    await page.keyboard.type("walter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Walter Pomfret")).to_be_visible()
    await expect(page.get_by_text("1 with “walter” in their names")).to_be_visible()


STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
REACHED = "() => { const stop = document.activeElement; stop.dataset.reached ??= document.querySelectorAll('[data-reached]').length; return stop.tagName; }"  # noqa: E501 - one expression
UNREACHED = f"""() => {{
    const stops = [...document.querySelectorAll(`{STOPS}`)].filter((stop) => stop.checkVisibility());
    const order = stops.map((stop) => Number(stop.dataset.reached ?? -1));
    return stops.filter((_, place) => order[place] !== place).map((stop) => stop.outerHTML.slice(0, 90));
}}"""


@pytest.mark.parametrize("name", ["promises-side", "imports"])
async def test_tab_goes_through_a_page_as_it_is_read(windows: Windows, demo: Site, name: str) -> None:
    """Every stop is reached, in the order in which it stands."""
    page = await windows.sign_in(demo, LEDGER, "admin", **DESKTOP)
    await page.goto(f"{demo.url}{(await paths_of(demo.service))[name]}")
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate(REACHED) == "BODY":
            break
    assert await page.evaluate(UNREACHED) == []


async def test_the_slider_goes_back_along_the_log_by_keyboard(windows: Windows, demo: Site) -> None:
    page = await windows.sign_in(demo, LEDGER, "admin", **DESKTOP)
    await page.goto(f"{demo.url}/promises?standing=kept")
    slider = page.get_by_role("slider")
    await slider.focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".slider output")).to_have_text("2")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{demo.url}/promises?standing=kept&as_of=2")
    await expect(page.get_by_text("No promise fits.")).to_be_visible()


async def test_a_person_in_a_chart_is_reached_by_keyboard(windows: Windows, demo: Site) -> None:
    page = await windows.sign_in(demo, LEDGER, "read", "record", party=EDITH)
    await page.goto(f"{demo.url}/network")
    first = page.locator(".c-ring a").first
    name = await first.get_attribute("aria-label")
    await first.focus()
    await expect(first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(name or "")


async def test_times_are_in_the_readers_zone(windows: Windows, demo: Site) -> None:
    page = await windows.sign_in(demo, LEDGER, "admin", timezone_id="Asia/Tokyo", locale="en-GB")
    await page.goto(f"{demo.url}/log/1")
    written = page.locator("time").first
    utc = await written.get_attribute("title")
    await expect(written).not_to_have_text(utc or "")
    await expect(written).to_have_attribute("datetime", await written.get_attribute("datetime") or "")


@pytest.mark.parametrize("preference", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
async def test_it_minds_preferences(windows: Windows, demo: Site, preference: dict[str, Any]) -> None:
    page = await windows.sign_in(demo, LEDGER, "admin", **preference)
    await page.goto(demo.url)
    await expect(page.get_by_role("heading", name="Largest imbalances")).to_be_visible()
    animated = await page.evaluate("document.getAnimations().length")
    assert animated == 0


async def test_every_page_is_whole_without_javascript(windows: Windows, demo: Site) -> None:
    page = await windows.sign_in(demo, LEDGER, "admin", java_script_enabled=False)
    for path in (await paths_of(demo.service)).values():
        await page.goto(f"{demo.url}{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert len(await page.locator("main").inner_text()) > 100
    await page.goto(f"{demo.url}/log/1")
    assert "UTC" in await page.locator("time").first.inner_text()


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_pages_in_other_languages(windows: Windows, demo: Site, language: str) -> None:
    """From the right to the left too, and on a small phone."""
    phone = {"width": 320, "height": 640}
    page = await windows.sign_in(demo, LEDGER, "admin", locale=language, viewport=phone)
    paths = await paths_of(demo.service)
    found = []
    for name in ("standing", "relationship", "promises", "trust", "settings", "form-promise"):
        await page.goto(f"{demo.url}{paths[name]}")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        if await page.evaluate(OVERFLOWS) > 0:
            found += [name, *await page.evaluate(WIDER)]
    found += await complaints_of(page)
    assert not found
