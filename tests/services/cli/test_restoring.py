"""``requite import`` of a bundle, as a real process: taken home, put back, and killed on the way."""

import pathlib
import subprocess
import time
from base64 import b64encode

import psycopg

from tests.conftest import END_OTHERS, Databases
from tests.serving import COMMAND, WITHIN_S, environment, requite_here

KEY = b64encode(bytes(range(32))).decode()
OTHER = b64encode(bytes(range(32, 64))).decode()
COMMANDS = "\n".join(f'{{"act": "party.register", "body": {{"name": "Party {number}"}}}}' for number in range(3000))


def test_a_ledger_moves_to_another_machine(tmp_path: pathlib.Path, databases: Databases) -> None:
    file, words, commands = tmp_path / "village.requite", tmp_path / "words.json", tmp_path / "commands.ndjson"
    commands.write_text(COMMANDS)
    with databases.migrated() as here, databases.migrated() as there, databases.migrated() as untouched:
        old = {"DATABASE_URL": here, "REQUITE_MASTER_KEY": KEY, "REQUITE_WORDS_PASSPHRASE": "one two three four"}
        new = {**old, "DATABASE_URL": there, "REQUITE_MASTER_KEY": OTHER}
        assert requite_here(tmp_path, "open", "village", **old).returncode == 0
        assert requite_here(tmp_path, "import", str(commands), "--ledger", "village", **old).returncode == 0
        short = {**old, "REQUITE_WORDS_PASSPHRASE": "short"}
        done = requite_here(tmp_path, "export", "village", "--to", str(file), "--words", str(words), **short)
        assert (done.returncode, "12 characters" in done.stderr, file.exists()) == (2, True, False), done
        done = requite_here(tmp_path, "export", "village", "--to", str(file), "--words", str(words), **old)
        assert done.returncode == 0, done.stderr
        assert words.stat().st_mode & 0o077 == 0

        with psycopg.connect(here) as connection:
            party = connection.execute("SELECT party_id FROM party LIMIT 1").fetchone()
        assert party is not None
        commands.write_text(f'{{"act": "party.erase", "id": "{party[0]}"}}')
        done = requite_here(tmp_path, "import", str(commands), "--ledger", "village", "--as", "admin", **old)
        assert done.returncode == 0, done  # and is on the list of erasures

        for killed_after_s in (1.2, 1.8):  # wherever it is; on a fast machine it may be done
            kill_import(file, tmp_path, killed_after_s, new)
            with psycopg.connect(there, autocommit=True) as connection:
                connection.execute(END_OTHERS)  # its backend may still have been at it
                counts = connection.execute("SELECT count(*) FROM event").fetchone()
            assert counts in ((0,), (3001,), (3002,))  # all or nothing; whoever was erased may be erased again
        if counts != (0,):
            new["DATABASE_URL"] = untouched

        for arguments, line in (
            (("--ledger", "harbour"), "not of 'harbour'"),
            (("--key", "nothing"), "no key of a log"),
            (("--words", str(file)), "no file of words"),
        ):
            done = requite_here(tmp_path, "import", str(file), *arguments, **new)
            assert (done.returncode, done.stdout, line in " ".join(done.stderr.split())) == (2, "", True), done
        done = requite_here(tmp_path, "import", str(file), "--words", str(words), **new)
        assert done.returncode == 0, done.stderr
        assert "village: 3001 events" in done.stdout
        assert "Of 3000 parties, the words of 2999 can be read" in " ".join(done.stdout.split())
        assert "erased again now: 1." in done.stdout
        done = requite_here(tmp_path, "doctor", "village", **new)
        assert (done.returncode, "village: 3002 events, 3001 of them" in done.stdout) == (0, True), done
        done = requite_here(tmp_path, "import", str(file), **new)
        assert (done.returncode, "already" in done.stderr) == (2, True), done
        done = requite_here(tmp_path, "import", str(commands), **new)
        assert (done.returncode, "--ledger" in done.stderr) == (2, True), done


def kill_import(file: pathlib.Path, data: pathlib.Path, after_s: float, variables: dict[str, str]) -> None:
    """Begin to import a bundle, and kill the process."""
    running = subprocess.Popen(
        [COMMAND, "import", str(file)],
        env=environment(data, **variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after_s)
    running.kill()
    running.wait(WITHIN_S)
