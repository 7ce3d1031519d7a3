"""A Litestar application that does nothing, served as ``requite serve`` serves: what HTTP alone costs."""

import sys

import granian
import msgspec
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from litestar import Litestar, get


class Nothing(msgspec.Struct):
    """An answer."""

    ok: bool = True


@get("/nothing")
async def answer() -> Nothing:
    """Answer."""
    return Nothing()


def create() -> Litestar:
    """The application."""
    return Litestar([answer], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    granian.Granian(
        "tests.bench.empty:create",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        workers=1,
        loop=Loops.uvloop,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()
