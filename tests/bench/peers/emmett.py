"""emmett: an event store for Node.js, driven by callers of its own in one Node process."""

import asyncio
import pathlib
import uuid
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack

import msgspec

from tests.bench.harness import Run, Timing, timing
from tests.bench.peers.node import MissingPeerError, modules

SCRIPT = pathlib.Path(__file__).with_suffix(".mjs")
LINE_LIMIT = 1 << 24


async def prepare_emmett(address: dict[str, str], what: str, stack: AsyncExitStack) -> Run:
    """Append one event per call, each to a stream of its own; ``address``: host, port, user, password, database."""
    data = {"what": what, "giver": str(uuid.uuid4()), "receiver": str(uuid.uuid4())}
    arguments = [str(modules()), msgspec.json.encode(address).decode(), msgspec.json.encode(data).decode()]
    node = await asyncio.create_subprocess_exec(
        "node", str(SCRIPT), *arguments, stdin=PIPE, stdout=PIPE, limit=LINE_LIMIT
    )
    assert node.stdin is not None
    assert node.stdout is not None
    stdin, stdout = node.stdin, node.stdout

    async def stop() -> None:
        stdin.close()
        await node.wait()

    stack.push_async_callback(stop)
    if (line := await stdout.readline()) != b"ready\n":
        raise MissingPeerError(f"emmett did not start: {line.decode()!r}.")

    async def run(callers: int, seconds: float) -> Timing:
        stdin.write(msgspec.json.encode({"callers": callers, "seconds": seconds}) + b"\n")
        answer = msgspec.json.decode(await stdout.readline())
        return timing([one / 1000 for one in answer["latencies"]], answer["elapsed"])

    return run
