"""Pictures of every page, to be looked at: light, dark and on a phone. ``just screenshots`` writes them to a folder."""

import asyncio
import pathlib
import sys
import tempfile
from collections.abc import Iterable
from typing import Any

from playwright.async_api import Browser

from services.access.keys import Scope
from services.cli.running import prepare
from services.database.embedded import EmbeddedServer
from services.demo.fill import fill_demo
from services.demo.story import LEDGER, party_id
from services.service import open_service
from tests.browser.pages import paths_of
from tests.browser.site import INSTALL, Site, find_chromium, open_browser, open_site

FOLDER = pathlib.Path("screenshots")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 760}, "color_scheme": "light"},
}


VISITORS: dict[str, tuple[Scope, ...]] = {"edith": ("read", "record", "audit"), "admin": ("admin",)}


async def take(browser: Browser, site: Site, wanted: set[str]) -> None:
    """Photograph each page in each look, as a party and as an administrator; of each kind those wanted, or all."""
    paths = await paths_of(site.service)
    for look in _wanted(LOOKS, wanted):
        for visitor in _wanted(VISITORS, wanted):
            context = await browser.new_context(**LOOKS[look], locale="en-GB", timezone_id="Europe/London")
            page = await context.new_page()
            party = None if visitor == "admin" else party_id(visitor)
            await page.goto(await site.link(LEDGER, *VISITORS[visitor], party=party))
            await page.get_by_role("button", name="Sign in").click()
            for name in _wanted(paths, wanted):
                await page.goto(f"{site.url}{paths[name]}")
                await page.screenshot(path=FOLDER / f"{name}-{visitor}-{look}.png", full_page=True)
            await context.close()


def _wanted(there: Iterable[str], wanted: set[str]) -> list[str]:
    there = list(there)
    return [one for one in there if one in wanted] or there


async def main(wanted: set[str]) -> None:
    """Fill the demo on a database of its own, and photograph it."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit(f"No browser: {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="requite-pictures-") as data, EmbeddedServer(pathlib.Path(data)) as server:
        key = bytes(range(32))
        await prepare(server.url(), key)
        async with open_service(server.url(), key) as service:
            await fill_demo(service)
            async with open_site(service) as site, open_browser(chromium) as browser:
                await asyncio.sleep(1.5)  # until the tree and the network have caught up
                await take(browser, site, wanted)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(main(set(sys.argv[1:])))
