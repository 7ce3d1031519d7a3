"""``uv run python -m tests.fuzz.seeds`` writes what the fuzz begins with: a small bundle, its words, and a backup."""

import asyncio
import pathlib
import tempfile

from domain.favour.commands import RecordFavour
from domain.party import EraseParty
from domain.promise.commands import MakePromise
from services.backup.write import write_backup
from services.cli.running import prepare
from services.database.embedded import EmbeddedServer
from services.ledger.opening import open_ledger
from services.proof.builder import build_whole
from services.proof.bundle import write_bundle
from services.proof.words import write_words
from services.service import open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk

FOLDER = pathlib.Path(__file__).parent / "samples"


def seed(name: str) -> bytes:
    """One of them."""
    return (FOLDER / name).read_bytes()


async def write(url: str) -> None:
    """Write all of them."""
    await prepare(url, MASTER_KEY)
    async with open_service(url, MASTER_KEY) as service:
        await open_ledger(service, LEDGER)
        desk = Desk(service)
        anna, ben = await desk.register("Anna", "Ben")
        await desk.give(RecordFavour(giver=anna, receiver=ben, what="Lent the ladder"))
        await desk.give(MakePromise(promisor=ben, promisee=anna, what="Bring it back"))
        await desk.give(EraseParty(), ben, capacity="admin")
        await build_whole(service.pool, LEDGER)
        with (FOLDER / "bundle.requite").open("wb") as bundle:
            await write_bundle(service, LEDGER, bundle)
        (FOLDER / "words.json").write_bytes(await write_words(service, LEDGER, MASTER_KEY))
        with (FOLDER / "backup.zip").open("wb") as file, (FOLDER / "backup.keys").open("wb") as keys:
            await write_backup(service, file, keys)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="requite-seeds-") as folder, EmbeddedServer(pathlib.Path(folder)) as server:
        asyncio.run(write(server.url()))
