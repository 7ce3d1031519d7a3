"""``requite import`` of a bundle: a whole ledger again; and the secret under which its words travel."""

import getpass
import os
import pathlib
import sys
import zipfile
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from services.backup.archive import erasures_in
from services.backup.replay import erase_again
from services.cli.failure import CommandError
from services.cli.running import running_service
from services.ledger.erasures import Erasure
from services.proof.note import NoteError, VerifierKey, read_key
from services.proof.restore import Restored, RestoreError, restore
from services.proof.verify import NoBundleError
from services.proof.words import DataKeys, WordsError, WordsFile, read_file, require_strong, unlock
from services.settings import Settings, decode_master_key

KEY, PASSPHRASE = "REQUITE_WORDS_KEY", "REQUITE_WORDS_PASSPHRASE"


def is_bundle(file: pathlib.Path) -> bool:
    """Whether a file looks like a bundle: what it is, is told when it is read."""
    if not file.is_file():
        return False  # a pipe can be read once only
    try:
        with zipfile.ZipFile(file) as archive:
            return "manifest.json" in archive.namelist()
    except zipfile.BadZipFile:
        return False


async def import_bundle(
    file: pathlib.Path, ledger: str | None, key: tuple[str, ...], words: pathlib.Path | None, *, json: bool
) -> None:
    """Restore a bundle, and say what was restored."""
    keys = [read_verifier(line) for line in key]
    listed = erasures_in(Settings.from_environment().erasures)
    try:
        travelling = None if words is None else _read_words(words)
        unlocked = None if travelling is None else _without(listed, unlock(travelling, _secret_of(travelling)))
        with file.open("rb") as bundle:
            async with running_service() as service:
                with Progress(console=Console(stderr=True)) as bar:
                    task = bar.add_task(f"Import of {file.name}", total=None)
                    restored = await restore(
                        service,
                        bundle,
                        ledger=ledger or (None if travelling is None else travelling.ledger),
                        keys=keys,
                        words=unlocked,
                        progress=lambda done, last: bar.update(task, completed=done, total=last),
                    )
                erased = await erase_again(service, [one for one in listed if one.ledger == restored.ledger])
    except (NoBundleError, RestoreError) as error:
        raise CommandError(f"{file}: {error}") from None
    except WordsError as error:
        raise CommandError(f"{words}: {error}") from None
    console = Console()
    if json:
        console.print_json(msgspec.json.encode(restored).decode())
    else:
        _tell(console, restored, erased, with_words=words is not None)


def _without(listed: Iterable[Erasure], words: DataKeys) -> DataKeys:
    """The keys but those of parties that were erased since the file was written."""
    gone = {one.party for one in listed}
    return replace(words, parties={party: key for party, key in words.parties.items() if party not in gone})


def _read_words(path: pathlib.Path) -> WordsFile:
    return read_file(path.read_bytes())


def read_verifier(line: str) -> VerifierKey:
    """A public key given as one line."""
    try:
        return read_key(line)
    except NoteError as error:
        raise CommandError(str(error)) from None


def secret_for_writing() -> bytes | str:
    """The key or passphrase under which words are to travel: of the environment, or asked for twice."""
    secret = _given()
    if secret is None:
        _require_terminal()
        secret = getpass.getpass("A passphrase for the words: ")
        if getpass.getpass("The same again: ") != secret:
            raise CommandError("The two are not the same; nothing was written.")
    try:
        require_strong(secret)
    except WordsError as error:
        raise CommandError(str(error)) from None
    return secret


def _secret_of(file: WordsFile) -> bytes | str:
    given = _given()
    if given is not None:
        return given
    if file.scrypt is None:
        raise CommandError(f"These words were written under a key: set {KEY} to it.")
    _require_terminal()
    return getpass.getpass("The words' passphrase: ")


def _given() -> bytes | str | None:
    if key := os.environ.get(KEY):
        return decode_master_key(key, KEY)
    return os.environ.get(PASSPHRASE) or None


def _require_terminal() -> None:
    if not sys.stdin.isatty():
        raise CommandError(f"Words travel under a secret: set {PASSPHRASE}, or {KEY} to base64 of 32 random bytes.")


def _tell(console: Console, restored: Restored, erased: int, *, with_words: bool) -> None:
    console.print(Text(f"{restored.ledger}: {restored.size} events, root {restored.root}", style="bold"))
    console.print("The tree has the bundle's root. New events follow from the next position on.")
    if with_words:
        console.print(
            f"Of {restored.parties} parties, the words of {restored.readable} can be read; {restored.references}"
            " references find theirs."
        )
    else:
        console.print(
            f"What was written about its {restored.parties} parties stays sealed, and references do not find them:"
            " both come with a file of words (--words)."
        )
    if erased:
        console.print(f"Parties on the list of erasures, erased again now: {erased}.")
    console.print(f"It has no access keys yet: requite key create {restored.ledger} LABEL --scope admin", markup=False)
