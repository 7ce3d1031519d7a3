"""``requite serve``: the database and the web server, until Ctrl-C or SIGTERM."""

import asyncio
import base64
import contextlib
import multiprocessing
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Any

import granian
from cyclopts import Parameter
from cyclopts.validators import Number
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from msgspec.structs import replace
from rich.console import Console

from domain.refusal import Refusal
from services.access.keys import create_key
from services.access.whereabouts import is_loopback
from services.backup.archive import erasures_in
from services.backup.replay import erase_again
from services.cli.address import announce
from services.cli.hints import called
from services.cli.ledgers import sign_in_url
from services.cli.port import Place, reserve
from services.cli.running import prepare
from services.cli.worker import load_app
from services.database.embedded import EmbeddedServer
from services.database.master_key import load_master_key
from services.database.pool import load_sql
from services.demo.fill import fill_demo
from services.demo.story import LEDGER as DEMO
from services.ledger.erasures import Erasure
from services.logging import configure_logging
from services.operations.draining import drain
from services.service import Service, open_service
from services.settings import MAX_WORKERS, Settings

KILL_AFTER_S = 3
"""At Ctrl-C: a worker whose client keeps a response from ending does not end by itself."""
DEMO_KEY_LIFE = timedelta(days=7)
LEDGERS_SHOWN = 5
POLL_S = 0.05

