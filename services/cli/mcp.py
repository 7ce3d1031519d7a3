"""``requite mcp``: a ledger's operations as tools for an assistant, over standard input and output."""

import asyncio
import os
from typing import Annotated

from cyclopts import Parameter

from services.cli.address import find_address
from services.cli.failure import CommandError
from services.client.problems import RequiteError
from services.settings import Settings

ADDRESS = "http://127.0.0.1:8080"


def mcp(
    ledger: str,
    /,
    *,
    address: Annotated[str | None, Parameter(env_var="REQUITE_ADDRESS")] = None,
    only: Annotated[tuple[str, ...], Parameter(negative="")] = (),
) -> None:
    """Speak the Model Context Protocol, for an assistant that starts this command. The access key is in REQUITE_KEY.

    Parameters
    ----------
    ledger
        The ledger to work on.
    address
        Where the service runs: the one on this machine's data folder unless REQUITE_ADDRESS says otherwise.
    only
        Offer only the tools of this group (promises, favours, parties …); may be repeated.
    """
    key = os.environ.get("REQUITE_KEY")
    if not key:
        raise CommandError("REQUITE_KEY is not set. It must hold an access key of the ledger; 'requite key' makes one.")
    where = address or find_address(Settings.from_environment().data) or ADDRESS
    try:
        asyncio.run(_serve(where, key, ledger, only))
    except ModuleNotFoundError as error:
        raise CommandError("This needs the package 'mcp': pip install 'requite[mcp]'") from error
    except RequiteError as error:
        raise CommandError(f"{where} does not let us in: {error}") from error


async def _serve(address: str, key: str, ledger: str, only: tuple[str, ...]) -> None:
    from mcp.server.stdio import stdio_server  # noqa: PLC0415 - an extra, which takes two seconds to import

    from services.mcp.server import Session, build_server, open_transport  # noqa: PLC0415 - the same

    transport = open_transport(address, key)
    try:
        server = build_server(await Session.open(transport, ledger, only))
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        await transport.close()
