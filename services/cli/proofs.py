"""``requite export``, ``verify`` and ``doctor``: proofs that nothing was changed, for whoever asks for them."""

import pathlib
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from services.cli.failure import CommandError
from services.cli.party_data import export_party
from services.cli.restoring import read_verifier, secret_for_writing
from services.cli.running import running_service
from services.database.pool import load_sql
from services.files import write_whole
from services.proof.bundle import write_bundle
from services.proof.check import Finding
from services.proof.doctor import Examination, examine
from services.proof.note import COSIGNATURE, Checkpoint, NoteError, read_checkpoint, read_note
from services.proof.verify import NoBundleError, Verdict
from services.proof.verify import verify as verify_bundle
from services.proof.words import WordsError, write_words
from services.service import Service

SOMETHING_WRONG = 1
Json = Annotated[bool, Parameter(negative="")]


async def export(
    ledger: str,
    /,
    *,
    to: pathlib.Path | None = None,
    words: pathlib.Path | None = None,
    party: str | None = None,
) -> None:
    """Write a whole ledger to one file, which anyone can check with 'requite verify' and which opens no word.

    Parameters
    ----------
    ledger
        The ledger's id.
    to
        The file to write; <ledger>.requite, if left out. One that is there is not overwritten.
    words
        Another file to write, with the keys that open its words, under a passphrase that is asked for (or that of
        REQUITE_WORDS_PASSPHRASE, or the key of REQUITE_WORDS_KEY). Whoever has both files and that reads everything.
    party
        Write instead all that the ledger says about this party, in words, for that party to have: as JSON, or as a page
        to print where the file's name ends in .html. Its id, a partner's reference such as crm:4711, or its name.
    """
    if party is not None:
        if words is not None:
            raise CommandError("What is written for a party is in words already: leave --words out.")
        await export_party(ledger, party, to)
        return
    path = to or pathlib.Path(f"{ledger}.requite")
    secret = None if words is None else secret_for_writing()
    async with running_service() as service:
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(ledger, total=None)
            draft = path.with_name(f".{path.name}.part")
            try:
                for one in (path, words):
                    if one is not None and one.exists():
                        raise CommandError(f"{one} is there already; name another file.")
                with draft.open("xb") as file:
                    note = await write_bundle(
                        service, ledger, file, lambda done, last: bar.update(task, completed=done, total=last)
                    )
                draft.rename(path)
            finally:
                draft.unlink(missing_ok=True)
        if words is not None and secret is not None:
            await _write_words(service, ledger, words, secret)
    Console().print(f"{path}: {read_checkpoint(note).size} events. Its checkpoint, worth keeping elsewhere:\n")
    Console().print(str(note), markup=False, highlight=False, soft_wrap=True, end="")


async def _write_words(service: Service, ledger: str, path: pathlib.Path, secret: bytes | str) -> None:
    try:
        data = await write_words(service, ledger, secret)
    except WordsError as error:
        raise CommandError(str(error)) from None
    write_whole(path, data)
    Console().print(f"{path}: the keys to its words. Keep it apart from the bundle, and the secret apart from it.\n")


def verify(
    bundle: pathlib.Path,
    /,
    *,
    key: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    against: Annotated[tuple[pathlib.Path, ...], Parameter(negative="")] = (),
    witness: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    json: Json = False,
) -> int:
    """Check a bundle, without any server: that its events are those that were signed, and lead to what it says.

    Exit code 0: nothing is wrong; 1: something is, and where.

    Parameters
    ----------
    bundle
        The file that 'requite export' wrote.
    key
        The log's public key, <name>+<id>+<base64>, from a source that you trust. May be given several times. Without
        one the bundle vouches for itself only.
    against
        A file with an older checkpoint: prove that nothing that was there then was changed since. May be given
        several times.
    witness
        A witness's public key: it has to have signed a checkpoint of this log, of which nothing may be changed. May be
        given several times.
    json
        Print the verdict as JSON.
    """
    keys = [read_verifier(line) for line in key]
    old = [_old(path) for path in against]
    witnesses = [read_verifier(line) for line in witness]
    if any(key.kind != COSIGNATURE for key in witnesses):
        raise CommandError("That is a log's key: give it with --key; a witness's own is what 'requite witness' prints.")
    with bundle.open("rb") as file, Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(bundle.name, total=None)
        try:
            verdict = verify_bundle(
                file,
                keys,
                old,
                lambda done, last: bar.update(task, completed=done, total=last),
                witnesses=witnesses,
            )
        except NoBundleError as error:
            raise CommandError(f"{bundle}: {error}") from None
    console = Console()
    if json:
        _print_json(console, verdict)
    else:
        _tell(console, verdict, old)
    return SOMETHING_WRONG if verdict.findings else 0


async def doctor(ledgers: Annotated[tuple[str, ...], Parameter(negative="")] = (), /, *, json: Json = False) -> int:
    """Look ledgers over: heads, gaps, hashes, the tree, and the read models against the log. Changes nothing.

    Exit code 0: all is in order; 1: something is wrong, and where.

    Parameters
    ----------
    ledgers
        The ledgers' ids; all ledgers, if left out.
    json
        Print what was found as JSON.
    """
    async with running_service() as service:
        if not ledgers:
            rows = await service.pool.fetch(load_sql("services/cli/sql/ledger_ids.sql"))
            ledgers = tuple(row["ledger_id"] for row in rows)
        found: list[Examination] = []
        with Progress(console=Console(stderr=True)) as bar:
            for ledger in ledgers:
                task = bar.add_task(ledger, total=None)
                found.append(
                    await examine(
                        service,
                        ledger,
                        lambda done, last, task=task: bar.update(task, completed=done, total=last),  # type: ignore[misc]
                    )
                )
    console = Console()
    if json:
        _print_json(console, found)
    else:
        for one in found:
            console.print(Text(f"{one.ledger}: {one.size} events, {one.in_tree} of them in the tree", style="bold"))
            _list(console, one.findings)
    return SOMETHING_WRONG if any(one.findings for one in found) else 0


def _old(path: pathlib.Path) -> Checkpoint:
    try:
        text = path.read_text(encoding="utf-8")
        return read_checkpoint(read_note(text.strip("\n") + "\n"))  # as it may have been pasted
    except (NoteError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from None


def _tell(console: Console, verdict: Verdict, old: list[Checkpoint]) -> None:
    console.print(Text(f"{verdict.origin}: {verdict.size} events, root {verdict.root}", style="bold"))
    _list(console, verdict.findings)
    if verdict.findings:
        return
    console.print(f"Signed by {', '.join(verdict.signed_by)}.", markup=False)
    for checkpoint in old:
        console.print(f"Nothing of the first {checkpoint.size} events was changed since the older checkpoint.")
    for seen in verdict.seen:
        at = seen.at.strftime("%Y-%m-%d %H:%M UTC")
        console.print(f"{seen.witness} saw the first {seen.size} events at {at}, as they are here.", markup=False)
    if verdict.trusts_itself:
        console.print("The key was the bundle's own: give one that you have from elsewhere with --key.")


def _list(console: Console, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        console.print(Text(f"  {finding.where}: {finding.what}"))
    if not findings:
        console.print("  Nothing is wrong.")


def _print_json(console: Console, answer: object) -> None:
    text = msgspec.json.format(msgspec.json.encode(answer)).decode()
    console.print(text, markup=False, highlight=False, soft_wrap=True)
