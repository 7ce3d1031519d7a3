"""Every block of shell commands in the README and the docs is run, or is named here with what stands against it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.serving import Serving, put_down

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")])
]
BLOCK = re.compile(r"^ *```(sh|csv|toml)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
BY_OTHERS = {
    "README.md": "tests/journeys/test_readme.py runs its session, and test_release.py what it begins with",
    "docs/feeds.md: secret=": "tests/docs/test_feeds.py, on a message that it signs",
    "docs/feeds.md: public=": "tests/docs/test_feeds.py, on a message that it signs",
}
"""Pages, or blocks by how they begin: which other test runs them."""
NOT_HERE = {
    "docs/import.md: uv run requite import contacts.vcf": "asks in between, and has places to fill in",
    "docs/import.md: uv run requite import FILE": "has a place to fill in",
    "docs/scaling.md: DATABASE_URL=": "names machines that are not here",
}
"""Blocks that are only checked for their syntax, and why."""
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Erna\nUID:1\nEND:VCARD\n"
HELPERS = re.compile(r"^(?:look|send|new_id)\(\) .*$", re.MULTILINE)
WITHIN_S = 60
ENDLESS = "curl -N --max-time 1"


def blocks(page: str, language: str = "sh") -> list[str]:
    """What a page shows in a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [found for of, found in BLOCK.findall(text) if of == language]


def among(names: Mapping[str, str], page: str, block: str) -> str | None:
    """The entry of a list that speaks of a block."""
    return next((name for name in names if name == page or f"{page}: {block}".startswith(name)), None)


SHOWN = [(page, block) for page in PAGES for block in blocks(page)]
RUN = [(page, block) for page, block in SHOWN if not among(BY_OTHERS, page, block) and not among(NOT_HERE, page, block)]


class Session:
    """A running demo, a ledger ``village`` beside it, a folder with the files that the docs speak of, and a shell."""

    def __init__(self, serving: Serving, data: pathlib.Path, folder: pathlib.Path) -> None:
        self._folder = folder
        bins = pathlib.Path(sys.executable).parent
        self._variables = {
            "ADDRESS": serving.address,
            "URL": serving.address,
            "KEY": serving.key,
            "LEDGER": f"{serving.address}/v1/ledgers/demo",
            "REQUITE_DATA": str(data),
            "PATH": f"{bins}:{os.environ['PATH']}",
        }
        self._write_files()
        headers = {"Authorization": f"Bearer {serving.key}"}
        parties = httpx.get(f"{serving.address}/v1/ledgers/demo/parties", headers=headers).json()["items"]
        self._variables |= {"ANNA": parties[0]["id"], "BEN": parties[1]["id"]}
        opened = self.run("uv run requite open village --unit minute --unit favour").split()
        self.village_key = next(word for word in opened if word.startswith("rq_"))
        village = {"LEDGER": f"{serving.address}/v1/ledgers/village", "KEY": self.village_key}
        self.run("""send "parties?id=$ANNA" '{"name": "Anna"}'""", **village)

    def _write_files(self) -> None:
        names = ("members.csv", "favours.csv", "loans.csv", "calls.csv")
        files = dict(zip(names, blocks("docs/import.md", "csv"), strict=True))
        files |= {text.split()[1]: text for text in blocks("docs/import.md", "toml") if text.startswith("#")}
        for name, text in {**files, "contacts.vcf": VCARD}.items():
            (self._folder / name).write_text(text, encoding="utf-8")

    def run(self, block: str, **variables: str) -> str:
        """What a block prints. ``uv run`` is what is installed here, and a stream ends after a second."""
        prelude = [
            'uv() { shift; "$@"; }',
            'curl() { command curl --fail-with-body "$@"; }',
            *HELPERS.findall("\n".join(blocks("README.md"))),
        ]
        done = subprocess.run(
            ["sh", "-eu", "-c", "\n".join([*prelude, block.replace("curl -N", ENDLESS)])],
            cwd=self._folder,
            env={**self._variables, **variables},
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0 or (ENDLESS in done.args[-1] and done.returncode == 28), (block, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with tempfile.TemporaryDirectory(prefix="requite-docs-") as name:
        data, folder = pathlib.Path(name) / "data", pathlib.Path(name) / "files"
        folder.mkdir()
        with Serving(data, "--demo", "--port", "0") as serving:
            yield Session(serving, data, folder)
            assert serving.interrupt() == 0
        put_down(data)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the docs' sessions are ones with curl")
@pytest.mark.parametrize("page", list(dict(RUN)))
def test_it_runs(session: Session, page: str) -> None:
    """A page's blocks, one after the other as its reader types them: later ones build on earlier ones."""
    if page == "docs/proof.md":
        session.run("uv run requite export demo --to village.requite")
    for block in (block for of, block in RUN if of == page):
        there_already = re.sub(r"^uv run requite open village.*\n", "", block, flags=re.MULTILINE)
        session.run(there_already, **({"KEY": session.village_key} if "/village/" in block else {}))


@pytest.mark.parametrize(("page", "block"), SHOWN, ids=[f"{page} {block.split()[0]}" for page, block in SHOWN])
def test_a_shell_can_read_it(page: str, block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (page, done.stderr)


def test_the_lists_hold_nothing_that_is_gone() -> None:
    named = {among(names, page, block) for names in (BY_OTHERS, NOT_HERE) for page, block in SHOWN}
    assert {*BY_OTHERS, *NOT_HERE} <= named
    assert len(SHOWN) > 30
