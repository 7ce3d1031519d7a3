"""The command line. Each command's module is imported when the command is called.

A command that needs the service takes ``async with running_service() as service`` (``services.cli.running``), and
raises what it likes: ``services.cli.failure`` says which errors end in one line.
"""

import importlib.util
import os
import sys

from cyclopts import App
from cyclopts.exceptions import CycloptsError

COMMANDS = {
    "serve": ("services.cli.serve:serve", "Start Requite, with its own PostgreSQL or yours."),
    "open": ("services.cli.ledgers:open_new", "Open a ledger, and print its first admin key."),
    "link": ("services.cli.ledgers:link", "Print a sign-in link for a ledger's pages."),
    "key": ("services.cli.keys:key", "Make, list and end the access keys of a ledger."),
    "import": ("services.cli.imports:import_file", "Record the commands of a file, NDJSON or CSV."),
    "audit": ("services.cli.audit:audit", "What was promised against what was delivered."),
    "rebuild": ("services.cli.rebuild:rebuild", "Build the read models anew from the log, and mend what differs."),
}
"""Every command: where it is, a function or an App of commands, and what it does."""

USER_ERROR = 2
INTERRUPTED = 130

app = App(
    name="requite",
    help="A give-and-take ledger: favours, introductions and promises, with balances and a promise audit.",
    version_flags=["--version"],
)
for _name, (_place, _help) in COMMANDS.items():
    if importlib.util.find_spec(_place.partition(":")[0]) is not None:
        app.command(_place, name=_name, help=_help, sort_key=list(COMMANDS).index(_name))


def main() -> None:
    """Run one command. What a user can mend ends in one line on standard error, with exit code 2."""
    try:
        app(exit_on_error=False)
    except CycloptsError:
        sys.exit(USER_ERROR)  # cyclopts has said what is wrong
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
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
