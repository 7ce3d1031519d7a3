"""``requite export``, ``verify`` and ``doctor`` as real processes."""

import json
import pathlib
from base64 import b64encode

import psycopg

from tests.serving import requite

KEY = b64encode(bytes(range(32))).decode()


def test_a_ledger_is_taken_home_and_checked(tmp_path: pathlib.Path, database_url: str) -> None:
    given = {"DATABASE_URL": database_url, "REQUITE_MASTER_KEY": KEY}
    assert requite(tmp_path, "open", "village", **given).returncode == 0
    file, old = tmp_path / "village.requite", tmp_path / "checkpoint"
    done = requite(tmp_path, "export", "village", "--to", str(file), **given)
    assert done.returncode == 0, done.stderr
    old.write_text(done.stdout.partition("\n\n")[2])
    assert old.read_text().startswith("requite.local/village\n1\n")
    again = requite(tmp_path, "export", "village", "--to", str(file), **given)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    done = requite(tmp_path, "verify", str(file), "--against", str(old), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["findings"] == []
    done = requite(tmp_path, "verify", str(file), "--against", str(old))
    assert "Nothing of the first 1 events was changed" in done.stdout
    assert "bundle's own" in done.stdout
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    done = requite(tmp_path, "verify", str(file), "--key", other)
    assert (done.returncode, "not signed by a key that is trusted" in " ".join(done.stdout.split())) == (1, True)
    old.write_text("nothing")
    for arguments, line in (
        (("verify", str(old)), "no bundle of Requite"),
        (("verify", str(file), "--key", "nothing"), "no key of a log"),
        (("verify", str(file), "--against", str(old)), "no signed note"),
    ):
        done = requite(tmp_path, *arguments)
        assert (done.returncode, done.stdout, line in done.stderr) == (2, "", True), done


def test_the_doctor_says_by_its_exit_code_what_it_found(tmp_path: pathlib.Path, database_url: str) -> None:
    given = {"DATABASE_URL": database_url, "REQUITE_MASTER_KEY": KEY}
    assert requite(tmp_path, "open", "village", **given).returncode == 0
    done = requite(tmp_path, "doctor", **given)
    assert (done.returncode, "Nothing is wrong." in done.stdout) == (0, True), done
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE event SET topic = 'ledger.closed'")
    done = requite(tmp_path, "doctor", "village", **given)
    assert (done.returncode, "position 1: its columns" in done.stdout) == (1, True), done
    done = requite(tmp_path, "doctor", "village", "--json", **given)
    assert json.loads(done.stdout)[0]["findings"][0]["where"] == "position 1"
    done = requite(tmp_path, "doctor", "nowhere", **given)
    assert done.returncode == 2
