"""Requite as a person runs it: the console command in processes of its own, on a data folder of its own."""

import contextlib
import io
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Self
from unittest import mock

from services.cli import main
from services.database.postgres_wheel import inhabitants

COMMAND = str(pathlib.Path(sys.executable).with_name("requite"))
WITHIN_S = 90
"""Long: a machine that is busy is not a failing test."""


def environment(data: pathlib.Path, **variables: str) -> dict[str, str]:
    """This process's environment with nothing of Requite's in it but this data folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REQUITE_", "DATABASE_URL", "READ_DATABASE_URLS"))
    }
    return {**kept, "REQUITE_DATA": str(data), **variables}


def requite(data: pathlib.Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment(data, **variables),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def requite_here(data: pathlib.Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The same within this process, which spares a second of imports. Only for tests that run no loop."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment(data, **variables), clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(arguments)
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int), code
    return subprocess.CompletedProcess([COMMAND, *arguments], code, out.getvalue(), err.getvalue())


class Serving:
    """``requite serve`` in a process group of its own, what it printed, and how to end it."""

    def __init__(
        self, data: pathlib.Path, *arguments: str, command: Sequence[str] = (COMMAND, "serve"), **variables: str
    ) -> None:
        self._process = subprocess.Popen(
            [*command, *arguments],
            env=environment(data, **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._log: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self._lines.put)),
            threading.Thread(target=self._read, args=(self._process.stderr, self._log.append)),
        ]
        for reader in self._readers:
            reader.start()
        self.printed = self._greeting()

    @staticmethod
    def _read(stream: IO[str] | None, take: Callable[[str], None]) -> None:
        assert stream is not None
        with stream:
            for line in stream:
                take(line)

    def _greeting(self) -> str:
        """All that it prints once it answers; at the end of the process, what came until then."""
        lines: list[str] = []
        until = time.monotonic() + WITHIN_S
        while "Ctrl-C" not in "".join(lines[-1:]):
            try:
                lines.append(self._lines.get(timeout=0.1))
            except queue.Empty:
                if self._process.poll() is not None:
                    break
                assert time.monotonic() < until, "".join(self._log)
        return "".join(lines)

    @property
    def address(self) -> str:
        return self._find(r"http://[0-9.]+:\d+")

    @property
    def key(self) -> str:
        return self._find(r"rq_\w+?_[\w-]+")

    @property
    def link(self) -> str:
        return self._find(r"http://\S+/sign-in/\S+")

    @property
    def log(self) -> str:
        return "".join(self._log)

    def _find(self, pattern: str) -> str:
        found = re.search(pattern, self.printed)
        assert found, (self.printed, self.log)
        return found[0]

    def interrupt(self, number: signal.Signals = signal.SIGINT, *, group: bool = False) -> int:
        """Ask it to stop, alone or with its group as a terminal does; answer its exit code."""
        (os.killpg if group else os.kill)(self._process.pid, number)
        return self.wait()

    def kill(self, *, group: bool = True) -> None:
        """End it, or its whole group, without a chance to tidy up."""
        (os.killpg if group else os.kill)(self._process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        code = self._process.wait(timeout=WITHIN_S)
        for reader in self._readers:
            reader.join(WITHIN_S)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
        else:
            self.wait()


def database_is_up(data: pathlib.Path) -> bool:
    return bool(inhabitants(data / "postgres"))


def put_down(data: pathlib.Path) -> None:
    """End what a killed command left behind."""
    for pid in inhabitants(data / "postgres"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
