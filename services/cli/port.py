"""The port to listen on: the one asked for, or the next free one, kept from others until the server has it."""

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Iterator

from msgspec import Struct

from services.cli.failure import CommandError

TRIES = 100


class Place(Struct, frozen=True):
    """Where to listen."""

    address: str
    """An IP address."""
    port: int

    @property
    def url(self) -> str:
        """The address as a browser on this machine takes it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address, self.address)  # noqa: S104 - looked up, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


@contextlib.contextmanager
def reserve(host: str, port: int, *, exactly: bool) -> Iterator[Place]:
    """Hold a free port for as long as the block takes: this one, or unless it has to be exactly this, the next free.

    Raises CommandError where there is none, or the host is not this machine's.
    """
    holder, address = _bind_first(host, port, 1 if exactly or port == 0 else TRIES)
    with holder:
        place = Place(address, holder.getsockname()[1])
        if sys.platform == "linux":
            # granian's workers share the port by SO_REUSEPORT: with it this socket, which never listens, is no
            # obstacle to them, but still one to every program that asks for the port alone, as another `serve` does.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        else:
            holder.close()
        yield place


def _bind_first(host: str, port: int, tries: int) -> tuple[socket.socket, str]:
    family, address = _resolve(host)
    for candidate in range(port, min(port + tries, 65536)):
        holder = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that are closing do not count
        try:
            holder.bind((address, candidate))
        except OSError as error:
            holder.close()
            if error.errno != errno.EADDRINUSE:
                reason = (error.strerror or "").lower()
                raise CommandError(f"Requite cannot listen on {host}, port {candidate}: {reason}.") from error
        else:
            return holder, address
    if tries == 1:
        raise CommandError(
            f"Port {port} is taken by another program. End that, or name another port with --port (0: any free one)."
        )
    raise CommandError(f"The ports from {port} on are taken, {tries} of them. Name a free one with --port.")


def _resolve(host: str) -> tuple[socket.AddressFamily, str]:
    try:
        family, *_, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CommandError(f"Requite cannot listen on {host[:100]!r}: it is no address of this machine.") from error
    return family, str(address[0])
