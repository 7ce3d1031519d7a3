"""Logs are lines of JSON off a terminal, and hold no text of an exception."""

import json
import os
import pathlib
import sys
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import structlog

from services.logging import configure_logging

TYPED = "my-typed-words"


def test_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    structlog.get_logger().info("something.happened", count=3)
    structlog.get_logger().debug("not.shown")
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["count"]) == ("something.happened", "info", 3)
    assert entry["timestamp"].endswith("Z")
    assert captured.out == ""


def test_a_line_may_hold_what_is_hard_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=True)
    structlog.get_logger().info(
        "odd", path="\udcff", large=1 << 80, what={"a", "b"}, at=datetime(2026, 1, 2, tzinfo=UTC)
    )
    line = json.loads(capsys.readouterr().err)
    assert (line["path"], line["large"]) == ("\udcff", 1 << 80)
    assert line["at"]


def test_a_line_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logging()
    log = structlog.get_logger()
    closed, full = (pathlib.Path(name).open("w") for name in (os.devnull, "/dev/full"))  # noqa: SIM115 - both are meant to fail
    closed.close()
    for stream in (closed, full):
        monkeypatch.setattr(sys, "stderr", stream)
        log.error("something.happened")
    with suppress(OSError):
        full.close()


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning", as_json=False)
    structlog.get_logger().warning("something.happened")
    assert "something.happened" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [True, False])
def test_an_exception_without_its_words(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:  # noqa: FBT001
    configure_logging(as_json=as_json)
    words = TYPED
    for given in (True, None):
        try:
            int(words)
        except ValueError as error:
            structlog.get_logger().error("failed", exc_info=given or error)
    err = capsys.readouterr().err
    assert TYPED not in err
    assert err.count("ValueError") == 2
    assert err.count("test_an_exception_without_its_words") == 2
