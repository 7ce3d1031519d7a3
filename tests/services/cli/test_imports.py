"""``requite import`` as a real process: its exit codes, its summary, and the rejects file."""

import json
import pathlib
import stat
from base64 import b64encode
from subprocess import CompletedProcess

import pytest

from tests.serving import requite, requite_here

KEY = b64encode(bytes(range(32))).decode()
MAPPING = 'act = "favour.record"\nsource = "board"\n[fields]\ngiver = "from"\nreceiver = "to"\n'


class Importing:
    """Runs ``requite import`` in a folder, into the ledger ``village``."""

    def __init__(self, folder: pathlib.Path, url: str) -> None:
        self.folder = folder
        self._settings = {"DATABASE_URL": url, "REQUITE_MASTER_KEY": KEY}
        assert requite_here(folder, "open", "village", **self._settings).returncode == 0

    def run(self, file: pathlib.Path, *options: str) -> CompletedProcess[str]:
        return requite(self.folder, "import", str(file), "--ledger", "village", *options, **self._settings)

    def refused(self, file: pathlib.Path, *options: str, ledger: str = "village") -> str:
        """The one line of an import that could not begin or go on."""
        done = requite_here(self.folder, "import", str(file), "--ledger", ledger, *options, **self._settings)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "Traceback" not in done.stderr
        return done.stderr.splitlines()[-1]

    def write(self, name: str, content: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def importing(tmp_path: pathlib.Path, database_url: str) -> Importing:
    return Importing(tmp_path, database_url)


def test_rows_with_refused_ones_and_again(importing: Importing) -> None:
    mapping = importing.write("board.toml", MAPPING)
    file = importing.write("board.csv", "from,to\n1,2\n3,3\n2,1\n")
    rejects = importing.write("board.csv.rejects.ndjson", "left by somebody")
    rejects.chmod(0o644)
    done = importing.run(file, "--mapping", str(mapping), "--json")
    assert done.returncode == 1, done.stderr
    summary = {"read": 3, "recorded": 2, "recorded_before": 0, "left_out": 0, "refused": {"same_party": 1}}
    assert json.loads(done.stdout) == summary
    (reject,) = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert (reject["line"], reject["code"], reject["text"]) == (3, "same_party", "3,3")
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600

    again = importing.run(file, "--mapping", str(mapping))
    assert again.returncode == 1
    assert "recorded by an earlier run" in again.stdout
    assert "refused: same_party" in again.stdout
    assert rejects.name in "".join(again.stdout.split())


def test_lines_that_all_fit_leave_no_rejects_file(importing: Importing) -> None:
    file = importing.write("people.ndjson", '{"act": "party.register", "body": {"name": "Ada"}}\n')
    out = importing.folder / "out.ndjson"
    done = importing.run(file, "--rejects", str(out), "--json")
    assert (done.returncode, json.loads(done.stdout)["recorded"]) == (0, 1), done.stderr
    assert not out.exists()
    change = importing.write(
        "policy.ndjson", '{"act": "ledger.change_policy", "body": {"policy": {"units": ["favour", "hour"]}}}'
    )
    assert importing.run(change).returncode == 1
    assert (importing.folder / "policy.ndjson.rejects.ndjson").exists()
    assert importing.run(change, "--as", "admin").returncode == 0
    assert not (importing.folder / "policy.ndjson.rejects.ndjson").exists()


def test_what_a_user_can_mend(importing: Importing) -> None:
    mapping = importing.write("board.toml", MAPPING)
    file = importing.write("board.csv", "from,to\n1,2\n")
    by_mapping = ("--mapping", str(mapping))
    assert "No such file" in importing.refused(importing.folder / "none.csv", *by_mapping)
    assert "no ledger 'town'" in importing.refused(file, *by_mapping, ledger="town")
    assert "is to be read" in importing.refused(file, *by_mapping, "--rejects", str(file))
    assert "say with --mapping" in importing.refused(file)
    assert file.read_text() == "from,to\n1,2\n"
    odd = importing.write("odd.csv", "a,b\n1,2\n")
    assert "the file has no column 'from'" in importing.refused(odd, "--mapping", str(mapping))
    wrong = importing.write("wrong.toml", 'act = "favour.steal"\n[fields]\n')
    assert "rows cannot become 'favour.steal'" in importing.refused(file, "--mapping", str(wrong))
    torn = importing.write("torn.csv.gz", b"\x1f\x8b\x08 torn")
    assert "is not whole" in importing.refused(torn, "--mapping", str(mapping))
    plain = importing.write("plain.csv.gz", "from,to\n1,2\n")
    assert "is not whole" in importing.refused(plain, "--mapping", str(mapping))
