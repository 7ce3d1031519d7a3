"""A real server for the clients of these tests."""

import pathlib
import tempfile
from collections.abc import Iterator

import pytest

from tests.serving import Serving, put_down, requite


class Place:
    """A data folder, and the admin key of the ledger ``village`` in it."""

    def __init__(self, data: pathlib.Path, key: str) -> None:
        self.data = data
        self.key = key


@pytest.fixture(scope="package")
def place() -> Iterator[Place]:
    """One data folder for all these tests: initdb takes a second or two."""
    with tempfile.TemporaryDirectory(prefix="requite-client-") as folder:
        data = pathlib.Path(folder)
        opened = requite(data, "open", "village", "--title", "The village", "--unit", "favour")
        assert opened.returncode == 0, opened.stderr
        yield Place(data, opened.stdout.strip())
        put_down(data)


@pytest.fixture(scope="module")
def serving(place: Place) -> Iterator[Serving]:
    """A server on it."""
    with Serving(place.data, "--port", "0") as server:
        yield server
        assert server.interrupt() == 0
