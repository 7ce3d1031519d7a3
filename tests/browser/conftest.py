"""A site and a browser for the tests; where there is no browser they are skipped, and say how to get one."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from services.access.keys import Scope
from services.demo.fill import fill_demo
from services.ledger.opening import open_ledger
from services.proof.builder import build_whole
from services.service import Service, open_service
from tests.browser.site import INSTALL, Site, find_chromium, open_browser, open_site
from tests.conftest import Databases
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

expect.set_options(timeout=15_000)
REFUSED = re.compile("status of 4(09|22)")
"""A form that was refused is answered so, which the console notes; the page says why."""
AXE = Axe()
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The one browser of all tests; each window of it has a profile of its own."""
    path = find_chromium()
    if path is None:
        pytest.skip(f"no browser; get one: {INSTALL}")
    async with open_browser(path) as browser:
        yield browser


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    """A site on a database of its own, with the ledger ``village`` open and empty."""
    async with open_service(database_url, MASTER_KEY, allow_private_webhooks=True) as service:
        await open_ledger(service, LEDGER, title="The village")
        async with open_site(service) as site:
            yield site


@pytest.fixture
def service(site: Site) -> Service:
    """The service of the site."""
    return site.service


@pytest.fixture
def desk(service: Service) -> Desk:
    """A desk of the running service."""
    return Desk(service)


@pytest.fixture(scope="session")
def demo_url(databases: Databases) -> Iterator[str]:
    """A database for the demo."""
    with databases.migrated() as url:
        yield url


@pytest.fixture(scope="session")
async def demo(demo_url: str, browser: Browser) -> AsyncIterator[Site]:
    """A site with the demo ledger, for all tests that only look."""
    del browser  # without one there is nothing to look with
    async with open_service(demo_url, MASTER_KEY) as service:
        await fill_demo(service)
        await build_whole(service.pool, "demo")
        async with open_site(service) as site:
            yield site


class Windows:
    """Opens windows, each with a profile of its own, and minds what they complain about."""

    def __init__(self, browser: Browser, stack: AsyncExitStack) -> None:
        self._browser = browser
        self._stack = stack
        self.complaints: list[str] = []
        self._pages: list[Page] = []

    async def open(self, **settings: Any) -> Page:
        """A window. What its console says, and what its pages may not do, is a complaint."""
        context: BrowserContext = await self._browser.new_context(
            **{"locale": "en-GB", "timezone_id": "Europe/London", **settings}
        )
        self._stack.push_async_callback(context.close)
        await context.add_init_script(WATCH)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heed(page, said))
        self._pages.append(page)
        return page

    def _heed(self, page: Page, said: ConsoleMessage) -> None:
        if said.type == "error" and not REFUSED.search(said.text):
            self.complaints.append(f"{page.url}: {said.text}")

    async def sign_in(
        self, site: Site, ledger: str, *scopes: Scope, party: UUID | None = None, **settings: Any
    ) -> Page:
        """A window that signed in by a link."""
        page = await self.open(**settings)
        await page.goto(await site.link(ledger, *(scopes or ("read", "record")), party=party))
        await page.locator("main button[type=submit]").click()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page


@pytest.fixture
async def windows(browser: Browser) -> AsyncIterator[Windows]:
    """Windows, which must have had nothing to complain about in the end."""
    async with AsyncExitStack() as stack:
        windows = Windows(browser, stack)
        yield windows
        assert not windows.complaints


async def violations(page: Page) -> list[str]:
    """What the page's content security policy refused."""
    found: list[str] = await page.evaluate("window.violations ?? []")
    return found


async def complaints_of(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds, in a line each."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.axe_script)
    found = await page.evaluate(
        "options => axe.run(document, options)", {"resultTypes": ["violations"], **(options or {})}
    )
    return [f"{page.url} {one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"][:3]]
