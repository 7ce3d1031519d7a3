"""``requite events`` and ``requite webhook``."""

import json
import pathlib
import subprocess
import threading
from uuid import uuid4

import pytest

from tests.services.cli.test_commands import KEY, Shell
from tests.serving import COMMAND, WITHIN_S, environment


@pytest.fixture
def shell(tmp_path: pathlib.Path, database_url: str) -> Shell:
    """With the ledger ``village``."""
    opened = Shell(tmp_path, database_url)
    opened.run("open", "village", "--title", "The [bold]village")
    return opened


def test_the_log_is_printed_and_followed(shell: Shell) -> None:
    (line,) = shell.run("events", "village").splitlines()
    assert line.split()[0] == "1"
    assert "ledger.opened" in line
    assert json.loads(shell.run("events", "village", "--words"))["words"] == {"title": "The [bold]village"}
    assert json.loads(shell.run("events", "village", "--cloudevents"))["type"] == "ledger.opened"
    assert shell.run("events", "village", "--topic", "favour.*") == ""
    assert "no such topic" in shell.refused("events", "village", "--topic", "favour.eaten")
    following = subprocess.Popen(
        [COMMAND, "events", "village", "--follow", "--after", "1", "--json"],
        env=environment(shell.data, DATABASE_URL=shell.url, REQUITE_MASTER_KEY=KEY),
        stdout=subprocess.PIPE,
        text=True,
    )
    end = threading.Timer(WITHIN_S, following.kill)
    end.start()
    with following:
        file = shell.data / "people.ndjson"
        file.write_text(json.dumps({"act": "party.register", "id": str(uuid4()), "body": {"name": "Anna"}}) + "\n")
        shell.run("import", str(file), "--ledger", "village")
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["position"] == 2
        following.terminate()
    end.cancel()


def test_webhooks_are_made_listed_replayed_and_removed(shell: Shell) -> None:
    secret = shell.run("webhook", "add", "village", "https://203.0.114.1/hook", "--topic", "favour.*", "--after", "0")
    assert secret.startswith("whsec_")
    key = shell.run("webhook", "add", "village", "https://203.0.114.1/other", "--signing", "ed25519", "--full")
    assert key.startswith("whpk_")
    listed = shell.run("webhook", "list", "village")
    lines = listed.splitlines()
    assert lines[1:4] == [
        "    https://203.0.114.1/hook",
        "    favour.*, thin, by hmac",
        "    told up to position 0; 0 waiting, 0 given up",
    ]
    ids = [line.removesuffix("  well") for line in lines[::4]]
    shell.run("webhook", "replay", "village", ids[0], "1", "1")
    assert "lies before the first" in shell.refused("webhook", "replay", "village", ids[0], "2", "1")
    shell.run("webhook", "remove", "village", ids[0])
    assert "no such webhook" in shell.refused("webhook", "remove", "village", ids[0])
    assert "not a public one" in shell.refused("webhook", "add", "village", "https://127.0.0.1/")
