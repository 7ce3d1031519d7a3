"""``requite export LEDGER --party PARTY``: all that a ledger says about one party, for that party."""

import functools
import pathlib
import sys

import msgspec
from rich.console import Console

from services.cli.asking import party_of
from services.cli.failure import CommandError
from services.cli.ledgers import require_ledger
from services.cli.running import running_service
from services.dashboard.party_data import write_page
from services.reading.party_data import read_party_data
from services.reading.reader import ADMINISTRATOR
from services.reading.snapshot import open_snapshot

PAGE = ".html"


async def export_party(ledger: str, party: str, to: pathlib.Path | None) -> None:
    """Write all of it: as a page where the file's name ends so, else as JSON. Raises ``CommandError``."""
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        look = functools.partial(open_snapshot, service, ledger)
        async with look() as snapshot:
            who = await party_of(snapshot, "--party", party)
        data = await read_party_data(look, service.networks, who, ADMINISTRATOR, events=sys.maxsize - 1)
    path = to or pathlib.Path(f"{ledger}-{data.party.id}.json")
    text = write_page(data).encode() if path.suffix == PAGE else msgspec.json.format(msgspec.json.encode(data))
    try:
        with path.open("xb") as file:
            file.write(text)
    except FileExistsError:
        raise CommandError(f"{path} is there already; name another file with --to.") from None
    events = sum(len(strand.events) for strand in data.strands)
    Console().print(f"{path}: {events} events, and all else that '{ledger}' says about it.", markup=False)
