"""A wire between the servers and PostgreSQL that can be cut, slowed down and taken away."""

import asyncio
import contextlib
import random
from typing import Self

CHUNK_BYTES = 65_536


class Proxy:
    """Listens on a local port and passes everything on to a socket file, as well as its settings let it."""

    def __init__(self, socket_file: str, chance: random.Random) -> None:
        self._socket_file = socket_file
        self._chance = chance
        self._writers: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.Task[None]] = set()
        self.delay_s = 0.0
        """The most that each chunk is held back."""
        self.refuses = False
        """Whether new connections are turned away."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._open)

    def cut(self, share: float = 1.0) -> int:
        """Break a share of the connections in the middle of whatever they carry; answers how many."""
        chosen = [writer for writer in self._writers if self._chance.random() < share]
        for writer in chosen:
            writer.transport.abort()
        return len(chosen)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._socket_file)
        except OSError:  # PostgreSQL is down
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if self.delay_s:
                    await asyncio.sleep(self._chance.uniform(0, self.delay_s))
                writer.write(chunk)
                await writer.drain()
        writer.transport.abort()
