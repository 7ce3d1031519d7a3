"""The other commands, as real processes on a server that is there; and errors that end in one line."""

import importlib.metadata
import os
import pathlib
import signal
import subprocess
import tempfile
import time
from base64 import b64encode
from uuid import uuid4

import psycopg
import pytest

from services.access.tokens import parse_token
from tests.serving import COMMAND, WITHIN_S, database_is_up, environment, requite, requite_here

KEY = b64encode(bytes(range(32))).decode()


class Shell:
    """Runs commands against one database: those that succeed as processes, those that are refused in this one."""

    def __init__(self, data: pathlib.Path, url: str) -> None:
        self.data = data
        self.url = url

    def run(self, *arguments: str) -> str:
        """What a command that succeeds prints."""
        done = requite(self.data, *arguments, DATABASE_URL=self.url, REQUITE_MASTER_KEY=KEY)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *arguments: str, **variables: str) -> str:
        """The one line of a command that a user can mend."""
        given = {"DATABASE_URL": self.url, "REQUITE_MASTER_KEY": KEY, **variables}
        done = requite_here(self.data, *arguments, **given)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert done.stderr.startswith("requite: ")
        assert done.stderr.count("\n") == 1
        return done.stderr


@pytest.fixture
def shell(tmp_path: pathlib.Path, database_url: str) -> Shell:
    return Shell(tmp_path, database_url)


def test_a_ledger_and_its_keys(shell: Shell) -> None:
    token = shell.run("open", "village", "--title", "The village", "--unit", "hour").strip()
    parsed = parse_token(token)
    assert parsed is not None
    made = shell.run(
        "key", "create", "village", "--label", "[bold]desk", "--scope", "read", "--scope", "record"
    ).strip()
    key = parse_token(made)
    assert key is not None
    shell.run("key", "create", "village", "--label", "for a week", "--scope", "audit", "--days", "7")
    listed = shell.run("key", "list", "village")
    assert parsed[0] in listed
    assert "[bold]desk" in listed
    shell.run("key", "revoke", "village", key[0])
    with psycopg.connect(shell.url) as connection:
        rows = connection.execute("SELECT key_id, scopes, expires_at, revoked_at FROM access_key").fetchall()
    by_id = {key_id: rest for key_id, *rest in rows}
    assert by_id[parsed[0]][0] == ["admin"]
    assert by_id[key[0]][2] is not None
    assert [expires_at is not None for _, scopes, expires_at, _ in rows if scopes == ["audit"]] == [True]
    link = shell.run("link", "village", "--address", "http://127.0.0.1:9").strip()
    assert link.startswith("http://127.0.0.1:9/sign-in/village/")


def test_a_key_is_rotated(shell: Shell) -> None:
    key = parse_token(shell.run("open", "village").strip())
    assert key is not None
    key_id = key[0]
    rotated = parse_token(shell.run("key", "rotate", "village", key_id, "--overlap-hours", "2").strip())
    assert rotated is not None
    assert rotated[0] == key_id
    assert rotated[1] != key[1]
    listed = shell.run("key", "list", "village")
    assert "secret 1" in listed
    assert "never" in listed
    shell.run("key", "end-secret", "village", key_id, "1")
    with psycopg.connect(shell.url) as connection:
        ended = connection.execute("SELECT number, ends_at <= now() FROM access_secret ORDER BY number").fetchall()
    assert ended == [(1, True), (2, None)]
    assert "current secret" in shell.refused("key", "end-secret", "village", key_id, "2")
    for command in (("rotate",), ("end-secret",)):
        number = ("1",) if command == ("end-secret",) else ()
        assert "no such key" in shell.refused("key", *command, "village", "abc", *number)


def test_what_a_user_can_mend_ends_in_one_line(shell: Shell) -> None:
    assert "ledger's id" in shell.refused("open", "Not Fit")
    shell.run("open", "village")
    assert "already; choose another id" in shell.refused("open", "village")
    misnamed = shell.refused("open", "other", "--unit", "Not A Unit")
    assert "lower-case letters" in misnamed
    assert "regex" not in misnamed
    assert "no ledger 'nowhere'; 'requite open'" in shell.refused("key", "list", "nowhere", UV="")
    assert "no ledger 'nowhere'; 'uv run requite open'" in shell.refused("audit", "promises", "nowhere", UV="/bin/uv")
    assert "--address" in shell.refused("link", "village")
    assert "--mapping" in shell.refused("import", "some.csv.gz", "--ledger", "village")
    assert "no such key" in shell.refused("key", "revoke", "village", "abc")
    assert "not registered" in shell.refused(
        "key", "create", "village", "--label", "x", "--scope", "read", "--party", str(uuid4())
    )
    assert "no such key" in shell.refused("link", "village", "--key", "abc", "--address", "http://x")
    assert "REQUITE_PORT" in shell.refused("key", "list", "village", REQUITE_PORT="many")
    assert "does not start with postgresql://" in shell.refused("key", "list", "village", DATABASE_URL="mysql://x")
    assert "REQUITE_MASTER_KEY" in shell.refused("key", "list", "village", REQUITE_MASTER_KEY="")
    other = b64encode(bytes(32)).decode()
    assert "another master key" in shell.refused("key", "list", "village", REQUITE_MASTER_KEY=other)
    nobody = "postgresql://nobody@127.0.0.1:9/none"
    assert "does not answer" in shell.refused("key", "list", "village", DATABASE_URL=nobody)


def test_a_database_that_a_newer_version_migrated(shell: Shell) -> None:
    with psycopg.connect(shell.url) as connection:
        connection.execute("INSERT INTO schema_migration (version, name, sha256) VALUES (9999, '9999_later.sql', '')")
    assert "newer version" in shell.refused("key", "list", "village")


def test_a_command_line_that_makes_no_sense(tmp_path: pathlib.Path) -> None:
    done = requite(tmp_path, "serve", "--port", "many")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    no_word = requite(tmp_path, "key", "list", "village", DATABASE_URL="mysql://x")
    assert (no_word.returncode, no_word.stdout, no_word.stderr.count("\n")) == (2, "", 1)
    assert requite(tmp_path, "--help").returncode == 0
    assert requite(tmp_path, "--version").stdout.strip() == importlib.metadata.version("requite")


def test_an_interruption_at_any_moment_of_a_start_is_calm() -> None:
    for wait_s in (0.3, 0.9, 1.5, 2.2):
        with tempfile.TemporaryDirectory(prefix="requite-") as folder:
            data = pathlib.Path(folder)
            started = subprocess.Popen(
                [COMMAND, "serve", "--port", "0"],
                env=environment(data),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            time.sleep(wait_s)
            os.killpg(started.pid, signal.SIGINT)
            _, said = started.communicate(timeout=WITHIN_S)
            assert (started.returncode, said) in ((130, "requite: interrupted.\n"), (0, "")), (wait_s, said)
            assert not database_is_up(data)
