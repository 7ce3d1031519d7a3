"""A real site and a real browser: our application on a port of this machine, and Debian's Chromium."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from granian.constants import Interfaces
from granian.server.embed import Server
from msgspec import Struct
from playwright.async_api import Browser, async_playwright

from services.access.keys import Scope, create_key
from services.access.links import create_link
from services.http.app import create_app
from services.proof.builder import building
from services.service import Service

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "apt-get install --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Site(Struct, frozen=True):
    """Where it is, and the service behind it."""

    url: str
    service: Service

    async def link(self, ledger: str, *scopes: Scope, party: UUID | None = None) -> str:
        """The address of a sign-in link for a new key."""
        parties = None if party is None else [party]
        clock = self.service.clock
        _, key = await create_key(self.service.pool, ledger, "page", scopes, parties, clock=clock)
        return f"{self.url}/sign-in/{ledger}/{await create_link(self.service.pool, key, clock=clock)}"


@asynccontextmanager
async def open_site(service: Service) -> AsyncIterator[Site]:
    """Serve the application of a service on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app: Any = create_app(service)
    server = Server(app, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False)
    task = asyncio.create_task(server.serve())
    async with building(service):
        try:
            await _answers(port)
            yield Site(f"http://127.0.0.1:{port}", service)
        finally:
            service.feed.end()
            server.stop()  # type: ignore[no-untyped-call]
            await task


async def _answers(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


def find_chromium() -> str | None:
    """Where the browser is; ``None`` where there is none."""
    return os.environ.get("REQUITE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def open_browser(path: str) -> AsyncIterator[Browser]:
    """A browser with a fresh profile."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()