LOGS: dict[str, Any] = {
    "handlers": {
        "console": {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
        "access": {"class": "logging.NullHandler"},
    },
}
"""granian's own few lines go to standard error, like all our logs."""


def serve(
    *,
    demo: Annotated[bool, Parameter(negative="")] = False,
    host: str | None = None,
    port: Annotated[int | None, Parameter(validator=Number(gte=0, lte=65535))] = None,
    workers: Annotated[int | None, Parameter(validator=Number(gte=1, lte=MAX_WORKERS))] = None,
) -> None:
    """Start Requite: its own PostgreSQL, or that of DATABASE_URL, and the web server. Ctrl-C stops what it started.

    Parameters
    ----------
    demo
        Fill the ledger 'demo' with an invented community, once, and print a key and a sign-in link for it.
    host
        Address to listen on: 127.0.0.1 unless REQUITE_HOST says otherwise.
    port
        Port to listen on, 0 for any free one. Without it, and without REQUITE_PORT, 8080 or the next free one.
    workers
        Worker processes: 1 unless REQUITE_WORKERS says otherwise.
    """
    settings = _settings(host, port, workers)
    configure_logging(settings.log_level)
    with _stop_on_signal() as stop, contextlib.ExitStack() as started:
        place = started.enter_context(reserve(settings.host, settings.port, exactly=settings.port_given))
        master_key = load_master_key(settings)  # before the server starts, as it says
        erasures = erasures_in(settings.erasures)
        url = settings.database_url or started.enter_context(EmbeddedServer(settings.data)).url()
        _go_on_unless(stop)
        greeting = asyncio.run(_prepare(url, master_key, place, erasures, settings.archive, demo=demo))
        _go_on_unless(stop)
        if settings.database_url is None:
            started.enter_context(announce(settings.data, place.url))
        # The workers' settings; a process that is forked or spawned takes over this environment.
        figures = started.enter_context(tempfile.TemporaryDirectory(prefix="requite-metrics-"))
        os.environ |= {
            "DATABASE_URL": url,
            "REQUITE_MASTER_KEY": base64.b64encode(master_key).decode(),
            "PROMETHEUS_MULTIPROC_DIR": figures,
        }
        _run(settings, place, greeting, stop)


def _settings(host: str | None, port: int | None, workers: int | None) -> Settings:
    settings = Settings.from_environment()
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    given = {name: value for name, value in given.items() if value is not None}
    return replace(settings, **given, port_given=settings.port_given or port is not None)


@contextlib.contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """Have Ctrl-C and SIGTERM set an event, so that nothing is left half started; the web server takes over later."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _go_on_unless(stop: threading.Event) -> None:
    """Raise KeyboardInterrupt where a signal came during the start."""
    if stop.is_set():
        raise KeyboardInterrupt


async def _prepare(
    url: str,
    master_key: bytes,
    place: Place,
    erasures: Sequence[Erasure],
    archive: pathlib.Path,
    *,
    demo: bool,
) -> list[tuple[str, str]]:
    """Migrate, erase again who is on the list, fill the demo, make its key; answer what to tell the person."""
    await prepare(url, master_key)
    async with open_service(url, master_key, archive=archive) as service:
        await erase_again(service, erasures)  # the database may have been brought back from before
        if demo:
            with Console(stderr=True).status("Filling the demo ledger"):
                await fill_demo(service)
            return await _demo_greeting(service, place)
        return await _greeting(service, place)


async def _demo_greeting(service: Service, place: Place) -> list[tuple[str, str]]:
    now = service.clock()
    ends = now + DEMO_KEY_LIFE
    label = f"Demo key of {now:%Y-%m-%d}, by 'requite serve --demo', ends {ends:%Y-%m-%d}"
    try:
        token, key = await create_key(
            service.pool, DEMO, label, ("read", "record", "audit", "admin"), expires_at=ends, clock=service.clock
        )
    except Refusal as refusal:  # too many keys: whoever starts it again and again has one
        return [("Key", f"none was made for the ledger '{DEMO}': {refusal.message}")]
    audit = f"{place.url}/v1/ledgers/{DEMO}/promises/audit"
    return [
        ("Key", token),
        ("", f"for the ledger '{DEMO}', until {ends:%Y-%m-%d}"),
        ("Sign in", await sign_in_url(service, key, place.url, only_here=is_loopback(place.address))),
        ("", "good once, within a quarter of an hour"),
        ("Try", f"curl -H 'Authorization: Bearer {token}' '{audit}'"),
    ]


async def _greeting(service: Service, place: Place) -> list[tuple[str, str]]:
    """No key and no link of its own accord: what this prints may end in a log that others read."""
    rows = await service.pool.fetch(load_sql("services/cli/sql/first_ledgers.sql"), LEDGERS_SHOWN + 1)
    if not rows:
        return [
            ("Open", f"{called()} open LEDGER opens a ledger and prints its first key; with --demo there is one to try")
        ]
    names = [row["ledger_id"] for row in rows[:LEDGERS_SHOWN]]
    listed = ", ".join(names) + (" …" if len(rows) > LEDGERS_SHOWN else "")
    command = f"{called()} link {names[0] if len(rows) == 1 else 'LEDGER'} --address {place.url}"
    return [("Ledgers", listed), ("Sign in", f"{command} prints a link")]


def _run(settings: Settings, place: Place, greeting: list[tuple[str, str]], stop: threading.Event) -> None:
    multiprocessing.set_start_method("spawn", force=True)  # a fork would take locks and threads of ours along
    server = granian.Granian(
        # What the log calls it; `target_loader` is what loads it, without granian's search of the working folder.
        target="services.http.app:app_from_environment",
        address=place.address,
        port=place.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.asyncio if sys.platform == "win32" else Loops.uvloop,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=LOGS,
        workers_kill_timeout=KILL_AFTER_S,
    )

    @server.on_startup
    def pass_on_a_stop() -> None:
        """A signal that came before granian listened to signals."""
        signal.signal(signal.SIGTERM, lambda *_: drain(server, settings.drain_s))
        if stop.is_set():
            server.interrupt_signal = True
            server.main_loop_interrupt.set()

    def is_stopping() -> bool:
        return bool(server.interrupt_signal or server.interrupt_children)

    threading.Thread(target=_greet, args=(place, greeting, is_stopping), daemon=True).start()
    with contextlib.suppress(SystemExit):  # with a code of granian's own; ours says why it ended
        server.serve(target_loader=load_app, wrap_loader=False)
    if not server.interrupt_signal:
        Console(stderr=True).print("requite: the web server ended by itself; the log above says why.", markup=False)
        sys.exit(1)


def _greet(place: Place, greeting: list[tuple[str, str]], is_stopping: Callable[[], bool]) -> None:
    """Tell the person, once the service answers, and again once it stops: that takes some seconds."""
    while not _answers(f"{place.url}/health/ready"):
        if is_stopping():
            return
        time.sleep(POLL_S)
    console = Console(highlight=False)
    lines = [("Requite", place.url), *greeting, ("", "Ctrl-C stops it.")]
    for title, text in lines:
        console.print(f"[bold]{title:>9}[/]", end="  ")
        console.print(text, markup=False, soft_wrap=True)
    while not is_stopping():
        time.sleep(POLL_S)
    console.print("Stopping, once what is under way is answered.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
