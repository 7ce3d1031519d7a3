"""Writes and reads over HTTP, beside an empty handler of the same web framework, and FastAPI with SQLAlchemy.

All servers run at once on this machine, and one at a time is driven, by 64 callers in another process; no process is
bound to a core. ``requite`` is one server process, ``requite, 2`` are two; both write to one ledger.
"""

import argparse
import asyncio
import base64
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec
import psutil
import uvloop

from domain.event import Who
from domain.party import RegisterParty
from services.access.keys import create_key
from services.database.embedded import EmbeddedServer
from services.ledger.opening import open_ledger
from services.ledger.order import Order
from services.service import open_service
from tests.bench.append import WHAT, address
from tests.bench.check import check
from tests.bench.harness import Timing, close, console, migrated, ratio, server, show, summarise
from tests.bench.load import Load, Target
from tests.bench.peers.node import MissingPeerError

LEDGER = "bench"
PARTIES = 40
CALLERS = 64
START_TIMEOUT_S = 120
FASTAPI = pathlib.Path(__file__).parent / "peers" / "fastapi_peer.py"
Timings = dict[tuple[str, str], list[Timing]]


@contextlib.contextmanager
def running(command: list[str], port: int, path: str, environment: dict[str, str]) -> Iterator[int]:
    """A server process, once it answers; ended at the end. Raises ``MissingPeerError`` where it does not start."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            deadline = time.monotonic() + START_TIMEOUT_S
            while not _answers(f"http://127.0.0.1:{port}{path}"):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise MissingPeerError(f"A server did not start: {log.read()[-500:].decode(errors='replace')}")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code < 500
    except httpx.HTTPError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def open_books(url: str, master_key: bytes) -> tuple[str, list[UUID]]:
    """A ledger of 40 parties: a recorder's token, and the parties."""
    async with open_service(url, master_key) as service:
        await open_ledger(service, LEDGER)
        who = Who("recorder", "bench")
        orders = [Order(ledger_id=LEDGER, command=RegisterParty(name=f"P{n}"), who=who) for n in range(PARTIES)]
        parties = [receipt.id for receipt in await asyncio.gather(*map(service.clerk.submit, orders))]
        token, _ = await create_key(service.pool, LEDGER, "bench", ("read", "record"), clock=service.clock)
    return token, parties


