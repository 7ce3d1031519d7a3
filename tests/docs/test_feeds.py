"""The page about feeds says what the code says, and what it tells receivers to do works."""

import re
import subprocess
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from standardwebhooks import Webhook

from services.feeds.channel import KEPT
from services.feeds.feed import PAUSE_S, Limits
from services.reading.events import SPAN
from services.webhooks.courier import LEASE
from services.webhooks.round import FIRST_PAUSE_S, GIVE_UP_AFTER, LONGEST_PAUSE_S
from services.webhooks.sender import WITHIN_S
from tests.docs.feeds import FILE, SENT_AT, payloads

PAGE = FILE.read_text(encoding="utf-8")
PAYLOADS = payloads()


def headers(name: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in PAYLOADS[name].splitlines())


def sample(text: str) -> str:
    """The shell block that has this text."""
    (found,) = (block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if text in block)
    return str(found)


def run(script: str, folder: Any, **variables: str) -> str:
    (folder / "body").write_text(PAYLOADS["thin"])
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", PAYLOADS)
def test_its_payloads_are_those_of_the_code(name: str) -> None:
    assert PAYLOADS[name] in PAGE, "uv run python -m tests.docs.feeds"


def test_its_figures_are_those_of_the_code() -> None:
    limits = Limits()
    assert (limits.heartbeat_s, limits.slow_s, limits.cut_s, limits.of_key, limits.of_process) == (15, 10, 30, 50, 1000)
    assert (SPAN, KEPT, PAUSE_S) == (10_000, 1_000, 0.1)
    assert (WITHIN_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, GIVE_UP_AFTER.days) == (15, 5, 3600, 3)
    assert LEASE.total_seconds() == 10


def test_a_library_verifies_the_message() -> None:
    with mock.patch("standardwebhooks.webhooks.datetime", wraps=datetime) as clock:
        clock.now.return_value = SENT_AT
        message = Webhook(PAYLOADS["secret"]).verify(PAYLOADS["thin"], headers("hmac"))
    assert message["data"]["position"] == 12


def test_openssl_verifies_the_message(tmp_path: Any) -> None:
    sent = headers("hmac")
    variables = {"ID": sent["webhook-id"], "TIMESTAMP": sent["webhook-timestamp"], "PATH": "/usr/bin:/bin"}
    assert f"v1,{run(sample('hexkey'), tmp_path, **variables)}" == sent["webhook-signature"]
    sent = headers("ed25519")
    said = run(sample("pkeyutl"), tmp_path, **variables, SIGNATURE=sent["webhook-signature"])
    assert said == "Signature Verified Successfully"
