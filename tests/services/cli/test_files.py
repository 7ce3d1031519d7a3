"""``requite import`` of files that people have in hand: previewed, agreed to, recorded, undone."""

import json
import os
import pathlib
import pty
import subprocess
from subprocess import CompletedProcess
from uuid import UUID

import pytest

from tests.services.cli.test_imports import KEY
from tests.serving import COMMAND, environment, requite_here

CARDS = "".join(
    f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEMAIL:{name.lower()}@example.org\r\nEND:VCARD\r\n"
    for name in ("Anna", "Ben")
)
EXPENSES = "Date,Description,Category,Cost,Currency,Anna,Ben\n2024-01-05,Dinner,Food,3.00,EUR,1.50,-1.50\n"


class Desk:
    """Runs the command line on a folder, with the ledger ``village``."""

    def __init__(self, folder: pathlib.Path, url: str) -> None:
        self.folder = folder
        self.settings = {"DATABASE_URL": url, "REQUITE_MASTER_KEY": KEY}
        assert self.run("open", "village").returncode == 0

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return requite_here(self.folder, *arguments, **self.settings)

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


@pytest.fixture
def desk(tmp_path: pathlib.Path, database_url: str) -> Desk:
    return Desk(tmp_path, database_url)


def test_a_file_is_previewed_recorded_and_undone(desk: Desk) -> None:
    file = desk.write("people.vcf", CARDS)
    seen = desk.run("import", file, "--ledger", "village", "--preview", "--json")
    assert (seen.returncode, json.loads(seen.stdout)["recorded"]) == (0, {"party": 2}), seen.stderr
    unasked = desk.run("import", file, "--ledger", "village")
    assert unasked.returncode == 2
    assert "say --yes" in unasked.stderr
    done = desk.run("import", file, "--ledger", "village", "--yes")
    assert done.returncode == 0, done.stderr
    assert "What would be recorded (vcard)" in done.stdout
    assert "This is import" in done.stdout
    again = desk.run("import", file, "--ledger", "village", "--yes", "--json")
    view = json.loads(again.stdout)
    assert (view["state"], view["recorded"]) == ("done", {"party": 2})
    undone = desk.run("import", "--ledger", "village", "--undo", view["id"])
    assert (undone.returncode, undone.stdout.count("party")) == (0, 1), undone.stderr
    undone = desk.run("import", "--ledger", "village", "--undo", view["id"], "--json")
    assert json.loads(undone.stdout)["state"] == "undone"


def test_what_is_refused_is_told(desk: Desk) -> None:
    done = desk.run("import", desk.write("trip.csv", EXPENSES), "--ledger", "village", "--yes")
    assert done.returncode == 1, done.stderr
    assert "refused: unknown_unit" in done.stdout
    assert "entry 2" in done.stdout


def test_people_are_matched_and_suggested(desk: Desk) -> None:
    lines = '{"act": "party.register", "body": {"name": "Anna"}}\n'
    assert desk.run("import", desk.write("anna.ndjson", lines), "--ledger", "village").returncode == 0
    file = desk.write("people.vcf", CARDS)
    seen = desk.run("import", file, "--ledger", "village", "--preview")
    assert "New, though a party has the same name" in seen.stdout
    seen = desk.run("import", file, "--ledger", "village", "--preview", "--match-names")
    assert "Known already" in seen.stdout


def test_what_a_user_can_mend(desk: Desk) -> None:
    cards = desk.write("people.vcf", CARDS)
    for arguments, said in (
        (("--ledger", "village"), "Name a file to import"),
        ((cards, "--ledger", "village", "--undo", str(UUID(int=7))), "Name a file to import"),
        (("--ledger", "village", "--undo", str(UUID(int=7))), "no such import"),
        ((cards, "--yes"), "Say with --ledger"),
        ((cards, "--ledger", "town", "--yes"), "no such ledger"),
        ((cards, "--ledger", "village", "--format", "docx"), "no format of that name"),
        ((cards, "--ledger", "village", "--format", "icalendar"), "no event in it"),
        ((desk.write("x.txt", "Dear diary"), "--ledger", "village", "--preview"), "of no kind"),
        ((cards, "--ledger", "village", "--me", str(UUID(int=7)), "--yes"), "not registered"),
    ):
        done = desk.run("import", *arguments)
        assert done.returncode == 2, (arguments, done.stdout)
        assert said in " ".join(done.stderr.split()), done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1)])
def test_whoever_sits_there_is_asked(desk: Desk, answer: bytes, code: int) -> None:
    file = desk.write("people.vcf", CARDS)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(
            [COMMAND, "import", file, "--ledger", "village"],
            env=environment(desk.folder, **desk.settings),
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == code, done.stderr
    assert ("This is import" in done.stdout) == (code == 0)