def writes(path: str, parties: list[UUID], headers: str) -> tuple[bytes, ...]:
    """Requests that record a favour, for every pair."""
    found = []
    for giver in parties:
        for receiver in parties:
            if giver != receiver:
                body = msgspec.json.encode({"giver": giver, "receiver": receiver, "what": WHAT})
                head = (
                    f"POST {path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Type: application/json\r\n"
                    f"Idempotency-Key: %d\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                found.append(head.encode() + body)
    return tuple(found)


def reads(path: str, parties: list[UUID], headers: str) -> tuple[bytes, ...]:
    """Requests that read what two parties gave each other, for every pair."""
    return tuple(
        f"GET {path}/{a}/{b} HTTP/1.1\r\nHost: bench\r\nX-Number: %d\r\n{headers}\r\n".encode()
        for a in parties
        for b in parties
        if a != b
    )


def start(
    stack: contextlib.ExitStack, database: EmbeddedServer, token: str, parties: list[UUID], environment: dict[str, str]
) -> tuple[dict[tuple[str, str], Target], int]:
    """Start all servers; answers what to drive, and the process of ``requite``."""
    targets: dict[tuple[str, str], Target] = {}
    pids = []
    headers = f"Authorization: Bearer {token}\r\n"
    base = f"/v1/ledgers/{LEDGER}"
    for name, workers in (("requite", 1), ("requite, 2", 2)):
        port = free_port()
        code = "from services.cli import main; main()"
        command = [sys.executable, "-c", code, "serve", "--port", str(port), "--workers", str(workers)]
        pids.append(stack.enter_context(running(command, port, "/health/ready", environment)))
        targets["write", name] = Target(port, writes(f"{base}/favours", parties, headers))
        targets["read", name] = Target(port, reads(f"{base}/relationships", parties, headers))
    port = free_port()
    stack.enter_context(running([sys.executable, "-m", "tests.bench.empty", str(port)], port, "/nothing", {}))
    targets["empty", "empty"] = Target(port, (b"GET /nothing HTTP/1.1\r\nHost: bench\r\nX-Number: %d\r\n\r\n",))
    try:
        port = start_peer(stack, database)
    except MissingPeerError as error:
        console.print(f"Without FastAPI: {error}")
    else:
        targets["write", "fastapi"] = Target(port, writes("/favours", parties, ""))
        targets["read", "fastapi"] = Target(port, reads("/balances", parties, ""))
    return targets, pids[0]


def start_peer(stack: contextlib.ExitStack, database: EmbeddedServer) -> int:
    """Start the peer, in an environment that uv makes for it; answers its port. Raises ``MissingPeerError``."""
    if (uv := shutil.which("uv")) is None:
        raise MissingPeerError("uv is not on the path.")
    where, port = address(database, LEDGER), free_port()
    secret = quote(where["password"], safe="")
    url = f"postgresql+asyncpg://{where['user']}:{secret}@/{LEDGER}?host={where['host']}&port={where['port']}"
    command = [uv, "run", "--quiet", "--no-project", "--script", str(FASTAPI), str(port), url]
    stack.enter_context(running(command, port, "/openapi.json", {}))
    return port


def memory_mb(pid: int) -> float:
    """Megabytes of the largest process of a server."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return max(float(one.memory_info().rss) for one in processes) / 1e6


async def bench(rounds: int, seconds: float) -> None:
    """Drive all servers in turn, round by round, and print what came out."""
    timings: Timings = {}
    master_key = bytes(range(32))
    with server() as database, tempfile.TemporaryDirectory() as data, Load() as load, contextlib.ExitStack() as stack:
        async with migrated(database, LEDGER) as (url, connection):
            token, parties = await open_books(url, master_key)
            environment = {
                "DATABASE_URL": url,
                "REQUITE_DATA": data,
                "REQUITE_MASTER_KEY": base64.b64encode(master_key).decode(),
                "REQUITE_RATE_LIMIT": "off",
            }
            targets, pid = start(stack, database, token, parties, environment)
            written = 0
            for number in range(rounds + 1):
                for key, target in targets.items():
                    taken = await load.run(target, CALLERS, seconds if number else seconds / 2)
                    written += taken.calls if key[0] == "write" and key[1].startswith("requite") else 0
                    if number:  # the one before the first warms them up
                        timings.setdefault(key, []).append(taken)
            megabytes = memory_mb(pid)
            await check(connection, written)
    title = f"HTTP, {CALLERS} callers, {rounds} interleaved rounds of {seconds:g} s"
    show(title, {key: summarise(taken) for key, taken in sorted(timings.items())}, ("what", "server"))
    console.print(f"The load generator took {min(load.cores):.2f} to {max(load.cores):.2f} of a core.")
    close(figures(timings) | {"memory_mb_64": megabytes})


def figures(timings: Timings) -> dict[str, float]:
    """The ratios, each the median over the rounds."""
    found = {}
    for what in ("write", "read"):
        mine = timings[what, "requite"]
        found[f"http_{what}_per_empty"] = ratio(mine, timings["empty", "empty"])
        if (what, "fastapi") in timings:
            found[f"http_{what}_per_peer"] = ratio(mine, timings[what, "fastapi"])
        found[f"http_{what}_two_per_one"] = ratio(timings[what, "requite, 2"], mine)
    return found


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each server in a round")
    arguments = parser.parse_args()
    uvloop.run(bench(arguments.rounds, arguments.seconds))


if __name__ == "__main__":
    main()
