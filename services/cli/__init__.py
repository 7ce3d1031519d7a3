"""The command line: ``main`` runs one command of ``services.cli.line``.

A command that needs the service takes ``async with running_service() as service`` (``services.cli.running``), and
raises what it likes: ``services.cli.failure`` says which errors end in one line.

Little is imported here: until ``main`` runs, Ctrl-C would end in a traceback.
"""

import os
import signal
import sys
from collections.abc import Sequence

USER_ERROR = 2
INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> None:
    """Run one command, of the process's own words or those given.

    What a user can mend ends in one line on standard error, with exit code 2.
    """
    try:
        _run(words)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends already
        print("requite: interrupted.", file=sys.stderr)  # noqa: T201 - that is what it is for
        sys.exit(INTERRUPTED)


def _run(words: Sequence[str] | None) -> None:
    from cyclopts.exceptions import CycloptsError  # noqa: PLC0415 - as the text above says

    from services.cli.line import app  # noqa: PLC0415

    try:
        app(words, exit_on_error=False)
    except CycloptsError:
        sys.exit(USER_ERROR)  # cyclopts has said what is wrong
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        from services.cli.failure import explain  # noqa: PLC0415 - imports all that may fail

        message = explain(error)
        if message is None:
            raise
        print(f"requite: {message}", file=sys.stderr)  # noqa: T201 - that is what it is for
        sys.exit(USER_ERROR)


def _leave_ctrl_c_to_the_parent() -> None:
    """In a worker process that is starting: its parent ends it, and a traceback of its own would only frighten."""
    spawning = sys.modules.get("multiprocessing.process")
    if spawning is not None and spawning.parent_process() is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


_leave_ctrl_c_to_the_parent()
