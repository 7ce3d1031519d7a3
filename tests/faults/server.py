"""``requite serve`` with a clock that a file moves: the seconds in it are added to the machine's."""

import functools
import os
import pathlib
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from services.cli import main
from services.cli.worker import load_app
from services.service import now, open_service

CLOCK = "REQUITE_TEST_CLOCK"
"""The environment's variable that names the file."""


def moved() -> datetime:
    """The time that this server goes by."""
    return now() + timedelta(seconds=float(pathlib.Path(os.environ[CLOCK]).read_text(encoding="utf-8")))


def load_moved_app() -> Any:
    """The application of a worker, by that clock."""
    moved_service = functools.partial(open_service, clock=moved)
    mock.patch("services.http.app.open_service", moved_service).start()  # for as long as this process lives
    return load_app()


if __name__ == "__main__":
    from tests.faults import server  # workers import this module by its name

    with mock.patch("services.cli.serve.load_app", server.load_moved_app):
        main(["serve"])
