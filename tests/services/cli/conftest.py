"""Runs commands on a running service's database."""

import asyncio
import pathlib
from collections.abc import Awaitable, Callable

import pytest

from services.service import Service
from tests.services.cli.test_commands import KEY
from tests.serving import requite_here

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(tmp_path: pathlib.Path, service: Service) -> Run:
    """Runs a command on the service's database; answers what it prints, or the line that turns it down."""

    async def run(*words: str, fits: bool = True, **variables: str) -> str:
        given = {"DATABASE_URL": service.url, "REQUITE_MASTER_KEY": KEY, "COLUMNS": "200", **variables}
        done = await asyncio.to_thread(requite_here, tmp_path, *words, **given)
        assert done.returncode == (0 if fits else 2), done.stderr
        return done.stdout if fits else done.stderr

    return run
